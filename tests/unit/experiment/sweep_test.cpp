// Sweeps: what is done is never done again, what is exported does not depend on how it was done.
#include "experiment/sweep.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "results/statistics.hpp"
#include "results/store.hpp"
#include "results/study_export.hpp"
#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

/// A directory with a scenario of a queue and a study over it.
class StudyFiles : public test::TemporaryDirectory {
 public:
  StudyFiles() {
    write("base.json", R"({"name": "q", "duration": "300 s",
      "server_types": {"s": {"cores": 2, "memory": "1 GiB", "host_power": null,
                             "power_reason": "-"}},
      "regions": {"r": {"racks": {"k": {"server": "s", "servers_per_rack": 1, "count": 1}}}},
      "pools": {"p": {}},
      "workloads": {"w": {"kind": "jobs", "pool": "p", "generate": {"run":
        {"exponential": {"mean": "1 s"}}, "cores": 1},
        "arrivals": {"poisson": {"rate": "1 /s"}}}}})");
    write("study.json", study(4));
  }

  static std::string study(int replications) {
    return R"({"name": "rates", "base": "base.json", "seed": 11, "replications": )" +
           std::to_string(replications) + R"(, "vary": {"rate": {"at":
             "workloads.w.arrivals.poisson.rate", "values": ["1 /s", "1.5 /s", "1.9 /s"]}}})";
  }
};

struct ReadStudy {
  Study study;
  StudyPlan plan;
};

ReadStudy read(const StudyFiles& files) {
  Result<Study> study = load_study(files.path("study.json"));
  REQUIRE(ok(study));
  Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
  REQUIRE(ok(planned));
  return {std::get<Study>(std::move(study)), std::get<PlannedStudy>(std::move(planned)).plan};
}

SweepOutcome sweep_into(StudyStore& store, const StudyFiles& files, unsigned threads,
                        const SweepOptions& options = {}) {
  const ReadStudy of = read(files);
  std::atomic<bool> stop{false};
  LocalEngine engine(threads);
  return sweep(of.study, of.plan, {}, store, engine, options, stop);
}

std::string exported(const StudyFiles& files, const std::string& name) {
  std::ostringstream out;
  write_canonical(StudyStore(files.path(name), StudyStore::Open::read), out);
  return out.str();
}

TEST_CASE("a sweep exports the same bytes for any number of workers") {
  const StudyFiles files;
  for (const unsigned threads : {1U, 2U, 7U}) {
    StudyStore store(files.path(std::to_string(threads)), StudyStore::Open::fresh);
    const SweepOutcome outcome = sweep_into(store, files, threads);
    CHECK(outcome.runs == 12);
    CHECK(outcome.done == 12);
    CHECK(outcome.there == 0);
    CHECK(outcome.failures.empty());
    CHECK_FALSE(outcome.interrupted);
  }
  const std::string one = exported(files, "1");
  CHECK(one.find("\"seed\":14") != std::string::npos);
  CHECK(exported(files, "2") == one);
  CHECK(exported(files, "7") == one);
}

TEST_CASE("a run that was done is not done again, and more seeds are added to it") {
  const StudyFiles files;
  {
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    CHECK(sweep_into(store, files, 2).done == 12);
  }
  files.write("study.json", StudyFiles::study(6));
  {
    StudyStore store(files.path("a"), StudyStore::Open::resume);
    const SweepOutcome outcome = sweep_into(store, files, 2);
    CHECK(outcome.there == 12);
    CHECK(outcome.done == 6);
  }
  StudyStore store(files.path("b"), StudyStore::Open::fresh);
  CHECK(sweep_into(store, files, 1).done == 18);
  CHECK(exported(files, "a") == exported(files, "b"));
  CHECK_THROWS_AS(StudyStore(files.path("a"), StudyStore::Open::fresh), StoreProblem);
}

TEST_CASE("a sweep that is stopped keeps what was done and goes on") {
  const StudyFiles files;
  {
    const ReadStudy of = read(files);
    struct Stopper final : SweepProgress {
      explicit Stopper(std::atomic<bool>& flag) : stop(flag) {}
      void progress(std::size_t ended, std::size_t, std::size_t) override {
        if (ended >= 3) stop = true;
      }
      std::atomic<bool>& stop;
    };
    std::atomic<bool> stop{false};
    Stopper stopper(stop);
    SweepOptions options;
    options.progress = &stopper;
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    LocalEngine engine(1);
    const SweepOutcome outcome = sweep(of.study, of.plan, {}, store, engine, options, stop);
    CHECK(outcome.done >= 3);
    CHECK(outcome.interrupted == (outcome.done < 12));
  }
  {
    StudyStore store(files.path("a"), StudyStore::Open::resume);
    CHECK(sweep_into(store, files, 2).failures.empty());
  }
  StudyStore store(files.path("b"), StudyStore::Open::fresh);
  sweep_into(store, files, 2);
  CHECK(exported(files, "a") == exported(files, "b"));
}

