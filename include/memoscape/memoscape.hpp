// memoscape: memoization of functions that create widgets, with state-space keys.
//
// The umbrella of the public headers. Start with engine.hpp, session.hpp and run.hpp.
#pragma once

// IWYU pragma: begin_exports
#include "memoscape/advice.hpp"
#include "memoscape/app_test.hpp"
#include "memoscape/arena.hpp"
#include "memoscape/bytes.hpp"
#include "memoscape/cached.hpp"
#include "memoscape/callback.hpp"
#include "memoscape/clock.hpp"
#include "memoscape/elements.hpp"
#include "memoscape/encode.hpp"
#include "memoscape/engine.hpp"
#include "memoscape/error.hpp"
#include "memoscape/format.hpp"
#include "memoscape/fragment.hpp"
#include "memoscape/heap_bytes.hpp"
#include "memoscape/limits.hpp"
#include "memoscape/page.hpp"
#include "memoscape/ref.hpp"
#include "memoscape/report.hpp"
#include "memoscape/run.hpp"
#include "memoscape/session.hpp"
#include "memoscape/state.hpp"
#include "memoscape/value.hpp"
#include "memoscape/widgets.hpp"
// IWYU pragma: end_exports
