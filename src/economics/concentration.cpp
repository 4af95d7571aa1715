#include "economics/concentration.hpp"

#include <algorithm>
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

}  // namespace hyperdc