TEST_CASE("a scenario that changes while the sweep runs fails its runs until it is as it was") {
  const StudyFiles files;
  const ReadStudy of = read(files);
  const std::string before = files.read("base.json");
  std::string after = before;
  after.replace(after.find("300 s"), 5, "200 s");
  files.write("base.json", after);
  StudyStore store(files.path("a"), StudyStore::Open::fresh);
  std::atomic<bool> stop{false};
  LocalEngine engine(1);
  const SweepOutcome outcome = sweep(of.study, of.plan, {}, store, engine, {}, stop);
  CHECK(outcome.done == 0);
  REQUIRE(outcome.failures.size() == 12);
  CHECK(outcome.failures[0].variation == "1 /s");
  CHECK(outcome.failures[0].seed == 11);
  CHECK(outcome.failures[0].message.find("has changed") != std::string::npos);
  files.write("base.json", before);
  CHECK(sweep_into(store, files, 1).done == 12);  // that was no property of the runs
}

TEST_CASE("a store says what is wrong with its file") {
  const StudyFiles files;
  files.write("text", std::string(10'000, 'x'));
  CHECK_THROWS_AS(StudyStore(files.path("text"), StudyStore::Open::resume), StoreProblem);
  CHECK_THROWS_AS(StudyStore(files.path("text"), StudyStore::Open::read), StoreProblem);
  CHECK_THROWS_AS(StudyStore(files.path("none"), StudyStore::Open::read), StoreProblem);
  CHECK_THROWS_AS(StudyStore(files.path("no/such/dir"), StudyStore::Open::fresh), StoreProblem);
  StudyStore first(files.path("a"), StudyStore::Open::fresh);
  CHECK_THROWS_WITH(StudyStore(files.path("a"), StudyStore::Open::resume),
                    Catch::Contains("another sweep"));
  sweep_into(first, files, 1);
  StudyStore(files.path("a"), StudyStore::Open::read).plan();  // while it is written
}

TEST_CASE("a damaged store is refused and not written to") {
  const StudyFiles files;
  {
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    sweep_into(store, files, 1);
  }
  {
    std::fstream file(files.path("a"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 50);  // the second page and what follows
    file << std::string(12'000, '\xff');
  }
  CHECK_THROWS_AS(StudyStore(files.path("a"), StudyStore::Open::resume), StoreProblem);
}

TEST_CASE("a sweep leaves one file, which can be read where nothing can be written") {
  const StudyFiles files;
  files.write("a.lock", "of somebody else");
  {
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    sweep_into(store, files, 2);
  }
  CHECK(files.read("a.lock") == "of somebody else");
  CHECK_FALSE(files.exists("a-wal"));
  std::ostringstream out;
  write_canonical(StudyStore(files.path("a"), StudyStore::Open::read), out);
  CHECK(out.str().size() > 1000);
}

TEST_CASE("a file without a plan is no study yet") {
  const StudyFiles files;
  { const StudyStore store(files.path("a"), StudyStore::Open::fresh); }
  // Its tables are there, its plan is not: a sweep may begin in it.
  StudyStore store(files.path("a"), StudyStore::Open::fresh);
  CHECK_THROWS_WITH(StudyStore(files.path("a"), StudyStore::Open::read),
                    Catch::Contains("holds no study"));
  CHECK(sweep_into(store, files, 1).done == 12);
}

TEST_CASE("two names of one file are one study") {
  const StudyFiles files;
  const StudyStore store(files.path("a"), StudyStore::Open::fresh);
  std::filesystem::create_symlink(files.path("a"), files.path("b"));
  CHECK_THROWS_WITH(StudyStore(files.path("b"), StudyStore::Open::resume),
                    Catch::Contains("another sweep"));
}

TEST_CASE("a study that is deleted under a sweep, or is another, is said") {
  const StudyFiles files;
  {
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    sweep_into(store, files, 1);
    std::filesystem::remove(files.path("a"));
    CHECK_THROWS_AS(store.add({}), WriteFailed);
  }
  {
    StudyStore store(files.path("b"), StudyStore::Open::fresh);
    sweep_into(store, files, 1);
  }
  std::string other = StudyFiles::study(4);
  other.replace(other.find("rates"), 5, "other");
  files.write("study.json", other);
  StudyStore store(files.path("b"), StudyStore::Open::resume);
  CHECK_THROWS_WITH(sweep_into(store, files, 1), Catch::Contains("holds the study \"rates\""));
}

TEST_CASE("variations that are the same scenario are run once and each counted") {
  const StudyFiles files;
  files.write("study.json", R"({"name": "rates", "base": "base.json", "replications": 3,
    "variations": {"as-it-is": {"workloads.w.arrivals.poisson.rate": "1 /s"}}})");
  const Result<Study> study = load_study(files.path("study.json"));
  const Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
  REQUIRE(ok(planned));
  REQUIRE(std::get<PlannedStudy>(planned).warnings.size() == 1);
  CHECK(std::get<PlannedStudy>(planned).warnings[0].message.find("\"base\" and \"as-it-is\"") !=
        std::string::npos);
  StudyStore store(files.path("a"), StudyStore::Open::fresh);
  const SweepOutcome outcome = sweep_into(store, files, 2);
  CHECK(outcome.runs == 6);
  CHECK(outcome.done == 6);
  CHECK(sweep_into(store, files, 2).there == 6);
}

TEST_CASE("values of a knob that are wrong alike are told by the first few, and counted") {
  const StudyFiles files;
  files.write("study.json", R"({"name": "racks", "base": "base.json", "vary": {"racks": {
    "at": "regions.r.racks.k.count", "range": [1.5, 10.5, 1]}}})");
  const Result<Study> study = load_study(files.path("study.json"));
  const Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
  REQUIRE_FALSE(ok(planned));
  const Issues& issues = std::get<Issues>(planned);
  REQUIRE(issues.size() == 3);
  for (const Issue& issue : issues) CHECK(issue.place.file == files.path("study.json"));
  CHECK(issues[0].note == "in variation \"1.5\"");
  CHECK(issues[2].note == "in variation \"3.5\"; and 7 more like it in other variations");
}

