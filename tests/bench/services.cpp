// Exact requests end to end: arrive, route, wait, serve, leave, metrics. Requests a CPU-second on
// one core for 10 to 10,000 replicas and for each router.
//
//   bench_services [REQUESTS]      default: 5e6 a run
//
// Replicas of eight slots at load 0.8, exponential service times of 10 ms, Poisson arrivals. The
// warm-up of a tenth is counted: its requests cost the same.
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <hyperdc/hyperdc.hpp>

#include "bench.hpp"

namespace hyperdc {
namespace {

constexpr double kRequestsOfReplica = 640;  // a second: 8 slots * 0.8 / 10 ms

using Sets = std::vector<std::pair<std::string, std::string>>;

ScenarioPtr scenario(double replicas, double requests, const std::string& router) {
  const double rate = kRequestsOfReplica * replicas;
  const double length = requests / rate;
  const Sets sets = {
      {"duration", fmt::format("\"{:.6f} s\"", length)},
      {"warmup", fmt::format("\"{:.6f} s\"", length / 10)},
      {"series_step", fmt::format("\"{:.6f} s\"", length)},
      {"regions.lab.racks.boxes.count", fmt::format("{}", replicas)},
      {"workloads.requests.demand", fmt::format("\"{} /s\"", rate)},
      {"workloads.requests.replicas.initial", fmt::format("{}", replicas)},
      {"workloads.requests.replicas.max", fmt::format("{}", replicas)},
      {"workloads.requests.router.policy", fmt::format("\"{}\"", router)},
  };
  auto loaded = load(HYPERDC_SOURCE_DIR "/tests/bench/services.json", sets);
  if (const auto* issues = std::get_if<Issues>(&loaded)) {
    for (const Issue& issue : *issues) std::fprintf(stderr, "%s\n", issue.message.c_str());
    std::exit(2);
  }
  return std::get<ScenarioPtr>(loaded);
}

/// CPU ns a request, median of three seeds.
double measure(double replicas, double requests, const std::string& router) {
  const ScenarioPtr described = scenario(replicas, requests, router);
  std::vector<double> ns;
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    const double start = bench::cpu_ns();
    const ResultPtr result = run(*described, turn);
    ns.push_back((bench::cpu_ns() - start) / requests);
    if (!metric(*result, "workloads.requests.latency.p99")) std::abort();
  }
  return bench::median(ns);
}

void table(double requests) {
  bench::Targets targets;
  std::printf("%-16s %9s %14s %12s\n", "router", "replicas", "requests/CPU-s", "ns/request");
  for (const char* router :
       {"random", "round-robin", "least-loaded", "power-of-two", "consistent-hash"}) {
    for (const double replicas : {10.0, 1000.0, 10000.0}) {
      const double ns = measure(replicas, requests, router);
      std::printf("%-16s %9.0f %14.0f %12.1f\n", router, replicas, 1e9 / ns, ns);
      std::fflush(stdout);
      if (replicas == 1000 && std::string(router) == "random") {
        targets.check("million requests a CPU-second, 1,000 replicas, random", 1e3 / ns, ">=", 5);
      }
    }
  }
}

}  // namespace
}  // namespace hyperdc

int main(int argc, char** argv) {
  hyperdc::table(argc > 1 ? std::atof(argv[1]) : 5e6);
  return 0;
}
