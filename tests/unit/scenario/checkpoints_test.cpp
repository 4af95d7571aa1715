// Checkpoints of training runs: what a scenario may not ask, and what is derived.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

std::string checkpoint_text(const std::string& checkpoints, const std::string& failures = "",
                            const std::string& more = "", const std::string& steps = "1e6") {
  return fmt::format(
      R"({{"name": "t", "duration": "10 d",
    "regions": {{"r": {{"racks": {{
      "a": {{"server": "hgx-h100", "count": 8, "servers_per_rack": 4}}}}}}}},
    "pools": {{"p": {{}}}},
    "workloads": {{"train": {{"kind": "training", "model": "llama-3-1-8b", "software": "meta-2024",
      "sequence": 8192, "batch": 64, "steps": {}, "tensor_parallel": 8, "data_parallel": 16,
      "sequence_parallel": true, "recompute": "full", "checkpoints": {{{}}}{}}}}}{}}})",
      steps, checkpoints, more, failures);
}

std::string random_failures(const char* of, const char* mean) {
  return fmt::format(
      R"(, "failures": {{"f": {{"kind": "random", "of": "{}", "repair": {{"time": "1 h"}},
          "time_to_failure": {{"exponential": {{"mean": "{}"}}}}}}}})",
      of, mean);
}

bool tier_refused(const std::string& text, const char* key, const char* reason,
                  const char* code = "E034") {
  const Issues issues = test::issues_of_text(text);
  INFO(test::print(issues));
  return has(issues, code, std::string("workloads.train") + key, reason);
}

TrainingSpec training_of_text(const std::string& text) {
  const test::TemporaryDirectory home;
  return *test::load(home.write("s.json", text)).scenario.workloads.front().training;
}

}  // namespace

TEST_CASE("what of checkpoints cannot be is refused by its key") {
  CHECK(tier_refused(checkpoint_text(R"("s": {"write": "1 min"})"), ".checkpoints.s.every",
                     "is missing", "E011"));
  CHECK(tier_refused(checkpoint_text(R"("s": {"write": "2 min", "every": "90 s"})"),
                     ".checkpoints.s.every", "takes 2 min to write"));
  CHECK(tier_refused(checkpoint_text(R"("s": {"every": "1 h"})"), ".checkpoints.s", "one of",
                     "E015"));
  CHECK(tier_refused(checkpoint_text(R"("s": {"write": "1 s", "rate": "1 GB/s", "every": "1 h"})"),
                     ".checkpoints.s.rate", "says how long", "E015"));
  CHECK(tier_refused(checkpoint_text(R"("s": {"write": "1 s", "every": "1 h", "stall": "1 s"})"),
                     ".checkpoints.s.stall", "stands still until it is written", "E016"));
  CHECK(tier_refused(checkpoint_text(R"("a": {"write": "1 s", "every": "1 h", "survives": "rack"},
                                   "b": {"write": "1 s", "every": "1 h", "survives": "server"})"),
                     ".checkpoints.b", "outlives more"));
  CHECK(tier_refused(checkpoint_text(R"("a": {"write": "1 s", "survives": "server"},
                                   "b": {"write": "1 s"})",
                                     random_failures("server", "90 d")),
                     ".checkpoints.b.every", "is missing", "E011"));
  CHECK(tier_refused(
      checkpoint_text(R"("s": {"write": "1 s", "every": "1 h"})", "",
                      R"(, "stragglers": {"mtbf": "2 s", "lasts": "1 s", "speed": 0.5})"),
      ".stragglers.mtbf", "it happens every", "E021"));
}

