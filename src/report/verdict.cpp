// The sentence above the rows of several scenarios.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <initializer_list>
#include <utility>

#include "report/format.hpp"
#include "report/summary_many.hpp"

namespace hyperdc {
namespace {

/// What a planner looks at first, in this order; the first with a verdict is named. The wait of a
/// workload that is preempted in some scenario is not among them: it ends at the first start.
constexpr auto kHeadlines = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"allocation_at.N", ""},
    {"wait", "mean"},
    {"completion", "mean"},
    {"slowdown", "mean"},
    {"makespan", ""},
    {"allocation.accelerators", "mean"},
    {"rejected", ""},
});

bool differs(const ComparedRow& row) {
  return row.verdict == Verdict::higher || row.verdict == Verdict::lower;
}

bool decided(const ComparedRow& row) {
  return row.verdict == Verdict::better || row.verdict == Verdict::worse;
}

/// The row to name: among demand points that at 100 %, if it is there.
const ComparedRow* headline(const std::vector<ComparedRow>& rows,
                            bool (*wanted)(const ComparedRow&)) {
  for (const auto& [quantity, statistic] : kHeadlines) {
    const ComparedRow* found = nullptr;
    for (const ComparedRow& row : rows) {
      if (row.parts.quantity != quantity || row.parts.statistic != statistic || !wanted(row)) {
        continue;
      }
      if (quantity == "wait" && preempts(rows, row.parts.owner)) continue;
      if (found == nullptr || row.parts.number == "100") found = &row;
    }
    if (found != nullptr) return found;
  }
  const auto any = std::find_if(rows.begin(), rows.end(), wanted);
  return any == rows.end() ? nullptr : &*any;
}

/// "wait, mean 33.5 % lower", "accelerators allocated 2.83 points higher".
std::string difference_phrase(const ComparedRow& row) {
  const double difference = row.difference->mean;
  const double base = *row.values[0].mean;
  const char* direction = difference > 0 ? "higher" : "lower";
  std::string label = row.label;
  if (!row.parts.owner.empty()) label = row.parts.owner + " " + label;
  if (row.show == Show::share) {
    return fmt::format("{} {:.{}f} points {}", label, std::fabs(difference) * 100,
                       std::fabs(difference) < 0.1 ? 2 : 1, direction);
  }
  const double share = base == 0 ? 1 : difference / base;
  if (share >= 1 || share < -0.9) {
    return fmt::format("{} {} instead of {}", label, for_people(*row.values[1].mean, row.show),
                       for_people(base, row.show));
  }
  return fmt::format("{} {} {}", label, for_people(std::fabs(share), Show::share), direction);
}

/// "worse in 2 of 6 rows, the same in 4".
std::string count_phrase(std::initializer_list<std::pair<const char*, std::size_t>> counts) {
  std::size_t all = 0;
  for (const auto& count : counts) all += count.second;
  std::string text;
  for (const auto& [word, count] : counts) {
    if (count == 0) continue;
    text += text.empty() ? fmt::format("{} in {} of {} rows", word, count, all)
                         : fmt::format(", {} in {}", word, count);
  }
  return text;
}

/// What differs, without a judgement: with one seed each it may be chance.
std::string of_one_seed(const Comparison& comparison) {
  std::size_t higher = 0, lower = 0, same = 0;
  for (const ComparedRow& row : comparison.rows) {
    higher += row.verdict == Verdict::higher ? 1 : 0;
    lower += row.verdict == Verdict::lower ? 1 : 0;
    same += row.verdict == Verdict::same ? 1 : 0;
  }
  const std::string& base = comparison.scenarios[0];
  const std::string& other = comparison.scenarios[1];
  const ComparedRow* named = headline(comparison.rows, differs);
  if (named == nullptr) return fmt::format("{} and {} come out the same.", base, other);
  return fmt::format("{} against {}: {}; {}.", other, base, difference_phrase(*named),
                     count_phrase({{"higher", higher}, {"lower", lower}, {"the same", same}}));
}

std::string of_two(const Comparison& comparison) {
  std::size_t better = 0, worse = 0, same = 0, undecided = 0;
  for (const ComparedRow& row : comparison.rows) {
    better += row.verdict == Verdict::better ? 1 : 0;
    worse += row.verdict == Verdict::worse ? 1 : 0;
    same += row.verdict == Verdict::same ? 1 : 0;
    undecided += row.verdict == Verdict::undecided ? 1 : 0;
  }
  const std::string& base = comparison.scenarios[0];
  const std::string& other = comparison.scenarios[1];
  const ComparedRow* named = headline(comparison.rows, decided);
  if (named == nullptr) {
    if (undecided == 0) return fmt::format("{} and {} come out the same.", base, other);
    return fmt::format("No difference between {} and {} that these seeds can show.", base, other);
  }
  const bool good = named->verdict == Verdict::better;
  const std::size_t against = good ? worse : better;
  const std::string counts = count_phrase(
      {{"better", better}, {"worse", worse}, {"the same", same}, {"undecided", undecided}});
  const char* word = against > 0 ? "mixed" : good ? "better" : "worse";
  if (against == 0) {
    return fmt::format("{} is {} than {}: {}; {}.", other, word, base, difference_phrase(*named),
                       counts);
  }
  return fmt::format("Mixed, {} against {}: {}, but {} elsewhere; {}.", other, base,
                     difference_phrase(*named), good ? "worse" : "better", counts);
}

std::string of_many(const Comparison& comparison) {
  if (comparison.one_seed) {
    const bool same = std::all_of(comparison.rows.begin(), comparison.rows.end(),
                                  [](const ComparedRow& row) { return row.all_same; });
    return same ? "All come out the same." : std::string();
  }
  std::vector<std::size_t> wins(comparison.scenarios.size(), 0);
  std::size_t decided_rows = 0, same = 0, rows = 0;
  for (const ComparedRow& row : comparison.rows) {
    if (row.best.empty()) continue;
    ++rows;
    same += row.all_same ? 1 : 0;
    if (row.best.size() != 1) continue;
    ++decided_rows;
    ++wins[row.best.front()];
  }
  if (rows == 0) return {};
  if (decided_rows == 0) {
    return same == rows ? "All come out the same."
                        : "No single best in any row that these seeds can show.";
  }
  std::vector<std::size_t> order(wins.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wins[a] > wins[b]; });
  std::string text = fmt::format("{} is best in {} of {} rows", comparison.scenarios[order[0]],
                                 wins[order[0]], rows);
  for (std::size_t i = 1; i < order.size() && wins[order[i]] > 0; ++i) {
    text += fmt::format(", {} in {}", comparison.scenarios[order[i]], wins[order[i]]);
  }
  if (same > 0) text += fmt::format("; all the same in {}", same);
  const std::size_t open = rows - decided_rows - same;
  if (open > 0) text += fmt::format("; no single best in {}", open);
  return text + ".";
}

}  // namespace

std::string verdict_sentence(const Comparison& comparison) {
  if (!comparison.paired || comparison.scenarios.size() < 2) return {};
  if (comparison.scenarios.size() > 2) return of_many(comparison);
  return comparison.one_seed ? of_one_seed(comparison) : of_two(comparison);
}

}  // namespace hyperdc
