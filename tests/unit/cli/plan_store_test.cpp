// plan and the file that its runs are in: what is done is not done again, and what is refused.
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command_line.hpp"
#include "experiment/plan.hpp"
#include "experiment/plan_runs.hpp"
#include "results/study_store.hpp"
#include "support/temporary_directory.hpp"

using namespace hyperdc;

namespace {

struct StoreAnswer {
  int code = 0;
  std::string out, err;
  bool complains(const std::string& part) const { return err.find(part) != std::string::npos; }
};

StoreAnswer ask_store(const std::vector<std::string>& arguments) {
  const std::map<std::string, std::string> environment = {{"LANG", "C.UTF-8"}};
  std::ostringstream out, err;
  Console console{out, err, {false, environment}, {false, environment}};
  const int code = run_command_line(arguments, console);
  return {code, out.str(), err.str()};
}

/// M/M/c at an offered load of 4, searched; and a sweep of the same name.
struct KeptPlan {
  test::TemporaryDirectory home;
  std::string file = home.path("kept.sqlite");
  std::string study = write_study(16);
  std::string write_study(int most, const std::string& name = "staff") const {
    return home.write("study.json", fmt::format(R"({{"name": "{}", "base": "queue.json",
      "plan": {{"knobs": {{"servers": {{"at": "server_types.s.cores", "range": [3, 18, 1]}}}},
      "replications": {{"first": 4, "most": {}}},
      "objectives": [{{"metric": "workloads.w.wait.mean", "at_most": "300 ms"}}]}}}})",
                                                name, most));
  }
  KeptPlan() {
    home.write("queue.json", R"({"name": "q", "duration": "200 s", "warmup": "20 s",
      "server_types": {"s": {"cores": 6, "memory": "1 GiB", "host_power": null,
                             "power_reason": "-"}},
      "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
      "pools": {"p": {}},
      "workloads": {"w": {"kind": "jobs", "pool": "p", "generate": {"run":
        {"exponential": {"mean": "1 s"}}, "cores": 1},
        "arrivals": {"poisson": {"rate": "4 /s"}}}}})");
  }
  StoreAnswer plan(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"plan", study, "--out", file, "--format", "json"});
    return ask_store(more);
  }
  std::string sweep() const {
    return home.write("sweep.json", R"({"name": "staff", "base": "queue.json", "replications": 2,
      "vary": {"servers": {"at": "server_types.s.cores", "range": [6, 7, 1]}}})");
  }
};

}  // namespace

TEST_CASE("a plan that is gone on with does what is missing, and answers the same") {
  const KeptPlan files;
  const StoreAnswer first = files.plan();
  INFO(first.err);
  REQUIRE(first.code == 0);
  const auto json = nlohmann::json::parse(first.out);
  const auto runs = json["runs"].get<int>();
  CHECK(first.complains(fmt::format("{} runs, {} done now", runs, runs)));
  const StoreAnswer refused = files.plan();
  CHECK(refused.code == 2);
  CHECK(refused.complains("holds a study already; --resume goes on with it"));
  CHECK(refused.out.empty());
  const StoreAnswer again = files.plan({"--resume", "--jobs", "1"});
  CHECK(again.out == first.out);
  CHECK(again.complains(fmt::format("{} runs, {} done before, 0 done now", runs, runs)));

  // Another confidence and more seeds: the runs that both ask for are there.
  files.write_study(32);
  const StoreAnswer longer = files.plan({"--resume", "--confidence", "0.99"});
  CHECK(longer.complains("done before"));
  const std::string apart = files.home.path("apart.sqlite");
  const StoreAnswer fresh =
      ask_store({"plan", files.study, "--out", apart, "--format", "json", "--confidence", "0.99"});
  CHECK(longer.out == fresh.out);
  CHECK(ask_store({"export", files.file}).out == ask_store({"export", apart}).out);
}

TEST_CASE("the file of a plan is not that of a sweep, and the other way round") {
  const KeptPlan files;
  REQUIRE(files.plan().code == 0);
  const std::string before = ask_store({"export", files.file}).out;
  const StoreAnswer sweep = ask_store({"sweep", files.sweep(), "--out", files.file, "--resume"});
  CHECK(sweep.code != 0);
  CHECK(sweep.complains("holds runs of a plan, and this is a sweep: it needs another file"));
  CHECK(ask_store({"export", files.file}).out == before);
  const std::string swept = files.home.path("swept.sqlite");
  REQUIRE(ask_store({"sweep", files.sweep(), "--out", swept}).code == 0);
  const StoreAnswer plan = ask_store({"plan", files.study, "--out", swept, "--resume"});
  CHECK(plan.code == 2);
  CHECK(plan.complains("holds runs of a sweep, and this is a plan"));
  files.write_study(16, "other");
  const StoreAnswer other = files.plan({"--resume"});
  CHECK(other.code == 2);
  CHECK(other.complains("holds the study \"staff\", not \"other\""));
}

