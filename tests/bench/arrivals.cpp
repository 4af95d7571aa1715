// Arrivals: nanoseconds of one core for each arrival over a curve, and for the integral of a curve.
//
// The target: below 40 ns an arrival for a Poisson process over a diurnal curve with a flash crowd
// at 250,000/s.
#include <cstdio>
#include <memory>

#include "bench.hpp"
#include "workload/request_arrivals.hpp"

using namespace hyperdc;

namespace {

DemandSpec product(DemandSpec a, DemandSpec b) {
  DemandProduct out;
  out.factors.push_back(std::move(a));
  out.factors.push_back(std::move(b));
  return {std::move(out)};
}

SimTime at_h(double hours) {
  return SimTime{} + seconds(3600 * hours);
}

/// ns an arrival, the median of five turns of `count` arrivals each.
double cost(const RequestArrivalSpec& spec, const DemandCurve& curve, std::uint64_t count) {
  std::vector<double> turns;
  const auto arrivals = make_request_arrivals(spec, &curve, "bench", 1, at_h(24 * 365));
  std::int64_t sum = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const double begin = bench::cpu_ns();
    std::uint64_t n = 0;
    for (; n < count; ++n) {
      const auto at = arrivals->next();
      if (!at) break;
      sum += at->ns;
    }
    turns.push_back((bench::cpu_ns() - begin) / static_cast<double>(n));
  }
  if (sum == 0) std::puts("nothing came");
  return bench::median(turns);
}

double integral_cost(const DemandCurve& curve) {
  std::vector<double> turns;
  double sum = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const int n = 20'000;
    const double begin = bench::cpu_ns();
    for (int k = 0; k < n; ++k) sum += curve.expected(at_h(k / 60.0), at_h((k + 1) / 60.0));
    turns.push_back((bench::cpu_ns() - begin) / n);
  }
  if (sum == 0) std::puts("nothing expected");
  return bench::median(turns);
}

}  // namespace

int main() {
  const DemandSpec day{DemandDiurnal{250'000, 1.8, seconds(14 * 3600)}};
  const DemandSpec crowd{DemandFlash{1, 5, at_h(9), seconds(300), seconds(1200), seconds(2400)}};
  const DemandCurve constant({DemandConstant{250'000}}, 1);
  const DemandCurve flash(product(day, crowd), 1);
  const DemandCurve noisy(
      product(product(day, crowd), {DemandNoise{0.2, seconds(600), "bench.noise"}}), 1);
  const DemandCurve slow(product({DemandDiurnal{5, 1.8, seconds(14 * 3600)}}, crowd), 1);

  std::printf("%-44s %10s\n", "arrivals", "ns each");
  const auto row = [](const char* name, double ns) { std::printf("%-44s %10.1f\n", name, ns); };
  const double target = cost(PoissonRequests{}, flash, 4'000'000);
  row("poisson, constant 250000/s", cost(PoissonRequests{}, constant, 4'000'000));
  row("poisson, day and flash crowd, 250000/s", target);
  row("poisson, day, flash crowd and noise", cost(PoissonRequests{}, noisy, 4'000'000));
  row("poisson, day and flash crowd, 5/s", cost(PoissonRequests{}, slow, 100'000));
  row("gamma cv 2, day and flash crowd", cost(GammaRequests{2}, flash, 200'000));
  row("weibull cv 2, constant", cost(WeibullRequests{2}, constant, 500'000));
  row("markov, day and flash crowd", cost(MarkovRequests{{{0.5, 60}, {3, 10}}}, flash, 2'000'000));
  row("hawkes 0.5, day and flash crowd", cost(HawkesRequests{0.5, 1}, flash, 1'000'000));
  std::printf("%-44s %10s\n", "integral over a minute", "ns each");
  row("day and flash crowd", integral_cost(flash));
  row("day, flash crowd and noise", integral_cost(noisy));
  bench::Targets targets;
  targets.check("ns an arrival, poisson, day and flash crowd", target, "<", 40);
  return targets.missed();
}
