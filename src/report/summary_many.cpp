#include "report/summary_many.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/units.hpp>

#include "report/fabric_tables.hpp"
#include "report/format.hpp"
#include "report/metric_info.hpp"
#include "report/scenario_rows.hpp"
#include "report/service_tables.hpp"
#include "report/storage_tables.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kWidestScenario = 22, kNarrowestScenario = 8;
constexpr std::size_t kWidestLabel = 36;  // beside its values

class ManyRuns {
 public:
  ManyRuns(std::span<const RunResult> results, const ScreenOptions& options)
      : results_(results),
        style_(options.style),
        options_(options),
        comparison_(compare_results(results, options.detail)) {}

  std::string render();

 private:
  std::size_t scenarios() const { return comparison_.scenarios.size(); }
  std::string title() const;
  std::string objectives() const;
  std::string objective_list() const;
  std::string rows();
  void add_columns(Table& table) const;
  std::vector<std::string> titles() const;
  std::vector<Cell> row_cells(const ComparedRow& row, const std::string& label);
  void add_best(std::vector<Cell>& cells, const ComparedRow& row) const;
  void add_difference(std::vector<Cell>& cells, const ComparedRow& row) const;
  std::string body();
  std::string footer() const;
  std::size_t finished() const {
    return static_cast<std::size_t>(std::count_if(results_.begin(), results_.end(),
                                                  [](const RunResult& r) { return r.complete; }));
  }
  bool branched() const { return !options_.branched_at.empty(); }
  bool interrupted() const { return finished() < std::max(options_.runs, results_.size()); }
  std::size_t seeds() const { return comparison_.seeds.front().size(); }

  std::span<const RunResult> results_;
  TextStyle style_;
  const ScreenOptions& options_;
  Comparison comparison_;
  Notes notes_;
  std::size_t name_width_ = kWidestScenario;
};

/// "JOBS philly", "POOL gpu", "REGION us-east", as titles of groups of rows.
std::string group_title(const RunResult& result, const MetricParts& parts) {
  if (parts.scope == "workloads") {
    if (is_service(result, parts.owner)) return "SERVICE  " + parts.owner;
    if (is_transfers(result, parts.owner)) return "TRANSFERS  " + parts.owner;
    if (is_collectives(result, parts.owner)) return "COLLECTIVES  " + parts.owner;
    if (is_storage_requests(result, parts.owner)) return "REQUESTS  " + parts.owner;
    return "JOBS  " + parts.owner;
  }
  if (parts.scope == "pools") return "POOL  " + parts.owner;
  if (parts.scope == "regions") return "PLANT  " + parts.owner;
  if (parts.scope == "fabrics") return "FABRIC  " + parts.owner;
  if (parts.scope == "storage") return "STORAGE  " + parts.owner;
  if (parts.scope == "growth") return "GROWTH  " + parts.owner;
  if (parts.scope == "market") return "MARKET  " + parts.owner;
  if (parts.scope == "buyers") return "BUYER  " + parts.owner;
  if (parts.scope == "outlooks") return "OUTLOOK (no forecast)  " + parts.owner;
  if (parts.scope == "failures") return "FAILURES  " + parts.owner;
  if (parts.scope == "control_planes") return "CONTROL PLANE  " + parts.owner;
  return "ALL";
}

std::string ManyRuns::title() const {
  std::string names;
  if (scenarios() == 2) {
    names = comparison_.scenarios[1] + " against " + comparison_.scenarios[0];
  } else if (scenarios() == 1) {
    names = comparison_.scenarios[0];
  } else {
    names = fmt::format("{} {}", scenarios(), branched() ? "branches" : "scenarios");
  }
  if (branched()) names += " · from " + options_.branched_at + " on";
  std::string text = printable(names);
  const bool same_seeds = std::all_of(comparison_.seeds.begin(), comparison_.seeds.end(),
                                      [&](const auto& s) { return s == comparison_.seeds[0]; });
  if (same_seeds) {
    text += fmt::format(" · {} {}", seeds() == 1 ? "seed" : "seeds",
                        seed_list(comparison_.seeds.front()));
    if (seeds() > 1 && comparison_.varies && !comparison_.partial)
      text += " · mean ± 95 % interval";
  }
  std::string out = paragraph(style_, text, Ink::strong);
  const std::string verdict = verdict_sentence(comparison_);
  if (!verdict.empty()) out += paragraph(style_, printable(verdict), Ink::accent);
  if (interrupted()) {
    out += paragraph(style_,
                     fmt::format("INTERRUPTED: {} of {} runs finished{}", finished(), options_.runs,
                                 comparison_.partial ? "; scenarios without a finished run show "
                                                       "what they measured so far"
                                                     : ""),
                     Ink::warn);
  }
  return out;
}

