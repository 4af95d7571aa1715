#include "economics/concentration.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

double total_amount(std::span<const double> amounts, double others) {
  const double total = std::accumulate(amounts.begin(), amounts.end(), others);
  HYPERDC_CHECK(total > 0, "nobody owns anything");
  return total;
}

}  // namespace

double hhi(std::span<const double> amounts, double others, bool others_are_one) {
  const double total = total_amount(amounts, others);
  double sum = 0;
  for (const double amount : amounts) sum += (100 * amount / total) * (100 * amount / total);
  if (others_are_one) sum += (100 * others / total) * (100 * others / total);
  return sum;
}

double top_share(std::span<const double> amounts, double others, std::size_t k) {
  std::vector<double> sorted(amounts.begin(), amounts.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  sorted.resize(std::min(k, sorted.size()));
  return std::accumulate(sorted.begin(), sorted.end(), 0.0) / total_amount(amounts, others);
}

std::size_t unsure(std::span<const AmountBounds> amounts) {
  return static_cast<std::size_t>(std::count_if(
      amounts.begin(), amounts.end(), [](const AmountBounds& a) { return a.low < a.high; }));
}

namespace {

constexpr std::size_t kFew = 4;

/// The amounts nearest to `c` within their bounds.
std::vector<double> nearest(std::span<const AmountBounds> amounts, double c) {
  std::vector<double> out;
  for (const AmountBounds& a : amounts) out.push_back(std::clamp(c, a.low, a.high));
  return out;
}

void find_least(std::span<const AmountBounds> amounts, double others, ConcentrationBounds& out) {
  std::vector<double> levels;
  for (const AmountBounds& a : amounts) levels.insert(levels.end(), {a.low, a.high});
  std::sort(levels.begin(), levels.end());
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double from = levels[k];
    const double to = k + 1 < levels.size() ? levels[k + 1] : from;
    // Between two levels those that follow c stay the same: HHI is stationary at Q / F of the rest.
    double rest = others;
    double squares = 0;
    for (const AmountBounds& a : amounts) {
      if (a.low <= from && a.high >= to && to > from) continue;
      const double fixed = std::clamp(from, a.low, a.high);
      rest += fixed;
      squares += fixed * fixed;
    }
    const double even = rest > 0 ? std::clamp(squares / rest, from, to) : from;
    for (const double c : {from, even}) {
      const std::vector<double> owned = nearest(amounts, c);
      if (std::accumulate(owned.begin(), owned.end(), others) <= 0) continue;
      out.hhi.low = std::min(out.hhi.low, hhi(owned, others, false));
      out.top_4.low = std::min(out.top_4.low, top_share(owned, others, kFew));
    }
  }
}

}  // namespace

ConcentrationBounds concentration_bounds(std::span<const AmountBounds> amounts,
                                         AmountBounds others) {
  const std::size_t free = unsure(amounts);
  HYPERDC_CHECK(free <= kMostUnsure, "too many owners are known within bounds only");
  ConcentrationBounds out{{1e4, 0}, {1, 0}};
  // More of nobody each lowers both.
  find_least(amounts, others.high, out);
  for (std::uint64_t corner = 0; corner < (std::uint64_t{1} << free); ++corner) {
    std::vector<double> owned;
    std::size_t bit = 0;
    for (const AmountBounds& a : amounts) {
      const bool high = a.low < a.high && ((corner >> bit++) & 1) != 0;
      owned.push_back(high ? a.high : a.low);
    }
    if (std::accumulate(owned.begin(), owned.end(), others.low) <= 0) continue;
    out.hhi.high = std::max(out.hhi.high, hhi(owned, others.low, false));
    out.top_4.high = std::max(out.top_4.high, top_share(owned, others.low, kFew));
  }
  return out;
}

}  // namespace hyperdc
