#include "report/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <utility>

namespace hyperdc {
namespace {

/// What is shown of a metric family in the compact screen, in this order.
struct Pick {
  std::string_view scope, quantity, statistic;
};
constexpr auto kCompact = std::to_array<Pick>({
    {"workloads", "finished", ""},
    {"workloads", "rejected", ""},
    {"workloads", "unfinished", ""},
    {"workloads", "preempted", ""},
    {"workloads", "restarts", ""},
    {"workloads", "efficiency", ""},
    {"workloads", "wait", "mean"},
    {"workloads", "wait", "p95"},
    {"workloads", "completion", "mean"},
    {"workloads", "completion", "p95"},
    {"workloads", "slowdown", "mean"},
    {"workloads", "ettr", ""},
    {"workloads", "goodput", ""},
    {"workloads", "mfu", ""},
    {"workloads", "makespan", ""},
    {"workloads", "offered", ""},
    {"workloads", "attainment", ""},
    {"workloads", "ttft", "p99"},
    {"workloads", "tpot", "p99"},
    {"workloads", "latency", "mean"},
    {"workloads", "latency", "p99"},
    {"workloads", "failed_share", ""},
    {"workloads", "retries", ""},
    {"workloads", "replica_time", ""},
    {"workloads", "cost", ""},
    {"workloads", "flows_completed", ""},
    {"workloads", "flow_time", "p50"},
    {"workloads", "flow_time", "p99"},
    {"workloads", "flow_slowdown", "mean"},
    {"workloads", "flow_slowdown", "p99"},
    {"workloads", "flow_throughput", ""},
    {"workloads", "collectives", ""},
    {"workloads", "exchange", "mean"},
    {"workloads", "exchange_share", ""},
    {"workloads", "bus_bandwidth", ""},
    {"workloads", "network", "p99"},
    {"workloads", "POOL.ready", "mean"},
    {"workloads", "POOL.utilization", "mean"},
    {"pools", "allocation_at.N", ""},
    {"pools", "fragmentation_at.N", ""},
    {"pools", "allocation.accelerators", "mean"},
    {"pools", "allocation.cores", "mean"},
    {"pools", "fragmentation", "mean"},
    {"pools", "waiting", "max"},
    {"pools", "nodes", "mean"},
    {"pools", "nodes.time", ""},
    {"fabrics", "tiers.TIER.utilization", "mean"},
    {"fabrics", "tiers.TIER.utilization", "max"},
    {"fabrics", "waiting", "mean"},
    {"growth", "unserved_share", "p50"},
    {"growth", "unserved_share", "p90"},
    {"growth", "idle", "p50"},
    {"growth", "capex", "p50"},
    {"growth", "cost_per_hour", "p50"},
    {"growth", "npv", "p10"},
    {"growth", "npv", "p50"},
    {"growth", "regret", "mean"},
    {"market", "utilization", "mean"},
    {"market", "revenue", ""},
    {"market", "tenants.TENANT.served_share", ""},
    {"market", "tenants.TENANT.cost_per_useful_hour", ""},
    {"buyers", "cost", "mean"},
    {"buyers", "cost", "cvar95"},
    {"buyers", "objective", ""},
    {"buyers", "missed_share", "mean"},
    {"buyers", "unused_share", "mean"},
    {"regions", "energy", ""},
    {"regions", "power", "max"},
    {"regions", "power.share_of_limit", ""},
    {"", "concentration.hhi", ""},
    {"", "concentration.top_4", ""},
    {"", "concentration.rentable_hhi", ""},
    {"", "concentration.able", ""},
    {"", "cost.energy", ""},
    {"", "cost.total", ""},
});
constexpr std::size_t kDemandPoints = 2;  // of each pool in the compact screen

class Builder {
 public:
  explicit Builder(std::span<const RunResult> results) {
    for (const RunResult& result : results) {
      if (index(result.scenario) == comparison_.scenarios.size()) {
        comparison_.scenarios.push_back(result.scenario);
      }
    }
    const auto whole = [&](const std::string& scenario) {
      return std::any_of(results.begin(), results.end(), [&](const RunResult& result) {
        return result.scenario == scenario && result.complete;
      });
    };
    for (const RunResult& result : results) {
      const bool partial = !whole(result.scenario);
      comparison_.partial = comparison_.partial || partial;
      if (!partial && !result.complete) continue;
      runs_.push_back(result);
      runs_.back().complete = true;
    }
  }

