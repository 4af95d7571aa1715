#include "results/study_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr std::string_view kFinish = "finish it: hyperdc sweep STUDY --resume";

std::optional<std::size_t> variation_named(const StudyTable& table, std::string_view name) {
  for (std::size_t i = 0; i < table.variations.size(); ++i) {
    if (table.variations[i].name == name) return i;
  }
  return std::nullopt;
}

/// "1, 2, 3 and 7 more".
std::string some_of(const std::vector<std::string>& words) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kShown); ++i) {
    text += (i == 0 ? "" : ", ") + words[i];
  }
  if (words.size() > kShown) text += fmt::format(" and {} more", words.size() - kShown);
  return text;
}

std::string numbered(const std::vector<std::uint64_t>& seeds) {
  std::vector<std::string> words;
  for (const std::uint64_t seed : seeds) words.push_back(std::to_string(seed));
  return (seeds.size() == 1 ? "seed " : "seeds ") + some_of(words);
}

class StudyComparer {
 public:
  StudyComparer(const StudyTable& table, const StudyComparisonOptions& options)
      : table_(table), options_(options) {
    out_.study = table.study;
    out_.base = options.base;
    out_.options = options;
  }

  StudyComparison compare() {
    collect_metrics();
    if (!options_.pairs.empty()) {
      compare_pairs();
      return std::move(out_);
    }
    const std::optional<std::size_t> base = variation_named(table_, options_.base);
    if (!base) {
      std::vector<std::string> names;
      for (const StudyVariation& known : table_.variations) names.push_back(known.name);
      refuse("", "", fmt::format("the study has no variation \"{}\"", options_.base),
             names.empty() ? "it has none at all" : "it has " + some_of(names));
      return std::move(out_);
    }
    base_ = *base;
    for (const std::size_t other : others()) compare_variation(other);
    correct();
    return std::move(out_);
  }

 private:
  void compare_pairs() {
    for (const auto& pair : options_.pairs) {
      const std::optional<std::size_t> other = variation_named(table_, pair.first);
      const std::optional<std::size_t> base = variation_named(table_, pair.second);
      HYPERDC_CHECK(other && base, "pairs are of variations of the study");
      base_ = *base;
      compare_variation(*other);
    }
    correct();
  }
  const std::string& base_name() const { return table_.variations[base_].name; }
  void refuse(std::string variation, std::string metric, std::string reason,
              std::string_view hint = {}) {
    out_.refused.push_back(
        {std::move(variation), std::move(metric), std::move(reason), std::string(hint)});
  }
  std::vector<std::size_t> others();
  void collect_metrics();
  void compare_variation(std::size_t other);
  void compare_metric(std::size_t other, std::size_t metric, ComparedVariation& into);
  void measure(StudyDifference& row, std::span<const double> a, std::span<const double> b);
  void correct();
  void judge(StudyDifference& row, double level_to_decide) const;
  bool done(std::size_t variation, std::size_t seed) const;
  const Bootstrap& bootstrap(std::size_t values);

  const StudyTable& table_;
  const StudyComparisonOptions& options_;
  std::size_t base_ = 0;
  std::vector<std::size_t> metrics_;  // places in the table
  std::vector<std::size_t> seeds_;    // places in the table, of the variation at hand
  std::map<std::size_t, Bootstrap> bootstraps_;
  StudyComparison out_;
};

std::vector<std::size_t> StudyComparer::others() {
  std::vector<std::size_t> all;
  if (options_.variations.empty()) {
    for (std::size_t i = 0; i < table_.variations.size(); ++i) {
      if (i != base_) all.push_back(i);
    }
    if (all.empty()) refuse("", "", "the study has the base alone: nothing to compare it with");
    return all;
  }
  for (const std::string& name : options_.variations) {
    const std::optional<std::size_t> found = variation_named(table_, name);
    if (!found) {
      refuse(name, "", "the study has no such variation");
    } else if (*found == base_) {
      refuse(name, "", "it is the base itself");
    } else {
      all.push_back(*found);
    }
  }
  return all;
}

