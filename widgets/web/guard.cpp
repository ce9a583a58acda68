#include "widgets/web/guard.hpp"

#include <algorithm>
#include <cctype>

namespace memoscape::inline v0::web {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Without the port.
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  return host.substr(0, host.find(':'));
}

bool is_same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool is_address(std::string_view name) {
  if (name.starts_with('[')) return name.size() > 2 && name.ends_with(']');
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return is_same_name(name, one); });
}

}  // namespace

bool is_loopback(std::string_view address) {
  return address == "localhost" || address == "::1" ||
         (address.starts_with("127.") && is_address(address));
}

bool is_our_host(std::string_view host, const std::vector<std::string>& names) {
  const std::string_view name = name_of(host);
  return is_same_name(name, "localhost") || is_address(name) || is_among(name, names);
}

bool is_our_origin(std::string_view origin, std::string_view host,
                   const std::vector<std::string>& names) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!origin.starts_with(scheme)) continue;
    const std::string_view from = origin.substr(scheme.size());
    return !from.empty() && (is_same_name(from, host) || is_among(name_of(from), names));
  }
  return false;
}

bool Pace::allows(Clock::time_point now) {
  const double passed = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  left_ = std::min(kBurst * per_second_, left_ + passed * per_second_);
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

}  // namespace memoscape::inline v0::web
