// Price: what a thing costs for the time that it stands there: rent, or a purchase written off.
//
// Computes: rent * time; or, of a purchase, the fall of its book value between two ages, and its
//   upkeep. With price C, residual value R and life of L years, year n = 1..L is written off by
//     straight-line      (C - R) / L
//     declining-balance  max(f / L * B, (B - R) / (L - n + 1)), never below R, for book value B at
//                        the begin of the year (f = 2: double-declining, then straight-line)
//     sum-of-years       (C - R) * (L - n + 1) / (L (L + 1) / 2)
//   evenly over the year; nothing after its life.
// Units: USD, s; a year is 365 d. Source: definitions of the three schedules (IAS 16, par. 62).
// Valid range: R between 0 and C; the last two for lives of whole years.
// Leaves out: tax, inflation, impairment, the time of payment (capital cost; see growth plans).
#pragma once

#include <variant>
#include <vector>

namespace hyperdc {

enum class Depreciation { straight_line, declining_balance, sum_of_years };

struct PurchaseTerms {
  double usd = 0;
  double residual_usd = 0;
  double life_s = 0;
  Depreciation depreciation = Depreciation::straight_line;
  double factor = 2;            // of declining-balance
  double age_s = 0;             // at the begin of the run
  double upkeep_usd_per_s = 0;  // maintenance, spare parts, support
};

/// Book values at the end of each year of life, the first entry being the price itself. For
/// straight-line only these two: the price and the residual value.
std::vector<double> book_values(const PurchaseTerms& purchase);
/// Book value at an age, s.
double book_value(const PurchaseTerms& purchase, double age_s);

class Price {
 public:
  static Price rent(double usd_per_s);
  static Price purchase(const PurchaseTerms& purchase);

  bool is_owned() const { return std::holds_alternative<Owned>(kind_); }
  /// USD of the time [from, to] of the run, s: rent, or what is written off.
  double charge(double from_s, double to_s) const;
  /// USD of the same time for upkeep; 0 of what is rented.
  double upkeep(double from_s, double to_s) const;
  /// USD/s over the whole life, upkeep included: what choices between things compare.
  double mean_usd_per_s() const;
  /// USD/s over [from, to] of the run, upkeep included: rent, or what is written off in that time;
  /// nothing of the price after its life. Of a purchase in an empty time 0.
  double usd_per_s(double from_s, double to_s) const;
  /// Of a purchase at the begin of the run, s; 0 of what is rented.
  double age_s() const;

 private:
  struct Owned {
    PurchaseTerms terms;
    std::vector<double> values;  // book_values
  };
  explicit Price(double usd_per_s) : kind_(usd_per_s) {}
  explicit Price(Owned owned) : kind_(std::move(owned)) {}
  static double value_at(const Owned& owned, double age_s);

  std::variant<double, Owned> kind_;
};

}  // namespace hyperdc