void StudyComparer::collect_metrics() {
  std::map<std::string, std::vector<std::size_t>> places;
  std::vector<std::string> names = options_.metrics;
  for (std::size_t i = 0; i < table_.metrics.size(); ++i) {
    auto& known = places[table_.metrics[i].name];
    if (known.empty() && options_.metrics.empty()) names.push_back(table_.metrics[i].name);
    known.push_back(i);
  }
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) continue;  // asked for twice
    const auto found = places.find(name);
    if (found == places.end()) {
      refuse("", name, "no run of the study has this metric",
             "names of metrics: hyperdc export STUDY");
    } else if (found->second.size() > 1) {
      refuse("", name,
             fmt::format("it is in {} in some runs and in {} in others",
                         table_.metrics[found->second[0]].unit,
                         table_.metrics[found->second[1]].unit));
    } else {
      metrics_.push_back(found->second.front());
    }
  }
}

bool StudyComparer::done(std::size_t variation, std::size_t seed) const {
  for (std::size_t metric = 0; metric < table_.metrics.size(); ++metric) {
    if (table_.at(variation, seed, metric)) return true;
  }
  return false;
}

void StudyComparer::compare_variation(std::size_t other) {
  const std::string& name = table_.variations[other].name;
  std::vector<std::uint64_t> without_base, without_other;
  seeds_.clear();
  ComparedVariation compared{table_.variations[other], base_name(), {}, {}};
  if (!table_.horizons.empty() && table_.horizons[base_] != table_.horizons[other]) {
    return refuse(name, "",
                  fmt::format("it measures another time: {} against {}", table_.horizons[other],
                              table_.horizons[base_]),
                  "compare runs of the same duration and warmup");
  }
  for (std::size_t seed = 0; seed < table_.seeds.size(); ++seed) {
    const bool a = done(base_, seed);
    const bool b = done(other, seed);
    if (a && b) {
      seeds_.push_back(seed);
      compared.seeds.push_back(table_.seeds[seed]);
    } else if (a) {
      without_other.push_back(table_.seeds[seed]);
    } else if (b) {
      without_base.push_back(table_.seeds[seed]);
    }
  }
  if (!without_other.empty() || !without_base.empty()) {
    std::string reason = "seeds must be the same on both sides: ";
    if (!without_other.empty())
      reason += fmt::format("{} has no {}", name, numbered(without_other));
    if (!without_other.empty() && !without_base.empty()) reason += ", ";
    if (!without_base.empty()) {
      reason += fmt::format("{} has no {}", base_name(), numbered(without_base));
    }
    return refuse(name, "", std::move(reason), kFinish);
  }
  if (seeds_.size() < 2) {
    return refuse(
        name, "",
        seeds_.empty() ? "no run of it is done" : "one seed has no uncertainty to judge by",
        seeds_.empty() ? kFinish : "give the study 5 seeds or more");
  }
  for (const std::size_t metric : metrics_) compare_metric(other, metric, compared);
  out_.variations.push_back(std::move(compared));
}

void StudyComparer::compare_metric(std::size_t other, std::size_t metric, ComparedVariation& into) {
  std::vector<double> a, b;
  for (const std::size_t seed : seeds_) {
    if (const auto value = table_.at(base_, seed, metric)) a.push_back(*value);
    if (const auto value = table_.at(other, seed, metric)) b.push_back(*value);
  }
  const StudyMetric& known = table_.metrics[metric];
  // What neither has belongs to other variations; it is missed only if it was asked for.
  if (a.empty() && b.empty() && options_.metrics.empty()) return;
  if (a.size() != seeds_.size() || b.size() != seeds_.size()) {
    const auto having = [&](const std::string& name, std::size_t count) {
      return count == 0
                 ? name + " has no value of it"
                 : fmt::format("{} has a value of it in {} of {} runs", name, count, seeds_.size());
    };
    std::string reason;
    if (a.size() != seeds_.size()) reason = having(base_name(), a.size());
    if (b.size() != seeds_.size()) {
      reason += (reason.empty() ? "" : ", ") + having(into.variation.name, b.size());
    }
    return refuse(into.variation.name, known.name, std::move(reason));
  }
  StudyDifference row;
  row.metric = known.name;
  row.unit = known.unit;
  measure(row, a, b);
  into.differences.push_back(std::move(row));
}

