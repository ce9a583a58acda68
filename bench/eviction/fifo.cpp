// First in, first out.
#include "bench/eviction/policies.hpp"

namespace bench::eviction {

namespace {

class Fifo final : public Policy {
 public:
  void insert(PolicyHook& entry) noexcept override {
    entries_.push_back(entry);
    ++size_;
  }
  void use(PolicyHook&, std::uint32_t) noexcept override {}
  void remove(PolicyHook& entry) noexcept override {
    entries_.remove(entry);
    --size_;
  }
  PolicyHook* victim() noexcept override { return entries_.first(); }
  std::size_t size() const noexcept override { return size_; }

 private:
  List<PolicyHook, &PolicyHook::list> entries_;
  std::size_t size_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_fifo(const Setting&) { return std::make_unique<Fifo>(); }

}  // namespace bench::eviction
