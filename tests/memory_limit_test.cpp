// The default of max_bytes (L1): a quarter of what the process may use, whatever kind of control
// group it is in. The system's files are made up.
#include "engine/memory_limit.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "harness.hpp"

namespace memoscape::testing {
namespace {

constexpr std::uint64_t kPhysical = std::uint64_t{16} << 30;

class System {
 public:
  System() : root_(std::filesystem::temp_directory_path() / name()) {}
  ~System() { std::filesystem::remove_all(root_); }
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  System& file(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_.string() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return *this;
  }
  System& group(const std::string& lines) { return file("/proc/self/cgroup", lines); }
  std::uint64_t usable() const { return detail::usable_memory(kPhysical, root_.string()); }

 private:
  static std::string name() {
    static int count = 0;
    return "memoscape-" + std::to_string(getpid()) + "-" + std::to_string(count++);
  }
  std::filesystem::path root_;
};

TEST(MemoryLimit, IsThePhysicalMemoryWithoutControlGroups) {
  EXPECT_EQ(System().usable(), kPhysical);
  EXPECT_EQ(System().group("").usable(), kPhysical);
  EXPECT_EQ(System().group("0::/app\n").usable(), kPhysical);  // no such files
}

TEST(MemoryLimit, IsThatOfTheGroupOfVersion2) {
  System system;
  system.group("0::/system.slice/app.service\n")
      .file("/sys/fs/cgroup/system.slice/app.service/memory.max", "1073741824\n");
  EXPECT_EQ(system.usable(), 1073741824U);
  system.file("/sys/fs/cgroup/system.slice/app.service/memory.max", "max\n");
  EXPECT_EQ(system.usable(), kPhysical);
  system.file("/sys/fs/cgroup/system.slice/memory.max", "536870912\n");  // of a parent
  EXPECT_EQ(system.usable(), 536870912U);
}

TEST(MemoryLimit, IsThatOfTheContainer) {
  System v2;  // a namespace of its own: its group is the root
  v2.group("0::/\n").file("/sys/fs/cgroup/memory.max", "268435456\n");
  EXPECT_EQ(v2.usable(), 268435456U);
  System v1;  // the host's name of the group, of which the container sees the root only
  v1.group("5:memory:/docker/0123\n")
      .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(v1.usable(), 268435456U);
}

TEST(MemoryLimit, IsThatOfTheGroupOfVersion1) {
  System system;
  system.group("9:cpu,cpuacct:/other\n5:hugetlb,memory:/app\n1:name=systemd:/x\n0::/x\n")
      .file("/sys/fs/cgroup/memory/app/memory.limit_in_bytes", "1073741824\n")
      .file("/sys/fs/cgroup/memory/other/memory.limit_in_bytes", "1\n");
  EXPECT_EQ(system.usable(), 1073741824U);
  system.file("/sys/fs/cgroup/memory/app/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(system.usable(), kPhysical) << "that is how version 1 says: no limit";
}

TEST(MemoryLimit, IgnoresWhatItCannotRead) {
  System system;
  system.group("nonsense\n::\n0:\n0::/app\n").file("/sys/fs/cgroup/app/memory.max", "much\n");
  EXPECT_EQ(system.usable(), kPhysical);
}

TEST(MemoryLimit, IsAQuarterByDefault) {
  EXPECT_EQ(detail::default_limit(kPhysical), kPhysical / 4);
  EXPECT_EQ(detail::default_limit(1), 1U) << "0 would be no limit";
  EXPECT_EQ(detail::default_limit(detail::kUnknownMemory), 0U);
  World w;
  EXPECT_GT(w.engine.report().limits.max_bytes, 0U);
  EXPECT_LT(w.engine.report().limits.max_bytes, std::uint64_t{1} << 50);
  w.engine.set_limits({.max_bytes = ms::kDefaultMaxBytes});
  EXPECT_EQ(w.engine.report().limits.max_bytes, World().engine.report().limits.max_bytes);
}

}  // namespace
}  // namespace memoscape::testing
