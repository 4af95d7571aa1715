// The choice of the best variation, confirmed on seeds that the choice never saw.
#include <algorithm>
#include <optional>
#include <span>

#include "results/study_comparison.hpp"

namespace hyperdc {
namespace {

/// The same study with these of its seeds.
StudyTable with_seeds(const StudyTable& table, std::size_t begin, std::size_t end) {
  StudyTable out = table;
  const auto at = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
  out.seeds.assign(table.seeds.begin() + at(begin), table.seeds.begin() + at(end));
  out.values.clear();
  for (std::size_t v = 0; v < table.variations.size(); ++v) {
    for (std::size_t s = begin; s < end; ++s) {
      for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        out.values.push_back(table.at(v, s, m));
      }
    }
  }
  return out;
}

}  // namespace

std::optional<StudyChoice> choose_variation(const StudyTable& table,
                                            const StudyComparisonOptions& options,
                                            const std::string& metric, bool least) {
  const std::size_t half = table.seeds.size() / 2;
  StudyComparisonOptions one = options;
  one.metrics = {metric};
  one.pairs.clear();
  const StudyTable searched = with_seeds(table, 0, half);
  const StudyComparison search = compare_study(searched, one);
  const ComparedVariation* best = nullptr;
  for (const ComparedVariation& variation : search.variations) {
    if (variation.differences.empty()) continue;
    const double mean = variation.differences.front().pairs.b.mean;
    const double known = best == nullptr ? mean : best->differences.front().pairs.b.mean;
    if (best == nullptr || (least ? mean < known : mean > known)) best = &variation;
  }
  if (best == nullptr) return std::nullopt;
  one.variations = {best->variation.name};
  const StudyTable unseen = with_seeds(table, half, table.seeds.size());
  const StudyComparison again = compare_study(searched, one);
  const StudyComparison fresh = compare_study(unseen, one);
  const auto measured = [](const StudyComparison& comparison) {
    return !comparison.variations.empty() && !comparison.variations.front().differences.empty();
  };
  if (!measured(again) || !measured(fresh)) return std::nullopt;
  return StudyChoice{metric,
                     best->variation.name,
                     options.base,
                     search.variations.size(),
                     searched.seeds,
                     unseen.seeds,
                     again.variations.front().differences.front(),
                     fresh.variations.front().differences.front()};
}

}  // namespace hyperdc
