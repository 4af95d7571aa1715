// StudyStore: the runs of a study in one SQLite file (docs/adr/0011-studies.md).
//
// Tables, for any tool: study(key, value); aim(metric, margin); variation(id, name, sha256,
// scenario), parameter(variation, name, label, value as JSON); run(id, key, sha256, seed, state,
// error, fingerprint, simulated_s, events, wall_s, cpu_s); metric_name(id, name, unit); value(run,
// metric, value, reason); objective(run, position, metric, at_most, at_least, value,
// met); plan(variation,
// seed, key): the runs of the study as it is now; and the view metric(variation, seed, name, value,
// unit). Seeds are texts: they have 64 bits.
//
// Written in WAL mode by one process, which holds a lock on the file (flock; SQLite's own are other
// locks); a transaction holds whole runs, so that a file is sound whenever its writer was killed.
// A writer that ends well leaves one file, without a log beside it, that can be read where nothing
// can be written. What is not a study, or is damaged, is StoreProblem; a disk that is full and a
// file that went away are WriteFailed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "results/run_result.hpp"
#include "results/sqlite.hpp"
#include "results/study_table.hpp"

namespace hyperdc {

/// The file cannot be used, and why; for the user.
class StoreProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StudyRun {
  std::size_t variation = 0;
  std::uint64_t seed = 0;
  std::string key;  // of the run: run_key()
};

/// What a study consists of, in order: variation by variation, seeds ascending.
struct StudyPlan {
  std::string name;
  std::string description;
  StudyAims aims;
  bool searched = false;  // by hyperdc plan: variations and runs are added as the search asks
  std::vector<StudyVariation> variations;
  std::vector<std::string> scenarios;  // resolved, by variation
  std::vector<StudyRun> runs;
};

/// sha256 of scenario (which includes the files it reads), seed and sources of the program.
std::string run_key(const std::string& scenario_sha256, std::uint64_t seed,
                    const std::string& sources_sha256);

/// A run that ended, with its result or with an error.
struct StoredRun {
  std::string key;
  std::string scenario_sha256;
  std::uint64_t seed = 0;
  std::optional<RunResult> result;
  std::string error;
  RunCost cost;
};

struct StoredObjective {
  std::string metric;
  std::optional<double> at_most, at_least;
  std::optional<double> value;
  bool met = false;
};

class StudyStore {
 public:
  enum class Open { fresh, resume, read };

  /// fresh: a new file, or one that holds no study; resume: either. Takes the lock but for reading.
  StudyStore(const std::string& path, Open open);
  ~StudyStore();
  StudyStore(const StudyStore&) = delete;
  StudyStore& operator=(const StudyStore&) = delete;

  /// StoreProblem when the file holds a study of another name, or what a sweep did and this is a
  /// plan's, or the other way round. Writes nothing.
  void check_plan(const StudyPlan& plan);
  /// The study from now on; runs that are there stay. Checks it first.
  void set_plan(const StudyPlan& plan) { set_plan(plan, plan.runs); }
  /// The same with a part of its runs, whatever their order.
  void set_plan(const StudyPlan& plan, std::span<const StudyRun> runs);
  /// One variation more, after those of the plan.
  void add_variation(const StudyVariation& variation, const std::string& scenario);
  /// More runs of the same variations, after those of the plan.
  void extend_plan(std::span<const StudyRun> more);
  /// Keys of the runs that are done, and of those that failed.
  std::set<std::string> done() const;
  std::map<std::string, std::string> failed() const;  // with the reason
  /// All of them in one transaction.
  void add(std::span<const StoredRun> runs);
  /// Takes over the runs of these keys that another store has done; how many.
  std::size_t add_from(const std::string& other, const std::set<std::string>& keys);

  StudyPlan plan() const;
  StudyTable table() const;
  /// Each run of the plan that is done, in its order.
  struct Row {
    const StudyRun& run;
    std::string fingerprint;
    double simulated_s = 0;
    std::int64_t events = 0;
    std::vector<ResultMetric> metrics;
    std::vector<StoredObjective> objectives;
  };
  void each_run(const StudyPlan& plan, const std::function<void(const Row&)>& act) const;
  /// The value of one metric in each run that is done, by key; nothing: the run has none.
  std::map<std::string, std::optional<double>> values_of(const std::string& metric) const;
  /// Each run that is done, of this plan or not.
  void each_done(const std::function<void(const StoredRun&)>& act) const;
  /// The run of this key, if it is done.
  std::optional<StoredRun> find_done(const std::string& key) const;

 private:
  void open(Open how);
  void open_to_read();
  void lock();
  void unlock();
  void check_still_there() const;
  bool holds_study() const;
  void check_kind(bool searched) const;
  std::int64_t metric_id(const ResultMetric& metric);
  void add_one(const StoredRun& run);
  /// Runs `act`, and says in the user's words what SQLite refuses.
  template <class Act>
  auto guarded(const Act& act) const {
    try {
      return act();
    } catch (const SqliteError& error) {
      refuse(error);
    }
  }
  [[noreturn]] void refuse(const SqliteError& error) const;

  std::string path_;  // as the user wrote it
  mutable std::unique_ptr<Sqlite> db_;
  std::map<std::string, std::int64_t> metric_ids_;
  int lock_ = -1;         // the file itself, open for as long as the database
  bool created_ = false;  // the file was not there
};

}  // namespace hyperdc
