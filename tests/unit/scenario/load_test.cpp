// From files to a Scenario: what is in it, what cannot be, and the resolved form.
#include "scenario/load.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "core/hash.hpp"
#include "files.hpp"

using namespace hyperdc;
using test::Files;
using test::has;
using test::small_scenario;

namespace {

constexpr const char* kNodes = R"(sn,cpu_milli,memory_mib,gpu,model
n0,64000,262144,2,P100
n1,64000,262144,2,P100
n2,32000,131072,0,
n3,96000,524288,8,G2
n4,96000,524288,8,WHO
)";
constexpr const char* kPods = R"(name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec
pod-0,12000,16384,1,1000,
pod-1,6000,12288,1,460,P100|G2
)";

constexpr const char* kFull = R"({"name": "full", "description": "all of it",
    "seed": 42, "duration": "2 d 3 h", "warmup": "90 min", "series_step": "15 min",
    "accelerator_types": {"x1": {"model": "X", "power": {"idle": "50 W", "full": "400 W"},
      "memory": "80 GB", "scale_up": {"domain": 8}}},
    "server_types": {
      "box": {"cores": 7.5, "memory": "1 GiB", "power_reason": "prototype"},
      "gpu": {"cores": 96, "memory": "2 TiB", "accelerator": "x1", "accelerators": 8,
        "host_power": {"idle": "0.5 kW", "full": "1.2 kW"}, "servers_per_domain": 18,
        "drives": {"count": 4, "power_each": "8 W"}, "nics": {"count": 2, "power_each": "25 W"}}},
    "regions": {
      "east": {"facility": {"pue": 1.2, "power": "3 MW"}, "racks": {
        "web": {"server": "box", "servers_per_rack": 20, "count": 3},
        "ai": {"server": "gpu", "servers_per_rack": 4, "count": 2}}},
      "west": {"racks": {"ai": {"server": "gpu", "count": 1}}}},
    "pools": {
      "cpu": {"racks": ["east.web"], "preemption": {"mode": "restart", "overhead": "30 s"}},
      "east-ai": {"accelerator": "x1", "in": ["east"], "demand_points": [0.5, 1]},
      "west-ai": {"in": ["west"], "queue_limit": 0, "ties": "shuffled"}},
    "workloads": {"batch": {"kind": "jobs", "pool": "east-ai", "departures": false,
      "utilization": {"accelerators": 0.5},
      "generate": {"count": 5, "run": {"pareto": {"minimum": "1 min", "shape": 1.5,
        "maximum": "1 d"}}, "cores": 1.5, "memory": "4 GiB", "accelerators": 0.25,
        "models": ["X"], "tenants": 3, "estimate_factor": 2},
      "arrivals": {"gamma": {"rate": "6 /min", "cv": 2}}}},
    "objectives": [{"metric": "workloads.batch.wait.p95", "at_most": "5 min"}]})";

std::string openb(const std::string& workload = "", const std::string& rack = "",
                  const std::string& pool = "") {
  return R"({"name": "openb", "regions": {"r": {"racks": {"all": {"nodes": {"format": "openb",
    "file": "data/nodes.csv"})" +
         rack + R"(}}}}, "pools": {"p": {"placement": {"policy": "fgd"}, "ties": "shuffled",
    "queue_limit": 0)" +
         pool + R"(}}, "workloads": {"pods": {"kind": "jobs", "trace": {"format": "openb",
    "file": "data/pods.csv"})" +
         workload + "}}}";
}

struct OpenbFiles : Files {
  OpenbFiles() {
    write("data/nodes.csv", kNodes);
    write("data/pods.csv", kPods);
  }
};

}  // namespace

