// Baselines: when a metric has moved, by hand; objectives; what an update keeps.
#include "results/baseline.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "results/check_report.hpp"

using namespace hyperdc;
using State = MetricChange::State;

namespace {

RunResult wait_run(std::uint64_t seed, std::optional<double> wait, const std::string& unit = "s") {
  RunResult out;
  out.seed = seed;
  out.sha256 = std::string(64, 'a');
  out.fingerprint = 0x10 + seed;
  out.hourly_fingerprints = {1, 2, 3};
  out.metrics = {{"wait", unit, wait, wait ? "" : "nobody waited"}};
  return out;
}

std::vector<RunResult> wait_runs(const std::vector<double>& waits) {
  std::vector<RunResult> out;
  for (std::size_t i = 0; i < waits.size(); ++i) out.push_back(wait_run(i + 1, waits[i]));
  return out;
}

MetricChange change_of_wait(const Tolerance& tolerance, const std::vector<double>& before,
                            const std::vector<double>& now) {
  const std::vector<BaselinePick> picks = {{"wait", tolerance}};
  return compare_baseline(make_baseline(wait_runs(before), picks), wait_runs(now)).metrics.at(0);
}

State state_of(const Tolerance& tolerance, double before, double now) {
  return change_of_wait(tolerance, {before}, {now}).state;
}

Tolerance exact() {
  Tolerance out;
  out.exact = true;
  return out;
}
Tolerance absolute(double amount) {
  Tolerance out;
  out.absolute = amount;
  return out;
}
Tolerance relative(double share) {
  Tolerance out;
  out.relative = share;
  return out;
}
Tolerance statistical(double confidence, double margin) {
  Tolerance out;
  out.statistical = StatisticalTolerance{confidence, margin};
  return out;
}

ResultObjective objective(double at_most, double value) {
  return {"wait", at_most, {}, "s", value, value <= at_most};
}

}  // namespace

TEST_CASE("exact allows nothing, in any seed") {
  CHECK(state_of(exact(), 5, 5) == State::identical);
  CHECK(state_of(exact(), 5, std::nextafter(5.0, 6.0)) == State::moved);
  // The mean is the same, the seeds are not.
  CHECK(change_of_wait(exact(), {1, 3}, {3, 1}).state == State::moved);
}

TEST_CASE("absolute and relative bounds are inclusive and go both ways") {
  CHECK(state_of(absolute(0.5), 10, 10.5) == State::within);
  CHECK(state_of(absolute(0.5), 10, 9.5) == State::within);
  CHECK(state_of(absolute(0.5), 10, 10.51) == State::moved);
  CHECK(state_of(absolute(0.5), 10, 9.49) == State::moved);
  CHECK(state_of(relative(0.02), 100, 102) == State::within);
  CHECK(state_of(relative(0.02), 100, 98) == State::within);
  CHECK(state_of(relative(0.02), 100, 102.01) == State::moved);
  CHECK(state_of(relative(0.02), -100, -102) == State::within);
  CHECK(state_of(relative(0.02), -100, -103) == State::moved);
  // 0.1 + 0.2 is not 0.3: rounding of the difference is no move.
  CHECK(state_of(absolute(0.1), 0.2, 0.2 + 0.1) == State::within);
  CHECK(state_of(absolute(0.1), 0.3, 0.2) == State::within);
}

TEST_CASE("a share of nothing is nothing") {
  CHECK(state_of(relative(0.02), 0, 0) == State::identical);
  const MetricChange lost = change_of_wait(relative(0.02), {0}, {118});
  CHECK(lost.state == State::moved);
  CHECK(lost.allowed == 0.0);
  CHECK(std::isinf(lost.excess));
}

TEST_CASE("of absolute and relative the larger is allowed") {
  Tolerance both = relative(0.1);
  both.absolute = 2;
  CHECK(state_of(both, 10, 12) == State::within);    // absolute
  CHECK(state_of(both, 100, 109) == State::within);  // relative
  CHECK(state_of(both, 10, 12.1) == State::moved);
  CHECK(change_of_wait(both, {10}, {14}).excess == Approx(2));
}

TEST_CASE("with several seeds the means are compared") {
  CHECK(change_of_wait(absolute(0.5), {1, 3}, {3, 2}).state == State::within);  // 2 and 2.5
  CHECK(change_of_wait(absolute(0.5), {1, 3}, {4, 2}).state == State::moved);   // 2 and 3
}

