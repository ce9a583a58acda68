// Precompiled for memoscape_tests. A test still includes what it uses.
#ifndef MEMOSCAPE_TESTS_PCH_HPP  // not #pragma once: g++ warns about it in a precompiled header
#define MEMOSCAPE_TESTS_PCH_HPP

#include <gtest/gtest.h>

#include <memoscape/memoscape.hpp>

#endif