TEST_CASE("a scenario holds what its file says") {
  const Files files;
  const std::string file = files.write("s.json", kFull);
  const Loaded loaded = test::load(file);
  CHECK(test::print(loaded.warnings).empty());
  const Scenario& s = loaded.scenario;
  CHECK(s.duration == whole_seconds(183600));
  CHECK(s.warmup == whole_seconds(5400));
  CHECK(s.step == whole_seconds(900));
  REQUIRE(s.accelerators.size() == 1);
  CHECK(s.accelerators[0].model == "X");
  CHECK(s.accelerators[0].power->full_w == 400);
  CHECK(s.accelerators[0].scale_up_domain == 8);
  REQUIRE(s.server_types.size() == 2);
  CHECK(s.server_types[0].shape.cores_milli == 7500);
  CHECK(s.server_types[0].power_reason == "prototype");
  CHECK_FALSE(s.server_types[0].host_power);
  const ServerType& gpu = s.server_types[1];
  CHECK(gpu.shape.memory_bytes == std::int64_t{2} << 40);
  CHECK(gpu.shape.accelerators == 8);
  CHECK(gpu.shape.model == s.models.find("X"));
  CHECK(gpu.host_power->idle_w == 500);
  CHECK(gpu.drive_w == 32);
  CHECK(gpu.nic_w == 50);
  CHECK(gpu.servers_per_domain == 18);
  REQUIRE(s.racks.size() == 3);
  CHECK(s.racks[0].name == "east.web");
  CHECK(s.racks[0].racks == 3);
  CHECK(s.racks[0].servers[0].count == 60);
  CHECK(s.regions[0].power_limit_w == 3e6);
  REQUIRE(s.pools.size() == 3);
  CHECK(s.pools[0].preemption == PreemptionMode::restart);
  CHECK(s.pools[0].preemption_overhead == whole_seconds(30));
  CHECK(s.pools[1].racks == std::vector<std::uint32_t>{1});
  CHECK(s.pools[1].demand_points == std::vector<double>{0.5, 1});
  CHECK(s.pools[2].racks == std::vector<std::uint32_t>{2});
  CHECK(s.pools[2].queue_limit == 0);
  CHECK(s.pools[2].shuffle_ties);
  const JobsWorkload& batch = s.workloads[0];
  CHECK(batch.pool == 1);
  CHECK(batch.accelerator_utilization == 0.5);
  CHECK(batch.jobs.pool_accelerator_milli == 64'000);
  CHECK_FALSE(batch.jobs.departures);
  CHECK(batch.jobs.arrivals->kind == ArrivalSpec::Kind::gamma);
  CHECK(batch.jobs.arrivals->mean_interval_s == Approx(10));
  CHECK(batch.jobs.generate->models == *s.models.find("X"));
  CHECK(std::get<Pareto>(batch.jobs.generate->run_s).maximum == 86400);
  CHECK(std::get<Constant>(batch.jobs.generate->accelerators).value == 0.25);
  CHECK(s.objectives[0].at_most == 300);
  CHECK(s.objectives[0].place.line > 0);
}

TEST_CASE("the resolved scenario is a fixpoint and its own identity") {
  const OpenbFiles files;
  const Loaded first = test::load(files.write("s.json", openb(R"(, "shuffle": true)")));
  const std::string& resolved = first.scenario.resolved_json;
  const Loaded second = test::load(files.write("resolved.json", resolved));
  CHECK(second.scenario.resolved_json == resolved);
  CHECK(second.scenario.sha256 == first.scenario.sha256);
  CHECK(first.scenario.sha256 == sha256_hex(resolved));
  CHECK(second.scenario.server_types.size() == first.scenario.server_types.size());
  CHECK(second.scenario.assumptions.size() == first.scenario.assumptions.size());
  // Formatting, and writing a default out, change nothing; a value does.
  const Loaded same = test::load(files.write("t.json", "\n\n" + openb(R"(, "departures": true,
    "shuffle": true)")));
  CHECK(same.scenario.sha256 == first.scenario.sha256);
  const Loaded other = test::load(files.write("u.json", openb(R"(, "shuffle": false)")));
  CHECK(other.scenario.sha256 != first.scenario.sha256);
}

TEST_CASE("every file read is listed with its sha256, and a changed one is found") {
  const OpenbFiles files;
  const std::string text = openb();
  const Scenario s = test::load(files.write("s.json", text)).scenario;
  const auto hash = [&](std::string_view path) -> std::string {
    for (const FileRead& file : s.files) {
      if (file.path == path) return file.sha256;
    }
    return "";
  };
  CHECK(hash("s.json") == sha256_hex(text));
  CHECK(hash("data/nodes.csv") == sha256_hex(kNodes));
  CHECK(hash("data/pods.csv") == sha256_hex(kPods));
  CHECK(hash("catalog/accelerators/p100.json").size() == 64);

  const std::string resolved = files.write("resolved.json", s.resolved_json);
  files.write("data/pods.csv", std::string(kPods) + "pod-2,1000,1024,0,0,\n");
  CHECK(has(test::issues_of(resolved), "E041", "workloads.pods.trace.file", "data/pods.csv"));
}

TEST_CASE("node lists: models come from the catalog, unknown ones have no power") {
  const OpenbFiles files;
  const Scenario s = test::load(files.write("s.json", openb("", R"(, "servers_per_rack": 2,
    "host_power": {"idle_per_core": "1 W", "full_per_core": "4 W"})")))
                         .scenario;
  REQUIRE(s.racks.size() == 1);
  CHECK(s.racks[0].racks == 3);
  REQUIRE(s.racks[0].servers.size() == 4);
  CHECK(s.racks[0].servers[0].count == 2);
  REQUIRE(s.accelerators.size() == 3);
  CHECK(s.accelerators[0].model == "P100");
  CHECK(s.accelerators[0].power.has_value());
  CHECK(s.accelerators[1].model == "G2");
  CHECK_FALSE(s.accelerators[1].power);
  CHECK(s.accelerators[1].power_reason.find("not published") != std::string::npos);
  CHECK(s.accelerators[2].model == "WHO");
  CHECK(s.accelerators[2].power_reason == "no entry of the catalog has the model \"WHO\"");
  CHECK(s.server_types[0].host_power->full_w == 256);
  CHECK(s.workloads[0].jobs.pool_accelerator_milli == 20'000);
  CHECK(s.workloads[0].facts->rows == 2);

  const Scenario bare = test::load(files.write("t.json", openb())).scenario;
  CHECK_FALSE(bare.server_types[0].host_power);
  CHECK(bare.server_types[0].power_reason == "the node list does not tell the power of its hosts");
}

TEST_CASE("names of racks, regions, pools, servers and accelerators") {
  const auto pool = [](const std::string& text) {
    return test::issues_of_text(small_scenario("", text));
  };
  CHECK(has(test::issues_of_text(small_scenario("", R"(}, "q": {"in": ["here"])")), "E031",
            "pools.q", R"(rack group "here.a" is in pool "p" too)"));
  CHECK(has(pool(R"(, "in": ["her"])"), "E030", "pools.p.in.0", "did you mean \"here\"?"));
  CHECK(
      has(pool(R"(, "accelerator": "h100-sxm")"), "E030", "pools.p.accelerator", "there are none"));
  const auto server = [](const std::string& name, const std::string& types = "") {
    return test::issues_of_text(R"({"name": "s", "server_types": {)" + types + R"(},
      "regions": {"r": {"racks": {"a": {"server": ")" +
                                name + R"(", "count": 1}}}},
      "pools": {"p": {}}})");
  };
  CHECK(has(server("hgx-h10"), "E030", "regions.r.racks.a.server", "did you mean \"hgx-h100\"?"));
  CHECK(has(server("../../etc/passwd"), "E030", "regions.r.racks.a.server"));
  CHECK(has(server("b", R"("b": {"cores": 1, "memory": "1 GiB", "accelerator": "h10-sxm",
      "accelerators": 1, "power_reason": "?"})"),
            "E030", "server_types.b.accelerator", "did you mean \"h100-sxm\"?"));
  CHECK(has(server("b", R"("b": {"cores": 1, "memory": "1 GiB"})"), "E036", "server_types.b",
            "power_reason"));
  CHECK(has(server("b", R"("b": {"cores": 1, "memory": "1 GiB", "accelerators": 2,
      "power_reason": "?"})"),
            "E034", "server_types.b"));
  const std::string w = R"(, "generate": {"run": "1 s"}, "arrivals": {"every": "1 s"}}, "v": {
    "kind": "jobs", "pool": "q", "generate": {"run": "1 s"}, "arrivals": {"every": "1 s"})";
  CHECK(has(test::issues_of_text(small_scenario("", "", w)), "E030", "workloads.v.pool",
            "known are \"p\""));
}

TEST_CASE("pools without racks and racks without pools") {
  const std::string two = R"({"name": "s", "regions": {
      "r": {"racks": {"a": {"server": "general-96c", "count": 1}}},
      "q": {"racks": {"b": {"server": "hgx-h100", "count": 1}}}}, "pools": )";
  CHECK(has(test::issues_of_text(two + R"({"p": {"in": ["r"], "accelerator": "h100-sxm"}}})"),
            "E032", "pools.p", "no rack belongs"));
  const Issues idle = test::issues_of_text(two + R"({"p": {"in": ["r"]}}})");
  REQUIRE(idle.size() == 1);
  CHECK(has(idle, "E051", "regions.q.racks.b"));
  CHECK(idle[0].warning);
  CHECK(has(test::issues_of_text(two + R"({"p": {"in": ["r"]}, "q": {"in": ["q"]}},
      "workloads": {"w": {"kind": "jobs", "generate": {"count": 1, "run": "1 s"},
      "arrivals": {"every": "1 s"}}}})"),
            "E011", "workloads.w.pool", "there are 2 pools"));
}

