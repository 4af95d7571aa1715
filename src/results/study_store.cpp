#include "results/study_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "core/hash.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

constexpr int kApplication = 0x68646373;  // "hdcs"
constexpr int kVersion = 1;

constexpr const char* kTables = R"(
CREATE TABLE study(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE variation(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
                       scenario TEXT NOT NULL);
CREATE TABLE parameter(variation INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
                       value TEXT NOT NULL, PRIMARY KEY(variation, position));
CREATE TABLE run(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
                 seed TEXT NOT NULL, state TEXT NOT NULL CHECK(state IN ('done', 'failed')),
                 error TEXT, fingerprint TEXT, simulated_s REAL, events INTEGER, wall_s REAL,
                 cpu_s REAL);
CREATE TABLE metric_name(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL,
                         UNIQUE(name, unit));
CREATE TABLE value(run INTEGER NOT NULL, position INTEGER NOT NULL, metric INTEGER NOT NULL,
                   value REAL, reason TEXT, PRIMARY KEY(run, position)) WITHOUT ROWID;
CREATE TABLE objective(run INTEGER NOT NULL, position INTEGER NOT NULL, metric TEXT NOT NULL,
                       value REAL, met INTEGER NOT NULL, PRIMARY KEY(run, position)) WITHOUT ROWID;
CREATE TABLE plan(position INTEGER PRIMARY KEY, variation INTEGER NOT NULL, seed TEXT NOT NULL,
                  key TEXT NOT NULL);
CREATE VIEW metric AS
  SELECT variation.name AS variation, plan.seed AS seed, metric_name.name AS name,
         value.value AS value, metric_name.unit AS unit
  FROM plan JOIN variation ON variation.id = plan.variation JOIN run ON run.key = plan.key
    JOIN value ON value.run = run.id JOIN metric_name ON metric_name.id = value.metric;
)";

std::uint64_t seed_of(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

}  // namespace

std::string run_key(const std::string& scenario_sha256, std::uint64_t seed,
                    const std::string& sources_sha256) {
  return sha256_hex(
      fmt::format("hyperdc run\n{}\n{}\n{}\n", scenario_sha256, seed, sources_sha256));
}

/// Runs `act`, and says in the user's words what SQLite refuses.
template <class Act>
auto StudyStore::guarded(const Act& act) const {
  try {
    return act();
  } catch (const SqliteError& error) {
    switch (error.code) {
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        throw StoreProblem(fmt::format("{} is no study, or is damaged ({})", path_, error.what()));
      case SQLITE_FULL:
      case SQLITE_IOERR:
      case SQLITE_READONLY:
        throw WriteFailed(fmt::format("{}: {}", path_, error.what()));
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        throw StoreProblem(fmt::format("{} is in use by another program", path_));
      default:
        throw StoreProblem(fmt::format("{}: {}", path_, error.what()));
    }
  }
}

StudyStore::StudyStore(const std::string& path, Open how) : path_(path) {
  try {
    if (how != Open::read) lock();
    guarded([&] { open(how); });
  } catch (...) {
    unlock();
    throw;
  }
}

StudyStore::~StudyStore() {
  unlock();
}

/// Beside the file: closing a descriptor of the file itself would end SQLite's own locks. The lock
/// goes with its file, so one that was taken counts only while that is still there.
void StudyStore::lock() {
  for (;;) {
    lock_ = ::open(lock_name().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock_ < 0) throw StoreProblem(fmt::format("{}: {}", lock_name(), std::strerror(errno)));
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      close(std::exchange(lock_, -1));
      throw StoreProblem(fmt::format("{}: another sweep is writing to it", path_));
    }
    struct stat held = {};
    struct stat there = {};
    fstat(lock_, &held);
    if (stat(lock_name().c_str(), &there) == 0 && there.st_ino == held.st_ino) return;
    close(lock_);
  }
}

void StudyStore::unlock() {
  db_.reset();
  if (lock_ < 0) return;
  unlink(lock_name().c_str());
  close(std::exchange(lock_, -1));
}

void StudyStore::open(Open how) {
  const std::string& path = path_;
  if (how == Open::read && !std::filesystem::exists(path))
    throw StoreProblem(fmt::format("{} does not exist", path));
  db_ =
      std::make_unique<Sqlite>(path, how == Open::read ? Sqlite::Mode::read : Sqlite::Mode::create);
  std::int64_t application = 0;
  std::int64_t version = 0;
  std::int64_t tables = 0;
  {
    SqliteStatement facts =
        db_->prepare("SELECT * FROM pragma_application_id, pragma_user_version");
    facts.step();
    application = facts.integer(0);
    version = facts.integer(1);
    SqliteStatement count = db_->prepare("SELECT count(*) FROM sqlite_master");
    count.step();
    tables = count.integer(0);
  }
  if (application != kApplication && tables > 0) {
    throw StoreProblem(fmt::format("{} is a database, but no study", path));
  }
  if (application == kApplication && version != kVersion) {
    throw StoreProblem(fmt::format("{} was written by another version of hyperdc", path));
  }
  if (how == Open::read && tables == 0) throw StoreProblem(fmt::format("{} holds no study", path));
  if (how == Open::fresh && tables > 0) {
    throw StoreProblem(fmt::format("{} holds a study already; --resume goes on with it", path));
  }
  if (how != Open::read) {
    db_->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    if (tables == 0) create();
  }
  SqliteStatement check = db_->prepare("PRAGMA quick_check(1)");
  check.step();
  if (check.text(0) != "ok") {
    throw StoreProblem(fmt::format("{} is damaged ({})", path, check.text(0)));
  }
}

