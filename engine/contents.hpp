// Content: what recordings show and is kept once, however many of them show it (rules E3, M3):
// media, tables, and elements of much text. Below kWorthSharing an element is cheaper copied.
//
// A content is charged on the shared line while any charged recording shows it, and in full against
// the limit of each function whose own recordings do.
//
// Equal means: equal in every byte; digests only narrow the search.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "engine/recording.hpp"
#include "memoscape/report.hpp"

namespace memoscape::inline v0::detail {

struct Function;
struct Content;
using ContentPtr = std::shared_ptr<Content>;

struct Content {
  // Const once it is made.
  std::variant<MediaPtr, DataFramePtr, ElementPtr> what;
  Digest digest{};
  std::uint64_t bytes = 0;  // usable size of it and of this

  // Guarded by the store's mutex.
  struct User {
    Function* function;
    std::uint64_t recordings;
  };
  std::uint64_t uses = 0;                         // charged recordings that show it
  boost::container::small_vector<User, 1> users;  // of those that belong to a permutation
  ContentPtr next_equal;                          // in the table, of the same digest
};

}  // namespace memoscape::inline v0::detail
