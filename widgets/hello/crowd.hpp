// Crowd: simulated visitors who play with the explorer, in turn. Equal seeds give equal visits.
//
// Ownership: engine and explorer must outlive the crowd.
// Thread-safety: one thread at a time.
//
//   hello::Crowd crowd(engine, explorer, {.visitors = 40, .seed = 1});
//   while (!crowd.done()) use(crowd.interact());
#pragma once

#include <cstdint>
#include <memory>
#include <memoscape/session.hpp>
#include <string>
#include <utility>
#include <vector>

#include "explorer.hpp"
#include "random.hpp"

namespace hello {

struct CrowdOptions {
  std::uint32_t visitors = 40;
  std::uint64_t seed = 1;
};

// One person with a session: opens the page, then changes one thing after the other.
class Visitor {
 public:
  Visitor(memoscape::Engine& engine, const Explorer& explorer, Random random);

  // Opening the page is the first interaction. Requires: interactions_left() > 0.
  const memoscape::Page& interact();
  std::uint32_t interactions_left() const noexcept { return interactions_left_; }
  const memoscape::Page& page() const noexcept { return page_; }

 private:
  void change_something();
  void go_back();
  void choose_days();
  void toggle_weather();
  void switch_count();
  void drag_years();
  void drag_wet_from();
  void type_name();
  bool sees(std::string_view kind, const char* label) const;
  void set(const char* label, memoscape::Value value);

  std::unique_ptr<memoscape::Session> session_;
  const Explorer* explorer_;
  Random random_;
  std::uint32_t interactions_left_;
  memoscape::Page page_;
  std::vector<std::pair<const char*, memoscape::Value>> past_;  // what was set, and the old values
};

class Crowd {
 public:
  Crowd(memoscape::Engine& engine, const Explorer& explorer, CrowdOptions options);

  // One interaction of one visitor; gives the page. Requires: not done.
  const memoscape::Page& interact();
  bool done() const noexcept { return present_.empty(); }
  std::uint64_t interactions() const noexcept { return interactions_; }  // of the whole visit
  std::uint64_t interactions_done() const noexcept { return interactions_done_; }

 private:
  std::vector<Visitor> visitors_;
  std::vector<std::size_t> present_;  // visitors with interactions left
  Random random_;
  std::uint64_t interactions_ = 0;
  std::uint64_t interactions_done_ = 0;
};

}  // namespace hello
