// Values of many types, made at random, for tests of their encodings.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace memoscape::testing {

using Random = std::mt19937_64;

// Few distinct bytes and lengths, so that values are often alike.
inline std::string random_text(Random& random) {
  constexpr std::string_view kBytes(
      "\0\x01\x04\x09\x0b\x80"
      "ab",
      8);
  std::string text(random() % 4, '\0');
  for (char& c : text) c = kBytes[random() % kBytes.size()];
  if (random() % 50 == 0) text.resize(120 + random() % 20, 'x');
  return text;
}

using Anything = std::variant<std::monostate, bool, int, std::string, std::vector<std::string>,
                              std::optional<int>, std::map<std::string, int>, std::pair<int, int>>;

inline Anything random_thing(Random& random) {
  const int number = static_cast<int>(random() % 600) - 300;
  switch (random() % 8) {
    case 0:
      return {};
    case 1:
      return random() % 2 == 0;
    case 2:
      return number;
    case 3:
      return random_text(random);
    case 4: {
      std::vector<std::string> list(random() % 3);
      for (std::string& item : list) item = random_text(random);
      return list;
    }
    case 5:
      return random() % 2 == 0 ? std::optional<int>() : std::optional<int>(number);
    case 6: {
      std::map<std::string, int> map;
      for (std::size_t i = random() % 3; i > 0; --i) map[random_text(random)] = number;
      return map;
    }
    default:
      return std::pair(number, static_cast<int>(random() % 3));
  }
}

}  // namespace memoscape::testing
