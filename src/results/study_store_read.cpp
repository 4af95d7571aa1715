// What a StudyStore reads back.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "results/study_store.hpp"

namespace hyperdc {
namespace {

/// Cells that no hyperdc writes: SQLite itself sees damage of its pages only.
class DamagedCell : public SqliteError {
 public:
  explicit DamagedCell(const std::string& what) : SqliteError(SQLITE_CORRUPT, what) {}
};

std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || stop != end) throw DamagedCell("a seed is no number");
  return seed;
}

std::size_t index_of(std::int64_t index, std::size_t count) {
  if (index < 0 || static_cast<std::uint64_t>(index) >= count) {
    throw DamagedCell("a run or parameter of a variation that is not there");
  }
  return static_cast<std::size_t>(index);
}

std::string json_of(std::string text) {
  if (!nlohmann::json::accept(text)) throw DamagedCell("a value that is no JSON");
  return text;
}

std::optional<double> finite(std::optional<double> value) {
  if (value && !std::isfinite(*value)) throw DamagedCell("a number that is not finite");
  return value;
}

/// What a run measures, for how long: "duration 604800 s, warmup 0 s" of a resolved scenario.
std::string horizon_of(const std::string& resolved) {
  const nlohmann::json scenario = nlohmann::json::parse(resolved, nullptr, false);
  std::string out;
  for (const char* key : {"duration", "warmup"}) {
    if (!scenario.is_object() || !scenario.contains(key)) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, scenario[key].dump());
  }
  return out;
}

/// The metrics and objectives of a run.
class MeasuredReader {
 public:
  explicit MeasuredReader(Sqlite& db)
      : values_(db.prepare(
            "SELECT name, unit, value, reason FROM value JOIN metric_name ON metric_name.id = "
            "metric WHERE run = ? ORDER BY position")),
        objectives_(db.prepare("SELECT metric, at_most, at_least, value, met FROM objective WHERE "
                               "run = ? ORDER BY position")) {}

  void read(std::int64_t run, std::vector<ResultMetric>& metrics,
            std::vector<StoredObjective>& objectives) {
    values_.reset();
    values_.bind(1, run);
    while (values_.step()) {
      metrics.push_back(
          {values_.text(0), values_.text(1), finite(values_.number(2)), values_.text(3)});
    }
    objectives_.reset();
    objectives_.bind(1, run);
    while (objectives_.step()) {
      objectives.push_back({objectives_.text(0), finite(objectives_.number(1)),
                            finite(objectives_.number(2)), finite(objectives_.number(3)),
                            objectives_.integer(4) != 0});
    }
  }

 private:
  SqliteStatement values_, objectives_;
};

constexpr std::string_view kDoneRuns =
    "SELECT id, key, sha256, seed, fingerprint, simulated_s, events, wall_s, cpu_s FROM run WHERE "
    "state = 'done'";

/// The row at which a statement of kDoneRuns is.
StoredRun done_run(const SqliteStatement& run, MeasuredReader& measured) {
  StoredRun out;
  out.key = run.text(1);
  out.scenario_sha256 = run.text(2);
  out.seed = seed_of(run.text(3));
  out.cost.wall_s = run.number(7).value_or(0);
  out.cost.cpu_s = run.number(8).value_or(0);
  RunResult& result = out.result.emplace();
  result.seed = out.seed;
  result.sha256 = out.scenario_sha256;
  result.fingerprint = std::strtoull(run.text(4).c_str(), nullptr, 16);
  result.simulated_s = run.number(5).value_or(0);
  result.events = static_cast<std::uint64_t>(run.integer(6));
  std::vector<StoredObjective> objectives;
  measured.read(run.integer(0), result.metrics, objectives);
  for (StoredObjective& one : objectives) {
    result.objectives.push_back(
        {std::move(one.metric), one.at_most, one.at_least, "", one.value, one.met});
  }
  return out;
}

}  // namespace