TEST_CASE("there may be so many rack groups and pools") {
  std::string racks;
  std::string pools;
  for (int i = 0; i < 9'000; ++i) {
    racks += fmt::format(R"({}"k{}": {{"server": "general-96c", "count": 1}})", i ? "," : "", i);
    if (i < 1'001) pools += fmt::format(R"({}"k{}": {{"racks": ["r.k{}"]}})", i ? "," : "", i, i);
  }
  const auto scenario = [](const std::string& regions, const std::string& pools_text) {
    return test::issues_of_text(
        fmt::format(R"({{"name": "s", "regions": {{{}}}, "pools": {{{}}}}})", regions, pools_text));
  };
  const std::string region = R"(": {"racks": {)" + racks + "}}";
  CHECK(scenario("\"r" + region, R"("p": {})").empty());
  CHECK(has(scenario("\"r" + region, pools), "E022", "pools", "more than 1000 entries"));
  CHECK(has(scenario("\"r" + region + ", \"s" + region + ", \"t" + region, R"("p": {})"), "E035",
            "regions.t.racks.k2000", "more than 20000 rack groups"));
}

TEST_CASE("sizes and times that cannot be") {
  const auto text = [](const std::string& from, const std::string& to) {
    std::string scenario = small_scenario();
    scenario.replace(scenario.find(from), from.size(), to);
    return test::issues_of_text(scenario);
  };
  CHECK(has(text("\"count\": 2", "\"count\": 1e10"), "E021", "regions.here.racks.a.count"));
  CHECK(has(text("\"count\": 2", "\"count\": 20000000"), "E035", "regions.here.racks.a.count",
            "100000000 servers in one rack group"));
  CHECK(has(text("\"1 h\"", "\"1 ns\", \"warmup\": \"1 s\""), "E034", "warmup"));
  CHECK(has(text("\"1 h\"", "\"1 y\", \"series_step\": \"1 s\""), "E035", "series_step"));
  CHECK(has(text("\"count\": 10,", "\"count\": 10, \"tenants\": 65537,"), "E021",
            "workloads.w.generate.tenants"));
  CHECK(text("\"count\": 10,", "\"count\": 10, \"tenants\": 65536,").empty());
  std::string endless = small_scenario();
  endless.replace(endless.find("\"duration\": \"1 h\","), 18, "");
  endless.replace(endless.find("\"count\": 10,"), 12, "");
  CHECK(has(test::issues_of_text(endless), "E033", "workloads.w.generate", "these jobs never end"));
}

