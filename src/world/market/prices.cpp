// Prices of a rental market, and its books in micro-dollars.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "world/market/market.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kMostMicro = std::numeric_limits<std::int64_t>::max() / 4;

void add_micro(std::int64_t& sum, std::int64_t micro) {
  HYPERDC_CHECK(sum <= kMostMicro && micro <= kMostMicro, "a market takes more than 2e12 USD");
  sum += micro;
}

}  // namespace

std::vector<Bid> MarketState::bids(std::uint32_t product, std::uint32_t zone) const {
  std::vector<Bid> out;
  for (const std::uint32_t id : zones_[zone].spot_rentals) {
    const Rental& rental = rentals_[id];
    if (rental.product == product) {
      out.push_back({rental.request.bid, rental.request.accelerators});
    }
  }
  return out;
}

double MarketState::asked_price(std::uint32_t product, std::uint32_t zone,
                                std::vector<Bid> bids) const {
  const MarketZoneState& state = zones_[zone];
  PricingView view;
  view.capacity = spec_.zones[zone].accelerators;
  view.in_use = state.in_use;
  view.supply = view.capacity - std::min(view.capacity, before_spot(zone));
  view.bids = bids;
  if (started_) view.usd_per_s = state.usd_per_s[product];
  return products_[product].pricing->usd_per_s(view);
}

/// Who is there pays the old price until now; who bid less than the new one is interrupted.
void MarketState::set_price(std::uint32_t product, std::uint32_t zone, double usd_per_s) {
  MarketZoneState& state = zones_[zone];
  if (state.usd_per_s[product] == usd_per_s) return;
  for (Rental& rental : rentals_) {
    if (rental.state == Rental::State::running && rental.product == product &&
        rental.zone == zone) {
      accrue(rental, engine_->now());
    }
  }
  state.usd_per_s[product] = usd_per_s;
  const std::vector<std::uint32_t> there = state.spot_rentals;
  for (const std::uint32_t id : there) {
    if (rentals_[id].product == product && rentals_[id].request.bid < usd_per_s) interrupt(id);
  }
}

void MarketState::reprice() {
  const SimTime now = engine_->now();
  for (std::uint32_t z = 0; z < zones_.size(); ++z) {
    for (std::uint32_t p = 0; p < products_.size(); ++p) {
      if (products_[p].pricing == nullptr) continue;
      set_price(p, z, asked_price(p, z, bids(p, z)));
      world_.recorder->sample(zones_[z].price[p], now, zones_[z].usd_per_s[p] * 3600);
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
  return zones_[rental.zone].usd_per_s[rental.product];
}

/// One payment, in the books of everybody whom it concerns.
void MarketState::book(Rental& rental, std::int64_t micro) {
  add_micro(rental.paid_micro, micro);
  add_micro(zones_[rental.zone].revenue_micro, micro);
  add_micro(products_[rental.product].revenue_micro, micro);
  add_micro(tenants_[rental.request.tenant]->cost_micro, micro);
}

void MarketState::accrue(Rental& rental, SimTime now) {
  if (!rental.paying || now <= rental.paid_until) return;
  const double accelerator_s =
      static_cast<double>(rental.request.accelerators) * to_seconds(now - rental.paid_until);
  rental.paid_until = now;
  products_[rental.product].paid_s += accelerator_s;
  tenants_[rental.request.tenant]->paid_s += accelerator_s;
  book(rental, std::llround(rate_of(rental) * accelerator_s * 1e6));
}

}  // namespace hyperdc
