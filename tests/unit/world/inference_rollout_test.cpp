// Rollouts of endpoints: what replicas that are replaced take along, by hand and over time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using Sets = std::vector<Override>;

/// A column of the series of a run, from its 20th row on.
std::vector<double> column_of(const Simulation& run, const std::string& name) {
  const std::size_t columns = run.series_columns.size();
  const auto at = std::ranges::find(run.series_columns, name);
  INFO(name);
  REQUIRE(at != run.series_columns.end());
  const auto column = static_cast<std::size_t>(at - run.series_columns.begin());
  std::vector<double> values;
  for (std::size_t row = 20; row < run.series_rows.size() / columns; ++row) {
    values.push_back(run.series_rows[row * columns + column]);
  }
  return values;
}

/// Hit rate of llm-rollout in each minute from the 20th on.
std::vector<double> hits_by_minute(const Sets& sets) {
  const Simulation run = simulate(test::load_example("llm-rollout", sets), {});
  REQUIRE(run.series_step == seconds(60));
  std::vector<double> hits = column_of(run, "workloads.chat.cached_tokens_tokens");
  const std::vector<double> prompts = column_of(run, "workloads.chat.prompt_tokens_tokens");
  const std::vector<double> of_pool = column_of(run, "workloads.chat.h100.prefix_hit_rate");
  for (std::size_t i = 0; i < hits.size(); ++i) hits[i] /= prompts[i];
  // By the scrapes, so later by up to two of them: half of a minute.
  for (std::size_t i = 1; i < hits.size(); ++i) {
    INFO("minute " << i);
    CHECK(of_pool[i] > std::min(hits[i - 1], hits[i]) - 0.12);
    CHECK(of_pool[i] < std::max(hits[i - 1], hits[i]) + 0.12);
  }
  return hits;
}

TEST_CASE("the hit rate falls after a rolling restart, a scale-out and a lost zone, and recovers") {
  const Override none{"workloads.chat.rollouts", "null"};
  const std::vector<double> quiet = hits_by_minute({none});
  const std::vector<double> restarted = hits_by_minute({});
  const std::vector<double> scaled =
      hits_by_minute({none,
                      {"workloads.chat.replicas", R"({"min": 4, "max": 8})"},
                      {"workloads.chat.autoscaler", R"({"policy": "scheduled", "companion": "none",
                                         "at": ["0 s", "20 min"], "replicas": [4, 8]})"}});
  const std::vector<double> lost = hits_by_minute(
      {none, {"failures", R"({"zone": {"kind": "outage", "of": "zone", "zones": ["us-east.b"],
                                 "at": "20 min", "for": "30 min"}})"}});
  CHECK(*std::ranges::min_element(std::span(quiet).first(10)) > 0.75);
  // All four replicas are new after 76 s.
  CHECK(restarted[0] < 0.65 * quiet[0]);
  CHECK(restarted[1] < 0.75 * quiet[1]);
  CHECK(restarted[2] == Approx(quiet[2]).epsilon(0.1));
  CHECK(restarted[3] == Approx(quiet[3]).epsilon(0.1));
  CHECK(scaled[0] < 0.9 * quiet[0]);
  CHECK(scaled[3] > 1.1 * quiet[3]);  // there is room for all then
  CHECK(lost[0] < 0.5 * quiet[0]);
  CHECK(lost[2] == Approx(quiet[2]).epsilon(0.1));
}

struct Outcome {
  Simulation run;
  test::RequestRows rows;
};

/// One replica of two that there is room for; 10 ms an iteration; a new one takes 1 s. A new
/// version comes at 10 s.
Outcome with_version(const std::string& requests, const json& rollout,
                     const json& instance = json::object()) {
  const test::TemporaryDirectory home;
  home.write("requests.csv", "arrival_ns,prompt,output\n" + requests);
  json version = rollout;
  version["at"] = "10 s";
  json text = test::model_servers(
      2, {{"m",
           {{"kind", "llm-inference"},
            {"requests", {{"trace", {{"file", "requests.csv"}}}}},
            {"engine", {{"blocks", 1000}, {"iteration", {{"linear", {{"base", "10 ms"}}}}}}},
            {"instance", {{"accelerators", 1}, {"start", "1 s"}}},
            {"rollouts", json::array({version})}}}});
  text["workloads"]["m"]["instance"].update(instance);
  Outcome out;
  SimulateOptions options;
  options.request_log = &out.rows;
  out.run = simulate(test::load_text(home, text), options);
  return out;
}

TEST_CASE("a replica that is replaced answers what it has, or as much as its drain allows") {
  // 200 tokens from 10.5 s to 12.5 s; the new replica serves from 11 s on.
  const std::string late = "10500000000,10,200\n11100000000,10,1\n";
  const Outcome patient = with_version(late, json::object());
  CHECK(test::value(patient.run, "workloads.m.rollouts.finished") == 1);
  REQUIRE(patient.rows.all.at(0).done);
  CHECK(patient.rows.all.at(0).done->ns == 12'500'000'000);
  CHECK(patient.rows.all.at(0).replica == 0);
  CHECK(patient.rows.all.at(1).replica == 1);
  const Outcome hasty = with_version(late, json::object(), {{"drain", "500 ms"}});
  CHECK(test::value(hasty.run, "workloads.m.crashed") == 1);
  CHECK(test::value(hasty.run, "workloads.m.completed") == 1);
  CHECK(hasty.rows.all.size() == 1);
}

TEST_CASE("a bad version of an endpoint is slower, and what it fails has no times") {
  const std::string requests = "5000000000,10,3\n20000000000,10,3\n";
  const Outcome slow = with_version(requests, {{"bad", {{"service_time_factor", 2}}}});
  CHECK(slow.rows.all.at(0).done->ns == 5'030'000'000);
  CHECK(slow.rows.all.at(1).first_token->ns == 20'020'000'000);
  CHECK(slow.rows.all.at(1).done->ns == 20'060'000'000);
  const Outcome wrong = with_version(requests, {{"bad", {{"error_rate", 1}}}});
  CHECK(test::value(wrong.run, "workloads.m.rollouts.errors") == 1);
  CHECK(test::value(wrong.run, "workloads.m.failed") == 1);
  CHECK(test::value(wrong.run, "workloads.m.output_tokens") == 6);  // the engine gave them
  CHECK(test::value(wrong.run, "workloads.m.ttft.count") == 1);
  CHECK(test::value(wrong.run, "workloads.m.tpot.count") == 1);
  CHECK_FALSE(wrong.rows.all.at(1).done);
  CHECK_FALSE(wrong.rows.all.at(1).first_token);
  CHECK(wrong.rows.all.at(1).replica == 1);
}

}  // namespace
}  // namespace hyperdc
