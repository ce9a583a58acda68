// Encoded keys as text: any bytes give text, and no more than was asked for.
#include <cstdlib>

#include "memoscape/encode.hpp"
#include "tests/fuzz/fuzz.hpp"

void fuzz(std::string_view text) {
  for (const std::size_t most : {std::size_t{1}, std::size_t{60}}) {
    (void)memoscape::describe(text, most);
  }
}