void StudyComparer::measure(StudyDifference& row, std::span<const double> a,
                            std::span<const double> b) {
  row.pairs = paired_statistics(a, b);
  const Moments& difference = row.pairs.difference;
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = b[i] - a[i];
  row.base = t_interval(row.pairs.a, options_.confidence);
  row.other = t_interval(row.pairs.b, options_.confidence);
  row.t = t_interval(difference, options_.confidence);
  row.bootstrap = bootstrap(a.size()).interval(differences, options_.confidence);
  row.interval = options_.method == IntervalMethod::t ? row.t : row.bootstrap;
  const double size = std::fabs(row.pairs.a.mean);
  if (size > 0) row.relative = difference.mean / size;
  const auto own = options_.margins.find(row.metric);
  row.margin_share = own == options_.margins.end() ? options_.margin : own->second;
  row.margin = row.margin_share * size;
  if (difference.skewness) row.coverage = coverage_of_skewed(difference.n, *difference.skewness);
}

const Bootstrap& StudyComparer::bootstrap(std::size_t values) {
  return bootstraps_.try_emplace(values, values, options_.resamples, options_.bootstrap_seed)
      .first->second;
}

void StudyComparer::correct() {
  std::vector<double> p;
  for (const ComparedVariation& variation : out_.variations) {
    for (const StudyDifference& row : variation.differences) p.push_back(row.pairs.p);
  }
  out_.comparisons = p.size();
  const std::vector<double> adjusted = holm_adjusted(p);
  const double alpha = 1 - options_.confidence;
  const auto rejected =
      std::count_if(adjusted.begin(), adjusted.end(), [&](double q) { return q <= alpha; });
  // What the next one to be rejected has to reach.
  const std::size_t left = std::max<std::size_t>(1, p.size() - static_cast<std::size_t>(rejected));
  const double level = 1 - alpha / static_cast<double>(left);
  std::size_t at = 0;
  for (ComparedVariation& variation : out_.variations) {
    for (StudyDifference& row : variation.differences) {
      row.adjusted_p = adjusted[at++];
      judge(row, level);
    }
  }
}

void StudyComparer::judge(StudyDifference& row, double level_to_decide) const {
  const Moments& difference = row.pairs.difference;
  const bool excludes_zero = row.interval.low > 0 || row.interval.high < 0;
  if (row.interval.low >= -row.margin && row.interval.high <= row.margin) {
    row.finding = Finding::same;
  } else if (row.adjusted_p <= 1 - options_.confidence && excludes_zero) {
    row.finding = difference.mean > 0 ? Finding::higher : Finding::lower;
  } else {
    // Either the difference, if it is what was measured, stands out; or the interval is so narrow
    // that it cannot hold both 0 and what lies beyond the margin.
    const auto shown = replications_for_effect(difference.deviation, difference.mean,
                                               level_to_decide, options_.power);
    const auto narrow =
        replications_for_width(difference.deviation, row.margin / 2, level_to_decide);
    row.seeds_to_decide = shown && narrow ? std::min(shown, narrow) : shown ? shown : narrow;
    // By the t interval these would do; a bootstrap that disagrees asks for more.
    if (row.seeds_to_decide) row.seeds_to_decide = std::max(*row.seeds_to_decide, difference.n + 1);
  }
}

}  // namespace

std::string_view name_of(IntervalMethod method) {
  return method == IntervalMethod::t ? "t" : "bootstrap";
}

std::string_view name_of(Finding finding) {
  switch (finding) {
    case Finding::same:
      return "same";
    case Finding::higher:
      return "higher";
    case Finding::lower:
      return "lower";
    case Finding::undecided:
      break;
  }
  return "undecided";
}

StudyComparison compare_study(const StudyTable& table, const StudyComparisonOptions& options) {
  HYPERDC_CHECK(options.confidence > 0 && options.confidence < 1, "a confidence is within 0 and 1");
  return StudyComparer(table, options).compare();
}