TEST_CASE("a file that a plan cannot use is refused as a sweep refuses it") {
  const KeptPlan files;
  const auto refused = [&](const std::string& out, const std::string& part) {
    for (const std::string& study : {files.study, files.sweep()}) {
      const std::string command = study == files.study ? "plan" : "sweep";
      const StoreAnswer answer = ask_store({command, study, "--out", out, "--resume"});
      INFO(answer.err);
      CHECK(answer.code == 2);
      CHECK(answer.complains(part));
      CHECK(answer.out.empty());
    }
  };
  refused(files.home.path("no/such/place"), "there is no such directory");
  refused(files.home.write("text", std::string(10'000, 'x')), "is no study, or is damaged");
  const StudyStore held(files.file, StudyStore::Open::fresh);
  refused(files.file, "another sweep or plan is writing to it");
}

TEST_CASE("what a plan measured is exported, compared and shown as a study") {
  const KeptPlan files;
  const auto json = nlohmann::json::parse(files.plan().out);
  const auto exported = nlohmann::json::parse(ask_store({"export", files.file}).out);
  CHECK(exported["schema"] == "hyperdc.study/1");
  CHECK(exported["runs"].size() == json["runs"].get<std::size_t>());
  CHECK(exported["variations"].size() == json["candidates"].size());
  // Fresh seeds are those from first + most on.
  std::size_t fresh = 0;
  for (const auto& run : exported["runs"]) fresh += run["seed"].get<int>() >= 17 ? 1U : 0U;
  std::size_t confirmed = 0;
  for (const auto& one : json["confirmation"]) confirmed += one["runs"].get<std::size_t>();
  CHECK(confirmed > 0);
  CHECK(fresh == confirmed);
  const StoreAnswer compared = ask_store({"compare", files.file, "--base", "servers=6"});
  INFO(compared.err);
  CHECK(compared.code == 0);
  CHECK(ask_store({"report", files.file, "-o", files.home.path("plan.html")}).code == 0);
}

TEST_CASE("a plan that is stopped, or loses its file, keeps what was done") {
  const KeptPlan files;
  const auto read = load_plan_study(files.study);
  const PlanStudy& study = std::get<PlanStudy>(read);
  const auto prepared = prepare_plan(study, {});
  const PreparedPlan& plan = std::get<PreparedPlan>(prepared);
  StudyPlan head;
  head.name = "staff";
  head.searched = true;
  const auto search = [&](StudyStore& store, std::atomic<bool>& stop, PlanProgress* progress) {
    store.set_plan(head);
    SimulatedCandidates runs(study, plan.problem, {{}, 2, progress, &store}, stop);
    const PlanOutcome out = answer_plan(study, plan, runs);
    CHECK(runs.there() + runs.done() >= store.done().size());
    return std::pair(out.complete, runs.done());
  };
  struct Stopper final : PlanProgress {
    void progress(const std::string&, std::size_t runs) override {
      if (runs >= at) act();
    }
    std::size_t at = 7;
    std::function<void()> act;
  };
  std::size_t kept = 0;
  {
    std::atomic<bool> stop{false};
    Stopper stopper;
    stopper.act = [&] { stop = true; };
    StudyStore store(files.file, StudyStore::Open::fresh);
    CHECK_FALSE(search(store, stop, &stopper).first);
    kept = store.done().size();
    CHECK(kept >= 7);
  }
  {
    std::atomic<bool> stop{false};
    StudyStore store(files.file, StudyStore::Open::resume);
    const auto [complete, done] = search(store, stop, nullptr);
    CHECK(complete);
    CHECK(done == store.done().size() - kept);
  }
  std::atomic<bool> stop{false};
  Stopper remover;
  StudyStore store(files.home.path("gone.sqlite"), StudyStore::Open::fresh);
  remover.act = [&] { std::filesystem::remove(files.home.path("gone.sqlite")); };
  CHECK_THROWS_WITH(search(store, stop, &remover), Catch::Contains("was deleted or replaced"));
}
