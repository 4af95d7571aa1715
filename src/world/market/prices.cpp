// Prices of a rental market, and its books in micro-dollars.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "world/market/market.hpp"
#include "world/market/zone_bids.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kMostMicro = std::numeric_limits<std::int64_t>::max() / 4;

void add_micro(std::int64_t& sum, std::int64_t micro) {
  HYPERDC_CHECK(std::abs(sum) <= kMostMicro, "a market takes more than 2e12 USD");
  sum += micro;
}

}  // namespace

double MarketState::asked_price(std::uint32_t product, std::uint32_t zone, const Bids* bids) const {
  const MarketZoneState& state = zones_[zone];
  PricingView view;
  view.capacity = spec_.zones[zone].accelerators;
  view.in_use = state.in_use;
  view.supply = spot_supply(product, zone);
  view.bids = bids;
  if (started_) view.usd_per_s = state.usd_per_s[product];
  return products_[product].pricing->usd_per_s(view);
}

/// The price while nobody comes in: bids that lose hold it up, to no more than the least that has a
/// place.
double MarketState::held_price(std::uint32_t product, std::uint32_t zone,
                               const RentalRequest* loser) const {
  if (!products_[product].pricing->auctions()) return asked_price(product, zone, nullptr);
  const BidBook& placed = zones_[zone].placed[product];
  const ZoneBids there(placed);
  const double least = asked_price(product, zone, &there);
  const ZoneBids all(zones_[zone].heard[product], loser, spot_supply(product, zone));
  const double most =
      placed.empty() ? std::numeric_limits<double>::infinity() : placed.last().usd_per_s;
  return std::max(least, std::min(asked_price(product, zone, &all), most));
}

/// Who is there pays the old price until now: it is summed up for all of them (PaidPrice). Who bid
/// less than the new one is interrupted.
void MarketState::set_price(std::uint32_t product, std::uint32_t zone, double usd_per_s) {
  MarketZoneState& state = zones_[zone];
  if (started_ && state.usd_per_s[product] == usd_per_s) return;
  for (const std::uint32_t id : state.noticed) {
    if (rentals_[id].product == product) accrue(rentals_[id], engine_->now());
  }
  state.paid[product] = {paid_usd(product, zone), engine_->now()};
  state.usd_per_s[product] = usd_per_s;
  world_.recorder->level(state.price[product], engine_->now(), usd_per_s * 3600);
  const BidBook& placed = state.placed[product];
  while (!placed.empty() && placed.last().usd_per_s < usd_per_s) interrupt(placed.last().rental);
}

/// What an accelerator cost since the beginning.
double MarketState::paid_usd(std::uint32_t product, std::uint32_t zone) const {
  const PaidPrice& paid = zones_[zone].paid[product];
  return paid.usd + zones_[zone].usd_per_s[product] * to_seconds(engine_->now() - paid.until);
}

void MarketState::reprice() {
  const SimTime now = engine_->now();
  for (std::uint32_t z = 0; z < zones_.size(); ++z) {
    for (std::uint32_t p = 0; p < products_.size(); ++p) {
      if (products_[p].pricing != nullptr) set_price(p, z, held_price(p, z, nullptr));
    }
  }
  started_ = true;
  follow_prices();
  if (now + spec_.reprice < end_) {
    engine_->schedule(now + spec_.reprice, Phase::control, self_, kReprice);
  }
}

/// Tenants look at prices when they are made.
void MarketState::follow_prices() {
  for (std::uint32_t t = 0; t < tenants_.size(); ++t) {
    const RentalTenant& tenant = spec_.tenants[t];
    MarketTenantState& state = *tenants_[t];
    if (tenant.elasticity == 0) continue;
    double price = std::numeric_limits<double>::infinity();
    for (const std::uint32_t z : tenant.zones) {
      price = std::min(price, zones_[z].usd_per_s[tenant.products[0]]);
    }
    const double factor = math::pow(price / tenant.reference_usd_per_s, -tenant.elasticity);
    if (factor == state.factor) continue;
    state.factor = factor;
    if (state.next != kNoEvent) engine_->cancel(state.next);
    state.arrivals.restart(engine_->now(), factor);
    schedule_arrival(t);
  }
}

double MarketState::rate_of(const Rental& rental) const {
  const RentalProduct& product = spec_.products[rental.product];
  if (product.kind == RentalKind::reserved) return product.usd_per_s * (1 - product.upfront);
  const double price = zones_[rental.zone].usd_per_s[rental.product];
  // Who leaves because of a price does not pay it.
  return rental.noticed ? std::min(price, rental.request.bid) : price;
}

/// One payment, in the books of everybody whom it concerns.
void MarketState::book(Rental& rental, double usd) {
  HYPERDC_CHECK(std::fabs(usd) * 1e6 <= static_cast<double>(kMostMicro),
                "one payment of a market is above 2e12 USD");
  const std::int64_t micro = std::llround(usd * 1e6);
  ++payments_;
  add_micro(rental.paid_micro, micro);
  add_micro(zones_[rental.zone].revenue_micro, micro);
  add_micro(products_[rental.product].revenue_micro, micro);
  add_micro(tenants_[rental.request.tenant]->cost_micro, micro);
}

void MarketState::accrue(Rental& rental, SimTime now) {
  if (!rental.paying || now <= rental.paid_until) return;
  const auto k = static_cast<double>(rental.request.accelerators);
  const double accelerator_s = k * to_seconds(now - rental.paid_until);
  products_[rental.product].paid_s += accelerator_s;
  tenants_[rental.request.tenant]->paid_s += accelerator_s;
  const PaidPrice& paid = zones_[rental.zone].paid[rental.product];
  const double rate = rate_of(rental);
  double usd = rate * accelerator_s;
  if (rental.paid_until < paid.until && kind_of(rental) != RentalKind::reserved) {
    usd = k * (paid.usd - rental.paid_usd + rate * to_seconds(now - paid.until));
  }
  rental.paid_until = now;
  book(rental, usd);
}

/// What was prepaid for the time after the end is not part of the run.
void MarketState::close_prepaid(Rental& rental, SimTime end) {
  const auto k = static_cast<double>(rental.request.accelerators);
  const RentalProduct& product = spec_.products[rental.product];
  if (product.kind == RentalKind::reserved && rental.term_end > end) {
    book(rental, -product.upfront * product.usd_per_s * k * to_seconds(rental.term_end - end));
  }
  if (product.kind != RentalKind::block) return;
  const SimTime from = rental.since, to = from + rental.request.work;
  if (to <= end) return;
  const double accelerator_s = k * to_seconds(to - std::max(from, end));
  products_[rental.product].paid_s -= accelerator_s;
  tenants_[rental.request.tenant]->paid_s -= accelerator_s;
  book(rental, -product.usd_per_s * accelerator_s);
}

}  // namespace hyperdc
