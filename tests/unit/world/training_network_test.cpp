// Exchanges of training runs on the fabric where the gang lies: by hand, by the flows themselves,
// and by the law of two runs that share a link.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "ai/training/training_exchanges.hpp"
#include "unit/world/training_world.hpp"

namespace hyperdc {
namespace {

using test::json;
using test::of_train;

/// Servers of four accelerators, two a leaf; `up` is all that leaves a leaf.
json network_world(const char* up, const char* exchanges) {
  json text = test::training_world(json::parse(R"({
    "duration": "10 min",
    "fabric_types": {"hall": {"family": "leaf-spine", "leaves": 4, "hosts": 2, "spines": 1,
      "host_bandwidth": "400 Gbit/s", "latency": "1 us"}},
    "regions": {"lab": {"fabric": "hall", "racks": {"boxes": null,
      "a": {"server": "box", "count": 1}, "b": {"server": "box", "count": 1},
      "c": {"server": "box", "count": 1},
      "d": {"server": "box", "count": 1}, "e": {"server": "box", "count": 1},
      "f": {"server": "box", "count": 1},
      "g": {"server": "box", "count": 1}, "h": {"server": "box", "count": 1}}}},
    "pools": {"main": {"racks": ["lab.a", "lab.b", "lab.c", "lab.d"]}},
    "workloads": {"train": {"pool": "main", "pipeline_parallel": null, "data_parallel": 8}}})"));
  text["fabric_types"]["hall"]["leaf_bandwidth"] = up;
  text["workloads"]["train"]["network"]["exchanges"] = exchanges;
  return text;
}

Scenario network_scenario(const json& text) {
  const test::TemporaryDirectory home;
  return test::load_text(home, text);
}

/// The one exchange of a run that has one.
TrainingExchange one_exchange(const Scenario& scenario) {
  const TrainingSpec& spec = *scenario.workloads.front().training;
  const auto all = training_exchanges(spec.question.model, spec.plan, spec.question.chip,
                                      spec.question.software);
  REQUIRE(all.size() == 1);
  return all.front();
}

TEST_CASE("what nothing but adapters limits takes its step, wherever it lies") {
  const Simulation run = simulate(network_scenario(network_world("800 Gbit/s", "auto")), {});
  CHECK(of_train(run, "network.step_time") == Approx(of_train(run, "step_time")));
  CHECK(of_train(run, "network.racks") == 2);
  CHECK(of_train(run, "time.contended") == 0);
}

TEST_CASE("a ring over two leaves takes what crosses the link between them") {
  const Scenario scenario = network_scenario(network_world("10 Gbit/s", "auto"));
  const TrainingSpec& spec = *scenario.workloads.front().training;
  CHECK_FALSE(spec.network->flows);
  const TrainingExchange ring = one_exchange(scenario);
  // 4 accelerators of a server send 3/4 of half of their weights, twice.
  const double weights = 2 * parameters_of_rank(spec.question.model, spec.plan).shared;
  const double crosses_s = 4 * 2 * 0.75 * weights / 2 / 1.25e9;
  const Simulation run = simulate(scenario, {});
  const double step = spec.time.step() + ring.exposed * (ring.latency_s + crosses_s - ring.spec_s);
  CHECK(of_train(run, "network.step_time") == Approx(step).epsilon(1e-6));
  CHECK(of_train(run, "goodput") < 64 * 2048 / step);
  const double worked = 16 * (600 - 20.0);
  CHECK(of_train(run, "time.contended") ==
        Approx(worked * (1 - spec.time.step() / step)).epsilon(1e-3));
}

TEST_CASE("alone, flows take what the loads of links say") {
  for (const char* up : {"800 Gbit/s", "400 Gbit/s", "200 Gbit/s", "10 Gbit/s"}) {
    for (const char* racks :
         {R"(["lab.a", "lab.b", "lab.c", "lab.d"])", R"(["lab.a", "lab.c", "lab.f", "lab.h"])",
          R"(["lab.a", "lab.b", "lab.c", "lab.e"])"}) {
      INFO(up << " " << racks);
      json text = network_world(up, "flows");
      text["duration"] = "60 s";
      text["pools"]["main"]["racks"] = json::parse(racks);
      text["workloads"]["train"]["pipeline_parallel"] = 2;
      text["workloads"]["train"]["data_parallel"] = 4;
      const Simulation run = simulate(network_scenario(text), {});
      CHECK(of_train(run, "network.slowdown") == Approx(1).epsilon(1e-6));
    }
  }
}

TEST_CASE("two equal runs on one link take twice as long to exchange") {
  for (const int at_once : {1, 5}) {
    json text = network_world("10 Gbit/s", "auto");
    text["pools"] = {{"main", {{"racks", {"lab.a", "lab.c"}}}},
                     {"next", {{"racks", {"lab.b", "lab.d"}}}}};
    text["workloads"]["train"]["data_parallel"] = 4;
    text["workloads"]["train"]["network"]["steps_at_once"] = at_once;
    text["workloads"]["other"] = text["workloads"]["train"];
    text["workloads"]["other"]["pool"] = "next";
    const Scenario scenario = network_scenario(text);
    const TrainingSpec& spec = *scenario.workloads.front().training;
    CHECK(spec.network->flows);
    const TrainingExchange ring = one_exchange(scenario);
    const double weights = 2 * parameters_of_rank(spec.question.model, spec.plan).shared;
    const double crosses_s = 4 * 2 * 0.5 * weights / 2 / 1.25e9;
    const Simulation run = simulate(scenario, {});
    const double alone = of_train(run, "network.step_time");
    CHECK((of_train(run, "network.slowdown") - 1) * alone ==
          Approx(ring.exposed * crosses_s).epsilon(1e-5));
    CHECK(test::value(run, "workloads.other.network.slowdown") ==
          Approx(of_train(run, "network.slowdown")));
  }
}

/// A ring over two leaves, with half of the way up through each of two spines.
json two_spines(const char* routing) {
  json text = network_world("5 Gbit/s", "auto");
  text["fabric_types"]["hall"]["spines"] = 2;
  text["fabric_types"]["hall"]["routing"] = routing;
  return text;
}

json spines_fail(const char* at, const char* lasts, int items) {
  return {{"kind", "network"}, {"of", "switch"}, {"tier", "spine"},
          {"at", at},          {"for", lasts},   {"items", items}};
}

/// By hand: a step when `share` of the way up is there.
double step_by_hand(const Scenario& scenario, double share) {
  const TrainingSpec& spec = *scenario.workloads.front().training;
  const TrainingExchange ring = one_exchange(scenario);
  const double weights = 2 * parameters_of_rank(spec.question.model, spec.plan).shared;
  const double crosses_s = 4 * 2 * 0.75 * weights / 2 / 1.25e9 / share;
  return spec.time.step() + ring.exposed * (ring.latency_s + crosses_s - ring.spec_s);
}

TEST_CASE("a run that begins without a spine exchanges over the others") {
  for (const char* routing : {"spray", "adaptive"}) {
    INFO(routing);
    json text = two_spines(routing);
    text["failures"]["spine"] = spines_fail("0 s", "1 h", 1);
    const Scenario scenario = network_scenario(text);
    CHECK(scenario.workloads.front().training->network->flows);
    const Simulation run = simulate(scenario, {});
    CHECK(of_train(run, "network.step_time") == Approx(step_by_hand(scenario, 0.5)).epsilon(1e-6));
    CHECK(of_train(run, "network.slowdown") == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("steps take longer while a spine is down, and the gang stands still while both are") {
  const Scenario whole = network_scenario(two_spines("spray"));
  const double step = whole.workloads.front().training->time.step();
  const double lost = 1 - step / step_by_hand(whole, 1);  // of the time
  const double lost_by_one = 1 - step / step_by_hand(whole, 0.5);
  for (const int spines : {1, 2}) {
    INFO(spines);
    json text = two_spines("spray");
    text["failures"]["spine"] = spines_fail("300 s", "100 s", spines);
    const Simulation run = simulate(network_scenario(text), {});
    const double contended_s = 480 * lost + 100 * (spines == 1 ? lost_by_one : 1);
    // Steps are charged one later, and what was sent when the spines died stays sent.
    CHECK(test::seconds_in(run, "contended") ==
          Approx(contended_s).margin(2 * step_by_hand(whole, 0.5)));
    CHECK(of_train(run, "steps") > 0);
  }
}

TEST_CASE("a run that finds no way, ever, trains no step more than the one it has begun") {
  json text = two_spines("spray");
  text["failures"]["spine"] = spines_fail("0 s", "1 h", 2);
  const Simulation run = simulate(network_scenario(text), {});
  CHECK(of_train(run, "steps") <= 1);
  CHECK(test::seconds_in(run, "contended") > 570);
}

/// Whether a scenario is refused at `path`, with these words.
bool refused(const json& text, const std::string& path, const std::string& words) {
  const test::TemporaryDirectory home;
  const auto loaded = load_scenario(home.write("t.json", text.dump()), {});
  REQUIRE(std::holds_alternative<Issues>(loaded));
  const Issues& issues = std::get<Issues>(loaded);
  return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
    return issue.path == path && issue.code == "E034" &&
           issue.message.find(words) != std::string::npos;
  });
}

TEST_CASE("loads of links are refused where links fail") {
  json text = two_spines("spray");
  text["workloads"]["train"]["network"]["exchanges"] = "loads";
  text["failures"]["spine"] = spines_fail("300 s", "100 s", 1);
  CHECK(refused(text, "workloads.train.network.exchanges", "spine changes them later"));
}

TEST_CASE("of DualPipe gradients cross from the stages of one end to those of the other") {
  json text = network_world("10 Gbit/s", "auto");
  json& train = text["workloads"]["train"];
  train.merge_patch({{"pipeline_parallel", 2}, {"data_parallel", 4}, {"schedule", "dualpipe"}});
  const Scenario scenario = network_scenario(text);
  const TrainingSpec& spec = *scenario.workloads.front().training;
  const double weights = 2 * parameters_of_rank(spec.question.model, spec.plan).shared;
  double longer_s = 0;
  for (const TrainingExchange& one : training_exchanges(
           spec.question.model, spec.plan, spec.question.chip, spec.question.software)) {
    // One server sends around the ring to the other leaf, and all of a stage to the other stage.
    if (one.part == "gradients") CHECK(one.bytes == Approx(2 * 0.75 * weights / 2));
    longer_s += longer_by_s(one, (one.part == "gradients" ? 4 : 8) * one.bytes / 1.25e9);
  }
  CHECK(of_train(simulate(scenario, {}), "network.step_time") ==
        Approx(spec.time.step() + longer_s).epsilon(1e-6));
  train.merge_patch({{"pipeline_parallel", 8}, {"data_parallel", 1}});
  CHECK(refused(text, "workloads.train.network", "lie in one scale-up domain"));
}

TEST_CASE("exchanges of a step add up to the parts of its time") {
  const Schedule schedule = GENERATE(Schedule::one_f_one_b, Schedule::dualpipe);
  TrainingPlan plan;
  plan.schedule = schedule;
  plan.sequence = 2048;
  plan.batch = 64;
  plan.context = 2;
  plan.pipeline = 2;
  plan.data = 4;
  plan.expert = 4;
  ModelCard model;
  model.layers = 16;
  model.hidden = 1024;
  model.heads = model.kv_heads = 16;
  model.head_size = 64;
  model.intermediate = 4096;
  model.vocabulary = 32000;
  model.moe = ExpertLayers{};
  model.moe->layers = 16;
  model.moe->experts = 8;
  model.moe->per_token = 2;
  model.moe->intermediate = 4096;
  TrainingSoftware software;
  software.overlap = 0.25;
  const TrainingChip chip{100e12, 1e12, 100e9, 10e9, 1e-6, 5e-6, 1};  // each alone in its domain
  const TrainingTime time = training_time(model, plan, chip, software);
  double context = 0, experts = 0, sends = 0, gradients = 0;
  for (const TrainingExchange& one : training_exchanges(model, plan, chip, software)) {
    if (one.part == "context") context += one.spec_s;
    if (one.part == "experts") experts += one.spec_s;
    if (one.part == "sends") sends += one.spec_s;
    if (one.part == "gradients") gradients += one.spec_s * one.exposed;
    double out = 0;  // of rank 0
    std::map<std::uint64_t, std::uint64_t> next;
    each_message(one, plan, 64, [&](std::uint64_t from, std::uint64_t to, double bytes) {
      CHECK(from != to);
      if (from == 0) out += bytes;
      next[from] = to;
    });
    if (one.part == "gradients") {
      CHECK(one.ranks == copies_of_stages(schedule) * 8 / one.stride);
      std::uint64_t rank = 0;
      for (std::uint64_t i = 1; i <= one.ranks; ++i) {
        rank = next.at(rank);
        CHECK((rank == 0) == (i == one.ranks));
        CHECK(rank % one.stride == 0);
      }
    }
    if (one.part != "sends") CHECK(out / 10e9 == Approx(one.spec_s - one.latency_s));
  }
  CHECK(context == Approx(time.context));
  CHECK(experts == Approx(time.experts));
  CHECK(sends == Approx(time.sends));
  CHECK(gradients == Approx(time.gradients));
}

}  // namespace
}  // namespace hyperdc
