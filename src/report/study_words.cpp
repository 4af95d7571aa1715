// The sentences and warnings below a compared variation, and how its differences are written.
#include "report/study_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>
#include <map>
#include <utility>

#include "report/format.hpp"
#include "report/study_screens.hpp"

namespace hyperdc {
namespace {

constexpr double kMostPercent = 10;  // larger changes than 1,000 % are shown in their own unit
constexpr std::size_t kNamed = 5;    // metrics of one kind in a sentence

std::string label_of(const StudyDifference& row) {
  const MetricParts parts = metric_parts(row.metric);
  const std::string label = metric_label(parts, row.metric);
  return parts.owner.empty() || parts.info == nullptr ? label : parts.owner + " " + label;
}

/// "web latency p99; batch wait mean and 3 more": commas of labels would read as a list.
std::string listed(std::vector<std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) {
    std::string name = names[i];
    for (std::size_t at = 0; (at = name.find(", ", at)) != std::string::npos;) name.erase(at, 1);
    text += fmt::format("{}{}", i == 0 ? "" : ", ", name);
  }
  if (names.size() > kNamed) text += fmt::format(" and {} more", names.size() - kNamed);
  return text;
}

/// Decimals that a half width needs: one digit of it or two.
int decimals_of(double half) {
  if (half >= 50) return 0;
  if (half >= 0.5) return 1;
  return half >= 0.05 ? 2 : 3;
}

std::string with_sign(double value, int decimals) {
  const RowScale scale{1, {}, decimals, false, Show::number};
  const std::string text = in_scale(value, scale);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return value > 0 && !zero ? fmt::format("+{}", text) : text;
}

DifferenceText scaled(const StudyDifference& row, double factor, std::string_view unit) {
  const double mean = row.pairs.difference.mean * factor;
  const double low = row.interval.low * factor;
  const double high = row.interval.high * factor;
  const double half = (high - low) / 2;
  // Without noise as many as the difference needs.
  const int decimals = decimals_of(half > 0 ? half : std::fabs(mean));
  const std::string suffix = unit.empty() ? std::string() : fmt::format(" {}", unit);
  return {with_sign(mean, decimals) + suffix, with_sign(low, decimals), with_sign(high, decimals)};
}

/// "about 180 seeds", "more than 1 000 000 seeds".
std::string seeds_to_decide(const StudyDifference& row) {
  if (!row.seeds_to_decide) {
    return fmt::format("more than {} seeds", grouped(static_cast<double>(kMostReplications)));
  }
  // The deviation is itself an estimate: two digits are what is known.
  double seeds = static_cast<double>(*row.seeds_to_decide);
  double step = 1;
  while (seeds >= 100 * step) step *= 10;
  seeds = std::ceil(seeds / step) * step;
  return fmt::format("about {} seeds", grouped(seeds));
}

}  // namespace

std::vector<std::string> row_labels(const ComparedVariation& variation) {
  std::vector<std::string> labels;
  std::map<std::string, std::size_t> count;
  for (const StudyDifference& row : variation.differences) {
    labels.push_back(label_of(row));
    ++count[labels.back()];
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (count[labels[i]] > 1) labels[i] = variation.differences[i].metric;
  }
  return labels;
}

std::string percent_text(double share) {
  return fmt::format("{:.4g} %", share * 100);
}

DifferenceText difference_text(const StudyDifference& row, Show show) {
  if (show == Show::share) return scaled(row, 100, "pp");
  const double base = std::fabs(row.pairs.a.mean);
  if (std::fabs(row.pairs.difference.mean) < kMostPercent * base) {
    return scaled(row, 100 / base, "%");
  }
  const std::array<double, 3> values{row.pairs.difference.mean, row.interval.low,
                                     row.interval.high};
  RowScale scale = row_scale(values, {}, show);
  if (scale.apart) scale = row_scale(std::array{values[0]}, {}, show);
  return scaled(row, 1 / scale.factor, scale.unit);
}