TEST_CASE("turns that bring no work further are refused") {
  const auto pool = [](const std::string& scheduler, const std::string& preemption, bool ends) {
    std::string scenario = small_scenario("", R"(, "scheduler": {"policy": )" + scheduler +
                                                  R"(}, "preemption": {)" + preemption + "}");
    if (!ends) scenario.replace(scenario.find("\"duration\": \"1 h\","), 18, "");
    return test::issues_of_text(scenario);
  };
  const std::string gang = R"("gang", "quantum": "30 s")";
  const std::string las = R"("las", "thresholds": ["1 min", "1 h"], "starvation": 2)";
  const std::string restart = R"("mode": "restart")";
  CHECK(has(pool(gang, R"("overhead": "30 s")", true), "E034", "pools.p.preemption.overhead",
            "turns of 30 s; an overhead of 30 s"));
  CHECK(pool(gang, R"("overhead": "29 s")", true).empty());
  CHECK(pool(gang + R"(, "rows": 1)", R"("overhead": "30 s")", true).empty());
  CHECK(has(pool(las, R"("overhead": "60 s")", true), "E034", "pools.p.preemption.overhead"));
  CHECK(pool(R"("las")", R"("overhead": "2 h")", true).empty());  // nobody moves up
  CHECK(has(pool(gang, restart, false), "E034", "pools.p.preemption.mode", "set \"duration\""));
  CHECK(has(pool(las, restart, false), "E034", "pools.p.preemption.mode"));
  CHECK(pool(gang, restart, true).empty());
  CHECK(pool(R"("las")", restart, false).empty());
  CHECK(pool(R"("priority")", restart, false).empty());
}

