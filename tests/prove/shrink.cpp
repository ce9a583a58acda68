// Cuts a failing case down: steps in halves, quarters ... and one by one; then statements, whole or
// replaced by what is in them; then numbers. Each cut stays if the case still fails.
#include <algorithm>
#include <utility>

#include "prove/prove.hpp"

namespace prove {

namespace {

class Shrinker {
 public:
  Shrinker(Case one, const std::function<bool(const Case&)>& fails)
      : best_(std::move(one)), fails_(fails) {}

  Case shrink() {
    for (bool again = true; again;) {
      again = cut(best_.steps);
      again = cut_blocks() || again;
      again = cut_functions() || again;
      again = lower_numbers() || again;
    }
    return best_;
  }

 private:
  // Whether the case still fails after a change of `place`, which is part of it; else undone.
  template <class T>
  bool try_with(T& place, T changed) {
    std::swap(place, changed);
    if (fails_(best_)) return true;
    std::swap(place, changed);
    return false;
  }

  bool cut(Block& block) {
    bool any = false;
    for (std::size_t length = std::max<std::size_t>(block.size() / 2, 1);; length /= 2) {
      for (std::size_t from = 0; from < block.size();) {
        Block shorter = block;
        const auto begin = shorter.begin() + static_cast<std::ptrdiff_t>(from);
        const std::size_t end = std::min(from + length, block.size());
        shorter.erase(begin, shorter.begin() + static_cast<std::ptrdiff_t>(end));
        if (try_with(block, std::move(shorter)))
          any = true;
        else
          from += length;
      }
      if (length <= 1) return any;
    }
  }

  bool cut_within(Block& block) {
    bool any = cut(block);
    for (std::size_t i = 0; i < block.size(); ++i) {
      for (std::size_t j = 0; j < block[i].blocks.size(); ++j) {
        Block opened = block;
        const Block inside = block[i].blocks[j];
        opened.erase(opened.begin() + static_cast<std::ptrdiff_t>(i));
        opened.insert(opened.begin() + static_cast<std::ptrdiff_t>(i), inside.begin(),
                      inside.end());
        if (try_with(block, std::move(opened))) return true;
      }
      for (Block& inner : block[i].blocks) any = cut_within(inner) || any;
    }
    return any;
  }

  bool cut_blocks() {
    bool any = cut_within(best_.script);
    for (Statement& function : best_.functions) any = cut_within(function.blocks[0]) || any;
    return any;
  }

  bool cut_functions() {
    bool any = false;
    while (!best_.functions.empty()) {
      Block fewer = best_.functions;
      fewer.pop_back();
      if (!try_with(best_.functions, std::move(fewer))) break;
      any = true;
    }
    any = (best_.hash != 0 && try_with(best_.hash, 0)) || any;
    return (best_.policy != Policy::gdsf && try_with(best_.policy, Policy::gdsf)) || any;
  }

  bool lower(Block& block) {
    bool any = false;
    for (Statement& one : block) {
      for (int& number : one.n) {
        for (const int less : {0, 1, number / 2, number - 1}) {
          if (less < number && less >= 0 && try_with(number, less)) {
            any = true;
            break;
          }
        }
      }
      for (Block& inner : one.blocks) any = lower(inner) || any;
    }
    return any;
  }

  bool lower_numbers() {
    bool any = lower(best_.functions);
    any = lower(best_.script) || any;
    return lower(best_.steps) || any;
  }

  Case best_;
  const std::function<bool(const Case&)>& fails_;
};

}  // namespace

Case shrink(const Case& one, const std::function<bool(const Case&)>& fails) {
  return Shrinker(one, fails).shrink();
}

}  // namespace prove