TEST_CASE("a study is planned alike by any number of threads") {
  const StudyFiles files;
  files.write("study.json", R"({"name": "racks", "base": "base.json", "replications": 2,
    "vary": {"racks": {"at": "regions.r.racks.k.count", "range": [1, 40, 1]},
             "again": {"at": "description", "values": ["a", "b"]}}})");
  const Result<Study> study = load_study(files.path("study.json"));
  REQUIRE(ok(study));
  std::size_t told = 0;
  const auto plan = [&](unsigned threads) {
    told = 0;
    auto planned = plan_study(std::get<Study>(study), {}, threads, [&](std::size_t) { ++told; });
    REQUIRE(ok(planned));
    return std::get<PlannedStudy>(std::move(planned));
  };
  const PlannedStudy one = plan(1);
  const PlannedStudy three = plan(3);
  CHECK(told == 80);
  REQUIRE(one.plan.runs.size() == 160);
  REQUIRE(three.plan.runs.size() == 160);
  for (std::size_t i = 0; i < 160; ++i) {
    CHECK(one.plan.runs[i].key == three.plan.runs[i].key);
    CHECK(one.plan.runs[i].variation == i / 2);
  }
  CHECK(one.plan.scenarios == three.plan.scenarios);
}

TEST_CASE("parts of a study, done apart and collected, are the study") {
  const StudyFiles files;
  for (const std::uint64_t part : {0U, 1U, 2U, 3U, 4U}) {
    StudyStore store(files.path("part" + std::to_string(part)), StudyStore::Open::fresh);
    SweepOptions options;
    options.part = SweepPart{std::nullopt, part, 5};
    sweep_into(store, files, 1, options);
  }
  {
    StudyStore whole(files.path("a"), StudyStore::Open::fresh);
    std::set<std::string> keys;
    for (const StudyRun& run : read(files).plan.runs) keys.insert(run.key);
    std::size_t added = 0;
    for (const char* part : {"part3", "part1", "part4", "part0", "part2", "part1"}) {
      added += whole.add_from(files.path(part), keys);
    }
    CHECK(added == 12);
    const SweepOutcome outcome = sweep_into(whole, files, 1);
    CHECK(outcome.there == 12);
    CHECK(outcome.done == 0);
  }
  StudyStore store(files.path("b"), StudyStore::Open::fresh);
  sweep_into(store, files, 2);
  CHECK(exported(files, "a") == exported(files, "b"));
}

TEST_CASE("a run that two variations share is in one part only") {
  const StudyFiles files;
  std::string study = StudyFiles::study(4);
  study.replace(study.find("1.5 /s"), 6, "60 /min");  // the same scenario as "1 /s"
  files.write("study.json", study);
  std::size_t done = 0;
  for (const std::uint64_t part : {0U, 1U, 2U}) {
    StudyStore store(files.path("part" + std::to_string(part)), StudyStore::Open::fresh);
    SweepOptions options;
    options.part = SweepPart{std::nullopt, part, 3};
    sweep_into(store, files, 1, options);
    done += store.done().size();
  }
  CHECK(done == 8);
}

