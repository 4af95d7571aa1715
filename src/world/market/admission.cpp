// Admission of a rental market: is there room, and who gives way.
#include <algorithm>
#include <cmath>

#include "world/market/market.hpp"
#include "world/market/zone_bids.hpp"

namespace hyperdc {

/// Accelerators set aside for reservations: what was sold over the oversell, or what is in use.
std::uint64_t MarketState::firm(std::uint32_t zone, std::uint64_t sold) const {
  const double share = std::ceil(static_cast<double>(sold) / spec_.zones[zone].oversell);
  return std::max(zones_[zone].reserved, static_cast<std::uint64_t>(share));
}

/// What spot cannot have.
std::uint64_t MarketState::before_spot(std::uint32_t zone) const {
  const MarketZoneState& state = zones_[zone];
  if (spec_.zones[zone].lend) return state.fixed();
  return state.on_demand + firm(zone, state.sold) + spec_.zones[zone].blocks;
}

/// Spot in its place has its notice first.
SimTime MarketState::block_begin(const RentalRequest& request) const {
  return engine_->now() + std::max(request.ahead, longest_notice_);
}

bool MarketState::has_block(const RentalRequest& request, std::uint32_t product,
                            std::uint32_t zone) const {
  const SimTime from = block_begin(request);
  return zones_[zone].bookings.fits(from, from + length(request, product), request.accelerators,
                                    spec_.zones[zone].blocks);
}

bool MarketState::admit(const RentalRequest& request, std::uint32_t product, std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const MarketZone& spec = spec_.zones[zone];
  const std::uint64_t k = request.accelerators;
  const std::uint64_t open = spec.accelerators - spec.blocks;
  switch (spec_.products[product].kind) {
    case RentalKind::on_demand: {
      if (state.on_demand + firm(zone, state.sold) + k > open) return false;
      const std::uint32_t id = rent(request, product, zone);
      state.on_demand += k;
      claim(zone);
      start_when_free(id);
      return true;
    }
    case RentalKind::reserved: {
      if (state.on_demand + firm(zone, state.sold + k) > open || k > open) return false;
      begin_reservation(rent(request, product, zone));
      return true;
    }
    case RentalKind::block: {
      if (!has_block(request, product, zone)) return false;
      begin_block(rent(request, product, zone));
      return true;
    }
    case RentalKind::spot:
      return admit_spot(request, product, zone);
  }
  return false;
}

/// What this product may have at most: others keep theirs.
std::uint64_t MarketState::spot_supply(std::uint32_t product, std::uint32_t zone) const {
  std::uint64_t taken = before_spot(zone);
  for (std::size_t p = 0; p < products_.size(); ++p) {
    if (p != product) taken += zones_[zone].placed[p].accelerators();
  }
  const std::uint64_t all = spec_.zones[zone].accelerators;
  return all - std::min(all, taken);
}

/// Whether the request has a place in an auction; those with less make room, the lowest first. Who
/// wins nothing interrupts nobody.
bool MarketState::win_spot(const RentalRequest& request, std::uint32_t product,
                           std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  const std::uint64_t k = request.accelerators;
  if (k > spot_supply(product, zone)) return false;
  const BidBook& placed = state.placed[product];
  const ZoneBids with(placed, &request);
  const double price = asked_price(product, zone, &with);
  const bool room = before_spot(zone) + state.spot + state.leaving + k <= all;
  const std::uint64_t less = placed.accelerators() - placed.at_least(request.bid);  // have less
  const bool wins = request.bid > price ? before_spot(zone) + state.spot + k <= all + less
                                        : request.bid == price && room;
  if (!wins) {
    set_price(product, zone, held_price(product, zone, &request));
    return false;
  }
  set_price(product, zone, price);
  while (before_spot(zone) + state.spot + k > all) interrupt(placed.last().rental);
  return true;
}

/// The spot that gives way first.
std::optional<std::uint32_t> MarketState::lowest_spot(std::uint32_t zone) const {
  std::optional<StandingBid> lowest;
  for (const BidBook& book : zones_[zone].placed) {
    if (!book.empty() && (!lowest || *lowest < book.last())) lowest = book.last();
  }
  return lowest ? std::optional(lowest->rental) : std::nullopt;
}

void MarketState::place_bid(std::uint32_t id) {
  Rental& rental = rentals_[id];
  rental.order = orders_++;
  const StandingBid bid{rental.request.bid, rental.order, id, rental.request.accelerators};
  zones_[rental.zone].placed[rental.product].insert(bid);
  if (!products_[rental.product].pricing->auctions()) return;
  zones_[rental.zone].heard[rental.product].insert(bid);
}

void MarketState::take_bid_back(std::uint32_t id) {
  const Rental& rental = rentals_[id];
  zones_[rental.zone].placed[rental.product].erase(rental.request.bid, rental.order);
  if (!products_[rental.product].pricing->auctions()) return;
  zones_[rental.zone].heard[rental.product].erase(rental.request.bid, rental.order);
}

bool MarketState::admit_spot(const RentalRequest& request, std::uint32_t product,
                             std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  const std::uint64_t k = request.accelerators;
  if (products_[product].pricing->auctions()) {
    if (!win_spot(request, product, zone)) return false;
  } else if (request.bid < state.usd_per_s[product] ||
             before_spot(zone) + state.spot + state.leaving + k > all) {
    return false;
  }
  const std::uint32_t id = rent(request, product, zone);
  state.spot += k;
  place_bid(id);
  if (products_[product].pricing->auctions()) {
    // Those that wait hold the price up for who comes in as well.
    set_price(product, zone,
              std::max(state.usd_per_s[product], held_price(product, zone, nullptr)));
  }
  claim(zone);
  start_when_free(id);
  return true;
}

/// Spot gives way to accelerators that were just added to the zone's.
void MarketState::claim(std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  while (before_spot(zone) + state.spot > all) {
    const auto lowest = lowest_spot(zone);
    if (!lowest) break;
    interrupt(*lowest);
  }
}

std::uint32_t MarketState::rent(const RentalRequest& request, std::uint32_t product,
                                std::uint32_t zone) {
  const std::uint32_t id = new_rental(request);
  rentals_[id].product = product;
  rentals_[id].zone = zone;
  rentals_[id].request.served = true;
  const RentalKind kind = spec_.products[product].kind;
  if (kind == RentalKind::reserved || kind == RentalKind::block) {
    const Duration whole = length(request, product);
    rentals_[id].restart = whole - request.work;
    rentals_[id].request.work = whole;
  }
  return id;
}

void MarketState::begin_reservation(std::uint32_t id) {
  Rental& rental = rentals_[id];
  const SimTime now = engine_->now();
  zones_[rental.zone].sold += rental.request.accelerators;
  claim(rental.zone);  // what is set aside is not lent
  rental.state = Rental::State::idle;
  rental.order = orders_++;
  rental.stop = engine_->schedule(now + rental.request.work, Phase::workload, self_, kStop, id);
  rental.paying = true;
  rental.paid_until = now;
  rental.term_end = now;
  renew(id);
  turn(id);
}

void MarketState::begin_block(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& state = zones_[rental.zone];
  const SimTime now = engine_->now();
  const SimTime from = block_begin(rental.request), to = from + rental.request.work;
  state.bookings.forget(now);
  state.bookings.book(from, to, rental.request.accelerators);
  rental.state = Rental::State::claimed;
  rental.since = from;
  const double accelerator_s =
      static_cast<double>(rental.request.accelerators) * to_seconds(rental.request.work);
  products_[rental.product].paid_s += accelerator_s;
  tenants_[rental.request.tenant]->paid_s += accelerator_s;
  book(rental, spec_.products[rental.product].usd_per_s * accelerator_s);
  // Spot is told in time.
  const SimTime early = from - longest_notice_;
  rental.start = engine_->schedule(early, Phase::workload, self_, kClaim, id);
  rental.stop = engine_->schedule(to, Phase::workload, self_, kStop, id);
}

}  // namespace hyperdc