StudyPlan StudyStore::plan() const {
  return guarded([&] {
    StudyPlan plan;
    SqliteStatement facts = db_->prepare("SELECT key, value FROM study");
    while (facts.step()) {
      if (facts.text(0) == "name") plan.name = facts.text(1);
      if (facts.text(0) == "description") plan.description = facts.text(1);
      if (facts.text(0) == "kind") plan.searched = facts.text(1) == "plan";
    }
    SqliteStatement aims = db_->prepare("SELECT metric, chosen, margin FROM aim ORDER BY position");
    while (aims.step()) {
      if (aims.integer(1) != 0) plan.aims.metrics.push_back(aims.text(0));
      if (const auto margin = aims.number(2)) plan.aims.margins[aims.text(0)] = *margin;
    }
    SqliteStatement variations =
        db_->prepare("SELECT name, sha256, scenario FROM variation ORDER BY id");
    while (variations.step()) {
      plan.variations.push_back({variations.text(0), {}, variations.text(1)});
      plan.scenarios.push_back(variations.text(2));
    }
    SqliteStatement parameters = db_->prepare(
        "SELECT variation, name, label, value FROM parameter ORDER BY variation, position");
    while (parameters.step()) {
      plan.variations[index_of(parameters.integer(0), plan.variations.size())].parameters.push_back(
          {parameters.text(1), parameters.text(2), json_of(parameters.text(3))});
    }
    SqliteStatement runs = db_->prepare("SELECT variation, seed, key FROM plan");
    while (runs.step()) {
      plan.runs.push_back(
          {index_of(runs.integer(0), plan.variations.size()), seed_of(runs.text(1)), runs.text(2)});
    }
    std::sort(plan.runs.begin(), plan.runs.end(), [](const StudyRun& a, const StudyRun& b) {
      return a.variation != b.variation ? a.variation < b.variation : a.seed < b.seed;
    });
    return plan;
  });
}

std::map<std::string, std::optional<double>> StudyStore::values_of(
    const std::string& metric) const {
  return guarded([&] {
    std::map<std::string, std::optional<double>> out;
    SqliteStatement rows = db_->prepare(
        "SELECT run.key, value.value FROM metric_name JOIN value ON value.metric = metric_name.id "
        "JOIN run ON run.id = value.run WHERE metric_name.name = ? AND run.state = 'done'");
    rows.bind(1, metric);
    while (rows.step()) out.emplace(rows.text(0), finite(rows.number(1)));
    return out;
  });
}

void StudyStore::each_run(const StudyPlan& plan, const std::function<void(const Row&)>& act) const {
  guarded([&] {
    SqliteStatement run = db_->prepare(
        "SELECT id, fingerprint, simulated_s, events FROM run WHERE key = ? AND state = 'done'");
    MeasuredReader measured(*db_);
    for (const StudyRun& planned : plan.runs) {
      run.reset();
      run.bind(1, planned.key);
      if (!run.step()) continue;
      Row row{planned, run.text(1), run.number(2).value_or(0), run.integer(3), {}, {}};
      measured.read(run.integer(0), row.metrics, row.objectives);
      act(row);
    }
  });
}

void StudyStore::each_done(const std::function<void(const StoredRun&)>& act) const {
  guarded([&] {
    SqliteStatement run = db_->prepare(std::string(kDoneRuns) + " ORDER BY id");
    MeasuredReader measured(*db_);
    while (run.step()) act(done_run(run, measured));
  });
}

std::optional<StoredRun> StudyStore::find_done(const std::string& key) const {
  return guarded([&]() -> std::optional<StoredRun> {
    SqliteStatement run = db_->prepare(std::string(kDoneRuns) + " AND key = ?");
    run.bind(1, key);
    if (!run.step()) return std::nullopt;
    MeasuredReader measured(*db_);
    return done_run(run, measured);
  });
}

StudyTable StudyStore::table() const {
  const StudyPlan study = plan();
  StudyTable table;
  table.study = study.name;
  table.aims = study.aims;
  table.variations = study.variations;
  for (const std::string& scenario : study.scenarios)
    table.horizons.push_back(horizon_of(scenario));
  std::set<std::uint64_t> seeds;
  for (const StudyRun& run : study.runs) seeds.insert(run.seed);
  table.seeds.assign(seeds.begin(), seeds.end());
  std::map<std::pair<std::string, std::string>, std::size_t> columns;  // by name and unit
  struct Cell {
    std::size_t variation, seed, metric;
    double value;
  };
  std::vector<Cell> cells;
  each_run(study, [&](const Row& row) {
    const auto seed = static_cast<std::size_t>(std::ranges::lower_bound(table.seeds, row.run.seed) -
                                               table.seeds.begin());
    for (const ResultMetric& metric : row.metrics) {
      const auto [at, fresh] =
          columns.emplace(std::pair(metric.name, metric.unit), table.metrics.size());
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