  Comparison build(Detail detail) {
    collect_seeds();
    collect_objectives();
    collect_rows();
    label_rows();
    pairs_.emplace(runs_);
    for (ComparedRow& row : comparison_.rows) judge_row(row);
    if (detail == Detail::compact) comparison_.rows = compact_rows(comparison_.rows);
    return std::move(comparison_);
  }

 private:
  std::size_t index(const std::string& scenario) const {
    const auto& names = comparison_.scenarios;
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), scenario) -
                                    names.begin());
  }
  void collect_seeds();
  void collect_objectives();
  void collect_rows();
  void label_rows();
  void judge_row(ComparedRow& row);
  void judge_best(ComparedRow& row);

  std::vector<RunResult> runs_;
  std::optional<PairedRuns> pairs_;  // of runs_, once they are all there
  Comparison comparison_;
};

void Builder::collect_seeds() {
  comparison_.seeds.resize(comparison_.scenarios.size());
  for (const RunResult& run : runs_) comparison_.seeds[index(run.scenario)].push_back(run.seed);
  for (auto& seeds : comparison_.seeds) std::sort(seeds.begin(), seeds.end());
  comparison_.paired = !comparison_.partial && comparison_.scenarios.size() > 1;
  for (const auto& seeds : comparison_.seeds) {
    comparison_.paired = comparison_.paired && seeds == comparison_.seeds.front();
  }
  comparison_.one_seed = comparison_.paired && comparison_.seeds.front().size() == 1;
}

void Builder::collect_objectives() {
  for (const RunResult& run : runs_) {
    const std::size_t scenario = index(run.scenario);
    for (const ResultObjective& objective : run.objectives) {
      const std::string limit = limit_text(objective);
      auto& all = comparison_.objectives;
      auto found = std::find_if(all.begin(), all.end(), [&](const ComparedObjective& known) {
        return known.metric == objective.metric && known.limit == limit;
      });
      if (found == all.end()) {
        all.push_back({objective.metric, limit, {}});
        all.back().met.resize(comparison_.scenarios.size());
        found = all.end() - 1;
      }
      std::optional<std::size_t>& met = found->met[scenario];
      met = met.value_or(0) + (objective.met ? 1 : 0);
    }
  }
}

void Builder::collect_rows() {
  std::map<std::string, std::size_t> places;
  for (const SummaryRow& summary : summarise(runs_)) {
    const auto [place, fresh] = places.emplace(summary.metric, comparison_.rows.size());
    if (fresh) {
      ComparedRow row;
      row.metric = summary.metric;
      row.unit = summary.unit;
      row.parts = metric_parts(summary.metric);
      row.show = show_of(summary.metric, summary.unit);
      row.better = better_of(row.parts);
      row.values.resize(comparison_.scenarios.size());
      comparison_.rows.push_back(std::move(row));
    }
    const std::size_t scenario = index(summary.scenario);
    const bool interval = !comparison_.partial;
    comparison_.rows[place->second].values[scenario] = {
        true,        summary.mean, interval ? summary.half_width : std::nullopt,
        summary.min, summary.max,  {}};
    comparison_.varies = comparison_.varies || summary.min != summary.max;
  }
  for (const RunResult& run : runs_) {
    for (const ResultMetric& metric : run.metrics) {
      ComparedValue& value = comparison_.rows[places.at(metric.name)].values[index(run.scenario)];
      if (!value.mean && value.reason.empty()) value.reason = metric.reason;
    }
  }
}

