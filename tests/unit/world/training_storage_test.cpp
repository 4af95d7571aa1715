// Training runs that share what they write their checkpoints to and read their data from: by hand,
// by law, and against runs that have it alone.
#include <catch2/catch.hpp>

#include "unit/world/training_world.hpp"

namespace hyperdc {
namespace {

using test::json;
using test::kGang;
using test::of_train;
using test::outage;
using test::run_world;
using test::seconds_in;
using test::training_world;

/// 1.21e9 parameters in 14 bytes each.
constexpr double kCheckpointBytes = 14 * 1.21e9;

/// Checkpoints of `every` into a store that alone takes `alone_s` for one.
json into_store(double alone_s, const char* every, const json& more = json::object()) {
  json tier = {{"into", "s"}, {"every", every}, {"bytes_per_parameter", 14}};
  tier.update(more);
  return {{"workloads", {{"train", {{"checkpoints", {{"store", tier}}}}}}},
          {"stores", {{"s", {{"rate", fmt::format("{:.17g} B/s", kCheckpointBytes / alone_s)}}}}}};
}

/// The same with what its writing takes alone.
json on_its_own(const Simulation& run, const char* every, double stall_s, const json& more) {
  const double alone = of_train(run, "checkpoints.store.alone") - stall_s;
  json tier = {{"write", fmt::format("{:.9f} s", alone)}, {"every", every}};
  tier.update(more);
  return {{"workloads", {{"train", {{"checkpoints", {{"store", tier}}}}}}}};
}

/// A second run like the first, `after` it.
json second_run(json text, const std::string& after) {
  text["workloads"]["other"] = text["workloads"]["train"];
  text["workloads"]["other"]["start"] = after;
  return text;
}

TEST_CASE("a store that nobody else uses takes what its rate says") {
  const json failing = {{"failures", {{"one", outage(1000, 4, "server", "10 s")}}},
                        {"workloads", {{"train", {{"steps", 11000}}}}},
                        {"duration", "2 h"}};
  const json beside = {{"blocking", false}, {"stall", "2 s"}};
  for (const json& more : {json::object(), beside}) {
    const double stall_s = more.empty() ? 0 : 2;
    json shared = training_world(failing);
    shared.merge_patch(into_store(10, "100 s", more));
    const Simulation run = run_world(shared);
    json alone = training_world(failing);
    alone.merge_patch(on_its_own(run, "100 s", stall_s, more));
    const Simulation closed = run_world(alone);
    CHECK(of_train(run, "restarts") >= 1);
    CHECK(of_train(run, "finished") == 1);
    CHECK(of_train(run, "checkpoints.store.load") ==
          Approx(of_train(run, "checkpoints.store.alone") - stall_s).epsilon(1e-8));
    for (const char* name :
         {"ettr", "checkpoints.store.write", "checkpoints.store.every", "checkpoints.written",
          "time.checkpoints", "time.restarts", "time.discarded", "steps", "completion.max"}) {
      INFO(name);
      CHECK(of_train(run, name) == Approx(of_train(closed, name)).epsilon(1e-7));
    }
  }
}

TEST_CASE("runs that write at once wait for each other, and apart they do not") {
  const json text = training_world(into_store(10, "100 s"));
  const Simulation together = run_world(second_run(text, "0 s"));
  const double alone = of_train(together, "checkpoints.store.alone");
  CHECK(of_train(together, "checkpoints.store.write") == Approx(2 * alone).epsilon(1e-6));
  const Simulation apart = run_world(second_run(text, "50 s"));
  CHECK(of_train(apart, "checkpoints.store.write") == Approx(alone).epsilon(1e-6));
  CHECK(of_train(apart, "ettr") > of_train(together, "ettr") + 0.05);
  CHECK(test::value(apart, "stores.s.bytes_written") > 0);
}

TEST_CASE("servers that take less leave the rest of a store to others") {
  json text = second_run(training_world(into_store(10, "1000 s")), "0 s");
  text["duration"] = "1500 s";  // one checkpoint each, the short one within the long one
  text["workloads"]["other"]["checkpoints"]["store"]["every"] = "1080 s";
  const double bytes =
      kCheckpointBytes;  // 4 servers at a fortieth of the store each: a tenth together
  text["workloads"]["other"]["checkpoints"]["store"]["rate"] =
      fmt::format("{:.17g} B/s", bytes / 400);
  const Simulation run = run_world(text);
  const double alone = of_train(run, "checkpoints.store.alone");
  CHECK(of_train(run, "checkpoints.store.write") == Approx(alone / 0.9).epsilon(1e-6));
  CHECK(test::value(run, "workloads.other.checkpoints.store.write") ==
        Approx(test::value(run, "workloads.other.checkpoints.store.alone")).epsilon(1e-6));
  // A rate of its own for writers: reads are none of it.
  text["stores"]["s"]["write_rate"] = fmt::format("{:.17g} B/s", bytes / 5);
  const Simulation faster = run_world(text);
  CHECK(of_train(faster, "checkpoints.store.alone") == Approx(alone / 2).epsilon(1e-6));
  CHECK(test::value(faster, "stores.s.utilization.mean") == 0);
  CHECK(test::value(faster, "stores.s.write_utilization.mean") > 0);
}

TEST_CASE("a checkpoint that is due while another is written is left out") {
  const json text =
      training_world(into_store(60, "100 s", {{"blocking", false}, {"stall", "1 s"}}));
  CHECK(of_train(run_world(text), "checkpoints.store.late") == 0);
  const Simulation both = run_world(second_run(text, "0 s"));  // each takes 120 s
  const double late = of_train(both, "checkpoints.store.late");
  CHECK(late > 20);
  CHECK(of_train(both, "checkpoints.written") == Approx(late).margin(1));
}

TEST_CASE("what was not written when a run failed is not begun from") {
  json text = training_world(into_store(60, "500 s", {{"blocking", false}, {"stall", "1 s"}}));
  text["failures"]["one"] = outage(1040, 8, "server", "10 s");  // the second was due at 1,017 s
  const Simulation run = run_world(text);
  CHECK(of_train(run, "time.discarded") / kGang > 500);
  text["failures"]["one"] = outage(1120, 8, "server", "10 s");
  CHECK(of_train(run_world(text), "time.discarded") / kGang < 110);
}

TEST_CASE("steps stand still where their data comes too slowly") {
  const json plain = training_world({{"duration", "1 h"}});
  const double need = of_train(run_world(plain), "tokens_per_s") / 2048 * 4e6;  // bytes a second
  const auto with_data = [&](double share) {
    json text = plain;
    text["stores"]["s"]["rate"] = fmt::format("{:.17g} B/s", need * share);
    text["workloads"]["train"]["dataset"] = {
        {"from", "s"}, {"bytes_per_sample", "4 MB"}, {"ahead", "20 s"}};
    return text;
  };
  const Simulation half = run_world(with_data(0.5));
  CHECK(of_train(half, "dataset.stalled") == Approx(0.5).epsilon(0.02));
  CHECK(seconds_in(half, "data") == Approx(3600 * of_train(half, "dataset.stalled")));
  const Simulation twice = run_world(with_data(2));
  CHECK(of_train(twice, "dataset.stalled") == 0);
  CHECK(of_train(twice, "dataset.bytes_read") ==
        Approx(of_train(twice, "steps") * of_train(twice, "step_time") * need).epsilon(0.01));
  const Simulation shared = run_world(second_run(with_data(1), "0 s"));
  CHECK(of_train(shared, "dataset.stalled") == Approx(0.5).epsilon(0.02));
}

TEST_CASE("copies in memory that are lost while a run waits are lost") {
  const auto text = [](std::uint64_t then_items) {
    json out = training_world(
        {{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
         {"workloads",
          {{"train",
            {{"checkpoints",
              {{"peer", {{"write", "1 s"}, {"every", "20 s"}, {"survives", "server"}}},
               {"store", {{"write", "10 s"}, {"every", "400 s"}}}}}}}}},
         {"failures", {{"one", outage(1500, 1, "server", "10 min")}}},
         {"duration", "3000 s"}});
    if (then_items > 0) out["failures"]["then"] = outage(1700, then_items, "server", "10 s");
    return out;
  };
  CHECK(seconds_in(run_world(text(0)), "discarded") <= 21);
  CHECK(seconds_in(run_world(text(3)), "discarded") > 100);
}

/// A storage system on all servers, over a fabric if there is one.
json with_system(json text, bool fabric) {
  text["drive_types"]["ssd"] = {{"capacity", "1 TB"}, {"bandwidth", "1 GB/s"}, {"afr", 0.01}};
  text["regions"]["lab"]["storage"]["blob"] = {{"code", "rs-4-2"},
                                               {"drive", "ssd"},
                                               {"drives_per_server", 4},
                                               {"groups", 64},
                                               {"placement", {{"policy", "random"}}}};
  json& tier = text["workloads"]["train"]["checkpoints"]["store"];
  tier = {{"into", "lab.blob"}, {"every", "200 s"}, {"stripe", "256 MB"}, {"stripes_at_once", 4}};
  if (!fabric) return text;
  text["regions"]["lab"]["fabric"] = "hall";
  text["fabric_types"]["hall"] = {{"family", "leaf-spine"},
                                  {"leaves", 4},
                                  {"hosts", 2},
                                  {"spines", 1},
                                  {"host_bandwidth", "25 Gbit/s"},
                                  {"leaf_bandwidth", "10 Gbit/s"},
                                  {"latency", "1 us"}};
  return text;
}

TEST_CASE("checkpoints go into a storage system and come back from there") {
  const json base = training_world(
      {{"failures", {{"one", outage(1000, 8, "server", "10 s")}}}, {"duration", "2000 s"}});
  const Simulation plain = run_world(with_system(base, false));
  const double alone = of_train(plain, "checkpoints.store.alone");
  CHECK(of_train(plain, "checkpoints.written") >= 7);
  CHECK(of_train(plain, "checkpoints.store.write") >= alone);
  CHECK(of_train(plain, "checkpoints.store.write") < 10 * alone);
  CHECK(of_train(plain, "checkpoints.store.load") > 0);
  const Simulation far = run_world(with_system(base, true));
  // Three of four bytes leave their rack, of 4 racks at 10 Gbit/s.
  CHECK(of_train(far, "checkpoints.store.write") > 2 * of_train(plain, "checkpoints.store.write"));
}

TEST_CASE("whatever happens to runs that share a store, their time is all there") {
  json text = second_run(
      training_world(into_store(8, "40 s", {{"blocking", false}, {"stall", "300 ms"}})), "33 s");
  for (const char* name : {"train", "other"}) {
    json& run = text["workloads"][name];
    run["steps"] = 5000;
    run["checkpoints"]["store"]["keep"] = 2;
    run["dataset"] = {{"from", "s"}, {"bytes_per_sample", "1 MB"}, {"ahead", "60 s"}};
    run["stragglers"] = {
        {"mtbf", "1 h"}, {"lasts", "2 min"}, {"speed", 0.7}, {"replaced_after", "100 s"}};
    run["corruption"] = {{"mtbf", "4 h"}, {"detect", {{"exponential", {{"mean", "2 min"}}}}}};
  }
  text["workloads"]["other"]["checkpoints"]["store"]["blocking"] = true;
  text["workloads"]["other"]["checkpoints"]["store"].erase("stall");
  text["stores"]["s"]["latency"] = "50 ms";
  text["failures"]["server"] = {{"kind", "random"},
                                {"time_to_failure", {{"exponential", {{"mean", "2 h"}}}}},
                                {"repair", {{"time", "3 min"}}}};
  text["failures"]["work"] = {
      {"kind", "maintenance"}, {"first", "10 min"}, {"every", "30 min"}, {"for", "1 min"}};
  text["duration"] = "20 h";
  double finished = 0, restarts = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Simulation run = run_world(text, seed);
    finished += of_train(run, "finished") + test::value(run, "workloads.other.finished");
    restarts += of_train(run, "restarts");
  }
  CHECK(finished >= 12);
  CHECK(restarts > 40);
}

}  // namespace
}  // namespace hyperdc
