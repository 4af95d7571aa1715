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
#include "core/text.hpp"
#include "results/store.hpp"

namespace hyperdc {
namespace {

constexpr int kApplication = 0x68646373;  // "hdcs"
constexpr int kVersion = 1;

constexpr const char* kTables = R"(
CREATE TABLE study(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE variation(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
                       scenario TEXT NOT NULL);
CREATE TABLE aim(position INTEGER PRIMARY KEY, metric TEXT NOT NULL, chosen INTEGER NOT NULL,
                 margin REAL);
CREATE TABLE parameter(variation INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
                       label TEXT NOT NULL, value TEXT NOT NULL,
                       PRIMARY KEY(variation, position));
CREATE TABLE run(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
                 seed TEXT NOT NULL, state TEXT NOT NULL CHECK(state IN ('done', 'failed')),
                 error TEXT, fingerprint TEXT, simulated_s REAL, events INTEGER, wall_s REAL,
                 cpu_s REAL);
CREATE TABLE metric_name(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL,
                         UNIQUE(name, unit));
CREATE TABLE value(run INTEGER NOT NULL, position INTEGER NOT NULL, metric INTEGER NOT NULL,
                   value REAL, reason TEXT, PRIMARY KEY(run, position)) WITHOUT ROWID;
CREATE TABLE objective(run INTEGER NOT NULL, position INTEGER NOT NULL, metric TEXT NOT NULL,
                       at_most REAL, at_least REAL, value REAL, met INTEGER NOT NULL,
                       PRIMARY KEY(run, position)) WITHOUT ROWID;
CREATE TABLE plan(variation INTEGER NOT NULL, seed TEXT NOT NULL, key TEXT NOT NULL,
                  PRIMARY KEY(variation, seed)) WITHOUT ROWID;
CREATE VIEW metric AS
  SELECT variation.name AS variation, plan.seed AS seed, metric_name.name AS name,
         value.value AS value, metric_name.unit AS unit
  FROM plan JOIN variation ON variation.id = plan.variation JOIN run ON run.key = plan.key
    JOIN value ON value.run = run.id JOIN metric_name ON metric_name.id = value.metric;
)";

/// Undone unless it is committed.
class Transaction {
 public:
  explicit Transaction(Sqlite& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (done_) return;
    try {
      db_.execute("ROLLBACK");
    } catch (const SqliteError&) {
      // A full disk rolls back by itself.
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    db_.execute("COMMIT");
    done_ = true;
  }

 private:
  Sqlite& db_;
  bool done_ = false;
};

/// Their order is that of variations and seeds, so that a plan may grow at any place.
void add_runs(Sqlite& db, std::span<const StudyRun> runs) {
  SqliteStatement run = db.prepare("INSERT INTO plan VALUES(?, ?, ?)");
  for (const StudyRun& one : runs) {
    run.bind(1, static_cast<std::int64_t>(one.variation));
    run.bind(2, fmt::format("{}", one.seed)).bind(3, one.key).run();
  }
}

void insert_variation(Sqlite& db, std::int64_t id, const StudyVariation& of,
                      const std::string& scenario) {
  db.prepare("INSERT INTO variation VALUES(?, ?, ?, ?)")
      .bind(1, id)
      .bind(2, of.name)
      .bind(3, of.scenario_sha256)
      .bind(4, scenario)
      .run();
  SqliteStatement parameter = db.prepare("INSERT INTO parameter VALUES(?, ?, ?, ?, ?)");
  for (std::size_t p = 0; p < of.parameters.size(); ++p) {
    const VariedValue& value = of.parameters[p];
    parameter.bind(1, id).bind(2, static_cast<std::int64_t>(p)).bind(3, value.name);
    parameter.bind(4, value.label).bind(5, value.json).run();
  }
}

/// The metrics that were chosen in their order, then those that only have a margin.
void add_aims(Sqlite& db, const StudyAims& aims) {
  SqliteStatement row = db.prepare("INSERT INTO aim(metric, chosen, margin) VALUES(?, ?, ?)");
  const auto add = [&](const std::string& metric, bool chosen) {
    const auto margin = aims.margins.find(metric);
    row.bind(1, metric).bind(2, std::int64_t{chosen ? 1 : 0});
    if (margin != aims.margins.end()) row.bind(3, margin->second);
    row.run();
  };
  for (const std::string& metric : aims.metrics) add(metric, true);
  for (const auto& margin : aims.margins) {
    const bool chosen =
        std::find(aims.metrics.begin(), aims.metrics.end(), margin.first) != aims.metrics.end();
    if (!chosen) add(margin.first, false);
  }
}

}  // namespace

std::string run_key(const std::string& scenario_sha256, std::uint64_t seed,
                    const std::string& sources_sha256) {
  return sha256_hex(
      fmt::format("hyperdc run\n{}\n{}\n{}\n", scenario_sha256, seed, sources_sha256));
}

void StudyStore::refuse(const SqliteError& error) const {
  switch (error.code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreProblem(fmt::format("{} is no study, or is damaged ({})", path_, error.what()));
    case SQLITE_FULL:
    case SQLITE_IOERR:
      throw WriteFailed(fmt::format("{}: {}", path_, error.what()));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      if (lock_ < 0) throw StoreProblem(fmt::format("{} cannot be read ({})", path_, error.what()));
      throw StoreProblem(fmt::format("{}: neither it nor its directory can be written to ({})",
                                     path_, error.what()));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw WriteFailed(fmt::format("{} is in use by another program", path_));
    default:
      throw StoreProblem(fmt::format("{}: {}", path_, error.what()));
  }
}

StudyStore::StudyStore(const std::string& path, Open how) : path_(path) {
  try {
    if (how != Open::read) lock();
    guarded([&] { how == Open::read ? open_to_read() : open(how); });
  } catch (...) {
    unlock();
    throw;
  }
}

StudyStore::~StudyStore() {
  if (lock_ >= 0 && db_ != nullptr) {
    try {
      db_->execute("PRAGMA journal_mode = DELETE");
    } catch (const SqliteError&) {
      // Somebody reads it, or the disk is full: the log stays beside it, and is part of it.
    }
  }
  unlock();
}

/// The file itself, open until after the database is closed: closing any descriptor of a file ends
/// all fcntl locks that a process has on it, and those are SQLite's.
void StudyStore::lock() {
  lock_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  created_ = lock_ >= 0;
  if (!created_ && errno == EEXIST) lock_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (lock_ < 0) {
    const int why = errno;
    const bool nowhere = why == ENOENT || why == ENOTDIR;
    throw StoreProblem(
        fmt::format("{}: {}", path_, nowhere ? "there is no such directory" : std::strerror(why)));
  }
  struct stat held = {};
  if (fstat(lock_, &held) == 0 && !S_ISREG(held.st_mode)) {
    throw StoreProblem(fmt::format("{} is no regular file", path_));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  throw StoreProblem(fmt::format("{}: another sweep or plan is writing to it", path_));
}

void StudyStore::unlock() {
  db_.reset();
  if (lock_ < 0) return;
  struct stat held = {};
  // Made here, and nothing came of it.
  if (created_ && fstat(lock_, &held) == 0 && held.st_size == 0) unlink(path_.c_str());
  close(std::exchange(lock_, -1));
}

/// A sweep into a file that was deleted would store nothing that anybody could find.
void StudyStore::check_still_there() const {
  struct stat held = {};
  struct stat there = {};
  const bool same = fstat(lock_, &held) == 0 && stat(path_.c_str(), &there) == 0 &&
                    held.st_dev == there.st_dev && held.st_ino == there.st_ino;
  if (!same) throw WriteFailed(fmt::format("{} was deleted or replaced meanwhile", path_));
}

bool StudyStore::holds_study() const {
  std::int64_t application = 0;
  std::int64_t version = 0;
  {
    SqliteStatement facts =
        db_->prepare("SELECT * FROM pragma_application_id, pragma_user_version");
    facts.step();
    application = facts.integer(0);
    version = facts.integer(1);
  }
  SqliteStatement tables = db_->prepare("SELECT count(*) FROM sqlite_master");
  tables.step();
  if (tables.integer(0) == 0) return false;
  if (application != kApplication) {
    throw StoreProblem(fmt::format("{} is a database, but no study", path_));
  }
  if (version != kVersion) {
    throw StoreProblem(fmt::format("{} was written by another version of hyperdc", path_));
  }
  SqliteStatement check = db_->prepare("PRAGMA quick_check(1)");
  check.step();
  if (check.text(0) != "ok") {
    throw StoreProblem(fmt::format("{} is damaged ({})", path_, check.text(0)));
  }
  SqliteStatement named = db_->prepare("SELECT count(*) FROM study");
  named.step();
  return named.integer(0) > 0;  // without: its first plan could not be written
}

/// What is read is the file as it was at the first look, whoever goes on writing.
void StudyStore::open_to_read() {
  std::error_code ignored;
  const auto status = std::filesystem::status(path_, ignored);
  if (!std::filesystem::exists(status)) {
    throw StoreProblem(fmt::format("{} does not exist", path_));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw StoreProblem(
        fmt::format("{} is {}", path_,
                    std::filesystem::is_directory(status) ? "a directory" : "no regular file"));
  }
  db_ = std::make_unique<Sqlite>(path_, Sqlite::Mode::read);
  bool holds = false;
  try {
    db_->execute("BEGIN");
    holds = holds_study();
  } catch (const SqliteError& error) {
    // Where nothing can be written there is no room for the index of a log.
    const bool log = std::filesystem::exists(path_ + "-wal", ignored);
    if (error.code != SQLITE_CANTOPEN || log) throw;
    db_ = std::make_unique<Sqlite>(path_, Sqlite::Mode::frozen);
    holds = holds_study();
  }
  if (!holds) throw StoreProblem(fmt::format("{} holds no study", path_));
}

void StudyStore::open(Open how) {
  db_ = std::make_unique<Sqlite>(path_, Sqlite::Mode::create);
  const bool holds = holds_study();
  if (how == Open::fresh && holds) {
    throw StoreProblem(fmt::format("{} holds a study already; --resume goes on with it", path_));
  }
  db_->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  SqliteStatement tables = db_->prepare("SELECT count(*) FROM sqlite_master");
  tables.step();
  if (tables.integer(0) > 0) return;
  tables.reset();
  db_->execute(
      fmt::format("BEGIN; PRAGMA application_id = {}; PRAGMA user_version = {}; {} COMMIT;",
                  kApplication, kVersion, kTables));
}

void StudyStore::check_plan(const StudyPlan& plan) {
  guarded([&] {
    check_still_there();
    SqliteStatement name = db_->prepare("SELECT value FROM study WHERE key = 'name'");
    if (!name.step()) return;
    if (name.text(0) != plan.name) {
      throw StoreProblem(fmt::format("{} holds the study {}, not {}", path_, quoted(name.text(0)),
                                     quoted(plan.name)));
    }
    name.reset();
    check_kind(plan.searched);
  });
}

void StudyStore::set_plan(const StudyPlan& plan, std::span<const StudyRun> runs) {
  check_plan(plan);
  guarded([&] {
    Transaction all(*db_);
    db_->execute(
        "DELETE FROM plan; DELETE FROM parameter; DELETE FROM variation; DELETE FROM aim; "
        "DELETE FROM study;");
    SqliteStatement fact = db_->prepare("INSERT INTO study VALUES(?, ?)");
    fact.bind(1, "name").bind(2, plan.name).run();
    fact.bind(1, "description").bind(2, plan.description).run();
    if (plan.searched) fact.bind(1, "kind").bind(2, "plan").run();
    for (std::size_t v = 0; v < plan.variations.size(); ++v) {
      insert_variation(*db_, static_cast<std::int64_t>(v), plan.variations[v], plan.scenarios[v]);
    }
    add_aims(*db_, plan.aims);
    add_runs(*db_, runs);
    all.commit();
  });
}

/// What a sweep and a plan list as their runs differs: each would take away what the other listed.
void StudyStore::check_kind(bool searched) const {
  SqliteStatement kind = db_->prepare("SELECT value FROM study WHERE key = 'kind'");
  const bool holds = kind.step() && kind.text(0) == "plan";
  if (holds == searched) return;
  throw StoreProblem(fmt::format("{} holds runs of a {}, and this is a {}: it needs another file",
                                 path_, holds ? "plan" : "sweep", searched ? "plan" : "sweep"));
}

void StudyStore::add_variation(const StudyVariation& variation, const std::string& scenario) {
  guarded([&] {
    check_still_there();
    Transaction all(*db_);
    SqliteStatement count = db_->prepare("SELECT count(*) FROM variation");
    count.step();
    const std::int64_t id = count.integer(0);
    count.reset();
    insert_variation(*db_, id, variation, scenario);
    all.commit();
  });
}

void StudyStore::extend_plan(std::span<const StudyRun> more) {
  guarded([&] {
    check_still_there();
    Transaction all(*db_);
    add_runs(*db_, more);
    all.commit();
  });
}

std::set<std::string> StudyStore::done() const {
  return guarded([&] {
    std::set<std::string> out;
    SqliteStatement rows = db_->prepare("SELECT key FROM run WHERE state = 'done'");
    while (rows.step()) out.insert(rows.text(0));
    return out;
  });
}

std::map<std::string, std::string> StudyStore::failed() const {
  return guarded([&] {
    std::map<std::string, std::string> out;
    SqliteStatement rows = db_->prepare("SELECT key, error FROM run WHERE state = 'failed'");
    while (rows.step()) out.emplace(rows.text(0), rows.text(1));
    return out;
  });
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
  SqliteStatement objective = db_->prepare("INSERT INTO objective VALUES(?, ?, ?, ?, ?, ?, ?)");
  position = 0;
  for (const ResultObjective& one : run.result->objectives) {
    objective.bind(1, id).bind(2, position++).bind(3, one.metric);
    if (one.at_most) objective.bind(4, *one.at_most);
    if (one.at_least) objective.bind(5, *one.at_least);
    if (one.value) objective.bind(6, *one.value);
    objective.bind(7, std::int64_t{one.met ? 1 : 0}).run();
  }
}

void StudyStore::add(std::span<const StoredRun> runs) {
  guarded([&] {
    check_still_there();
    metric_ids_.clear();  // a transaction that failed took its names with it
    Transaction all(*db_);
    for (const StoredRun& run : runs) add_one(run);
    all.commit();
  });
}

std::size_t StudyStore::add_from(const std::string& other, const std::set<std::string>& keys) {
  const StudyStore from(other, Open::read);
  const std::set<std::string> there = done();
  std::size_t added = 0;
  guarded([&] {
    check_still_there();
    metric_ids_.clear();  // as in add()
    Transaction all(*db_);
    from.each_done([&](const StoredRun& run) {
      if (keys.count(run.key) == 0 || there.count(run.key) != 0) return;
      add_one(run);
      ++added;
    });
    all.commit();
  });
  return added;
}

}  // namespace hyperdc
