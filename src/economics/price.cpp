#include "economics/price.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr double kYear_s = 365.0 * 86'400;

/// Between the years it is a straight line.
double on_line(const std::vector<double>& values, double step_s, double age_s) {
  const double at = std::clamp(age_s / step_s, 0.0, static_cast<double>(values.size() - 1));
  const auto year = std::min(static_cast<std::size_t>(at), values.size() - 2);
  const double part = at - static_cast<double>(year);
  return values[year] + (values[year + 1] - values[year]) * part;
}

double step_of(const PurchaseTerms& purchase) {
  return purchase.depreciation == Depreciation::straight_line ? purchase.life_s : kYear_s;
}

}  // namespace

std::vector<double> book_values(const PurchaseTerms& p) {
  HYPERDC_CHECK(p.life_s > 0 && p.residual_usd >= 0 && p.residual_usd <= p.usd,
                "a purchase that cannot be written off");
  if (p.depreciation == Depreciation::straight_line) return {p.usd, p.residual_usd};
  const double life = std::round(p.life_s / kYear_s);
  HYPERDC_CHECK(life >= 1 && life * kYear_s == p.life_s, "a life that is not of whole years");
  std::vector<double> values{p.usd};
  for (double year = 1; year <= life; ++year) {
    const double left = life - year + 1;
    const double book = values.back();
    const double off = p.depreciation == Depreciation::sum_of_years
                           ? (p.usd - p.residual_usd) * left / (life * (life + 1) / 2)
                           : std::max(p.factor / life * book, (book - p.residual_usd) / left);
    values.push_back(std::max(p.residual_usd, book - off));
  }
  return values;
}

double book_value(const PurchaseTerms& purchase, double age_s) {
  return on_line(book_values(purchase), step_of(purchase), age_s);
}

Price Price::rent(double usd_per_s) {
  return Price(usd_per_s);
}

Price Price::purchase(const PurchaseTerms& purchase) {
  return Price(Owned{purchase, book_values(purchase)});
}

double Price::value_at(const Owned& owned, double age_s) {
  return on_line(owned.values, step_of(owned.terms), age_s);
}

double Price::charge(double from_s, double to_s) const {
  if (const double* rent = std::get_if<double>(&kind_)) return *rent * (to_s - from_s);
  const Owned& owned = std::get<Owned>(kind_);
  return value_at(owned, owned.terms.age_s + from_s) - value_at(owned, owned.terms.age_s + to_s);
}

double Price::upkeep(double from_s, double to_s) const {
  const Owned* owned = std::get_if<Owned>(&kind_);
  return owned == nullptr ? 0 : owned->terms.upkeep_usd_per_s * (to_s - from_s);
}

double Price::mean_usd_per_s() const {
  if (const double* rent = std::get_if<double>(&kind_)) return *rent;
  const PurchaseTerms& terms = std::get<Owned>(kind_).terms;
  return (terms.usd - terms.residual_usd) / terms.life_s + terms.upkeep_usd_per_s;
}

double Price::usd_per_s(double from_s, double to_s) const {
  if (const double* rent = std::get_if<double>(&kind_)) return *rent;
  if (to_s <= from_s) return 0;
  const PurchaseTerms& terms = std::get<Owned>(kind_).terms;
  const bool steady = terms.depreciation == Depreciation::straight_line;
  if (steady && terms.age_s + to_s <= terms.life_s) return mean_usd_per_s();  // exactly
  return (charge(from_s, to_s) + upkeep(from_s, to_s)) / (to_s - from_s);
}

double Price::age_s() const {
  const Owned* owned = std::get_if<Owned>(&kind_);
  return owned == nullptr ? 0 : owned->terms.age_s;
}

}  // namespace hyperdc
