// Fragments: parts of the script that can run again alone.
//
// A fragment is a container with a name and the function that fills it. Session::run_fragment calls
// that function again and nothing else of the script: the rest of the page stays as it is, with its
// widgets. So a part that changes often does not cost the whole script.
//
// The function is kept by the session until its next run, so it must own what it uses: capture by
// value, not by reference. What it gives to the script goes through session state.
//
// Thread-safety: as the Place it is given: one thread at a time.
//
//   ms::fragment(run, "clock", [](ms::Run& run) {
//     ms::metric(run, "Now", read_clock());
//     ms::button(run, "Again");
//   });
//   ms::Page page = session.run_fragment("clock");  // between runs of the script
#pragma once

#include <functional>
#include <string_view>

#include "memoscape/run.hpp"

namespace memoscape::inline v0 {

// Makes a container, and fills it by `body`.
// Throws: what `body` throws; CachedEffectError inside a cached function; UsageError for no name, a
// name that another fragment of the page has, no body, and a body that writes to the sidebar, which
// would not be a part of the fragment.
MEMOSCAPE_API void fragment(const Place& place, std::string_view name,
                            const std::function<void(Run&)>& body);

}  // namespace memoscape::inline v0
