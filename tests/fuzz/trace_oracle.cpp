// Traces as oracleGeneral, with each model of costs.
#include <cstdlib>

#include "bench/eviction/trace.hpp"
#include "tests/fuzz/fuzz.hpp"

void fuzz(std::string_view text) {
  using bench::eviction::CostModel;
  for (const CostModel cost : {CostModel::mixed, CostModel::bytes, CostModel::equal}) {
    try {
      const bench::eviction::Trace trace = bench::eviction::parse_oracle("fuzz", text, cost);
      for (const bench::eviction::Request& request : trace.requests) {
        if (request.object >= trace.objects || request.bytes == 0 || request.cost.count() < 0) {
          std::abort();
        }
      }
    } catch (const bench::eviction::TraceError&) {
    }
  }
}