std::optional<double> median_variance_ratio(const StudyComparison& comparison) {
  std::vector<double> ratios;
  for (const ComparedVariation& variation : comparison.variations) {
    for (const StudyDifference& row : variation.differences) {
      if (row.pairs.variance_ratio) ratios.push_back(*row.pairs.variance_ratio);
    }
  }
  if (ratios.empty()) return std::nullopt;
  std::sort(ratios.begin(), ratios.end());
  const std::size_t middle = ratios.size() / 2;
  if (ratios.size() % 2 == 1) return ratios[middle];
  return (ratios[middle - 1] + ratios[middle]) / 2;
}

std::vector<std::string> comparison_sentences(const ComparedVariation& variation) {
  const std::vector<std::string> labels = row_labels(variation);
  std::map<Verdict, std::vector<std::string>> names;
  std::vector<std::string> within;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const StudyDifference& row = variation.differences[i];
    const Verdict verdict = verdict_of(row);
    std::string name = labels[i];
    if (verdict == Verdict::undecided) name += fmt::format(" ({})", seeds_to_decide(row));
    names[verdict].push_back(std::move(name));
  }
  std::string real;
  for (const auto& [verdict, word] :
       std::initializer_list<std::pair<Verdict, const char*>>{{Verdict::better, "better in "},
                                                              {Verdict::worse, "worse in "},
                                                              {Verdict::higher, "higher in "},
                                                              {Verdict::lower, "lower in "}}) {
    if (names[verdict].empty()) continue;
    real += fmt::format("{}{}{}", real.empty() ? "" : "; ", word, listed(names[verdict]));
  }
  std::vector<std::string> sentences;
  const std::string& name = variation.variation.name;
  if (!real.empty()) {
    sentences.push_back(fmt::format("Real differences: {} is {}.", name, real));
  } else if (!labels.empty()) {
    sentences.push_back(
        fmt::format("No difference between {} and {} is shown to be real.", name, variation.base));
  }
  if (!names[Verdict::same].empty()) {
    sentences.push_back("The same, within the margin: " + listed(names[Verdict::same]) + ".");
  }
  if (!names[Verdict::undecided].empty()) {
    sentences.push_back(fmt::format("Undecided with {} seeds; what would decide: {}.",
                                    variation.seeds.size(), listed(names[Verdict::undecided])));
  }
  return sentences;
}

std::vector<std::string> comparison_warnings(const StudyComparison& comparison,
                                             const ComparedVariation& variation) {
  const std::vector<std::string> labels = row_labels(variation);
  std::vector<std::string> skewed;
  bool noise = false;
  double lowest = 1;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const StudyDifference& row = variation.differences[i];
    noise = noise || row.pairs.difference.skewness;
    if (!row.skewed()) continue;
    skewed.push_back(labels[i]);
    lowest = std::min(lowest, *row.coverage);
  }
  std::vector<std::string> warnings;
  if (!skewed.empty()) {
    warnings.push_back(fmt::format(
        "Skewed differences: {}. 95 % t intervals of values like these cover as little as {:.0f} % "
        "with {} seeds; more seeds are the remedy.",
        listed(skewed), lowest * 100, variation.seeds.size()));
  }
  if (noise && variation.seeds.size() < kSkewnessFrom) {
    warnings.push_back(fmt::format(
        "With fewer than {} seeds it cannot be seen whether differences are skewed; if they are, "
        "95 % intervals cover less (measured: 68 to 85 % with 5 seeds).",
        kSkewnessFrom));
  }
  if (noise && comparison.options.method == IntervalMethod::bootstrap &&
      variation.seeds.size() < kBootstrapFrom) {
    warnings.push_back(
        fmt::format("Bootstrap intervals of fewer than {} seeds are too narrow.", kBootstrapFrom));
  }
  return warnings;
}

}  // namespace hyperdc
