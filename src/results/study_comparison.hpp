// What is known of the differences between the variations of a study and one of them, the base.
//
// Computes, for each variation and metric: the mean of (other - base) over the seeds, paired by
// seed; its interval; the p-value of the paired t test, by Holm's method over all pairs of a
// variation and a metric that are looked at; and a finding:
//   same       the whole interval lies within the margin, a stated share of the base (with margin
//   0:
//              all differences are 0)
//   higher,    not the same, and the adjusted p-value is at most 1 - confidence; where the interval
//   lower      is a bootstrap it must exclude 0 too
//   undecided  the rest, with the number of seeds that would decide
// Units: those of the metric. Source: results/statistics.hpp. Valid: seeds are independent, at
// least two of them; see coverage for skewed differences. Leaves out: correction of the intervals
// and of "same" for many rows (only higher and lower are corrected), the noise of the base in a
// relative difference, and which direction is better: that is known to the report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/statistics.hpp"
#include "results/study_table.hpp"

namespace hyperdc {

enum class IntervalMethod { t, bootstrap };
enum class Finding { same, higher, lower, undecided };

std::string_view name_of(IntervalMethod method);
std::string_view name_of(Finding finding);

struct StudyComparisonOptions {
  std::string base;                     // name of a variation
  std::vector<std::string> variations;  // to hold against it; empty: all others
  /// In place of both: each of these variations and what it is held against.
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<std::string> metrics;  // to look at; empty: all that have values
  double confidence = 0.95;
  double margin = 0;                          // that counts as none, as a share of the base's size
  std::map<std::string, double> margins;      // by metric, in place of `margin`
  IntervalMethod method = IntervalMethod::t;  // of the interval that decides
  double power = 0.8;                         // with which the stated number of seeds decides
  std::size_t resamples = 2000;               // of the bootstrap
  std::uint64_t bootstrap_seed = 1;
};

/// What could not be compared, and why. Without a metric: the variation; without either: all.
struct NotComparable {
  std::string variation, metric, reason, hint;
};

struct StudyDifference {
  std::string metric, unit;
  PairedStatistics pairs;          // a: the base, b: the variation
  Interval base, other;            // t intervals of the means
  Interval interval;               // of the difference, by the method that was asked for
  Interval t, bootstrap;           // of the difference, by both
  double adjusted_p = 1;           // Holm
  std::optional<double> relative;  // of the mean difference to the size of the base; base not 0
  double margin_share = 0;         // as asked for
  double margin = 0;               // in units of the metric
  std::optional<double> coverage;  // measured, of a t interval, at this skewness; if it varies
  Finding finding = Finding::undecided;
  std::optional<std::size_t> seeds_to_decide;  // of what is undecided; nothing: out of reach

  bool skewed() const { return coverage && *coverage < kCoverageWarning; }
};

struct ComparedVariation {
  StudyVariation variation;
  std::string base;                          // what it is held against
  std::vector<std::uint64_t> seeds;          // that are paired
  std::vector<StudyDifference> differences;  // in the order that was asked for, else of the table
};

/// The best of several, and what seeds say of it that had no part in the choice: the best of many
/// looks better on the seeds that made it the best than it is.
struct StudyChoice {
  std::string metric;
  std::string variation, base;
  std::size_t among = 0;                        // variations that it is the best of
  std::vector<std::uint64_t> searched, unseen;  // seeds
  StudyDifference search, fresh;                // on these
};

struct StudyComparison {
  std::string study, base;
  StudyComparisonOptions options;
  std::size_t comparisons = 0;  // that Holm's method corrects for
  std::vector<ComparedVariation> variations;
  std::vector<NotComparable> refused;
  std::optional<StudyChoice> choice;  // if one was asked for
};

/// A variation with less than two seeds, or with a run that the other has not, is refused as a
/// whole; a metric without a value in some run, with two units, or that nobody has, for itself.
StudyComparison compare_study(const StudyTable& table, const StudyComparisonOptions& options);

/// Chooses among the variations that are held against the base, by the mean of a metric over the
/// first half of the seeds, and compares the chosen one on the other half. Nothing with fewer than
/// two seeds in each, or where the metric has no value.
std::optional<StudyChoice> choose_variation(const StudyTable& table,
                                            const StudyComparisonOptions& options,
                                            const std::string& metric, bool least);

/// Of tables in the order of joined_studies: each variation of the later ones, and the one of the
/// same name in the first. Names that only one side has are added to `alone`.
std::vector<std::pair<std::string, std::string>> pairs_by_name(std::span<const StudyTable> tables,
                                                               std::vector<std::string>& alone);

/// One table of several: variations one after the other, all seeds, metrics by name and unit. A
/// name that occurs in several studies becomes "study/name" ("study#2/name" for a second study of
/// that name).
/// Aims: the metrics of all, and the margins of which no two differ.
StudyTable joined_studies(std::span<const StudyTable> tables);

}  // namespace hyperdc
