// Trials of engines against what queueing theory says of the simplest of them.
#include "ai/inference/engine_trial.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "ai/inference/linear_time.hpp"
#include "core/math.hpp"
#include "core/shuffle.hpp"

namespace hyperdc {
namespace {

using queueing::Split;

/// Alike requests, and exponential gaps.
TrialDemand alike(std::size_t count, std::uint64_t prompt, std::uint64_t output) {
  TrialDemand demand;
  for (std::size_t i = 0; i < count; ++i) {
    demand.requests.push_back({prompt, output, {}});
    demand.gaps.push_back(-math::log(1 - (static_cast<double>(i) + 0.5) / double(count)));
  }
  shuffle(demand.gaps, RandomStream(7, "trial"));
  return demand;
}

/// One request at a time, 1 s each.
BatchRules one_at_a_time() {
  BatchRules rules;
  rules.max_sequences = 1;
  rules.max_tokens = 100;
  rules.blocks = 100;
  return rules;
}

LinearTime each_takes(Duration base) {
  LinearCoefficients of;
  of.base_ns = static_cast<double>(base.ns);
  return LinearTime(of);
}

TrialRules at_rate(double rate_per_s, std::uint32_t engines, Split split) {
  TrialRules trial;
  trial.arrivals = TrialArrivals::steady;
  trial.before = 10'000;
  trial.engines = engines;
  trial.split = split;
  trial.rate_per_s = rate_per_s;
  return trial;
}

double mean_of_times(const std::vector<double>& times) {
  return std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
}

TrialResult tried(const BatchRules& rules, const LinearTime& time, const TrialDemand& demand,
                  const TrialRules& trial) {
  return try_engines(rules, time, demand, trial, RandomStream(1, "choices"));
}

TEST_CASE("an engine of one request at a time is M/D/1") {
  const LinearTime time = each_takes(seconds(1));
  const TrialDemand demand = alike(40'000, 10, 1);
  CHECK(tried(one_at_a_time(), time, demand, {}).rate_per_s == Approx(1).epsilon(1e-9));
  const TrialResult at = tried(one_at_a_time(), time, demand, at_rate(0.8, 1, Split::random));
  CHECK(at.rate_per_s == Approx(0.8).epsilon(2e-3));
  CHECK(at.running == Approx(0.8).epsilon(2e-3));
  CHECK(at.number == Approx(0.8 + 0.64 / 0.4).epsilon(0.05));  // Pollaczek and Khinchine
  CHECK(mean_of_times(at.latency_s) == Approx(1 + 0.8 / 0.4).epsilon(0.05));
  CHECK(at.ttft_s == at.latency_s);
  CHECK(at.tpot_s.empty());
  CHECK(at.computed == Approx(10).epsilon(1e-3));  // the prompt, which gives the one token
  CHECK(at.ttft_s.size() == demand.requests.size());
}

TEST_CASE("engines of a trial wait as their router splits") {
  const LinearTime time = each_takes(seconds(1));
  const TrialDemand demand = alike(40'000, 10, 1);
  const auto wait = [&](Split split) {
    const TrialResult at = tried(one_at_a_time(), time, demand, at_rate(3.2, 4, split));
    CHECK(at.running == Approx(0.8).epsilon(2e-3));
    return mean_of_times(at.latency_s) - 1;
  };
  // Four apart wait as one; E4/D/1 and M/D/4 in one queue (Cosmetatos) are known to a few percent.
  CHECK(wait(Split::random) == Approx(2).epsilon(0.06));
  const double in_turn = wait(Split::round_robin), two = wait(Split::power_of_two);
  const double least = wait(Split::least_loaded);
  CHECK(in_turn == Approx(0.42).epsilon(0.15));
  CHECK(least > 0.385 * 0.94);  // of one queue
  CHECK(least < two);
  CHECK(two < 2);
}

TEST_CASE("one engine of several gets its part of what comes") {
  // Every fourth of Poisson arrivals: Erlang's, of which the queue is shorter; each with chance
  // 1/4: Poisson again.
  const LinearTime time = each_takes(seconds(1));
  const TrialDemand demand = alike(40'000, 10, 1);
  TrialRules part = at_rate(3.2, 1, Split::round_robin);
  part.one_of = 4;
  const TrialResult in_turn = tried(one_at_a_time(), time, demand, part);
  CHECK(in_turn.rate_per_s == Approx(0.8).epsilon(2e-3));
  CHECK(mean_of_times(in_turn.latency_s) - 1 == Approx(0.42).epsilon(0.15));
  part.split = Split::random;
  const TrialResult by_chance = tried(one_at_a_time(), time, demand, part);
  CHECK(by_chance.rate_per_s == Approx(0.8).epsilon(0.02));
  CHECK(mean_of_times(by_chance.latency_s) - 1 == Approx(2).epsilon(0.08));
}

TEST_CASE("a backlog and a closed population say what engines do at capacity") {
  // Batches of four prompts of 10 in 1 s: 4 /s however many wait; of two that are there 2 /s
  BatchRules rules = one_at_a_time();
  rules.max_sequences = 4;
  const LinearTime time = each_takes(seconds(1));
  const TrialDemand demand = alike(4'000, 10, 1);
  TrialRules trial;
  trial.before = 100;
  const TrialResult backlog = tried(rules, time, demand, trial);
  CHECK(backlog.rate_per_s == Approx(4).epsilon(1e-9));
  CHECK(backlog.running == Approx(4).epsilon(1e-9));
  trial.arrivals = TrialArrivals::closed;
  trial.population = 2;
  const TrialResult two = tried(rules, time, demand, trial);
  CHECK(two.rate_per_s == Approx(2).epsilon(1e-9));
  CHECK(two.number == Approx(2).epsilon(1e-9));
  CHECK(mean_of_times(two.latency_s) == Approx(1).epsilon(1e-9));
}

TEST_CASE("requests that never meet a limit are M/D/infinity") {
  // 1 + 100 iterations of 10 ms whoever is there: 20 /s are 20 that run, with that variance
  BatchRules rules;
  rules.max_sequences = 1000;
  rules.max_tokens = 100'000;
  rules.blocks = 100'000;
  const LinearTime time = each_takes(seconds(0.01));
  const TrialResult at = tried(rules, time, alike(40'000, 1, 101), at_rate(20, 1, Split::random));
  const double residence_s = 1.01;
  CHECK(mean_of_times(at.tpot_s) == Approx(0.01).epsilon(1e-9));
  CHECK(at.running == Approx(20 * residence_s).epsilon(0.02));
  CHECK(at.variance == Approx(20 * residence_s).epsilon(0.10));
  // the autocovariance falls straight to 0 at the residence time: half of it is the integral
  CHECK(at.memory_s == Approx(residence_s / 2).epsilon(0.25));
  double gaps = 0;
  for (const TokenGap& gap : at.gaps) gaps += static_cast<double>(gap.times);
  CHECK(gaps / at.served == Approx(100).epsilon(0.01));
  CHECK(at.full == 0);
}

}  // namespace
}  // namespace hyperdc
