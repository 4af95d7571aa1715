// Jobs on managed platforms: timelines and bills by hand, to the second.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// Jobs of one hour on two whole servers of 36 USD/h, a cent a second, one every 74 min.
json world_of(const std::string& platform, int jobs) {
  const json train = {
      {"kind", "jobs"},
      {"generate", {{"count", jobs}, {"run", "1 h"}, {"cores", 8}, {"members", 2}}},
      {"arrivals", {{"every", "74 min"}}},
      {"platform",
       {{"type", platform}, {"image", "10 GB"}, {"data", "200 GB"}, {"upload", "20 GB"}}}};
  json text = test::model_servers(2, {{"t", train}});
  text["server_types"]["s"]["price"] = "36 USD/h";
  text["duration"] = "5 h";
  return text;
}

Simulation platform_run(const json& text) {
  const test::TemporaryDirectory home;
  return simulate(test::load_text(home, text), {});
}

struct Timeline {
  std::string platform;
  double provision, pull, stage, upload, billed, kept;
};

TEST_CASE("one job on each platform, by hand from its defaults") {
  const std::vector<Timeline> all = {
      {"sagemaker", 360, 200, 200, 40, 200 + 200 + 3600 + 40, 0},
      {"vertex-ai", 390, 125, 200, 40, 3990, 0},  // 3965 in whole 30 s
      {"azure-ml", 390, 125, 200, 40, 4355, 120},
      {"bare", 0, 20, 40, 4, 3664, 0},
  };
  const std::string of = "workloads.t.platform.";
  for (const Timeline& by_hand : all) {
    INFO(by_hand.platform);
    const Simulation run = platform_run(world_of(by_hand.platform, 1));
    CHECK(test::value(run, of + "provision.mean") == Approx(by_hand.provision));
    CHECK(test::value(run, of + "pull.mean") == Approx(by_hand.pull));
    CHECK(test::value(run, of + "stage.mean") == Approx(by_hand.stage));
    CHECK(test::value(run, of + "run.mean") == Approx(3600));
    CHECK(test::value(run, of + "upload.mean") == Approx(by_hand.upload));
    CHECK(test::value(run, of + "billed.mean") == Approx(by_hand.billed));
    CHECK(test::value(run, of + "idle") == Approx(2 * by_hand.kept));
    CHECK(test::value(run, of + "cost") == Approx(2 * 0.01 * (by_hand.billed + by_hand.kept)));
    const double held = by_hand.provision + by_hand.pull + by_hand.stage + 3600 + by_hand.upload;
    CHECK(test::value(run, "workloads.t.completion.mean") == Approx(held));
    CHECK(test::value(run, "workloads.t.wait.mean") == 0);
    CHECK(test::value(run, "workloads.t.cost") == Approx(2 * 0.01 * held));
  }
}

TEST_CASE("servers that are kept skip provision and pull, and are billed meanwhile") {
  // 0 to 4400 cold; kept for 40 s; 4440 to 8280 warm; kept for 500 s of 600; 8880 to 13280 cold.
  json text = world_of("sagemaker", 3);
  text["workloads"]["t"]["platform"]["keep_alive"] = "500 s";
  const Simulation run = platform_run(text);
  const std::string of = "workloads.t.platform.";
  CHECK(test::value(run, of + "cold_starts") == 2);
  CHECK(test::value(run, of + "warm_starts") == 1);
  CHECK(test::value(run, of + "provision.mean") == Approx(240));
  CHECK(test::value(run, of + "pull.max") == Approx(200));
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx((4400 + 3840 + 4400) / 3.0));
  CHECK(test::value(run, of + "idle") == Approx(2 * (40 + 500 + 500)));
  CHECK(test::value(run, of + "cost") == Approx(0.02 * (4040 + 3840 + 4040 + 1040)));
}