void StudyStore::create() {
  db_->execute(
      fmt::format("BEGIN; PRAGMA application_id = {}; PRAGMA user_version = {}; {} COMMIT;",
                  kApplication, kVersion, kTables));
}

void StudyStore::set_plan(const StudyPlan& plan) {
  guarded([&] {
    db_->execute(
        "BEGIN IMMEDIATE; DELETE FROM plan; DELETE FROM parameter; DELETE FROM variation; "
        "DELETE FROM study;");
    SqliteStatement fact = db_->prepare("INSERT INTO study VALUES(?, ?)");
    fact.bind(1, "name").bind(2, plan.name).run();
    fact.bind(1, "description").bind(2, plan.description).run();
    SqliteStatement variation = db_->prepare("INSERT INTO variation VALUES(?, ?, ?, ?)");
    SqliteStatement parameter = db_->prepare("INSERT INTO parameter VALUES(?, ?, ?, ?)");
    for (std::size_t v = 0; v < plan.variations.size(); ++v) {
      const StudyVariation& of = plan.variations[v];
      const auto id = static_cast<std::int64_t>(v);
      variation.bind(1, id).bind(2, of.name).bind(3, of.scenario_sha256);
      variation.bind(4, plan.scenarios[v]).run();
      for (std::size_t p = 0; p < of.parameters.size(); ++p) {
        parameter.bind(1, id).bind(2, static_cast<std::int64_t>(p));
        parameter.bind(3, of.parameters[p].first).bind(4, of.parameters[p].second).run();
      }
    }
    SqliteStatement run = db_->prepare("INSERT INTO plan VALUES(?, ?, ?, ?)");
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
      run.bind(1, static_cast<std::int64_t>(i));
      run.bind(2, static_cast<std::int64_t>(plan.runs[i].variation));
      run.bind(3, fmt::format("{}", plan.runs[i].seed)).bind(4, plan.runs[i].key).run();
    }
    db_->execute("COMMIT");
  });
}

std::set<std::string> StudyStore::keys(std::string_view state) const {
  return guarded([&] {
    std::set<std::string> out;
    SqliteStatement rows = db_->prepare("SELECT key FROM run WHERE state = ?");
    rows.bind(1, state);
    while (rows.step()) out.insert(rows.text(0));
    return out;
  });
}

std::set<std::string> StudyStore::done() const {
  return keys("done");
}

std::set<std::string> StudyStore::failed() const {
  return keys("failed");
}

std::int64_t StudyStore::metric_id(const ResultMetric& metric) {
  const auto known = metric_ids_.find(metric.name + '\n' + metric.unit);
  if (known != metric_ids_.end()) return known->second;
  db_->prepare("INSERT OR IGNORE INTO metric_name(name, unit) VALUES(?, ?)")
      .bind(1, metric.name)
      .bind(2, metric.unit)
      .run();
  SqliteStatement row = db_->prepare("SELECT id FROM metric_name WHERE name = ? AND unit = ?");
  row.bind(1, metric.name).bind(2, metric.unit);
  row.step();
  return metric_ids_[metric.name + '\n' + metric.unit] = row.integer(0);
}

void StudyStore::add_one(const StoredRun& run) {
  db_->prepare("DELETE FROM run WHERE key = ? AND state = 'failed'").bind(1, run.key).run();
  SqliteStatement row = db_->prepare(
      "INSERT OR IGNORE INTO run(key, sha256, seed, state, error, fingerprint, simulated_s, "
      "events, "
      "wall_s, cpu_s) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id");
  row.bind(1, run.key).bind(2, run.scenario_sha256).bind(3, fmt::format("{}", run.seed));
  row.bind(4, run.result ? "done" : "failed");
  if (run.result) {
    row.bind_null(5).bind(6, fmt::format("{:016x}", run.result->fingerprint));
    row.bind(7, run.result->simulated_s).bind(8, static_cast<std::int64_t>(run.result->events));
  } else {
    row.bind(5, run.error);
  }
  row.bind(9, run.cost.wall_s).bind(10, run.cost.cpu_s);
  if (!row.step() || !run.result) return;
  const std::int64_t id = row.integer(0);
  row.step();
  SqliteStatement value = db_->prepare("INSERT INTO value VALUES(?, ?, ?, ?, ?)");
  std::int64_t position = 0;
  for (const ResultMetric& metric : run.result->metrics) {
    value.bind(1, id).bind(2, position++).bind(3, metric_id(metric));
    if (metric.value) {
      value.bind(4, *metric.value);
    } else {
      value.bind(5, metric.reason);
    }
    value.run();
  }
  SqliteStatement objective = db_->prepare("INSERT INTO objective VALUES(?, ?, ?, ?, ?)");
  position = 0;
  for (const ResultObjective& one : run.result->objectives) {
    objective.bind(1, id).bind(2, position++).bind(3, one.metric);
    if (one.value) objective.bind(4, *one.value);
    objective.bind(5, std::int64_t{one.met ? 1 : 0}).run();
  }
}

