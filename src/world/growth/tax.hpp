// Tax on the income of a growth plan, and the books that it rests on.
//
// An asset of so many cents is written off in a straight line over its life, step by step from its
// arrival: after k of L steps floor(basis k / L) cents are gone. What is left when racks are sold
// is written off then; halls and grid power stay in the books. Income of a year = revenue + sold on
// - costs but capex - written off. Tax = rate max(0, income - losses of earlier years, if these are
// carried forward), whole cents, paid at the end of the year. Units: cents, steps. Law: written off
// + left in the books = capex. Leaves out: accelerated schedules and bonus depreciation, limits and
// expiry of losses, taxes on property and sales, the book value of what was there at the beginning
// (none: what it is sold for is income), write-offs of single accelerators that fail.
#pragma once

#include <cstdint>
#include <vector>

namespace hyperdc {

struct GrowthContext;
struct GrowthFuture;

class TaxBook {
 public:
  TaxBook() = default;
  TaxBook(std::uint32_t years, std::uint32_t steps_per_year)
      : steps_per_year_(steps_per_year), by_year_(years), income_(years) {}

  /// From step `from` on over `life` steps, as far as the plan goes.
  void add(std::int64_t cents, std::uint32_t from, std::uint32_t life);
  /// What is left of it at a step goes then; `from` may lie before the plan.
  void write_off(std::int64_t cents, std::uint32_t from, std::uint32_t life, std::uint32_t step);
  std::int64_t written_off(std::uint32_t year) const { return by_year_[year]; }
  std::int64_t written_off() const;

  std::int64_t income(std::uint32_t year) const { return income_[year]; }
  /// Notes the income of a year, and gives what of it is taxed.
  std::int64_t taxed(std::uint32_t year, std::int64_t income, bool carry_forward);

 private:
  void schedule(std::int64_t cents, std::uint32_t from, std::uint32_t life, std::uint32_t begin,
                int sign);

  std::uint32_t steps_per_year_ = 1;
  std::vector<std::int64_t> by_year_, income_;
  std::int64_t losses_ = 0;
};

/// What is left in the books after so many of `life` steps.
std::int64_t book_value(std::int64_t cents, std::uint32_t steps, std::uint32_t life);

/// Books and pays the tax of a year that is over.
void settle_tax(const GrowthContext& context, GrowthFuture& future, std::uint32_t year);
/// Of halls and grid power, at the end of the plan.
std::int64_t left_in_books(const GrowthContext& context, const GrowthFuture& future);

}  // namespace hyperdc
