// Sweeps: what is done is never done again, what is exported does not depend on how it was done.
#include "experiment/sweep.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "results/store.hpp"
#include "results/study_export.hpp"

namespace hyperdc {
namespace {

namespace fs = std::filesystem;

/// A directory with a scenario of a queue and a study over it.
class StudyFiles {
 public:
  StudyFiles() {
    char name[] = "/tmp/hyperdc-sweep-XXXXXX";
    dir_ = mkdtemp(name);
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
  ~StudyFiles() { fs::remove_all(dir_); }
  StudyFiles(const StudyFiles&) = delete;
  StudyFiles& operator=(const StudyFiles&) = delete;

  static std::string study(int replications) {
    return R"({"name": "rates", "base": "base.json", "seed": 11, "replications": )" +
           std::to_string(replications) + R"(, "vary": {"rate": {"at":
             "workloads.w.arrivals.poisson.rate", "values": ["1 /s", "1.5 /s", "1.9 /s"]}}})";
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::string path(const std::string& name) const { return dir_ + "/" + name; }

 private:
  std::string dir_;
};

SweepOutcome sweep_into(StudyStore& store, const StudyFiles& files, unsigned threads,
                        bool retry = false) {
  const Result<Study> study = load_study(files.path("study.json"));
  REQUIRE(ok(study));
  const Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
  REQUIRE(ok(planned));
  std::atomic<bool> stop{false};
  SweepOptions options;
  options.threads = threads;
  options.retry_failed = retry;
  return sweep(std::get<Study>(study), std::get<PlannedStudy>(planned).plan, {}, store, options,
               stop);
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
    const Result<Study> study = load_study(files.path("study.json"));
    const Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
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
    const SweepOutcome outcome = sweep(std::get<Study>(study), std::get<PlannedStudy>(planned).plan,
                                       {}, store, options, stop);
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

TEST_CASE("a scenario that changes while the sweep runs fails its runs, which may be tried again") {
  const StudyFiles files;
  const Result<Study> study = load_study(files.path("study.json"));
  const Result<PlannedStudy> planned = plan_study(std::get<Study>(study), {});
  std::ifstream in(files.path("base.json"));
  const std::string before{std::istreambuf_iterator<char>(in), {}};
  std::string after = before;
  after.replace(after.find("300 s"), 5, "200 s");
  files.write("base.json", after);
  StudyStore store(files.path("a"), StudyStore::Open::fresh);
  std::atomic<bool> stop{false};
  const SweepOutcome outcome =
      sweep(std::get<Study>(study), std::get<PlannedStudy>(planned).plan, {}, store, {}, stop);
  CHECK(outcome.done == 0);
  REQUIRE(outcome.failures.size() == 12);
  CHECK(outcome.failures[0].variation == "1 /s");
  CHECK(outcome.failures[0].seed == 11);
  CHECK(outcome.failures[0].message.find("has changed") != std::string::npos);
  files.write("base.json", before);
  CHECK(sweep_into(store, files, 1).failures.size() == 12);  // not by itself
  CHECK(sweep_into(store, files, 1, true).done == 12);
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
