// Jobs on managed platforms: timelines and bills by hand, to the second.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/load_example.hpp"
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

TEST_CASE("a server that is kept is lost with a failure, and billed until then") {
  json text = world_of("sagemaker", 2);
  text["workloads"]["t"]["platform"]["keep_alive"] = "1 h";
  // The first is done at 4400 s, the second comes at 4440 s.
  text["failures"]["cut"] = {
      {"kind", "outage"}, {"of", "zone"}, {"zones", {"r.a"}}, {"at", "4410 s"}, {"for", "10 s"}};
  text["duration"] = "3 h";
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.t.platform.cold_starts") == 2);
  CHECK(test::value(run, "workloads.t.platform.warm_starts") == 0);
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

/// A step of one or more whole servers on a platform without set-up.
json pipeline_step(const std::string& run, int members, const std::vector<std::string>& after) {
  json out = {{"kind", "jobs"},
              {"generate", {{"run", run}, {"cores", 8}, {"members", members}}},
              {"platform", {{"type", "bare"}}}};
  if (!after.empty()) out["platform"]["after"] = after;
  return out;
}

/// Prepare for 100 s, train for 1000 s on two servers, evaluate for 50 s; one more every 600 s.
json pipeline_world(int servers, int runs) {
  json first = pipeline_step("100 s", 1, {});
  first["generate"]["count"] = runs;
  first["arrivals"] = {{"every", "600 s"}};
  json text = test::model_servers(servers, {{"prepare", first},
                                            {"train", pipeline_step("1000 s", 2, {"prepare"})},
                                            {"evaluate", pipeline_step("50 s", 1, {"train"})}});
  text["duration"] = "5 h";
  return text;
}

double of_step(const Simulation& run, const std::string& name, const std::string& metric) {
  return test::value(run, "workloads." + name + ".platform." + metric);
}

TEST_CASE("steps of a pipeline come one after the other, and wait for servers as any job") {
  // Run 0: 0 to 100, to 1100, to 1150. Run 1 is due at 600 s, when both servers train: 1100 to
  // 1200, to 2200, to 2250.
  const Simulation run = platform_run(pipeline_world(2, 2));
  CHECK(of_step(run, "evaluate", "pipeline.count") == 2);
  CHECK(of_step(run, "evaluate", "pipeline.mean") == Approx((1150 + 1650) / 2.0));
  CHECK(of_step(run, "evaluate", "pipeline.max") == Approx(1650));
  CHECK(of_step(run, "prepare", "critical.mean") == Approx((100 + 600) / 2.0));
  CHECK(of_step(run, "prepare", "critical_wait.max") == Approx(500));
  CHECK(of_step(run, "train", "critical.mean") == Approx(1000));
  CHECK(of_step(run, "train", "critical_wait.max") == 0);
  CHECK(of_step(run, "evaluate", "critical.mean") == Approx(50));
  CHECK(test::value(run, "workloads.train.submitted") == 2);
}

TEST_CASE("the critical path of a pipeline is the branch that ends last") {
  json text = pipeline_world(4, 1);
  text["workloads"]["short"] = pipeline_step("300 s", 1, {"prepare"});
  text["workloads"]["evaluate"]["platform"]["after"] = {"short", "train"};
  const Simulation run = platform_run(text);
  CHECK(of_step(run, "evaluate", "pipeline.mean") == Approx(1150));
  CHECK(of_step(run, "train", "critical.mean") == Approx(1000));
  CHECK(of_step(run, "short", "critical.mean") == 0);
  CHECK(test::value(run, "workloads.short.completion.mean") == Approx(300));
  text["workloads"]["short"]["generate"]["run"] = "2000 s";
  const Simulation other = platform_run(text);
  CHECK(of_step(other, "evaluate", "pipeline.mean") == Approx(2150));
  CHECK(of_step(other, "train", "critical.mean") == 0);
  CHECK(of_step(other, "short", "critical.mean") == Approx(2000));
}

TEST_CASE("each step of a pipeline has the set-up of its platform") {
  // Nothing is pulled, staged or uploaded: three times the provisioning.
  for (const std::string platform : {"sagemaker", "vertex-ai", "azure-ml"}) {
    INFO(platform);
    json text = pipeline_world(4, 1);
    for (json& each : text["workloads"]) each["platform"]["type"] = platform;
    const double provision = platform == "sagemaker" ? 360 : 390;
    CHECK(of_step(platform_run(text), "evaluate", "pipeline.mean") == Approx(1150 + 3 * provision));
  }
}

TEST_CASE("after a step that is given up nothing comes") {
  json text = pipeline_world(2, 1);
  json& train = text["workloads"]["train"];
  train["platform"] = {{"type", "sagemaker"}, {"after", {"prepare"}}};
  train["platform"]["spot"] = {{"interruption", "10 h"}, {"away", "1 s"}, {"max_wait", "500 s"}};
  const Simulation run = platform_run(text);
  CHECK(test::value(run, "workloads.train.failed") == 1);
  CHECK(test::value(run, "workloads.evaluate.submitted") == 0);
  CHECK(of_step(run, "evaluate", "pipeline.count") == 0);
}

TEST_CASE("over a quota jobs wait in order on one platform and are refused on another") {
  // A job of two servers every 1000 s on four servers, of which the quota gives two.
  json text = world_of("vertex-ai", 3);
  text["regions"]["r"]["racks"]["k"]["count"] = 4;
  text["workloads"]["t"]["arrivals"] = {{"every", "1000 s"}};
  text["workloads"]["t"]["platform"]["quota"] = {{"servers", 2}};
  // 0 to 4355, to 8710, to 13065 s.
  const Simulation waits = platform_run(text);
  CHECK(of_step(waits, "t", "quota_wait.count") == 3);
  CHECK(of_step(waits, "t", "quota_wait.mean") == Approx((0 + 3355 + 6710) / 3.0));
  CHECK(test::value(waits, "workloads.t.completion.mean") == Approx(4355));
  CHECK(test::value(waits, "workloads.t.rejected") == 0);
  CHECK(of_step(waits, "t", "quota_waiting") == 0);
  text["duration"] = "3 h";  // the third would come in at 8710 s and end at 13065 s
  text["workloads"]["t"]["generate"]["count"] = 5;
  const Simulation cut = platform_run(text);
  CHECK(of_step(cut, "t", "quota_waiting") == 2);
  CHECK(test::value(cut, "workloads.t.submitted") == 3);
  text["duration"] = "5 h";
  text["workloads"]["t"]["platform"]["type"] = "sagemaker";
  text["workloads"]["t"]["generate"]["count"] = 6;
  // 0 to 4400 s; those of 1000, 2000, 3000 and 4000 s are refused, that of 5000 s is not.
  const Simulation refused = platform_run(text);
  CHECK(test::value(refused, "workloads.t.rejected") == 4);
  CHECK(test::value(refused, "workloads.t.finished") == 2);
  text["workloads"]["t"]["platform"]["quota"]["over"] = "wait";
  CHECK(test::value(platform_run(text), "workloads.t.rejected") == 0);
  text["workloads"]["t"]["platform"]["quota"]["servers"] = 1;  // none fits
  CHECK(test::value(platform_run(text), "workloads.t.rejected") == 6);
}

/// The example on a platform; its page has the timelines.
Simulation example_on(const std::string& example, const std::string& platform,
                      const std::vector<std::string>& workloads) {
  std::vector<Override> overrides;
  for (const std::string& name : workloads) {
    overrides.push_back({"workloads." + name + ".platform.type", platform});
  }
  return simulate(test::load_file("scenarios/examples/" + example, overrides), {});
}

struct PipelineByHand {
  std::string platform;
  double prepare, train, evaluate, waits, mean, longest, cpu_s, gpu_s;
};

TEST_CASE("the same pipeline on each platform, by hand from its defaults") {
  // Training is due an hour after the one before and begins when that is done.
  const std::vector<PipelineByHand> all = {
      {"sagemaker", 360 + 40 + 50 + 1200 + 100, 4400, 360 + 200 + 20 + 600, 1200, 8530, 9730,
       4 * 1390, 4 * (2 * 4040 + 820)},
      {"vertex-ai", 390 + 25 + 50 + 1200 + 100, 4355, 390 + 125 + 20 + 600, 1132.5, 8387.5, 9520,
       4 * 1380, 4 * (2 * 3990 + 750)},
      // Its nodes stay for 2 min, so that the three later ones train for 3840 s in all.
      {"azure-ml", 1765, (4355 + 3 * 3840) / 4.0, 1135, 746.25, 7615, 7975, 4 * (1765 + 120),
       2 * (4355 + 3 * 3840) + 120 + 4 * (1135 + 120)},
      {"bare", 4 + 10 + 1200 + 10, 3664, 20 + 4 + 600, 96, 5608, 5704, 4 * 1224,
       4 * (2 * 3664 + 624)},
  };
  for (const PipelineByHand& by_hand : all) {
    INFO(by_hand.platform);
    const Simulation run =
        example_on("platform-pipeline.json", by_hand.platform, {"prepare", "train", "evaluate"});
    CHECK(test::value(run, "workloads.prepare.completion.mean") == Approx(by_hand.prepare));
    CHECK(test::value(run, "workloads.train.completion.mean") == Approx(by_hand.train));
    CHECK(test::value(run, "workloads.evaluate.completion.mean") == Approx(by_hand.evaluate));
    CHECK(of_step(run, "train", "quota_wait.mean") == Approx(by_hand.waits));
    CHECK(of_step(run, "train", "critical_wait.mean") == Approx(by_hand.waits));
    CHECK(of_step(run, "evaluate", "pipeline.mean") == Approx(by_hand.mean));
    CHECK(of_step(run, "evaluate", "pipeline.max") == Approx(by_hand.longest));
    CHECK(of_step(run, "prepare", "cost") == Approx(by_hand.cpu_s / 3600));
    CHECK(of_step(run, "train", "cost") + of_step(run, "evaluate", "cost") ==
          Approx(by_hand.gpu_s * 55.04 / 3600));
  }
}

struct EndpointByHand {
  std::string example;
  double wanted, most, out, in;
};

TEST_CASE("the same endpoint as each platform scales it, by hand from its defaults") {
  // Of 10 requests/s a replica: 19 /s, and 57 from 30 to 90 min, of 5 h; 6 min to start. As good as
  // regular arrivals, so that every minute has the same number.
  const double azure = 33 * 4 + 5 * (5 + 6 + 7 + 8 + 9) + 36 * 10 + 5 * (9 + 8 + 7) + 191 * 6;
  const std::vector<EndpointByHand> all = {
      {"sagemaker", (33 * 4 + 72 * 12 + 195 * 4) / 300.0, 12, 1, 1},
      {"azure", azure / 300, 10, 6, 4},
  };
  for (const EndpointByHand& by_hand : all) {
    INFO(by_hand.example);
    const Simulation run =
        simulate(test::load_file("scenarios/examples/platform-" + by_hand.example + ".json",
                                 {{"workloads.endpoint.arrivals", R"({"gamma": {"cv": 0.001}})"},
                                  {"workloads.train", "null"}}),
                 {});
    CHECK(test::value(run, "workloads.endpoint.cpu.wanted.mean") == Approx(by_hand.wanted));
    CHECK(test::value(run, "workloads.endpoint.cpu.wanted.max") == by_hand.most);
    CHECK(test::value(run, "workloads.endpoint.cpu.scaled_out") == by_hand.out);
    CHECK(test::value(run, "workloads.endpoint.cpu.scaled_in") == by_hand.in);
  }
}

}  // namespace
}  // namespace hyperdc
