// A year of a fluid service: 525,600 steps of a minute under a daily and weekly curve, replicas
// following the load at 70 % with noise, latencies put into a histogram with their weights.
#include <cmath>
#include <cstdio>

#include "bench/bench.hpp"
#include "metrics/histogram.hpp"
#include "model/fluid_station.hpp"
#include "model/strata_dealer.hpp"

namespace hyperdc {
namespace {

struct Case {
  const char* name;
  queueing::Split split;
  FluidDiscipline discipline;
  std::uint32_t concurrency;
  double peak_per_s;
};

void year(const Case& c) {
  constexpr int kSteps = 525600;
  FluidService service;
  service.service = Lognormal{0.05, 1.5};
  service.concurrency = c.concurrency;
  service.split = c.split;
  service.discipline = c.discipline;
  FluidStation station(service);
  Histogram latencies;
  StrataDealer dealer;
  bench::QuickRandom random(1);
  std::vector<double> rates(kSteps);
  for (int i = 0; i < kSteps; ++i) {
    const double day = std::sin(i * 2 * 3.14159265358979 / 1440);
    const double week = std::sin(i * 2 * 3.14159265358979 / 10080);
    rates[static_cast<std::size_t>(i)] =
        c.peak_per_s * (0.5 + 0.3 * day + 0.1 * week + 0.1 * random.uniform());
  }
  const double start = bench::cpu_ns();
  double requests = 0;
  std::uint32_t replicas = 1;
  for (int i = 0; i < kSteps; ++i) {
    const double rate = rates[static_cast<std::size_t>(i)];
    if (i % 15 == 0) {
      replicas = static_cast<std::uint32_t>(rate * 0.05 / (0.7 * c.concurrency)) + 1;
    }
    const FluidStep& step = station.step({60, rate, static_cast<double>(replicas), 1});
    const StrataDealer::Counts& counts = dealer.deal(step.admitted);
    for (std::size_t k = 0; k < queueing::kStrata; ++k) {
      latencies.add(step.latency_sample_s[k], counts[k]);
    }
    requests += step.admitted;
  }
  const double ns = bench::cpu_ns() - start;
  std::printf("%-34s %8.0f ns/step %7.2f s/year  %.2e requests, p50 %.4f p99 %.4f p99.9 %.4f s\n",
              c.name, ns / kSteps, ns / 1e9, requests, latencies.quantile(0.5),
              latencies.quantile(0.99), latencies.quantile(0.999));
}

}  // namespace
}  // namespace hyperdc

int main() {
  using hyperdc::FluidDiscipline;
  using hyperdc::queueing::Split;
  for (const hyperdc::Case& c :
       {hyperdc::Case{"random, fcfs, 10k/s", Split::random, FluidDiscipline::fcfs, 8, 1e4},
        hyperdc::Case{"round robin, fcfs, 10k/s", Split::round_robin, FluidDiscipline::fcfs, 8,
                      1e4},
        hyperdc::Case{"least loaded, fcfs, 10k/s", Split::least_loaded, FluidDiscipline::fcfs, 8,
                      1e4},
        hyperdc::Case{"least loaded, sharing, 10k/s", Split::least_loaded, FluidDiscipline::sharing,
                      8, 1e4},
        hyperdc::Case{"power of two, fcfs, 10k/s", Split::power_of_two, FluidDiscipline::fcfs, 8,
                      1e4},
        hyperdc::Case{"power of two, fcfs, 1M/s", Split::power_of_two, FluidDiscipline::fcfs, 8,
                      1e6},
        hyperdc::Case{"least loaded, fcfs, 1M/s", Split::least_loaded, FluidDiscipline::fcfs, 8,
                      1e6}}) {
    hyperdc::year(c);
  }
  return 0;
}
