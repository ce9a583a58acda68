#pragma once
#include "memoscape/detail/terminal.hpp"
