// Prices of a rental market, and its books in micro-dollars.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "world/market/market.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kMostMicro = std::numeric_limits<std::int64_t>::max() / 4;

void add_micro(std::int64_t& sum, std::int64_t micro) {
  HYPERDC_CHECK(std::abs(sum) <= kMostMicro, "a market takes more than 2e12 USD");
  sum += micro;
}

}  // namespace

/// From the highest down: those that have a place, one more, and those that wait and may have it.
std::vector<Bid> MarketState::bids(std::uint32_t product, std::uint32_t zone,
                                   const RentalRequest* with, bool waiting) const {
  std::vector<Bid> out;
  for (const StandingBid& bid : zones_[zone].spot_rentals) {
    const Rental& rental = rentals_[bid.rental];
    if (rental.product == product) out.push_back({bid.usd_per_s, rental.request.accelerators});
  }
  const auto higher = [](const Bid& a, const Bid& b) { return a.usd_per_s > b.usd_per_s; };
  if (with != nullptr) {
    const Bid bid{with->bid, with->accelerators};
    out.insert(std::upper_bound(out.begin(), out.end(), bid, higher), bid);
  }
  if (!waiting || waiting_.empty()) return out;
  const auto named = [](const std::vector<std::uint32_t>& all, std::uint32_t one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  const auto there = static_cast<std::ptrdiff_t>(out.size());
  for (const StandingBid& bid : waiting_) {
    const Rental& rental = rentals_[bid.rental];
    const RentalTenant& tenant = tenant_of(rental);
    if (named(tenant.products, product) && named(tenant.zones, zone)) {
      out.push_back({bid.usd_per_s, rental.request.accelerators});
    }
  }
  std::inplace_merge(out.begin(), out.begin() + there, out.end(), higher);
  return out;
}

double MarketState::asked_price(std::uint32_t product, std::uint32_t zone,
                                const std::vector<Bid>& bids) const {
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
  if (!products_[product].pricing->auctions()) return asked_price(product, zone, {});
  const std::vector<Bid> there = bids(product, zone, nullptr, false);
  const double least = asked_price(product, zone, there);
  const std::uint64_t supply = spot_supply(product, zone);
  std::vector<Bid> lost = bids(product, zone, loser, true);
  std::erase_if(lost, [&](const Bid& bid) { return bid.accelerators > supply; });
  const double most =
      there.empty() ? std::numeric_limits<double>::infinity() : there.back().usd_per_s;
  return std::max(least, std::min(asked_price(product, zone, lost), most));
}

/// Who is there pays the old price until now; who bid less than the new one is interrupted.
void MarketState::set_price(std::uint32_t product, std::uint32_t zone, double usd_per_s) {
  MarketZoneState& state = zones_[zone];
  if (started_ && state.usd_per_s[product] == usd_per_s) return;
  for (const std::uint32_t id : state.running[product]) accrue(rentals_[id], engine_->now());
  state.usd_per_s[product] = usd_per_s;
  world_.recorder->level(state.price[product], engine_->now(), usd_per_s * 3600);
  std::vector<std::uint32_t> below;
  for (auto it = state.spot_rentals.rbegin();
       it != state.spot_rentals.rend() && it->usd_per_s < usd_per_s; ++it) {
    if (rentals_[it->rental].product == product) below.push_back(it->rental);
  }
  for (const std::uint32_t id : below) interrupt(id);
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
  book(rental, rate_of(rental) * accelerator_s);
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
