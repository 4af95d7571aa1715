// Admission of a rental market: is there room, and who gives way.
#include <algorithm>
#include <cmath>

#include "world/market/market.hpp"

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

bool MarketState::has_block(const RentalRequest& request, std::uint32_t zone) const {
  const std::uint64_t all = spec_.zones[zone].blocks;
  const SimTime from = engine_->now() + request.ahead, to = from + request.work;
  const auto booked = [&](SimTime at) {
    std::uint64_t sum = 0;
    for (const BlockBooking& one : zones_[zone].bookings) {
      if (one.from <= at && at < one.to) sum += one.accelerators;
    }
    return sum;
  };
  if (booked(from) + request.accelerators > all) return false;
  return std::all_of(zones_[zone].bookings.begin(), zones_[zone].bookings.end(),
                     [&](const BlockBooking& one) {
                       const bool within = from < one.from && one.from < to;
                       return !within || booked(one.from) + request.accelerators <= all;
                     });
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
      start_at(id, claim(zone));
      return true;
    }
    case RentalKind::reserved: {
      if (state.on_demand + firm(zone, state.sold + k) > open || k > open) return false;
      begin_reservation(rent(request, product, zone));
      return true;
    }
    case RentalKind::block: {
      if (!has_block(request, zone)) return false;
      begin_block(rent(request, product, zone));
      return true;
    }
    case RentalKind::spot:
      return admit_spot(request, product, zone);
  }
  return false;
}

bool MarketState::admit_spot(const RentalRequest& request, std::uint32_t product,
                             std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  const std::uint64_t k = request.accelerators;
  if (products_[product].pricing->auctions()) {
    std::vector<Bid> all_bids = bids(product, zone);
    all_bids.push_back({request.bid, k});
    set_price(product, zone, asked_price(product, zone, std::move(all_bids)));
  }
  const double price = state.usd_per_s[product];
  if (request.bid < price) return false;
  if (products_[product].pricing->auctions() && request.bid > price) {
    // It won: those with less make room, the lowest first.
    while (before_spot(zone) + state.spot + k > all) {
      const auto lowest =
          std::min_element(state.spot_rentals.rbegin(), state.spot_rentals.rend(),
                           [&](std::uint32_t a, std::uint32_t b) {
                             return rentals_[a].request.bid < rentals_[b].request.bid;
                           });
      if (lowest == state.spot_rentals.rend() || rentals_[*lowest].request.bid >= request.bid) {
        return false;
      }
      interrupt(*lowest);
    }
  } else if (before_spot(zone) + state.spot + state.leaving + k > all) {
    return false;
  }
  const std::uint32_t id = rent(request, product, zone);
  state.spot += k;
  state.spot_rentals.push_back(id);
  start_at(id, claim(zone));
  return true;
}

/// When accelerators that were just added to the zone's are free: now, or when spot has left.
SimTime MarketState::claim(std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  while (state.fixed() + state.spot > all && !state.spot_rentals.empty()) {
    interrupt(*std::min_element(state.spot_rentals.rbegin(), state.spot_rentals.rend(),
                                [&](std::uint32_t a, std::uint32_t b) {
                                  return rentals_[a].request.bid < rentals_[b].request.bid;
                                }));
  }
  const bool free = state.fixed() + state.spot + state.leaving <= all;
  return free ? engine_->now() : std::max(engine_->now(), state.left_by);
}

std::uint32_t MarketState::rent(const RentalRequest& request, std::uint32_t product,
                                std::uint32_t zone) {
  const std::uint32_t id = new_rental(request);
  rentals_[id].product = product;
  rentals_[id].zone = zone;
  rentals_[id].request.served = true;
  return id;
}

void MarketState::begin_reservation(std::uint32_t id) {
  Rental& rental = rentals_[id];
  const SimTime now = engine_->now();
  zones_[rental.zone].sold += rental.request.accelerators;
  rental.state = Rental::State::idle;
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
  const SimTime from = now + rental.request.ahead, to = from + rental.request.work;
  std::erase_if(state.bookings, [&](const BlockBooking& one) { return one.to <= now; });
  state.bookings.push_back({from, to, rental.request.accelerators});
  rental.state = Rental::State::claimed;
  rental.since = from;
  const double accelerator_s =
      static_cast<double>(rental.request.accelerators) * to_seconds(rental.request.work);
  products_[rental.product].paid_s += accelerator_s;
  tenants_[rental.request.tenant]->paid_s += accelerator_s;
  book(rental, std::llround(spec_.products[rental.product].usd_per_s * accelerator_s * 1e6));
  // Spot is told in time.
  const SimTime early = from - longest_notice_;
  rental.start = engine_->schedule(std::max(now, early), Phase::workload, self_, kClaim, id);
  rental.stop = engine_->schedule(to, Phase::workload, self_, kStop, id);
}

}  // namespace hyperdc
