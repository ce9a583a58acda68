// Inspector: the live report of the engine, for who runs the app: what the cache holds, entries
// cleared by id, limits changed at once. The page is that of memoscape-report.
//
// Thread-safety: all members may be called from any thread; reports take time, so not from that of
// the connections.
#pragma once

#include <string>
#include <string_view>

#include "memoscape/web.hpp"

namespace memoscape::inline v0::web {

class Inspector {
 public:
  struct Answer {
    unsigned status = 200;
    std::string_view type = "text/plain; charset=utf-8";
    std::string body = {};
    std::string policy = {};  // of the page; empty: that of other answers
  };

  // Whether this library was built with memoscape-report.
  static bool is_available() noexcept;

  // Draws a token where one is needed and none is given: beyond loopback.
  Inspector(Engine& engine, const ServeOptions& options);

  // Empty: nobody needs one.
  const std::string& token() const noexcept { return token_; }
  bool admits(std::string_view token) const noexcept;

  Answer page() const;
  Answer report() const;
  // Commands as JSON: {"id": "..."} clears an entry; {"function": "...", "max_bytes": n,
  // "max_entries": n, "ttl_ns": n} sets limits, the engine's without a function. Gives the report
  // as it is then.
  Answer clear(std::string_view command) const;
  Answer set_limits(std::string_view command) const;

 private:
  Engine& engine_;
  std::string title_;
  std::string token_;
};

}  // namespace memoscape::inline v0::web