TEST_CASE("a difference that the seeds show is a move, noise is not") {
  const std::vector<double> before = {10, 12, 11, 9, 13};
  // Always 1 more, but for a little: t = 1 / (0.1581 / sqrt 5) = 14.14, p = 0.000145.
  const std::vector<double> shifted = {10.8, 13, 12.2, 9.9, 14.1};
  const MetricChange real = change_of_wait(statistical(0.99, 0), before, shifted);
  CHECK(real.state == State::moved);
  CHECK(*real.p == Approx(0.000145).epsilon(0.01));
  // 4.6041 * 0.15811 / 2.23607
  CHECK(*real.half_width == Approx(0.32556).epsilon(1e-4));
  CHECK(change_of_wait(statistical(0.9999, 0), before, shifted).state == State::within);
  // As much on average, but of seeds that disagree: t = 1 / (3.0822 / sqrt 5) = 0.73.
  CHECK(change_of_wait(statistical(0.99, 0), before, {16, 13, 9, 10, 12}).state == State::within);
  // Real, and of no interest: the mean before is 11.
  CHECK(change_of_wait(statistical(0.99, 0.1), before, shifted).state == State::within);
  CHECK(change_of_wait(statistical(0.99, 0.09), before, shifted).state == State::moved);
}

TEST_CASE("the test is corrected for the number of statistical metrics") {
  std::vector<RunResult> before = wait_runs({10, 12, 11, 9, 13}),
                         now = wait_runs({10.8, 13, 12.2, 9.9, 14.1});
  std::vector<BaselinePick> picks = {{"wait", statistical(0.999, 0)}};
  for (int i = 0; i < 9; ++i) {
    const std::string name = "other" + std::to_string(i);
    picks.push_back({name, statistical(0.999, 0)});
    for (std::size_t s = 0; s < 5; ++s) {
      before[s].metrics.push_back({name, "1", 5.0 + static_cast<double>(s % 2), ""});
      now[s].metrics.push_back({name, "1", 5.0 + static_cast<double>(s % 2), ""});
    }
  }
  const BaselineComparison ten = compare_baseline(make_baseline(before, picks), now);
  CHECK(*ten.metrics[0].p == Approx(0.00145).epsilon(0.01));
  CHECK(ten.metrics[0].state == State::within);  // alone it would be a move
  CHECK(change_of_wait(statistical(0.999, 0), {10, 12, 11, 9, 13}, {10.8, 13, 12.2, 9.9, 14.1})
            .state == State::moved);
}

TEST_CASE("a metric that vanished, lost its value or changed its unit has moved") {
  const std::vector<BaselinePick> picks = {{"wait", relative(1)}};
  const std::vector<RunResult> before = {wait_run(1, 5)};
  const Baseline baseline = make_baseline(before, picks);
  std::vector<RunResult> now = {wait_run(1, 5)};
  now[0].metrics[0].name = "delay";
  CHECK(compare_baseline(baseline, now).metrics[0].reason ==
        "the scenario has no such metric any more");
  now = {wait_run(1, std::nullopt)};
  const MetricChange lost = compare_baseline(baseline, now).metrics[0];
  CHECK(lost.state == State::moved);
  CHECK(lost.reason == "it has no value any more: nobody waited");
  now = {wait_run(1, 5, "ms")};
  CHECK(compare_baseline(baseline, now).metrics[0].reason == "its unit was s and is ms");
  const std::vector<RunResult> none = {wait_run(1, std::nullopt)};
  const Baseline without = make_baseline(none, picks);
  CHECK(compare_baseline(without, none).metrics[0].state == State::identical);
  now = {wait_run(1, 5)};
  CHECK(compare_baseline(without, now).metrics[0].reason == "it had no value");
}