void Builder::label_rows() {
  for (ComparedRow& row : comparison_.rows) {
    row.label = metric_label(row.parts, row.metric);
    if (row.parts.quantity == "wait" && preempts(comparison_.rows, row.parts.owner)) {
      row.label = row.label.replace(0, row.parts.info->label.size(), kWaitOfPreempted);
    }
  }
}

void Builder::judge_row(ComparedRow& row) {
  if (!comparison_.paired) return;
  if (comparison_.scenarios.size() > 2) return judge_best(row);
  row.difference =
      pairs_->difference(comparison_.scenarios[0], comparison_.scenarios[1], row.metric);
  if (row.difference) {
    const Better better = comparison_.one_seed ? Better::neither : row.better;
    row.verdict = judge(*row.difference, *row.values[0].mean, row.show, better);
  }
}

void Builder::judge_best(ComparedRow& row) {
  if (row.better == Better::neither) {
    const ComparedValue& first = row.values.front();
    row.all_same =
        first.mean &&
        std::all_of(row.values.begin(), row.values.end(), [&](const ComparedValue& value) {
          return value.mean == first.mean && value.min == first.min && value.max == first.max;
        });
    return;
  }
  std::optional<std::size_t> top;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (!row.values[i].mean) return;
    const double mean = *row.values[i].mean;
    if (!top || (row.better == Better::lower ? mean < *row.values[*top].mean
                                             : mean > *row.values[*top].mean)) {
      top = i;
    }
  }
  if (!top) return;
  std::vector<std::size_t> unbeaten;
  bool all_same = true;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    if (i == *top) {
      unbeaten.push_back(i);
      continue;
    }
    const auto difference =
        pairs_->difference(comparison_.scenarios[*top], comparison_.scenarios[i], row.metric);
    if (!difference) return;
    const Verdict verdict = judge(*difference, *row.values[*top].mean, row.show, row.better);
    if (verdict != Verdict::worse) unbeaten.push_back(i);
    all_same = all_same && verdict == Verdict::same;
  }
  if (!comparison_.one_seed) row.best = std::move(unbeaten);
  row.all_same = all_same;
}

bool known_somewhere(const ComparedRow& row) {
  return std::any_of(row.values.begin(), row.values.end(),
                     [](const ComparedValue& value) { return value.mean.has_value(); });
}

bool zero_everywhere(const ComparedRow& row) {
  return std::all_of(row.values.begin(), row.values.end(), [](const ComparedValue& value) {
    return !value.present || (value.min == 0.0 && value.max == 0.0);
  });
}

/// Rows of one pool, workload or region.
struct Owner {
  std::string scope, name;
  std::vector<const ComparedRow*> rows;
  bool demand_points = false, accelerators = false;
  std::vector<std::string> points;  // that are shown
};

std::vector<Owner> group_by_owner(const std::vector<ComparedRow>& rows) {
  std::vector<Owner> all;
  for (const ComparedRow& row : rows) {
    auto owner = std::find_if(all.begin(), all.end(), [&](const Owner& known) {
      return known.scope == row.parts.scope && known.name == row.parts.owner;
    });
    if (owner == all.end()) {
      all.push_back({row.parts.scope, row.parts.owner, {}, false, false, {}});
      owner = all.end() - 1;
    }
    owner->rows.push_back(&row);
    owner->accelerators |= row.parts.quantity == "allocation.accelerators";
    if (row.parts.quantity != "allocation_at.N") continue;
    owner->demand_points = true;
    owner->points.push_back(row.parts.number);
  }
  // 100 % of demand and the last point: where a pool is full.
  for (Owner& owner : all) {
    std::stable_partition(owner.points.begin(), owner.points.end(),
                          [](const std::string& number) { return number != "100"; });
    if (owner.points.size() > kDemandPoints) {
      owner.points.erase(owner.points.begin(),
                         owner.points.end() - static_cast<std::ptrdiff_t>(kDemandPoints));
    }
  }
  return all;
}