void StudyStore::add(std::span<const StoredRun> runs) {
  guarded([&] {
    db_->execute("BEGIN IMMEDIATE");
    try {
      for (const StoredRun& run : runs) add_one(run);
      db_->execute("COMMIT");
    } catch (const SqliteError&) {
      metric_ids_.clear();  // names of this transaction are gone with it
      try {
        db_->execute("ROLLBACK");
      } catch (const SqliteError&) {
        // A full disk rolls back by itself.
      }
      throw;
    }
  });
}

StudyPlan StudyStore::plan() const {
  return guarded([&] {
    StudyPlan plan;
    SqliteStatement facts = db_->prepare("SELECT key, value FROM study");
    while (facts.step()) {
      if (facts.text(0) == "name") plan.name = facts.text(1);
      if (facts.text(0) == "description") plan.description = facts.text(1);
    }
    SqliteStatement variations =
        db_->prepare("SELECT name, sha256, scenario FROM variation ORDER BY id");
    while (variations.step()) {
      plan.variations.push_back({variations.text(0), {}, variations.text(1)});
      plan.scenarios.push_back(variations.text(2));
    }
    SqliteStatement parameters =
        db_->prepare("SELECT variation, name, value FROM parameter ORDER BY variation, position");
    while (parameters.step()) {
      plan.variations.at(static_cast<std::size_t>(parameters.integer(0)))
          .parameters.emplace_back(parameters.text(1), parameters.text(2));
    }
    SqliteStatement runs = db_->prepare("SELECT variation, seed, key FROM plan ORDER BY position");
    while (runs.step()) {
      plan.runs.push_back(
          {static_cast<std::size_t>(runs.integer(0)), seed_of(runs.text(1)), runs.text(2)});
    }
    return plan;
  });
}

void StudyStore::each_run(const StudyPlan& plan, const std::function<void(const Row&)>& act) const {
  guarded([&] {
    SqliteStatement run = db_->prepare(
        "SELECT id, fingerprint, simulated_s, events FROM run WHERE key = ? AND state = 'done'");
    SqliteStatement values = db_->prepare(
        "SELECT name, unit, value, reason FROM value JOIN metric_name ON metric_name.id = metric "
        "WHERE run = ? ORDER BY position");
    SqliteStatement objectives =
        db_->prepare("SELECT metric, value, met FROM objective WHERE run = ? ORDER BY position");
    for (const StudyRun& planned : plan.runs) {
      run.reset();
      run.bind(1, planned.key);
      if (!run.step()) continue;
      Row row{planned, run.text(1), run.number(2).value_or(0), run.integer(3), {}, {}};
      const std::int64_t id = run.integer(0);
      values.reset();
      values.bind(1, id);
      while (values.step()) {
        row.metrics.push_back({values.text(0), values.text(1), values.number(2), values.text(3)});
      }
      objectives.reset();
      objectives.bind(1, id);
      while (objectives.step()) {
        row.objectives.push_back(
            {objectives.text(0), objectives.number(1), objectives.integer(2) != 0});
      }
      act(row);
    }
  });
}

StudyTable StudyStore::table() const {
  const StudyPlan study = plan();
  StudyTable table;
  table.study = study.name;
  table.variations = study.variations;
  std::set<std::uint64_t> seeds;
  for (const StudyRun& run : study.runs) seeds.insert(run.seed);
  table.seeds.assign(seeds.begin(), seeds.end());
  std::map<std::string, std::size_t> columns;
  struct Cell {
    std::size_t variation, seed, metric;
    double value;
  };
  std::vector<Cell> cells;
  each_run(study, [&](const Row& row) {
    const auto seed = static_cast<std::size_t>(std::ranges::lower_bound(table.seeds, row.run.seed) -
                                               table.seeds.begin());
    for (const ResultMetric& metric : row.metrics) {
      const auto [at, fresh] = columns.emplace(metric.name, table.metrics.size());
      if (fresh) table.metrics.push_back({metric.name, metric.unit});
      if (metric.value) cells.push_back({row.run.variation, seed, at->second, *metric.value});
    }
  });
  table.values.resize(table.variations.size() * table.seeds.size() * table.metrics.size());
  for (const Cell& cell : cells) {
    table.values[(cell.variation * table.seeds.size() + cell.seed) * table.metrics.size() +
                 cell.metric] = cell.value;
  }
  return table;
}

}  // namespace hyperdc
