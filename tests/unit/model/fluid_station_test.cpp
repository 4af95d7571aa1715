#include "model/fluid_station.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "model/queueing/mmc.hpp"
#include "model/queueing/sojourn.hpp"
#include "model/strata_dealer.hpp"

using namespace hyperdc;

namespace {

FluidService service(double mean_s, std::uint32_t concurrency, queueing::Split split) {
  FluidService s;
  s.service = Exponential{mean_s};
  s.concurrency = concurrency;
  s.split = split;
  return s;
}

FluidInput minute(double rate_per_s, double replicas) {
  return {60, rate_per_s, replicas, 1};
}

std::uint64_t sum_of(const StrataDealer::Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

TEST_CASE("a fluid step at rest is the equilibrium", "[fluid]") {
  // 3 replicas of 4 slots, S = 0.1 s, 96 /s: load 0.8 of M/M/4 each
  FluidStation station(service(0.1, 4, queueing::Split::random));
  for (int i = 0; i < 3; ++i) station.step(minute(96, 3));
  const FluidStep& step = station.step(minute(96, 3));
  const queueing::Mmc each{4, 0.8, 0.1};
  const double sojourn_s = 0.1 + queueing::wait_mean_s(each);
  CHECK(step.arrived == Approx(5760).epsilon(1e-12));
  CHECK(step.served == Approx(5760).epsilon(1e-9));
  CHECK(step.lost == Approx(0).margin(1e-6));
  CHECK(step.utilization == Approx(0.8).epsilon(1e-9));
  CHECK(step.in_system == Approx(96 * sojourn_s).epsilon(6e-3));
  CHECK(step.latency_mean_s == Approx(sojourn_s).epsilon(6e-3));
  CHECK(queueing::quantile(step.latency_s, 0.99) ==
        Approx(queueing::sojourn_quantile_s(each, 0.99)).epsilon(2e-2));
}

TEST_CASE("one replica is the same whatever the router", "[fluid]") {
  for (const auto split : {queueing::Split::round_robin, queueing::Split::least_loaded,
                           queueing::Split::power_of_two}) {
    FluidStation a(service(1, 4, queueing::Split::random));
    FluidStation b(service(1, 4, split));
    const FluidStep& x = a.step(minute(3.2, 1));
    const FluidStep& y = b.step(minute(3.2, 1));
    CHECK(x.in_system == y.in_system);
    CHECK(x.latency_s == y.latency_s);
  }
}

TEST_CASE("routers that see more make fewer wait", "[fluid]") {
  std::vector<double> mean;
  for (const auto split : {queueing::Split::random, queueing::Split::round_robin,
                           queueing::Split::power_of_two, queueing::Split::least_loaded}) {
    FluidStation station(service(1, 2, split));
    for (int i = 0; i < 20; ++i) station.step(minute(18, 10));
    mean.push_back(station.step(minute(18, 10)).latency_mean_s);
  }
  CHECK(mean[0] > mean[1]);
  CHECK(mean[1] > mean[2]);
  CHECK(mean[2] > mean[3]);
  CHECK(mean[3] > 1);
}

TEST_CASE("a fluid backlog grows and drains by hand", "[fluid]") {
  // 100 slots, S = 0.5 s: capacity 200 /s. 250 /s for two minutes leave 50 * 120 = 6000 waiting.
  FluidStation station(service(0.5, 10, queueing::Split::least_loaded));
  station.step(minute(250, 10));
  const FluidStep over = station.step(minute(250, 10));
  CHECK(over.utilization == Approx(1).epsilon(1e-3));
  CHECK(over.served == Approx(12000).epsilon(1e-3));
  CHECK(over.in_system_end == Approx(6100).epsilon(5e-3));  // and 100 in service
  // Arrivals of this minute wait (3000 .. 6000) / 200 = 15 .. 30 s.
  CHECK(over.latency_mean_s == Approx(0.5 + 22.5).epsilon(1e-2));
  // 100 /s drain 100 /s: empty after a minute.
  const FluidStep drain = station.step(minute(100, 10));
  CHECK(drain.served == Approx(12000).epsilon(5e-3));
  CHECK(drain.latency_mean_s == Approx(0.5 + 15).epsilon(2e-2));
  const FluidStep after = station.step(minute(100, 10));
  CHECK(after.latency_mean_s == Approx(0.5).epsilon(2e-2));
  CHECK(after.in_system_end == Approx(50).epsilon(1e-3));
}

TEST_CASE("at capacity the backlog grows with the square root of time", "[fluid]") {
  FluidStation station(service(0.01, 10, queueing::Split::least_loaded));
  std::vector<double> waiting;
  for (int i = 0; i < 64; ++i) {
    waiting.push_back(station.step(minute(1000, 1)).in_system_end - 10);
  }
  CHECK(waiting[15] / waiting[3] == Approx(2).epsilon(0.05));
  CHECK(waiting[63] / waiting[15] == Approx(2).epsilon(0.05));
  // Reflected Brownian motion: sqrt(2 / pi * 2 * 1000 * 240 s) = 553; the approximation has
  // sqrt(2 * 1000 * 240 s) = 693
  CHECK(waiting[3] == Approx(693).epsilon(0.03));
}

TEST_CASE("nothing is created or forgotten over steps", "[fluid]") {
  for (const bool limited : {false, true}) {
    FluidService config = service(0.2, 8, queueing::Split::power_of_two);
    if (limited) config.queue_limit = 30;
    FluidStation station(config);
    StrataDealer dealer;
    double arrived = 0, lost = 0, served = 0, dropped = 0, admitted = 0, without = 0;
    std::uint64_t requests = 0;
    for (int i = 0; i < 200; ++i) {
      const double replicas = i % 37 == 5 ? 0 : 3 + i % 9;
      const double before = station.in_system();
      const FluidStep& step = station.step(minute(200 + 180 * std::sin(i * 0.3), replicas));
      CHECK(step.lost >= 0);
      CHECK(step.utilization >= 0);
      CHECK(step.utilization <= 1);
      CHECK(step.in_system_end >= 0);
      CHECK(step.arrived - step.lost - step.served ==
            Approx(step.in_system_end - before).margin(1e-5));
      const std::uint64_t counted = sum_of(dealer.deal(step.admitted));
      CHECK(counted == dealer.dealt());
      for (const double latency_s : step.latency_s) CHECK(latency_s >= 0);
      if (replicas == 0) without += step.lost;
      arrived += step.arrived;
      lost += step.lost;
      dropped += step.dropped;
      served += step.served;
      admitted += step.admitted;
      requests += dealer.dealt();
    }
    CHECK(arrived - lost - served == Approx(station.in_system()).margin(1e-3));
    CHECK(admitted == Approx(arrived - lost + dropped).epsilon(1e-9));
    CHECK(std::fabs(static_cast<double>(requests) - admitted) <= 1);
    CHECK(without > 0);
    // Rates of up to 380 /s on as little as 3 * 8 / 0.2 = 120 /s overrun a limit and nothing else.
    CHECK((limited ? lost > 1.5 * without : lost == Approx(without).margin(1e-3)));
  }
}

TEST_CASE("counts of strata add up to their shares", "[fluid]") {
  StrataDealer dealer;
  std::array<double, queueing::kStrata> sum{};
  double all = 0;
  for (int i = 0; i < 20000; ++i) {
    const StrataDealer::Counts& counts = dealer.deal(3.33);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(counts[k]);
    all += static_cast<double>(dealer.dealt());
  }
  CHECK(all == Approx(66600).margin(1.5));
  const auto& bounds = queueing::strata_bounds();
  for (std::size_t k = 0; k < sum.size(); ++k) {
    const double share = bounds[k + 1] - bounds[k];
    CAPTURE(k);
    CHECK(sum[k] == Approx(all * share).margin(8 + 0.02 * all * share));
  }
}

TEST_CASE("a queue limit loses what does not fit", "[fluid]") {
  // M/M/4/6 twice at load 1.5
  FluidService config = service(0.1, 4, queueing::Split::random);
  config.queue_limit = 6;
  FluidStation station(config);
  for (int i = 0; i < 3; ++i) station.step(minute(120, 2));
  const FluidStep& step = station.step(minute(120, 2));
  const queueing::MmckState exact = queueing::equilibrium(queueing::Mmck{4, 1.5, 0.1, 6});
  CHECK(step.lost / step.arrived == Approx(exact.loss).epsilon(1e-2));
  CHECK(step.in_system == Approx(2 * (exact.waiting + exact.busy)).epsilon(1e-2));
  CHECK(step.utilization == Approx(exact.busy / 4).epsilon(5e-3));
  // No waiting place at all: Erlang's loss of all slots under a router that sees them.
  config.queue_limit = 0;
  config.split = queueing::Split::least_loaded;
  FluidStation none(config);
  for (int i = 0; i < 3; ++i) none.step(minute(80, 2));
  const FluidStep& loss = none.step(minute(80, 2));
  const double erlang = queueing::equilibrium(queueing::Mmck{8, 1, 0.1, 0}).loss;
  CHECK(loss.lost / loss.arrived == Approx(erlang).epsilon(1e-2));
  CHECK(loss.latency_mean_s == Approx(0.1).epsilon(1e-6));
}

TEST_CASE("throttled service takes longer and loads more", "[fluid]") {
  FluidStation station(service(0.1, 4, queueing::Split::random));
  for (int i = 0; i < 3; ++i) station.step({60, 48, 3, 1.5});
  const FluidStep& step = station.step({60, 48, 3, 1.5});  // load 48 * 0.15 / 12 = 0.6
  CHECK(step.utilization == Approx(0.6).epsilon(1e-9));
  const double wait_s = queueing::wait_mean_s(queueing::Mmc{4, 0.6, 0.15});
  CHECK(step.latency_mean_s == Approx(0.15 + wait_s).epsilon(6e-3));
}

TEST_CASE("without replicas everything is lost", "[fluid]") {
  FluidStation station(service(1, 1, queueing::Split::random));
  station.step(minute(5, 10));
  const double before = station.in_system();
  CHECK(before > 4);
  const FluidStep& step = station.step(minute(5, 0));
  CHECK(step.lost == Approx(300 + before).epsilon(1e-12));
  CHECK(step.dropped == before);
  CHECK(station.in_system() == 0);
}

TEST_CASE("waits and shares within a time by hand", "[fluid]") {
  // M/M/1 at 0.5: half wait, T exponential of mean 0.2 s; beyond 0.4 s are e^-2 = 13.5 %
  FluidStation station(service(0.1, 1, queueing::Split::random));
  for (int i = 0; i < 20; ++i) station.step(minute(50, 10));
  const FluidStep& step = station.step(minute(50, 10));
  CHECK(1 - queueing::share_within(step.latency_s, 0.4) == Approx(0.1353).margin(0.002));
  CHECK(queueing::share_within(step.latency_s, 100) == 1);
  CHECK(queueing::share_within(step.latency_s, 0) == 0);
  CHECK(queueing::mean(step.wait_s) == Approx(0.1).epsilon(6e-3));
  CHECK(queueing::share_within(step.wait_s, 0) == Approx(0.5).margin(0.02));
}

TEST_CASE("samples over the steps have the quantiles and the mean of the strata", "[fluid]") {
  FluidStation station(service(1, 4, queueing::Split::random));
  StrataDealer dealer;
  double below_median = 0, below_p99 = 0, all = 0, sum = 0;
  for (int i = 0; i < 400; ++i) {
    const FluidStep& step = station.step(minute(0.004 * 4 * 10, 10));  // hardly any waits
    const StrataDealer::Counts& counts = dealer.deal(1e6);
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const double value = step.latency_sample_s[k];
      CHECK(value >= 0);
      const auto n = static_cast<double>(counts[k]);
      all += n;
      sum += n * value;
      if (value <= std::log(2)) below_median += n;
      if (value <= std::log(100)) below_p99 += n;
    }
  }
  CHECK(sum / all == Approx(1).epsilon(1e-3));
  CHECK(below_median / all == Approx(0.5).margin(2e-3));
  CHECK(below_p99 / all == Approx(0.99).margin(2e-4));
}

TEST_CASE("a load that stays is at rest however short the steps", "[fluid]") {
  // M/M/1 at 0.9 with S = 4 s comes to rest in 800 s; steps take 15 s.
  FluidStation station(service(4, 1, queueing::Split::random));
  for (int i = 0; i < 4000; ++i) station.step({15, 2.25, 10, 1});
  const FluidStep& step = station.step({15, 2.25, 10, 1});
  CHECK(step.latency_mean_s == Approx(40).epsilon(1e-2));
  CHECK(queueing::quantile(step.latency_s, 0.99) == Approx(40 * std::log(100.0)).epsilon(2e-2));
}

TEST_CASE("a lost replica takes its share with it", "[fluid]") {
  FluidStation station(service(1, 4, queueing::Split::random));
  for (int i = 0; i < 5; ++i) station.step(minute(30, 10));
  const double before = station.in_system();
  CHECK(station.drop(0.1) == Approx(0.1 * before).epsilon(1e-12));
  CHECK(station.in_system() == Approx(0.9 * before).epsilon(1e-12));
}

TEST_CASE("a million replicas are no problem, nor is an empty step", "[fluid]") {
  FluidStation station(service(0.1, 16, queueing::Split::power_of_two));
  station.step(minute(0, 1000000));
  CHECK(station.in_system() == 0);
  const FluidStep& step = station.step(minute(1.2e8, 1000000));
  CHECK(step.utilization == Approx(0.75).epsilon(2e-3));
  CHECK(step.latency_mean_s == Approx(0.1).epsilon(2e-2));
}