TEST_CASE("fingerprints say until which hour two runs are the same") {
  const std::vector<BaselinePick> picks = {{"wait", relative(1)}};
  std::vector<RunResult> now = wait_runs({5, 6});
  const Baseline baseline = make_baseline(now, picks);
  CHECK(compare_baseline(baseline, now).same_fingerprints);
  CHECK(compare_baseline(baseline, now).identical_hours == 3);
  now[0].hourly_fingerprints = {1, 9, 3};
  now[1].fingerprint = 99;
  now[0].sha256[0] = 'b';
  const BaselineComparison differs = compare_baseline(baseline, now);
  CHECK_FALSE(differs.same_fingerprints);
  CHECK_FALSE(differs.same_scenario);
  CHECK(differs.identical_hours == 1);
  now[0].hourly_fingerprints = {1, 2};
  CHECK(compare_baseline(baseline, now).identical_hours == 2);
}

TEST_CASE("objectives are met, missed, known to be missed, or gone") {
  using Is = ObjectiveChange::State;
  std::vector<RunResult> before = wait_runs({5, 6}), now = wait_runs({5, 6});
  for (int s = 0; s < 2; ++s) {
    before[s].objectives = {objective(10, 5), objective(4, 5), objective(7, 5)};
  }
  const std::vector<BaselinePick> picks = {{"wait", relative(1)}};
  const Baseline baseline = make_baseline(before, picks);
  REQUIRE(baseline.objectives.size() == 3);
  CHECK(baseline.objectives[0].met);
  CHECK_FALSE(baseline.objectives[1].met);
  now[0].objectives = {objective(10, 5), objective(4, 5), objective(8, 5)};
  now[1].objectives = {objective(10, 11), objective(4, 3), objective(8, 5)};
  const std::vector<SourcePlace> places = {{"x.json", 3, 1, 1}, {"x.json", 4, 1, 1}, {}};
  const auto changes = compare_objectives(&baseline, now, places);
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].state == Is::missed);
  CHECK(changes[0].met_in == 1);
  CHECK(*changes[0].objective.value == 11);  // of the seed that misses it
  CHECK(changes[0].place.line == 3);
  CHECK(changes[1].state == Is::known);
  CHECK(changes[2].state == Is::met);  // new, and not held against anybody
  CHECK(changes[3].state == Is::gone);
  CHECK(*changes[3].objective.at_most == 7);
  CHECK(compare_objectives(nullptr, now, places).at(1).state == Is::missed);
  now[0].objectives[1] = objective(4, 3);
  CHECK(compare_objectives(&baseline, now, places).at(1).was_known);
}

TEST_CASE("an update keeps what a person chose") {
  const std::vector<BaselinePick> picks = {{"wait", absolute(0.125)}};
  std::vector<RunResult> now = wait_runs({5, 6});
  for (RunResult& one : now) one.metrics.push_back({"other", "1", 1, ""});
  Baseline old = make_baseline(wait_runs({1, 2, 3}), picks);
  old.description = "why";
  old.metrics.push_back({"vanished", "1", {1, 1, 1}, exact(), {}});
  const Baseline fresh = updated_baseline(old, now);
  CHECK(fresh.description == "why");
  CHECK(fresh.replications == 2);
  REQUIRE(fresh.metrics.size() == 1);
  CHECK(fresh.metrics[0].values == std::vector<double>{5, 6});
  CHECK(fresh.metrics[0].tolerance.absolute == 0.125);
  CHECK(fresh.fingerprints == std::vector<std::string>{"0000000000000011", "0000000000000012"});
}

TEST_CASE("a scenario fails by an objective, a move, a missing baseline, or when exact") {
  CheckedScenario one;
  CHECK(judged(one) == CheckStatus::failed);
  one.diff = BaselineComparison{};
  CHECK(judged(one) == CheckStatus::passed);
  one.exact = true;
  CHECK(judged(one) == CheckStatus::failed);
  one.diff->same_fingerprints = true;
  CHECK(judged(one) == CheckStatus::passed);
  one.objectives.emplace_back().state = ObjectiveChange::State::known;
  CHECK(judged(one) == CheckStatus::passed);
  one.objectives.emplace_back().state = ObjectiveChange::State::gone;
  CHECK(judged(one) == CheckStatus::failed);
}

TEST_CASE("the baseline of a scenario lies beside it") {
  CHECK(baseline_of("a/b.json") == "a/b.baseline.json");
  CHECK(baseline_of("b.json") == "b.baseline.json");
  CHECK(is_baseline_name("a/b.baseline.json"));
  CHECK_FALSE(is_baseline_name("baseline.json"));
  CHECK_FALSE(is_baseline_name(".baseline.json"));
}
