// Batch jobs end to end: arrive, wait, place, run, leave, metrics. Jobs a CPU-second against the
// size of the fleet, and the cost of a job relative to the smallest fleet of the same table.
//
//   bench_jobs [LARGEST_FLEET] [JOBS]      defaults: 1000000 servers, 1000000 jobs
//
// Servers of 64 cores at load 0.7, jobs of 8 to 64 cores, exponential run times. A fleet is warmed
// up with as many jobs as fill it before the clock starts, in a run of its own whose time is
// subtracted: what is measured is the steady state.
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <sys/resource.h>
#include <time.h>
#include <vector>

#include "unit/world/default_params.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

constexpr double kCores = 64;
constexpr double kLoad = 0.7;
constexpr double kRunS = 3600;

double cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

Scenario fleet_of(std::uint32_t servers, std::uint64_t jobs, const std::string& scheduler,
                  const std::string& placement) {
  Scenario s;
  s.name = "bench";
  ServerType type;
  type.name = "box";
  type.shape = {static_cast<std::int64_t>(kCores * 1000), std::int64_t{256} << 30, 0, 0};
  type.host_power = PowerRange{100, 400};
  s.server_types.push_back(type);
  s.regions.push_back({"r", 1.1, std::nullopt});
  s.racks.push_back({"r.boxes", 0, 40, (servers + 39) / 40, {{0, servers}}});
  PoolSpec pool;
  pool.name = "p";
  pool.racks = {0};
  pool.scheduler = {scheduler, test::default_params(schedulers(), scheduler)};
  pool.placement = {placement, test::default_params(placements(), placement)};
  s.pools.push_back(pool);
  JobsWorkload workload;
  workload.name = "w";
  workload.jobs.workload = "w";
  const Empirical cores{{8, 16, 32, 64}, {40, 30, 20, 10}};
  GeneratorSpec generate;
  generate.count = jobs;
  generate.run_s = Exponential{kRunS};
  generate.cores = cores;
  generate.memory_bytes = Constant{1e9};
  generate.accelerators = Constant{0};
  generate.members = Constant{1};
  generate.priority = Constant{0};
  workload.jobs.generate = generate;
  ArrivalSpec arrivals;
  arrivals.kind = ArrivalSpec::Kind::poisson;
  arrivals.mean_interval_s =
      Distribution(cores).mean() * kRunS / (kLoad * kCores * static_cast<double>(servers));
  workload.jobs.arrivals = arrivals;
  s.workloads.push_back(workload);
  s.step = whole_seconds(36000);
  return s;
}

/// CPU seconds of a run cut when `jobs` have arrived.
double time_run(std::uint32_t servers, std::uint64_t jobs, const std::string& scheduler,
                const std::string& placement) {
  Scenario scenario = fleet_of(servers, jobs, scheduler, placement);
  const double interval = scenario.workloads[0].jobs.arrivals->mean_interval_s;
  SimulateOptions options;
  options.until = SimTime{} + seconds(interval * static_cast<double>(jobs));
  const double start = cpu_s();
  const Simulation run = simulate(scenario, options);
  if (!run.complete) std::abort();
  return cpu_s() - start;
}

void measure(std::uint32_t largest, std::uint64_t jobs, const std::string& scheduler,
             const std::string& placement) {
  std::puts(fmt::format("\n{} + {}", scheduler, placement).c_str());
  std::puts("   servers       jobs/s   ns/job   against smallest");
  double smallest = 0;
  for (std::uint32_t servers = 1000; servers <= largest; servers *= 10) {
    // three mean run times of arrivals fill the fleet to 95 % of its steady state
    const double mean_cores = 22.4;
    const auto fill = static_cast<std::uint64_t>(3 * kLoad * kCores * servers / mean_cores);
    const double both = time_run(servers, fill + jobs, scheduler, placement);
    const double warm = time_run(servers, fill, scheduler, placement);
    const double ns = (both - warm) * 1e9 / static_cast<double>(jobs);
    if (smallest == 0) smallest = ns;
    std::puts(
        fmt::format("{:>10} {:>12.0f} {:>8.0f} {:>12.2f} x", servers, 1e9 / ns, ns, ns / smallest)
            .c_str());
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace hyperdc

int main(int argc, char** argv) {
  const auto largest = static_cast<std::uint32_t>(argc > 1 ? std::atof(argv[1]) : 1e6);
  const auto jobs = static_cast<std::uint64_t>(argc > 2 ? std::atof(argv[2]) : 1e6);
  for (const char* placement : {"first-fit", "best-fit"}) {
    hyperdc::measure(largest, jobs, "fifo", placement);
  }
  hyperdc::measure(largest, jobs, "easy", "best-fit");
  return 0;
}
