// An endpoint both ways: each request and iteration, and what trials of its engine say.
//
// Bounds of docs/models/fluid.md, "Endpoints of models".
#include "validation/two_fidelities.hpp"

namespace hyperdc {
namespace {

using test::Bound;
using Sets = std::vector<Override>;

void hold_endpoint(const std::string& name, Sets settings, const std::vector<Bound>& bounds,
                   int seeds = 10) {
  std::vector<Bound> full;
  for (const Bound& bound : bounds) {
    full.push_back({bound.name[0] == '*' ? bound.name.substr(1) : "workloads.chat." + bound.name,
                    bound.share});
  }
  test::hold_fidelities(
      name, {"tests/validation/fluid_endpoint.json", "chat", std::move(settings), seeds}, full);
}

std::vector<Bound> endpoint_bounds(double mean, double tail) {
  return {{"offered", 0.02},
          {"completed", 0.02},
          {"attainment", mean},
          {"prompt_tokens", 0.02},
          {"output_tokens", 0.02},
          {"latency.mean", mean},
          {"latency.p99", tail},
          {"ttft.mean", mean},
          {"ttft.p50", mean},
          {"ttft.p99", tail},
          {"tpot.mean", mean},
          {"tpot.p99", tail},
          {"itl.mean", mean},
          {"h100.utilization.mean", 0.02 + mean},
          {"h100.kv_use.mean", 0.02 + mean},
          {"h100.mfu", 0.02},
          {"*regions.lab.energy", 0.02}};
}

TEST_CASE("two fidelities of an endpoint at a constant demand", "[validation]") {
  for (const std::string router : {"random", "round-robin", "least-loaded", "power-of-two"}) {
    for (const int rate : {12, 36}) {
      hold_endpoint(fmt::format("{} at {} /s", router, rate),
                    {{"workloads.chat.demand", fmt::format("{} /s", rate)},
                     {"workloads.chat.router", fmt::format(R"({{"policy": "{}"}})", router)}},
                    endpoint_bounds(0.02, 0.05));
    }
  }
}

TEST_CASE("two fidelities of an endpoint of odd numbers of replicas and of bursts",
          "[validation]") {
  hold_endpoint("three in turns",
                {{"workloads.chat.demand", "30 /s"},
                 {"workloads.chat.replicas", R"({"min": 3, "max": 3})"},
                 {"workloads.chat.router.policy", "round-robin"}},
                endpoint_bounds(0.03, 0.06));
  hold_endpoint("bursts at random",
                {{"workloads.chat.demand", "30 /s"},
                 {"workloads.chat.arrivals", R"({"gamma": {"cv": 3}})"},
                 {"workloads.chat.router.policy", "random"}},
                endpoint_bounds(0.05, 0.08));
}

TEST_CASE("two fidelities of an endpoint near capacity, and through an overload", "[validation]") {
  // Four replicas serve some 52 /s.
  hold_endpoint("near capacity", {{"workloads.chat.demand", "45 /s"}}, endpoint_bounds(0.06, 0.08));
  // Where queues follow from one burst the first token is worse: docs/models/fluid.md.
  hold_endpoint("at 0.98 of capacity", {{"workloads.chat.demand", "51 /s"}, {"duration", "4 h"}},
                {{"completed", 0.02},
                 {"latency.mean", 0.08},
                 {"tpot.mean", 0.06},
                 {"h100.kv_use.mean", 0.08},
                 {"h100.in_system", 0.08},
                 {"h100.mfu", 0.02}},
                6);
  hold_endpoint("an overload",
                {{"workloads.chat.demand",
                  R"({"piecewise": {"points": [{"at": "0 s", "rate": "30 /s"},
                      {"at": "20 min", "rate": "70 /s"}, {"at": "40 min", "rate": "30 /s"}]}})"}},
                {{"completed", 0.02},
                 {"attainment", 0.03},
                 {"latency.mean", 0.05},
                 {"latency.p99", 0.05},
                 {"ttft.mean", 0.05},
                 {"ttft.p99", 0.05},
                 {"tpot.mean", 0.03},
                 {"h100.in_system", 0.06}});
}

TEST_CASE("two fidelities of an endpoint with common prefixes and few blocks", "[validation]") {
  hold_endpoint("prefixes",
                {{"workloads.chat.demand", "36 /s"},
                 {"workloads.chat.engine.prefix_caching", "true"},
                 {"workloads.chat.engine.blocks", "6000"},
                 {"workloads.chat.requests.generate.prefix", R"({"groups": 20, "tokens": 600})"}},
                {{"completed", 0.02},
                 {"cached_tokens", 0.03},
                 {"ttft.mean", 0.05},
                 {"tpot.mean", 0.03},
                 {"latency.p99", 0.06},
                 {"h100.kv_use.mean", 0.05}});
}

TEST_CASE("two fidelities of a day of an endpoint under HPA", "[validation]") {
  hold_endpoint("HPA by the cache",
                {{"duration", "26 h"},
                 {"warmup", "2 h"},
                 {"regions.lab.racks.gpu.count", "4"},
                 {"workloads.chat.demand",
                  R"({"diurnal": {"mean": "40 /s", "peak_to_mean": 1.7, "peak": "14 h"}})"},
                 {"workloads.chat.replicas", R"({"min": 2, "max": 16, "initial": 4})"},
                 {"workloads.chat.autoscaler",
                  R"({"policy": "hpa", "metric": "kv-utilization", "target": 0.2})"}},
                {{"completed", 0.02},
                 {"attainment", 0.03},
                 {"replica_time", 0.05},
                 {"latency.mean", 0.05},
                 {"ttft.mean", 0.06},
                 {"tpot.mean", 0.05},
                 {"*regions.lab.energy", 0.02}},
                6);
}

}  // namespace
}  // namespace hyperdc