std::string ManyRuns::objectives() const {
  if (comparison_.objectives.empty()) return {};
  Table table(style_);
  table.column(Align::left, 1);
  table.column(Align::left);
  std::vector<std::string> titles = {"OBJECTIVES met", ""};
  for (const std::string& name : comparison_.scenarios) {
    table.column(Align::right, 3);
    titles.push_back(shorten(name, name_width_));
  }
  table.header(std::move(titles));
  for (const ComparedObjective& objective : comparison_.objectives) {
    std::vector<Cell> cells = {{objective.metric}, {objective.limit}};
    for (std::size_t i = 0; i < scenarios(); ++i) {
      const std::size_t runs = comparison_.seeds[i].size();
      if (!objective.met[i]) {
        cells.emplace_back();
        continue;
      }
      const bool all = *objective.met[i] == runs;
      const std::string mark = all ? "✓" : "✗";
      cells.push_back({runs == 1 ? mark : fmt::format("{} {} of {}", mark, *objective.met[i], runs),
                       all ? Ink::good : Ink::bad});
    }
    table.row(std::move(cells));
  }
  return table.width() <= kScreenWidth ? below_blank(table.render()) : objective_list();
}

/// For many scenarios: who misses an objective, one paragraph each.
std::string ManyRuns::objective_list() const {
  std::string out = below_blank(line(style_, "OBJECTIVES", Ink::strong));
  for (const ComparedObjective& objective : comparison_.objectives) {
    std::string missed;
    for (std::size_t i = 0; i < scenarios(); ++i) {
      const std::size_t runs = comparison_.seeds[i].size();
      if (!objective.met[i] || *objective.met[i] == runs) continue;
      missed += fmt::format("{}{}", missed.empty() ? "" : ", ", comparison_.scenarios[i]);
      if (runs > 1) missed += fmt::format(" (met in {} of {})", *objective.met[i], runs);
    }
    const bool all = missed.empty();
    out += paragraph(style_,
                     fmt::format("{} {} {}: {}", all ? "✓" : "✗", objective.metric, objective.limit,
                                 all ? "met by all" : "missed by " + missed),
                     all ? Ink::good : Ink::bad);
  }
  return out;
}

void ManyRuns::add_columns(Table& table) const {
  table.column(Align::left, 1);
  table.column(Align::left);
  for (std::size_t i = 0; i < scenarios(); ++i) {
    table.column(Align::right, 3);
    table.column(Align::left, 1);  // the half width
  }
  if (scenarios() <= 2) table.column(Align::right, 3);
  if (scenarios() <= 2) table.column(Align::left, 1);
  table.column(Align::left, 2);
}

std::vector<std::string> ManyRuns::titles() const {
  if (scenarios() == 1) return {"", "", "mean", "", "lowest to", "", "highest"};
  std::vector<std::string> titles = {"", ""};
  for (const std::string& name : comparison_.scenarios) {
    titles.push_back(shorten(name, name_width_));
    titles.emplace_back();
  }
  if (!comparison_.paired) return titles;
  if (scenarios() == 2) {
    titles.emplace_back("difference");
    return titles;
  }
  if (!comparison_.one_seed) titles.emplace_back("best");
  return titles;
}

/// "+50.5 ±2.4" and its unit: percent of the base, points for shares, else as the values.
std::pair<std::string, std::string> difference_texts(const ComparedRow& row) {
  const double base = *row.values[0].mean;
  const double mean = row.difference->mean;
  const double half = row.difference->half_width.value_or(0);
  if (row.show == Show::share || base == 0) {
    const RowScale scale = scale_of(row);
    std::string text = fmt::format("{}{}", mean > 0 ? "+" : "", in_scale(mean, scale));
    if (half > 0) text += fmt::format(" ±{}", in_scale(half, scale));
    return {text, row.show == Show::share ? std::string("pp") : scale.unit};
  }
  if (mean / std::fabs(base) >= 9) {  // more than tenfold: percents are hard to grasp
    const double ratio = 1 + mean / base, width = half / std::fabs(base);
    const RowScale scale = row_scale({&ratio, 1}, {&width, 1}, Show::number);
    std::string text = fmt::format("× {}", in_scale(ratio, scale));
    if (half > 0) text += fmt::format(" ±{}", in_scale(width, scale));
    return {text, std::string()};
  }
  const double percent = 100 * mean / std::fabs(base);
  const double width = 100 * half / std::fabs(base);
  const bool all_gone = percent < -99 && percent > -100;
  const int decimals = std::fabs(percent) >= 100 ? 0 : std::fabs(percent) >= 1 && !all_gone ? 1 : 2;
  std::string text = fmt::format("{:+.{}f}", percent, decimals);
  if (half > 0) text += fmt::format(" ±{:.{}f}", width, decimals);
  return {text, std::string("%")};
}

void ManyRuns::add_difference(std::vector<Cell>& cells, const ComparedRow& row) const {
  if (!row.difference) return;
  if (row.verdict == Verdict::same && row.difference->mean == 0) {
    cells.insert(cells.end(), {{}, {}, {"same"}});
    return;
  }
  const auto [text, unit] = difference_texts(row);
  cells.push_back({text, ink_of(row.verdict)});
  cells.push_back({unit, Ink::faint});
  cells.push_back({std::string(word_of(row.verdict)), ink_of(row.verdict)});
}

