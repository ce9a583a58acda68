// What an operation needs, reserved before anything changes: then it cannot fail halfway.
//
// Requires: the store's mutex, all the time.
#pragma once

#include <boost/container/small_vector.hpp>

#include "engine/flight.hpp"
#include "engine/store.hpp"

namespace memoscape::inline v0::detail {

// The memory that charging a value takes, reserved before anything changes: places in the tables of
// values and contents, and room among who uses them. Takes out again what was not used.
class Places {
 public:
  Places(EngineCore& core, const Flight& flight) : core_(core), flight_(flight) {
    core.places = this;
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  ~Places();
  void reserve();  // Throws: std::bad_alloc
  // Whether the place of this content stays even when nothing is in it.
  bool keeps_content(const Digest& digest) const noexcept;

 private:
  EngineCore& core_;
  const Flight& flight_;
  boost::container::small_vector<const Recording*, 8> recordings_;  // whose charge may begin
};

}  // namespace memoscape::inline v0::detail
