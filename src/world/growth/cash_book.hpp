// Money of one future of a growth plan, in whole cents.
//
// Every amount is rounded to a cent as it is booked, and then only added: sums by kind, by year and
// over all agree exactly. Valid to 4e15 USD of each kind; beyond that the run stops. Present value:
// each amount over (1 + discount)^t, t in years at its step. Leaves out: interest, exchange rates.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

enum class CashKind : std::uint8_t {
  revenue,
  resale,
  racks,
  halls,
  grid,
  breakage,
  energy,
  rent,
  bridging,
  lease,
  minimum_bill,
  exit_fee,
  staff,
  porting,
  tax
};
inline constexpr std::size_t kCashKinds = 15;

inline constexpr bool is_income(CashKind kind) {
  return kind == CashKind::revenue || kind == CashKind::resale;
}
inline constexpr bool is_capex(CashKind kind) {
  return kind == CashKind::racks || kind == CashKind::halls || kind == CashKind::grid;
}

/// Of one kind in one future: all of them together still fit into 64 bits.
inline constexpr std::int64_t kMostCents = 400'000'000'000'000'000;

inline std::int64_t cents_of(double usd) {
  HYPERDC_CHECK(std::fabs(usd) * 100 <= static_cast<double>(kMostCents),
                "an amount of a growth plan is above 4e15 USD");
  return std::llround(usd * 100);
}

class CashBook {
 public:
  explicit CashBook(std::uint32_t years) : by_year_(years) {}

  /// Positive amounts of costs are paid, of income received. `worth`: of a dollar now, today.
  void add(CashKind kind, std::uint32_t year, std::int64_t cents, double worth) {
    const auto k = static_cast<std::size_t>(kind);
    by_year_[year][k] += cents;
    total_[k] += cents;
    HYPERDC_CHECK(total_[k] <= kMostCents && total_[k] >= -kMostCents,
                  "money of one kind in a growth plan is above 4e15 USD");
    net_ += is_income(kind) ? cents : -cents;
    present_usd_[k] += static_cast<double>(cents) / 100 * worth;
  }
  std::int64_t total(CashKind kind) const { return total_[static_cast<std::size_t>(kind)]; }
  std::int64_t in_year(CashKind kind, std::uint32_t year) const {
    return by_year_[year][static_cast<std::size_t>(kind)];
  }
  double present_usd(CashKind kind) const { return present_usd_[static_cast<std::size_t>(kind)]; }
  double net_present_usd() const {
    double sum = 0;
    for (std::size_t k = 0; k < kCashKinds; ++k) {
      sum += is_income(static_cast<CashKind>(k)) ? present_usd_[k] : -present_usd_[k];
    }
    return sum;
  }
  std::int64_t net() const { return net_; }
  /// The net once more, from the amounts by year and kind.
  std::int64_t net_by_year() const {
    std::int64_t sum = 0;
    for (const auto& year : by_year_) {
      for (std::size_t k = 0; k < kCashKinds; ++k) {
        sum += is_income(static_cast<CashKind>(k)) ? year[k] : -year[k];
      }
    }
    return sum;
  }

 private:
  std::vector<std::array<std::int64_t, kCashKinds>> by_year_;
  std::array<std::int64_t, kCashKinds> total_{};
  std::array<double, kCashKinds> present_usd_{};
  std::int64_t net_ = 0;
};

}  // namespace hyperdc