bool is_picked(const Owner& owner, const Pick& pick, const ComparedRow& row) {
  const MetricParts& parts = row.parts;
  if (parts.quantity != pick.quantity || parts.statistic != pick.statistic) return false;
  if (pick.quantity == "allocation.cores" && owner.accelerators) return false;
  // At points of demand a pool is seen better than by means over time.
  if (owner.demand_points && owner.scope == "pools" && parts.statistic == "mean") return false;
  if (!parts.number.empty() &&
      std::find(owner.points.begin(), owner.points.end(), parts.number) == owner.points.end()) {
    return false;
  }
  // Energy that is not known is worth a line that says why.
  if (!known_somewhere(row)) return parts.quantity == "energy";
  return parts.quantity == "finished" || !zero_everywhere(row);
}

}  // namespace

std::vector<ComparedRow> compact_rows(const std::vector<ComparedRow>& rows) {
  const std::vector<Owner> all = group_by_owner(rows);
  std::vector<ComparedRow> picked;
  for (const std::string_view scope :
       {"growth", "market", "buyers", "workloads", "pools", "fabrics", "regions", ""}) {
    for (const Owner& owner : all) {
      if (owner.scope != scope) continue;
      for (const Pick& pick : kCompact) {
        if (pick.scope != scope) continue;
        for (const ComparedRow* row : owner.rows) {
          if (is_picked(owner, pick, *row)) picked.push_back(*row);
        }
      }
    }
  }
  return picked;
}

Ink ink_of(Verdict verdict) {
  if (verdict == Verdict::better) return Ink::good;
  if (verdict == Verdict::worse) return Ink::bad;
  return verdict == Verdict::undecided ? Ink::warn : Ink::plain;
}

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same";
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::higher:
      return "higher";
    case Verdict::lower:
      return "lower";
    case Verdict::undecided:
      return "undecided";
    case Verdict::none:
      break;
  }
  return {};
}

Verdict judge(const MeanInterval& difference, double base, Show show, Better better) {
  const double margin = show == Show::share ? kSameMargin : kSameMargin * std::fabs(base);
  const double size = std::fabs(difference.mean);
  const double half = difference.half_width.value_or(0);
  if (size + half <= margin) return Verdict::same;
  if (size <= half) return Verdict::undecided;
  const bool higher = difference.mean > 0;
  if (better == Better::neither) return higher ? Verdict::higher : Verdict::lower;
  return higher == (better == Better::higher) ? Verdict::better : Verdict::worse;
}

bool preempts(std::span<const ComparedRow> rows, std::string_view workload) {
  return std::any_of(rows.begin(), rows.end(), [&](const ComparedRow& row) {
    return row.parts.quantity == "preempted" && row.parts.owner == workload &&
           std::any_of(row.values.begin(), row.values.end(),
                       [](const ComparedValue& value) { return value.max.value_or(0) > 0; });
  });
}

RowScale scale_of(const ComparedRow& row) {
  std::vector<double> means, halves;
  for (const ComparedValue& value : row.values) {
    if (value.mean) means.push_back(*value.mean);
    if (value.half_width) halves.push_back(*value.half_width);
  }
  return row_scale(means, halves, row.show);
}

std::vector<Cell> value_cells(const ComparedRow& row, std::size_t scenario, const RowScale& scale,
                              Notes& notes) {
  const ComparedValue& value = row.values[scenario];
  const bool winner = row.best.size() == 1 && row.best.front() == scenario;
  Cell mean{{}, winner ? Ink::good : Ink::plain}, half{{}, Ink::faint};
  if (value.mean) {
    mean.text = in_scale(*value.mean, scale);
    if (value.half_width.value_or(0) > 0) {
      half.text = fmt::format("±{}", in_scale(*value.half_width, scale));
    }
  } else if (value.present) {
    notes.missing(row.metric, value.reason);
    mean = {"–", Ink::faint};
  }
  return {mean, half};
}

Comparison compare_results(std::span<const RunResult> results, Detail detail) {
  return Builder(results).build(detail);
}

}  // namespace hyperdc
