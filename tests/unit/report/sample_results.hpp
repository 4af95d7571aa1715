// Results made by hand for the tests of screens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/run_result.hpp"

namespace hyperdc::sample {

inline void put(RunResult& result, const std::string& name, const std::string& unit, double value) {
  result.metrics.push_back({name, unit, value, {}});
}

inline void put_jobs(RunResult& result, const std::string& name, double wait_s) {
  const std::string prefix = "workloads." + name + ".";
  put(result, prefix + "wait.mean", "s", wait_s);
  put(result, prefix + "wait.p50", "s", wait_s / 4);
  put(result, prefix + "wait.p95", "s", wait_s * 3);
  put(result, prefix + "wait.max", "s", wait_s * 5);
  put(result, prefix + "completion.mean", "s", wait_s + 3600);
  put(result, prefix + "completion.p50", "s", wait_s / 4 + 3600);
  put(result, prefix + "completion.p95", "s", wait_s * 3 + 7200);
  put(result, prefix + "completion.max", "s", wait_s * 5 + 14400);
  put(result, prefix + "slowdown.mean", "1", 1 + wait_s / 3600);
  put(result, prefix + "submitted", "jobs", 8202);
  put(result, prefix + "finished", "jobs", 8152);
  put(result, prefix + "rejected", "jobs", 50);
  put(result, prefix + "preempted", "times", 0);
  put(result, prefix + "unfinished", "jobs", 0);
  put(result, prefix + "makespan", "s", 604800);
}

/// A run of a cluster with one pool; `wait_s` is the mean wait.
inline RunResult cluster(const std::string& scenario, std::uint64_t seed, double wait_s) {
  RunResult result;
  result.scenario = scenario;
  result.seed = seed;
  result.sha256 = std::string(64, 'a');
  result.resolved_json = R"({"name": "x", "duration": "604800 s", "warmup": "7200 s",)"
                         R"( "regions": {"east": {"facility": {"power": "24000000 W"}}}})";
  result.fingerprint = 0xff;
  result.hourly_fingerprints = {1, 0xff};
  result.simulated_s = 604800;
  result.events = 123456;
  put_jobs(result, "batch", wait_s);
  put(result, "pools.gpu.allocation.accelerators.mean", "1", 0.812);
  put(result, "pools.gpu.allocation.accelerators.max", "1", 0.951);
  put(result, "pools.gpu.allocation.cores.mean", "1", 0.45);
  put(result, "pools.gpu.allocation.cores.max", "1", 0.502);
  put(result, "pools.gpu.fragmentation.mean", "1", 0.121);
  put(result, "pools.gpu.waiting.max", "jobs", 1204);
  put(result, "regions.east.power.mean", "W", 19.6e6);
  put(result, "regions.east.power.max", "W", 22.9e6);
  put(result, "regions.east.energy", "J", 3.293e12);
  put(result, "regions.east.power.share_of_limit", "1", 22.9 / 24);
  result.series.columns = {"time_s", "pools.gpu.allocation.accelerators", "regions.east.power_W"};
  for (int i = 1; i <= 40; ++i) {
    const int phase = i % 8;
    result.series.rows.insert(result.series.rows.end(),
                              {i * 15120.0, 0.5 + 0.05 * phase, 18e6 + 0.5e6 * phase});
  }
  return result;
}

inline RunResult with_objectives(RunResult result) {
  result.objectives.push_back({"workloads.batch.wait.mean", 3000.0, {}, "s", 3114.0, false});
  result.objectives.push_back(
      {"pools.gpu.allocation.accelerators.mean", {}, 0.8, "1", 0.812, true});
  result.checks.push_back({"little", "L = 12.31 jobs, lambda W = 12.31 jobs", 1e-12});
  result.assumptions.push_back({"regions.east.facility.pue", "no source: 1.09 is assumed"});
  result.files.push_back({"traces/jobs.csv", std::string(64, 'b')});
  return result;
}

/// A run that reports allocation at points of offered demand, as packing studies do.
inline RunResult packing(const std::string& scenario, std::uint64_t seed, double allocated) {
  RunResult result;
  result.scenario = scenario;
  result.seed = seed;
  result.sha256 = std::string(64, 'c');
  result.resolved_json = R"({"name": "x"})";
  result.simulated_s = 7150;
  result.events = 7150;
  put(result, "workloads.pods.finished", "jobs", 0);
  put(result, "workloads.pods.unfinished", "jobs", 7000 + static_cast<double>(seed));
  put(result, "pools.gpu.allocation.accelerators.mean", "1", allocated - 0.2);
  put(result, "pools.gpu.allocation.accelerators.max", "1", allocated + 0.02);
  put(result, "pools.gpu.allocation_at.80", "1", 0.7999);
  put(result, "pools.gpu.allocation_at.100", "1", allocated);
  put(result, "pools.gpu.fragmentation_at.80", "1", 0.05);
  put(result, "pools.gpu.fragmentation_at.100", "1", 0.98 - allocated);
  result.metrics.push_back({"regions.lab.energy", "J", {}, "power of G2 is not published"});
  result.metrics.push_back({"energy.total", "J", {}, "power of G2 is not published"});
  return result;
}

/// Five seeds of each scenario; each packs 0.01 less than the one before.
inline std::vector<RunResult> packing_study(const std::vector<std::string>& scenarios) {
  const double noise[] = {0, 0.002, -0.001, 0.0015, -0.003};
  std::vector<RunResult> results;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const double level = 0.951 - 0.01 * static_cast<double>(i);
      results.push_back(packing(scenarios[i], seed, level + noise[(seed + i) % 5]));
    }
  }
  return results;
}

}  // namespace hyperdc::sample