namespace {

/// Names of variations in the joined table: "study/name" where several studies have one.
std::vector<std::vector<std::string>> joined_names(std::span<const StudyTable> tables) {
  std::map<std::string, std::size_t> names, studies;
  for (const StudyTable& table : tables) {
    for (const StudyVariation& variation : table.variations) ++names[variation.name];
  }
  std::vector<std::vector<std::string>> out;
  for (const StudyTable& table : tables) {
    const std::size_t count = ++studies[table.study];
    const std::string study = count == 1 ? table.study : fmt::format("{}#{}", table.study, count);
    std::vector<std::string>& of = out.emplace_back();
    for (const StudyVariation& variation : table.variations) {
      of.push_back(names[variation.name] > 1 ? study + "/" + variation.name : variation.name);
    }
  }
  return out;
}

std::size_t all_variations(std::span<const StudyTable> tables) {
  std::size_t count = 0;
  for (const StudyTable& table : tables) count += table.variations.size();
  return count;
}

StudyAims joined_aims(std::span<const StudyTable> tables) {
  StudyAims all;
  std::set<std::string> unlike;
  for (const StudyTable& table : tables) {
    for (const std::string& metric : table.aims.metrics) {
      if (std::find(all.metrics.begin(), all.metrics.end(), metric) == all.metrics.end()) {
        all.metrics.push_back(metric);
      }
    }
    for (const auto& margin : table.aims.margins) {
      const auto known = all.margins.insert(margin).first;
      if (known->second != margin.second) unlike.insert(margin.first);
    }
  }
  for (const std::string& metric : unlike) all.margins.erase(metric);
  return all;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> pairs_by_name(std::span<const StudyTable> tables,
                                                               std::vector<std::string>& alone) {
  const std::vector<std::vector<std::string>> names = joined_names(tables);
  std::vector<std::pair<std::string, std::string>> pairs;
  std::set<std::size_t> met;
  for (std::size_t t = 1; t < tables.size(); ++t) {
    for (std::size_t v = 0; v < tables[t].variations.size(); ++v) {
      const auto first = variation_named(tables.front(), tables[t].variations[v].name);
      if (first) {
        met.insert(*first);
        pairs.emplace_back(names[t][v], names.front()[*first]);
      } else {
        alone.push_back(names[t][v]);
      }
    }
  }
  for (std::size_t v = 0; v < names.front().size(); ++v) {
    if (met.count(v) == 0) alone.push_back(names.front()[v]);
  }
  return pairs;
}

StudyTable joined_studies(std::span<const StudyTable> tables) {
  StudyTable all;
  all.aims = joined_aims(tables);
  const std::vector<std::vector<std::string>> names = joined_names(tables);
  std::map<std::pair<std::string, std::string>, std::size_t> metrics;
  std::set<std::uint64_t> seeds;
  for (const StudyTable& table : tables) {
    all.study += (all.study.empty() ? "" : ", ") + table.study;
    all.horizons.insert(all.horizons.end(), table.horizons.begin(), table.horizons.end());
    seeds.insert(table.seeds.begin(), table.seeds.end());
    for (const StudyMetric& metric : table.metrics) {
      if (metrics.try_emplace({metric.name, metric.unit}, all.metrics.size()).second) {
        all.metrics.push_back(metric);
      }
    }
  }
  all.seeds.assign(seeds.begin(), seeds.end());
  if (all.horizons.size() != all_variations(tables)) all.horizons.clear();
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const StudyTable& table = tables[t];
    for (std::size_t v = 0; v < table.variations.size(); ++v) {
      all.variations.push_back(table.variations[v]);
      all.variations.back().name = names[t][v];
      const std::size_t begin = all.values.size();
      all.values.resize(begin + all.seeds.size() * all.metrics.size());
      for (std::size_t s = 0; s < table.seeds.size(); ++s) {
        const auto place = std::lower_bound(all.seeds.begin(), all.seeds.end(), table.seeds[s]);
        const auto row = static_cast<std::size_t>(place - all.seeds.begin());
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
          const StudyMetric& metric = table.metrics[m];
          const std::size_t column = metrics.at({metric.name, metric.unit});
          all.values[begin + row * all.metrics.size() + column] = table.at(v, s, m);
        }
      }
    }
  }
  return all;
}

}  // namespace hyperdc