TEST_CASE("a job of others takes a server that was kept") {
  json text = world_of("sagemaker", 2);
  text["workloads"]["t"]["platform"]["keep_alive"] = "1 h";
  // Between the two, at 4410 s, somebody's job of 10 s on one of the two servers.
  text["workloads"]["other"] = {{"kind", "jobs"},
                                {"generate", {{"count", 2}, {"run", "10 s"}, {"cores", 8}}},
                                {"arrivals", {{"every", "4410 s"}}}};
  text["pools"]["p"]["scheduler"] = {{"policy", "fifo"}};
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.t.platform.warm_starts") == 0);
  CHECK(test::value(run, "workloads.t.platform.cold_starts") == 2);
}

TEST_CASE("an interruption sends a job through its set-up again") {
  // Lost at 400 s, 40 s into the pull; back at 500 s; 4400 s from then on.
  json text = world_of("sagemaker", 1);
  text["failures"]["cut"] = {
      {"kind", "outage"}, {"of", "zone"}, {"zones", {"r.a"}}, {"at", "400 s"}, {"for", "100 s"}};
  const Simulation run = platform_run(text);
  const std::string of = "workloads.t.platform.";
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx(4900));
  CHECK(test::value(run, of + "provision.count") == 2);
  CHECK(test::value(run, of + "pull.mean") == Approx((40 + 200) / 2.0));
  CHECK(test::value(run, of + "run.mean") == Approx(1800));
  CHECK(test::value(run, of + "billed.mean") == Approx((40 + 4040) / 2.0));
  CHECK(test::value(run, of + "cost") == Approx(0.02 * (40 + 4040)));
}

TEST_CASE("a run that ends early bills what runs") {
  json text = world_of("azure-ml", 1);
  text["duration"] = "1000 s";
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.t.platform.cost") == Approx(0.02 * 1000));
}

TEST_CASE("provisioning at random is drawn for each start from a stream of the workload") {
  const test::TemporaryDirectory home;
  home.write("cat/platforms/slow.json", R"({"name": "slow",
    "provision": {"uniform": {"low": "2 min", "high": "10 min"}},
    "pull_rate": "50 MB/s", "stage_rate": "1 GB/s", "upload_rate": "1 GB/s",
    "billing": {"from": "provision", "granularity": "1 min", "least": "2 h"}})");
  LoadOptions options;
  options.catalog_dirs = {home.path("cat")};
  const Scenario scenario = test::load_text(home, world_of("slow", 3), options);
  const auto run_with = [&](std::uint64_t seed) {
    SimulateOptions with;
    with.seed = seed;
    return simulate(scenario, with);
  };
  const Simulation one = run_with(1);
  const std::string of = "workloads.t.platform.";
  CHECK(test::value(one, of + "provision.mean") > 120);
  CHECK(test::value(one, of + "provision.max") < 600);
  CHECK(test::value(one, of + "provision.max") > test::value(one, of + "provision.mean"));
  CHECK(test::value(one, of + "billed.mean") == Approx(7200));  // the least
  CHECK(test::value(run_with(2), of + "provision.mean") != test::value(one, of + "provision.mean"));
}

/// The same on spot servers that are taken 2000 s after each start; 100 s later there are others.
json spot_world(const json& spot, const json& checkpoints) {
  json text = world_of("sagemaker", 1);
  json& platform = text["workloads"]["t"]["platform"];
  platform["spot"] = {{"interruption", "2000 s"}, {"away", "100 s"}, {"discount", 0.68}};
  platform["spot"].update(spot);
  if (!checkpoints.is_null()) platform["checkpoints"] = checkpoints;
  return text;
}

TEST_CASE("a spot job keeps what it uploads within the notice") {
  // 760 s of set-up, 1240 s of work, of which the last 120 are lost; so at 0, 2100 and 4200 s. From
  // 6300 s on 760 + 240 + 40.
  const Simulation run = platform_run(spot_world(json::object(), {{"size", "20 GB"}}));
  const std::string of = "workloads.t.platform.";
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx(7340));
  CHECK(test::value(run, of + "interruptions") == 3);
  CHECK(test::value(run, of + "expired") == 0);
  CHECK(test::value(run, of + "saved") == Approx(3 * 1120));
  CHECK(test::value(run, of + "lost") == Approx(3 * 120));
  CHECK(test::value(run, of + "cost") == Approx(0.02 * 0.32 * (3 * 1640 + 680)));
}

