// The default of max_bytes: a quarter of the memory available to the process.
//
// Sources: the kernel's control group documents (v2: memory.max of the group and each of its
// parents; v1: memory.limit_in_bytes) and sysconf(_SC_PHYS_PAGES).
#include "engine/memory_limit.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

namespace {

// A limit file holds a number, or "max".
std::uint64_t limit_in(const std::string& file) {
  std::ifstream in(file);
  std::uint64_t bytes = 0;
  return in >> bytes ? bytes : kUnknownMemory;
}

// The least limit of the group and its parents.
std::uint64_t limit_below(const std::string& mount, std::string group, const std::string& name) {
  std::uint64_t least = kUnknownMemory;
  for (;;) {
    std::string file = mount;
    file.append(group).append("/").append(name);
    least = std::min(least, limit_in(file));
    if (group.empty() || group == "/") return least;
    group.resize(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
  }
}

std::uint64_t cgroup_limit(const std::string& root) {
  // Lines of /proc/self/cgroup: "0::/group" (v2), "5:memory:/group" (v1).
  std::ifstream in(root + "/proc/self/cgroup");
  const std::string mount = root + "/sys/fs/cgroup";
  std::uint64_t least = kUnknownMemory;
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, limit_below(mount, group, "memory.max"));
    } else if (("," + controllers + ",").find(",memory,") != std::string::npos) {
      least = std::min(least, limit_below(mount + "/memory", group, "memory.limit_in_bytes"));
    }
  }
  return least;
}

}  // namespace

std::uint64_t usable_memory(std::uint64_t physical, const std::string& root) {
  return std::min(physical, cgroup_limit(root));
}

std::uint64_t default_limit(std::uint64_t usable) noexcept {
  return usable == kUnknownMemory ? 0 : std::max<std::uint64_t>(usable / 4, 1);
}

std::uint64_t default_max_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  const std::uint64_t physical =
      pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
                            : kUnknownMemory;
  return default_limit(usable_memory(physical));
}

}  // namespace memoscape::inline v0::detail