TEST_CASE("replications end when the metrics are known well enough, the same after a resume") {
  const StudyFiles files;
  std::string study = StudyFiles::study(400);
  study.insert(1, R"("metrics": ["workloads.w.slowdown.mean"], "margin":
    {"workloads.w.slowdown.mean": 0.02}, "stop": {"within": 0.05, "least": 5, "batch": 5}, )");
  files.write("study.json", study);
  SweepOutcome first;
  {
    StudyStore store(files.path("a"), StudyStore::Open::fresh);
    first = sweep_into(store, files, 2);
    CHECK(first.stopped);
    CHECK(first.replications % 5 == 0);
    CHECK(first.replications > 5);
    CHECK(first.replications < 400);
    CHECK(first.runs == 3 * first.replications);
    // It stopped at the first look at which it might.
    const StudyTable table = store.table();
    CHECK(table.aims.metrics == std::vector<std::string>{"workloads.w.slowdown.mean"});
    CHECK(table.aims.margins.at("workloads.w.slowdown.mean") == 0.02);
    const auto metric = static_cast<std::size_t>(
        std::find_if(table.metrics.begin(), table.metrics.end(),
                     [&](const auto& one) { return one.name == table.aims.metrics[0]; }) -
        table.metrics.begin());
    const auto known = [&](std::uint64_t seeds) {
      for (std::size_t v = 0; v < 3; ++v) {
        std::vector<double> values;
        for (std::size_t s = 0; s < seeds; ++s) values.push_back(*table.at(v, s, metric));
        const Moments moments = moments_of(values);
        if (half_width_of(moments, 0.95) > 0.05 * moments.mean) return false;
      }
      return true;
    };
    CHECK(known(first.replications));
    for (std::uint64_t n = 5; n < first.replications; n += 5) CHECK_FALSE(known(n));
  }
  {
    StudyStore store(files.path("b"), StudyStore::Open::fresh);
    std::atomic<bool> stop{false};
    struct Stopper final : SweepProgress {
      explicit Stopper(std::atomic<bool>& flag) : stop(flag) {}
      // At the first: on a busy machine there may be few, each of many runs.
      void progress(std::size_t, std::size_t, std::size_t) override { stop = true; }
      std::atomic<bool>& stop;
    } stopper(stop);
    SweepOptions options;
    options.progress = &stopper;
    const ReadStudy of = read(files);
    LocalEngine engine(2);
    CHECK(sweep(of.study, of.plan, {}, store, engine, options, stop).interrupted);
    CHECK(sweep_into(store, files, 1).replications == first.replications);
  }
  CHECK(exported(files, "a") == exported(files, "b"));
}

TEST_CASE("cells that no hyperdc writes are damage") {
  const StudyFiles files;
  {
    StudyStore store(files.path("good"), StudyStore::Open::fresh);
    sweep_into(store, files, 1);
  }
  for (const char* damage :
       {"UPDATE plan SET variation = 99 WHERE variation = 2 AND seed = '11'",
        "UPDATE plan SET variation = -1 WHERE variation = 2 AND seed = '11'",
        "UPDATE parameter SET variation = 77 WHERE variation = 2",
        "UPDATE parameter SET value = '{{'", "UPDATE value SET value = 9e999 WHERE position = 3",
        "UPDATE plan SET seed = 'x' WHERE seed = '11' AND variation = 0"}) {
    INFO(damage);
    std::filesystem::copy_file(files.path("good"), files.path("bad"),
                               std::filesystem::copy_options::overwrite_existing);
    Sqlite(files.path("bad"), Sqlite::Mode::create).execute(damage);
    const StudyStore store(files.path("bad"), StudyStore::Open::read);
    CHECK_THROWS_WITH(store.table(), Catch::Contains("is damaged"));
  }
}

TEST_CASE("a table has what the runs measured") {
  const StudyFiles files;
  StudyStore store(files.path("a"), StudyStore::Open::fresh);
  sweep_into(store, files, 2);
  const StudyTable table = store.table();
  CHECK(table.study == "rates");
  REQUIRE(table.variations.size() == 3);
  CHECK(table.seeds == std::vector<std::uint64_t>{11, 12, 13, 14});
  const auto wait = std::find_if(table.metrics.begin(), table.metrics.end(), [](const auto& one) {
    return one.name == "workloads.w.wait.mean";
  });
  REQUIRE(wait != table.metrics.end());
  CHECK(wait->unit == "s");
  const auto metric = static_cast<std::size_t>(wait - table.metrics.begin());
  for (std::size_t s = 0; s < 4; ++s) CHECK(*table.at(0, s, metric) < *table.at(2, s, metric));
}

}  // namespace
}  // namespace hyperdc