TEST_CASE("a notice too short for a checkpoint leaves those of before") {
  // 40 s of upload do not fit into 30 s; of 1240 s the first two of 500 s are there.
  const Simulation run =
      platform_run(spot_world({{"notice", "30 s"}}, {{"size", "20 GB"}, {"every", "500 s"}}));
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx(6300 + 760 + 600 + 40));
  CHECK(test::value(run, "workloads.t.platform.saved") == Approx(3000));
  CHECK(test::value(run, "workloads.t.platform.lost") == Approx(720));
}

TEST_CASE("the upload of results is no work that a checkpoint holds") {
  // 760 s of set-up, 1000 s of work, 240 of the 400 s of its upload: the last checkpoint is at 900.
  json text = spot_world({{"notice", "30 s"}}, {{"size", "20 GB"}, {"every", "300 s"}});
  text["workloads"]["t"]["generate"]["run"] = "1000 s";
  text["workloads"]["t"]["platform"]["upload"] = "200 GB";
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.t.platform.saved") == Approx(900));
  CHECK(test::value(run, "workloads.t.platform.lost") == Approx(100));
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx(2100 + 760 + 100 + 400));
}

TEST_CASE("a spot job is stopped when its longest wait is over: running, away, or in the queue") {
  // Without checkpoints it begins anew at 0, 2100, 4200, 6300 and 8400 s.
  const Simulation ran = platform_run(spot_world({{"max_wait", "10000 s"}}, nullptr));
  const std::string of = "workloads.t.platform.";
  CHECK(test::value(ran, of + "expired") == 1);
  CHECK(test::value(ran, "workloads.t.failed") == 1);
  CHECK(test::value(ran, of + "interruptions") == 4);
  CHECK(test::value(ran, of + "lost") == Approx(4 * 1240 + 840));
  CHECK(test::value(ran, of + "cost") == Approx(0.02 * 0.32 * (4 * 1640 + 1240)));
  const Simulation away = platform_run(spot_world({{"max_wait", "2050 s"}}, nullptr));
  CHECK(test::value(away, of + "expired") == 1);
  CHECK(test::value(away, of + "provision.count") == 1);
  CHECK(test::value(away, of + "lost") == Approx(1240));
  json text = spot_world({{"max_wait", "2050 s"}}, nullptr);
  text["workloads"]["before"] = {
      {"kind", "jobs"},
      {"generate", {{"count", 1}, {"run", "3 h"}, {"cores", 8}, {"members", 2}}},
      {"arrivals", {{"every", "1 s"}}}};
  const Simulation queued = platform_run(text);
  CHECK(test::value(queued, of + "expired") == 1);
  CHECK(test::value(queued, of + "cost") == 0);
  CHECK(test::value(queued, "workloads.before.finished") == 1);
}

TEST_CASE("a failure has no notice, and leaves the checkpoints of before") {
  json text = world_of("sagemaker", 1);
  text["workloads"]["t"]["platform"]["checkpoints"] = {{"size", "20 GB"}, {"every", "500 s"}};
  text["failures"]["cut"] = {
      {"kind", "outage"}, {"of", "zone"}, {"zones", {"r.a"}}, {"at", "2000 s"}, {"for", "100 s"}};
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.t.completion.mean") == Approx(2100 + 760 + 2600 + 40));
  CHECK(test::value(run, "workloads.t.platform.saved") == Approx(1000));
}

TEST_CASE("interruptions are drawn for each member from a stream of the workload") {
  json text = spot_world({{"interruption", {{"exponential", {{"mean", "4000 s"}}}}}},
                         {{"size", "20 GB"}, {"every", "500 s"}});
  const test::TemporaryDirectory home;
  const Scenario scenario = test::load_text(home, text);
  const auto completion = [&](std::uint64_t seed) {
    SimulateOptions with;
    with.seed = seed;
    return test::value(simulate(scenario, with), "workloads.t.platform.lost");
  };
  CHECK(completion(1) == completion(1));
  CHECK((completion(1) != completion(2) || completion(1) != completion(3)));
  CHECK(depends_on_seed(scenario));
}

}  // namespace
}  // namespace hyperdc
