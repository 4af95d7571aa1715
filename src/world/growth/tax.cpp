#include "world/growth/tax.hpp"

#include <algorithm>
#include <numeric>

#include "world/accounts.hpp"
#include "world/growth/future.hpp"

namespace hyperdc {
namespace {

std::int64_t income_of(const CashBook& cash, std::uint32_t year) {
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < kCashKinds; ++k) {
    const auto kind = static_cast<CashKind>(k);
    if (is_capex(kind) || kind == CashKind::tax) continue;
    sum += is_income(kind) ? cash.in_year(kind, year) : -cash.in_year(kind, year);
  }
  return sum;
}

}  // namespace

std::int64_t book_value(std::int64_t cents, std::uint32_t steps, std::uint32_t life) {
  const Int128 gone = Int128{cents} * std::min(steps, life) / life;
  return cents - static_cast<std::int64_t>(gone);
}

void TaxBook::schedule(std::int64_t cents, std::uint32_t from, std::uint32_t life,
                       std::uint32_t begin, int sign) {
  std::int64_t before = book_value(cents, begin - from, life);
  for (std::uint32_t y = begin / steps_per_year_; y < by_year_.size(); ++y) {
    const std::int64_t after = book_value(cents, (y + 1) * steps_per_year_ - from, life);
    by_year_[y] += sign * (before - after);
    before = after;
  }
}

void TaxBook::add(std::int64_t cents, std::uint32_t from, std::uint32_t life) {
  schedule(cents, from, life, from, 1);
}

void TaxBook::write_off(std::int64_t cents, std::uint32_t from, std::uint32_t life,
                        std::uint32_t step) {
  if (cents == 0) return;
  schedule(cents, from, life, step, -1);
  const auto year = std::min<std::size_t>(step / steps_per_year_, by_year_.size() - 1);
  by_year_[year] += book_value(cents, step - from, life);
}

std::int64_t TaxBook::written_off() const {
  return std::accumulate(by_year_.begin(), by_year_.end(), std::int64_t{0});
}

std::int64_t TaxBook::taxed(std::uint32_t year, std::int64_t income, bool carry_forward) {
  income_[year] = income;
  if (income <= 0) {
    if (carry_forward) losses_ -= income;
    return 0;
  }
  const std::int64_t used = std::min(losses_, income);
  losses_ -= used;
  return income - used;
}

void settle_tax(const GrowthContext& context, GrowthFuture& future, std::uint32_t year) {
  if (!context.spec.tax) return;
  const TaxSpec& tax = *context.spec.tax;
  const std::int64_t income = income_of(future.cash, year) - future.books.written_off(year);
  const std::int64_t taxed = future.books.taxed(year, income, tax.carry_forward);
  future.cash.add(CashKind::tax, year, cents_of(static_cast<double>(taxed) / 100 * tax.rate),
                  context.worth[(year + 1) * context.spec.steps_per_year]);
}

std::int64_t left_in_books(const GrowthContext& context, const GrowthFuture& future) {
  const TaxSpec& tax = *context.spec.tax;
  const std::uint32_t end = context.spec.steps();
  std::int64_t sum = 0;
  for (std::size_t s = 0; s < future.sites.size(); ++s) {
    const GrowthSite& spec = context.spec.sites[s];
    const FutureSite& site = future.sites[s];
    const auto add = [&](std::uint32_t at, double usd, Duration life) {
      if (at < end) sum += book_value(cents_of(usd), end - at, context.steps_of(life));
    };
    for (std::size_t h = 0; h < spec.halls.size(); ++h) {
      if (spec.halls[h].life) continue;  // it is sold
      add(site.hall_at[h], spec.halls[h].capex_usd, tax.halls);
    }
    for (std::size_t g = 0; g < spec.grid.size(); ++g) {
      if (spec.grid[g].life && site.grid_until[g] > end) continue;  // it is sold
      add(site.grid_at[g], spec.grid[g].capex_usd, tax.grid);
    }
  }
  return sum;
}

}  // namespace hyperdc
