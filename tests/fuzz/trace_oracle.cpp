// Traces as oracleGeneral, with each model of costs.
#include <cstdlib>

#include "engine/simulation/trace.hpp"
#include "tests/fuzz/fuzz.hpp"

void fuzz(std::string_view text) {
  using simulation::CostModel;
  for (const CostModel cost : {CostModel::mixed, CostModel::bytes, CostModel::equal}) {
    try {
      const simulation::Trace trace = simulation::parse_oracle("fuzz", text, cost);
      for (const simulation::Request& request : trace.requests) {
        if (request.object >= trace.objects || request.bytes == 0 || request.cost.count() < 0) {
          std::abort();
        }
      }
    } catch (const simulation::TraceError&) {
    }
  }
}