TEST_CASE("the time of a checkpoint comes from its bytes, its period from the failures") {
  // 16 servers of 128 accelerators; 8.03e9 parameters of 14 bytes over 16 x 1 GB/s, or 4 GB/s.
  const TrainingSpec fast = training_of_text(
      checkpoint_text(R"("s": {"rate": "1 GB/s"})", random_failures("server", "160 d")));
  const double bytes = 14 * fast.parameters;
  CHECK(fast.servers == 16);
  CHECK(fast.parameters == Approx(8.03e9).epsilon(0.001));
  REQUIRE(fast.course.tiers.size() == 1);
  CHECK(to_seconds(fast.course.tiers[0].stall) == Approx(bytes / 16e9));
  CHECK(fast.course.tiers[0].load.ns == fast.course.tiers[0].stall.ns);
  CHECK(*fast.mttf_s == Approx(10 * 86400));
  const double step = to_seconds(fast.course.step);
  CHECK(static_cast<double>(fast.course.tiers[0].every) * step + bytes / 16e9 ==
        Approx(best_period(864000, bytes / 16e9)).margin(step));
  const TrainingSpec slow = training_of_text(checkpoint_text(
      R"("s": {"rate": "1 GB/s", "limit": "4 GB/s", "blocking": false, "stall": "3 s"})",
      random_failures("rack", "40 d")));
  CHECK(to_seconds(slow.course.tiers[0].stall) == 3);
  CHECK(to_seconds(slow.course.tiers[0].flush) == Approx(bytes / 4e9));
  CHECK(*slow.mttf_s == Approx(10 * 86400));  // 4 racks
}

TEST_CASE("a tier's period is for what the tiers before it do not outlive") {
  const std::string failures = R"(, "failures": {
      "gpu": {"kind": "random", "of": "accelerator", "repair": {"time": "1 h"},
              "time_to_failure": {"exponential": {"mean": "1280 d"}}},
      "server": {"kind": "random", "repair": {"time": "1 h"},
                 "time_to_failure": {"exponential": {"mean": "1600 d"}},
                 "lemons": {"share": 0.1, "factor": 11}}})";
  const TrainingSpec spec = training_of_text(checkpoint_text(
      R"("memory": {"write": "1 s", "survives": "accelerator"}, "store": {"write": "30 s"})",
      failures));
  CHECK(*spec.mttf_s == Approx(86400 / (0.1 + 0.02)));  // lemons double the servers' rate
  const double step = to_seconds(spec.course.step);
  const auto period = [&](std::size_t i) {
    return static_cast<double>(spec.course.tiers[i].every) * step +
           to_seconds(spec.course.tiers[i].stall);
  };
  CHECK(period(0) == Approx(best_period(86400 / 0.12, 1)).margin(step));
  CHECK(period(1) == Approx(best_period(86400 / 0.02, 30)).margin(step));
}

TEST_CASE("zones that a run has to span are as many as its servers fill") {
  const std::string text =
      checkpoint_text(R"("s": {"write": "1 s"})", random_failures("zone", "1000 h"));
  CHECK(*training_of_text(text).mttf_s == Approx(3600e3));
  std::string two = text;
  const std::string rack = R"("a": {"server": "hgx-h100", "count": 8, "servers_per_rack": 4})";
  const std::size_t at = two.find(rack);
  REQUIRE(at != std::string::npos);
  two.replace(at, rack.size(),
              R"("a": {"server": "hgx-h100", "count": 2, "servers_per_rack": 4},
                 "b": {"server": "hgx-h100", "count": 2, "servers_per_rack": 4, "zone": "b"})");
  CHECK(*training_of_text(two).mttf_s == Approx(1800e3));
}

TEST_CASE("what comes again and again needs an end of the run") {
  std::string text = checkpoint_text(R"("s": {"write": "1 s", "every": "1 h"})", "",
                                     R"(, "corruption": {"mtbf": "400 y", "detect": "1 h"})");
  CHECK(test::issues_of_text(text).empty());
  const std::string duration = R"("duration": "10 d",)";
  text.erase(text.find(duration), duration.size());
  CHECK(tier_refused(text, ".corruption", "as long as the run lasts", "E033"));
  std::string turns = checkpoint_text(R"("s": {"write": "1 s", "every": "1 h"})");
  turns.erase(turns.find(duration), duration.size());
  CHECK(test::issues_of_text(turns).empty());
  turns.replace(turns.find(R"("p": {})"), 7, R"("p": {"scheduler": {"policy": "gang"}})");
  CHECK(tier_refused(turns, "", "it may never end", "E033"));
}
