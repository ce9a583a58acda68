// Who may talk to the server: by the names in the Host and Origin headers, and at what pace.
//
// A page of another site can make a browser connect to us, but not change what these headers say:
// Host is the name in the address, Origin that of the page. So a name that somebody points at our
// address (DNS rebinding) is refused, and so is a page of another origin.
//
// Thread-safety: pure functions; a Pace belongs to one connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace memoscape::inline v0::web {

// "localhost", an address, or one of `names`; with or without a port.
bool is_our_host(std::string_view host, const std::vector<std::string>& names);
// An address that only this machine reaches.
bool is_loopback(std::string_view address);
// "http://HOST" or "https://HOST", where HOST is the Host header, or a name among `names`.
bool is_our_origin(std::string_view origin, std::string_view host,
                   const std::vector<std::string>& names);

// Allows so many in a second, and as many as in four seconds at once.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  Pace(double per_second, Clock::time_point now)
      : per_second_(per_second), left_(kBurst * per_second), last_(now) {}

  bool allows(Clock::time_point now);

 private:
  static constexpr double kBurst = 4;
  double per_second_;
  double left_;
  Clock::time_point last_;
};

}  // namespace memoscape::inline v0::web
