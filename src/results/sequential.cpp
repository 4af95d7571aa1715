#include "results/sequential.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

std::string_view name_of(PlanVerdict verdict) {
  switch (verdict) {
    case PlanVerdict::meets:
      return "meets";
    case PlanVerdict::fails:
      return "fails";
    case PlanVerdict::unknown:
      return "unknown";
    case PlanVerdict::undecided:
      break;
  }
  return "undecided";
}

std::vector<std::size_t> look_sizes(std::size_t first, std::size_t most) {
  HYPERDC_CHECK(first >= 2 && first <= most, "the first look has two values, and not too many");
  std::vector<std::size_t> sizes;
  for (std::size_t n = first; n < most; n *= 2) sizes.push_back(n);
  sizes.push_back(most);
  return sizes;
}

double shared_confidence(double confidence, double claims) {
  HYPERDC_CHECK(confidence >= 0.5 && confidence < 1 && claims >= 1, "a confidence to share");
  return 1 - 2 * (1 - confidence) / std::max(claims, 2.0);
}

LookResult look_at(std::span<const double> values, const Bound& bound, double confidence) {
  LookResult out;
  out.moments = moments_of(values);
  out.interval = t_interval(out.moments, confidence);
  const bool too_high = bound.at_most && out.interval.low > *bound.at_most;
  const bool too_low = bound.at_least && out.interval.high < *bound.at_least;
  const bool low = !bound.at_most || out.interval.high <= *bound.at_most;
  const bool high = !bound.at_least || out.interval.low >= *bound.at_least;
  if (too_high || too_low) {
    out.verdict = PlanVerdict::fails;
  } else if (low && high) {
    out.verdict = PlanVerdict::meets;
  }
  return out;
}

PlanVerdict side_of(double mean, const Bound& bound) {
  const bool fails =
      (bound.at_most && mean > *bound.at_most) || (bound.at_least && mean < *bound.at_least);
  return fails ? PlanVerdict::fails : PlanVerdict::meets;
}

std::optional<std::size_t> values_to_decide(const Moments& moments, const Bound& bound,
                                            double confidence) {
  // Of two bounds the nearer one is what is not decided.
  std::optional<double> distance;
  for (const auto& limit : {bound.at_most, bound.at_least}) {
    if (!limit) continue;
    const double here = std::fabs(moments.mean - *limit);
    distance = std::min(distance.value_or(here), here);
  }
  if (!distance || *distance == 0) return std::nullopt;
  constexpr double kPower = 0.8;
  return replications_for_effect(moments.deviation, *distance, confidence, kPower);
}

}  // namespace hyperdc
