// The fragments of a session's last page, and how one of them runs again: the page is shown once
// more from what it was, except that the fragment's function fills its container.
//
// Thread-safety: belongs to the thread of the run.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "memoscape/detail/run_host.hpp"
#include "memoscape/page.hpp"
#include "memoscape/run.hpp"

namespace memoscape::inline v0::detail {

class Fragments {
 public:
  using Body = std::function<void(Run&)>;

  explicit Fragments(const RunHost& host) : host_(host) {}

  // A run begins; it ended with this page.
  void begin() noexcept {
    if (!made_.empty()) made_.clear();
  }
  void end(const Page& page) {
    if (!made_.empty() || !last_.empty()) keep(page);
  }

  // Of the run under way: makes a fragment.
  void make(const Place& place, std::string_view name, const Body& body);

  // Throws: InvalidValueError, with a list of what there is, unless the last page has it.
  void require(std::string_view name) const;
  // The script of a run of that fragment alone. Requires: the last page has it.
  void run_again(Run& run, std::string_view name);

 private:
  void keep(const Page& page);
  void show(const PageNode& node, const Place& place, std::string_view chosen);
  void fill(const Place& inside, const std::string& name, const Body& body);

  const RunHost& host_;
  std::map<std::string, Body, std::less<>> made_;  // by the run under way
  std::map<std::string, Body, std::less<>> last_;  // those of `page_`
  Page page_;                                      // the last one, if it has fragments
  std::exception_ptr ended_;                       // by what the chosen fragment ended early
};

}  // namespace memoscape::inline v0::detail
