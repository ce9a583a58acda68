// expect: temporary implicitly bound to local reference will be destroyed
// expect: temporary bound to local reference 'table' will be destroyed
// expect: temporary whose address is used as value of local variable 'rows' will be destroyed
#include "memoscape/memoscape.hpp"

namespace ms = memoscape;

// A warning of clang; g++ 12 does not see it.
#pragma clang diagnostic error "-Wdangling"

int sum(ms::Run& run, const ms::Cached<const std::vector<int>, int>& load) {
  int total = 0;
  for (const int value : *load(run, 1)) total += value;
  const std::vector<int>& table = *load(run, 2);
  const std::vector<int>* rows = load(run, 3).get();
  return total + table[0] + (*rows)[0];
}
