// What memory the process may use, as far as the system tells.
//
// Thread-safety: pure but for the files they read.
#pragma once

#include <cstdint>
#include <string>

namespace memoscape::inline v0::detail {

inline constexpr std::uint64_t kUnknownMemory = ~std::uint64_t{0};

// The least of `physical` and the limits of the control group of this process (v1, v2, or none) and
// of its parents. `root` is put before the names of the system's files: for tests.
std::uint64_t usable_memory(std::uint64_t physical, const std::string& root = {});

// A quarter of it, at least a byte; 0, no limit, when it is unknown.
std::uint64_t default_limit(std::uint64_t usable) noexcept;

}  // namespace memoscape::inline v0::detail