std::vector<Cell> ManyRuns::row_cells(const ComparedRow& row, const std::string& label) {
  const RowScale scale = scale_of(row);
  const bool any = std::any_of(row.values.begin(), row.values.end(),
                               [](const ComparedValue& value) { return value.mean.has_value(); });
  std::vector<Cell> cells = {{label}, {any ? scale.unit : std::string(), Ink::faint}};
  for (std::size_t i = 0; i < scenarios(); ++i) {
    for (Cell& cell : value_cells(row, i, scale, notes_)) cells.push_back(std::move(cell));
  }
  if (scenarios() == 1) {
    const ComparedValue& value = row.values.front();
    if (value.min && value.min != value.max) {
      cells.push_back({in_scale(*value.min, scale), Ink::faint});
      cells.emplace_back();
      cells.push_back({in_scale(*value.max, scale), Ink::faint});
    }
  } else if (scenarios() == 2) {
    add_difference(cells, row);
  } else {
    add_best(cells, row);
  }
  return cells;
}

void ManyRuns::add_best(std::vector<Cell>& cells, const ComparedRow& row) const {
  if (row.all_same) {
    cells.push_back({"same"});
  } else if (row.best.size() == 1) {
    cells.push_back({shorten(comparison_.scenarios[row.best.front()], name_width_), Ink::good});
  } else if (!row.best.empty()) {
    cells.push_back({fmt::format("one of {}", row.best.size()), Ink::warn});
  }
}

/// Empty if it is wider than the screen and names can still be shortened.
std::string ManyRuns::rows() {
  Table table(style_);
  add_columns(table);
  table.header(titles());
  std::string group;
  for (const ComparedRow& row : comparison_.rows) {
    const std::string title = group_title(results_.front(), row.parts);
    if (title != group) table.row({{shorten(printable(title), 40), Ink::strong}});
    group = title;
    std::string label = fmt::format(" {}", row.label);
    if (display_width(label) > kWidestLabel) {
      for (std::string& piece : folded(std::exchange(label, {}), kScreenWidth - 1)) {
        table.across({std::move(piece)});
      }
    }
    table.row(row_cells(row, label));
  }
  const bool narrowest = name_width_ == kNarrowestScenario && scenarios() <= 2;
  return table.width() <= kScreenWidth || narrowest ? below_blank(table.render()) : std::string();
}

/// Side by side, with shorter names if need be; more than two that do not fit stand one below the
/// other, with a column for each metric.
std::string ManyRuns::body() {
  if (comparison_.rows.empty()) return below_blank(line(style_, "no run has finished", Ink::faint));
  for (name_width_ = kWidestScenario; name_width_ >= kNarrowestScenario; name_width_ -= 2) {
    const std::string table = rows();
    if (!table.empty()) return table;
    if (name_width_ <= 12 && scenarios() > 2) break;
  }
  name_width_ = kWidestScenario;
  return scenario_rows(comparison_, style_, notes_);
}

std::string ManyRuns::footer() const {
  std::string files;
  for (const std::string& file : options_.files) files += " " + file;
  std::string out;
  const bool margin =
      std::any_of(comparison_.rows.begin(), comparison_.rows.end(), [](const ComparedRow& row) {
        return row.verdict == Verdict::same && row.difference && row.difference->mean != 0;
      });
  if (margin) {
    out +=
        paragraph(style_, "same: within 0.1 % of the base, or 0.1 percentage points", Ink::faint);
  }
  if (scenarios() > 1 && !comparison_.paired && !interrupted()) {
    out += paragraph(style_,
                     "The scenarios ran with different seeds, so they are not compared.  "
                     "next: hyperdc run" +
                         files + " --seed 1 --seeds 5");
  } else if (branched() && !interrupted()) {
    out += paragraph(style_,
                     "One seed: another run of chance may differ.  next: the same with "
                     "--seed 2",
                     Ink::plain);
  } else if (seeds() == 1 && !interrupted()) {
    out += paragraph(style_, "One seed each: a difference may be chance.  next: hyperdc run" +
                                 files + " --seeds 5");
  } else if (!comparison_.varies && !comparison_.partial) {
    out += paragraph(style_,
                     fmt::format("The {} seeds gave the same numbers: nothing here is "
                                 "drawn at random.",
                                 seeds()),
                     Ink::faint);
  } else if (scenarios() > 1 && !comparison_.partial) {
    out += paragraph(style_,
                     "Seeds are paired; each row stands alone (no correction for the "
                     "number of rows).",
                     Ink::faint);
  }
  return out.empty() ? out : below_blank(out);
}

std::string ManyRuns::render() {
  const std::string table = body();  // first: it decides how long names may be
  std::string out = title();
  out += objectives();
  out += table;
  const std::string notes = notes_.render(style_);
  if (!notes.empty()) out += below_blank(notes);
  return out + footer();
}

}  // namespace

std::string summary_many(std::span<const RunResult> results, const ScreenOptions& options) {
  if (results.empty()) return {};
  return ManyRuns(results, options).render();
}

}  // namespace hyperdc