TEST_CASE("thresholds of las rise, from more than zero") {
  const auto thresholds = [](const std::string& list) {
    return test::issues_of_text(
        small_scenario("", R"(, "scheduler": {"policy": "las", "thresholds": )" + list + "}"));
  };
  const std::string at = "pools.p.scheduler.thresholds.";
  CHECK(thresholds("[]").empty());
  CHECK(thresholds(R"(["1 ns", "2 ns", "1 h"])").empty());
  CHECK(has(thresholds(R"(["0 s"])"), "E021", at + "0", "outside 1 ns"));
  CHECK(has(thresholds(R"(["10 s", "5 s"])"), "E034", at + "1", "each entry must be above"));
  CHECK(has(thresholds(R"(["1 s", "10 s", "10 s"])"), "E034", at + "2", "is not above \"10 s\""));
}

TEST_CASE("traces are checked whole before anything runs") {
  const OpenbFiles files;
  files.write("data/pods.csv", std::string(kPods) + "pod-2,x,1024,0,0,\npod-3,1,-4,0,0,\n");
  const Issues issues = test::issues_of(files.write("s.json", openb()));
  INFO(test::print(issues));
  REQUIRE(issues.size() == 2);
  CHECK(issues[0].path == "workloads.pods.trace");
  CHECK(issues[0].place.file == files.path("data/pods.csv"));
  CHECK(issues[0].place.line == 4);
  CHECK(issues[1].place.line == 5);
  LoadOptions shape;
  shape.check_traces = false;
  CHECK(test::issues_of(files.path("s.json"), shape).empty());
}

TEST_CASE("how many problems more a trace has is said after those that are listed") {
  const OpenbFiles files;
  std::string pods = kPods;
  for (int i = 0; i < 30; ++i) pods += "pod,x,1024,0,0,\n";
  files.write("data/pods.csv", pods);
  const Issues issues = test::issues_of(files.write("s.json", openb()));
  REQUIRE(issues.size() == 21);
  CHECK(issues.front().place.line == 4);
  CHECK(issues.back().message == "10 more problems in this file");
}

TEST_CASE("what cannot fit is said before the run") {
  const OpenbFiles files;
  files.write("data/pods.csv",
              "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n"
              "a,1000,1024,1,1000,NONE\nb,999000,1024,0,0,\n");
  const Issues issues = test::issues_of(files.write("s.json", openb()));
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].warning);
  CHECK(has(issues, "E050", "workloads.pods.trace", "P100"));
  CHECK(has(test::issues_of_text(small_scenario("", "", R"(, "inflate_to": 1.3, "trace": {
      "format": "openb", "file": "x.csv"})")),
            "E034", "workloads.w.inflate_to", "pool \"p\" has no accelerators"));
  const Issues model = test::issues_of_text(small_scenario("", "", R"(, "generate": {"count": 1,
      "run": "1 s", "models": ["H100"]}, "arrivals": {"every": "1 s"})"));
  REQUIRE(model.size() == 1);
  CHECK(has(model, "E052", "workloads.w.generate.models.0"));
  CHECK(model[0].warning);
}

TEST_CASE("facts from memory and chosen conversions are assumptions") {
  const Files files;
  files.write("philly.csv",
              "timestamp,duration,num_gpus,gpu_time,cluster\n"
              "2017-10-01 00:00:00,100,1,100,a\n");
  const Scenario s = test::load(files.write("s.json", R"({"name": "s",
    "accelerator_types": {"a": {"power": {"idle": "1 W", "full": "2 W"}, "sources": {
      "power.idle": {"source": "memory", "note": "a guess"}, "year": {"source": "memory"},
      "power.full": {"source": "a sheet", "assumed": true, "note": "as for b"}}}},
    "server_types": {"b": {"cores": 8, "memory": "1 GiB", "accelerator": "a", "accelerators": 8,
      "power_reason": "none"}},
    "regions": {"r": {"racks": {"a": {"server": "b", "count": 1}}}}, "pools": {"p": {}},
    "workloads": {"w": {"kind": "jobs", "trace": {"format": "philly", "file": "philly.csv"}}}})"))
                         .scenario;
  REQUIRE(s.assumptions.size() == 4);
  CHECK(s.assumptions[0].path == "accelerators.a.power.idle");
  CHECK(s.assumptions[0].text == "not from a document: a guess");
  CHECK(s.assumptions[1].path == "accelerators.a.power.full");
  CHECK(s.assumptions[1].text == "assumed in part: as for b");
  CHECK(s.assumptions[2].path == "workloads.w.trace.accelerators_per_server");
  CHECK(s.assumptions[3].path == "workloads.w.trace.cores_per_accelerator");
}
