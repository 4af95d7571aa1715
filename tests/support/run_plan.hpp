// Runs a collective plan on a fabric that has nothing else to do.
#pragma once

#include <vector>

#include "ai/collective/plan.hpp"
#include "network/fabric.hpp"

namespace hyperdc::test {

struct PlanRun {
  Duration time;
  std::vector<std::uint64_t> sent;  // bytes of each rank
  std::vector<std::uint64_t> received;
  std::uint64_t flows = 0;
};

inline PlanRun run_plan(const CollectivePlan& plan, SharedFabric& fabric,
                        std::span<const EndpointId> ranks) {
  PlanRun run;
  run.sent.resize(plan.ranks());
  run.received.resize(plan.ranks());
  std::vector<CollectiveFlow> flows;
  SimTime now;
  for (std::uint64_t phase = 0; phase < plan.phases(); ++phase) {
    plan.write(phase, flows);
    run.flows += flows.size();
    for (const CollectiveFlow& flow : flows) {
      fabric.start({ranks[flow.from], ranks[flow.to], flow.bytes, flow.cap_Bps, 1, flow.label},
                   now);
      run.sent[flow.from] += flow.bytes;
      run.received[flow.to] += flow.bytes;
    }
    while (const std::optional<FlowEnd> next = fabric.next_end()) {
      now = next->at;
      fabric.advance(now);
    }
    now = now + plan.latency(phase);
  }
  run.time = now - SimTime{};
  return run;
}

inline std::vector<EndpointId> first_endpoints(std::uint64_t n) {
  std::vector<EndpointId> ranks;
  for (std::uint32_t e = 0; e < n; ++e) ranks.push_back({e});
  return ranks;
}

}  // namespace hyperdc::test
