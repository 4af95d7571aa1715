// Rentals of a rental market: they start, are interrupted, go on from their checkpoints, and end.
#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "world/market/market.hpp"

namespace hyperdc {

Duration work_done(const CheckpointTerms& terms, Duration work, Duration x) {
  if (x.ns <= 0) return {};
  const std::int64_t cycle = terms.every.ns + terms.cost.ns;
  const std::int64_t n = x.ns / cycle;
  const std::int64_t done = n * terms.every.ns + std::min(terms.every.ns, x.ns - n * cycle);
  return {std::min(work.ns, done)};
}

Duration work_saved(const std::optional<CheckpointTerms>& terms, Duration notice, Duration work,
                    Duration x) {
  if (!terms) return {};
  if (notice >= terms->cost) return work_done(*terms, work, x - terms->cost);
  const std::int64_t whole = x.ns / (terms->every.ns + terms->cost.ns);
  return {x.ns <= 0 ? 0 : std::min(work.ns, whole * terms->every.ns)};
}

/// From start to end of a rental that nobody interrupts.
Duration MarketState::length(const RentalRequest& request, std::uint32_t product) const {
  const auto& terms = spec_.tenants[request.tenant].checkpoint;
  Duration out = request.work;
  if (!terms) return out;
  if (spec_.products[product].kind == RentalKind::spot) {
    const std::int64_t breaks = (request.work.ns - 1) / terms->every.ns;
    out = out + Duration{breaks * terms->cost.ns};
  }
  return request.restarts ? out + terms->restart : out;
}

std::uint32_t MarketState::new_rental(const RentalRequest& request) {
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(rentals_.size());
    rentals_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
    rentals_[id] = Rental{};
  }
  rentals_[id].request = request;
  return id;
}

void MarketState::release(std::uint32_t id) {
  Rental& rental = rentals_[id];
  for (const EventId event : {rental.start, rental.stop, rental.term, rental.session}) {
    if (event != kNoEvent) engine_->cancel(event);
  }
  if (rental.missed) zones_[rental.zone].missed.erase(rental.order);
  ended_micro_ += rental.paid_micro;
  rental.state = Rental::State::free;
  free_.push_back(id);
}

/// The count of the zone that holds its accelerators.
std::uint64_t& MarketState::held(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  switch (kind_of(rental)) {
    case RentalKind::on_demand:
      return zone.on_demand;
    case RentalKind::reserved:
      return zone.reserved;
    case RentalKind::block:
      return zone.block;
    case RentalKind::spot:
      break;
  }
  return rental.noticed ? zone.leaving : zone.spot;
}

/// Its accelerators are its own then.
void MarketState::start_at(std::uint32_t id, SimTime at) {
  Rental& rental = rentals_[id];
  zones_[rental.zone].due += rental.request.accelerators;
  // After all that leaves at that moment has left.
  rental.start = engine_->schedule(at, Phase::control, self_, kStart, id);
}

/// At once, or when enough of the spot that leaves has left for it and for those that wait before
/// it.
void MarketState::start_when_free(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  const std::uint64_t all = spec_.zones[rental.zone].accelerators;
  rental.state = Rental::State::claimed;
  const bool free = zone.fixed() + zone.spot + zone.leaving <= all;
  if (free && zone.in_use + rental.request.accelerators <= all) return start(id);
  if (free) return start_at(id, engine_->now());
  zone.waiting.push_back(id);
  start_waiting(rental.zone);
}

void MarketState::start_waiting(std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  const std::uint64_t all = spec_.zones[zone].accelerators;
  std::size_t n = 0;
  for (; n < state.waiting.size(); ++n) {
    const std::uint32_t id = state.waiting[n];
    if (state.in_use + state.due + rentals_[id].request.accelerators > all) break;
    start_at(id, engine_->now());
  }
  state.waiting.erase(state.waiting.begin(),
                      state.waiting.begin() + static_cast<std::ptrdiff_t>(n));
}

void MarketState::start_due(std::uint32_t id) {
  Rental& rental = rentals_[id];
  zones_[rental.zone].due -= rental.request.accelerators;
  rental.start = kNoEvent;
  start(id);
}

/// Of a claim.
void MarketState::cancel_start(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  if (rental.start == kNoEvent) {
    const auto it = std::find(zone.waiting.begin(), zone.waiting.end(), id);
    if (it != zone.waiting.end()) zone.waiting.erase(it);
    return;
  }
  engine_->cancel(rental.start);
  rental.start = kNoEvent;
  zone.due -= rental.request.accelerators;
}

void MarketState::start(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  const SimTime now = engine_->now();
  rental.state = Rental::State::running;
  rental.since = now;
  zone.in_use += rental.request.accelerators;
  HYPERDC_CHECK(
      zone.in_use <= spec_.zones[rental.zone].accelerators,
      fmt::format("market {}: {} accelerators in use in zone {} of {}", spec_.name, zone.in_use,
                  spec_.zones[rental.zone].name, spec_.zones[rental.zone].accelerators));
  const RentalKind kind = kind_of(rental);
  if (kind == RentalKind::on_demand || kind == RentalKind::spot) {
    zone.by_time.change(now, static_cast<std::int64_t>(rental.request.accelerators));
    rental.paying = true;
    rental.paid_until = now;
    rental.paid_usd = paid_usd(rental.product, rental.zone);
    rental.stop = engine_->schedule(now + length(rental.request, rental.product), Phase::workload,
                                    self_, kStop, id);
  }
  publish(rental.zone);
}

/// Gives back what it has or claims; what ran is useful work, unless it was interrupted.
void MarketState::leave(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  const std::uint64_t k = rental.request.accelerators;
  const bool running = rental.state == Rental::State::running;
  if (rental.state == Rental::State::idle) return;
  held(id) -= k;
  if (kind_of(rental) != RentalKind::spot) wake_missed(rental.zone);
  if (kind_of(rental) == RentalKind::spot && !rental.noticed) {
    take_bid_back(id);
  }
  if (rental.noticed) {
    rentals_[zone.noticed.back()].place = rental.place;
    zone.noticed[rental.place] = zone.noticed.back();
    zone.noticed.pop_back();
  }
  if (!running) {
    cancel_start(id);
    start_waiting(rental.zone);  // who waited behind it
    return;
  }
  zone.in_use -= k;
  if (kind_of(rental) == RentalKind::on_demand || kind_of(rental) == RentalKind::spot) {
    zone.by_time.change(engine_->now(), -static_cast<std::int64_t>(k));
  }
  publish(rental.zone);
  start_waiting(rental.zone);
}

/// Reservations that are always at work and had no room go to work when there is some, the first
/// that was sold first.
void MarketState::wake_missed(std::uint32_t zone) {
  MarketZoneState& state = zones_[zone];
  std::uint64_t taken = state.on_demand + state.reserved + spec_.zones[zone].blocks;
  for (auto it = state.missed.begin(); it != state.missed.end();) {
    Rental& rental = rentals_[it->second];
    if (taken + rental.request.accelerators > spec_.zones[zone].accelerators) {
      ++it;
      continue;
    }
    taken += rental.request.accelerators;
    rental.session =
        engine_->schedule(engine_->now(), Phase::workload, self_, kSession, it->second);
    it = state.missed.erase(it);
  }
}

void MarketState::stop(std::uint32_t id) {
  Rental& rental = rentals_[id];
  const SimTime now = engine_->now();
  const RentalKind kind = kind_of(rental);
  MarketTenantState& tenant = *tenants_[rental.request.tenant];
  const auto k = static_cast<double>(rental.request.accelerators);
  rental.stop = kNoEvent;
  if (rental.noticed && now < rental.since + length(rental.request, rental.product)) {
    stop_interrupted(id);
    return;
  }
  accrue(rental, now);
  if (rental.state == Rental::State::running) {
    const bool by_time = kind == RentalKind::reserved || kind == RentalKind::block;
    tenant.useful_s += k * (by_time ? worked_s(rental, now) : to_seconds(rental.request.work));
  }
  leave(id);
  if (kind == RentalKind::reserved) {
    zones_[rental.zone].sold -= rental.request.accelerators;
    // The run pays for its own time: one who stays would not pay for what is after its end either.
    const double rest_s = to_seconds(std::max(now, std::min(rental.term_end, paid_until_)) - now);
    const double fee = spec_.products[rental.product].breakage * rate_of(rental) * k * rest_s;
    book(rental, fee);
    close_prepaid(rental, paid_until_);
    publish(rental.zone);
  }
  release(id);
}

/// What is rented by time works once it has made its restart.
double MarketState::worked_s(Rental& rental, SimTime now) const {
  const Duration all = now - rental.since;
  const Duration restart = std::min(all, rental.restart);
  rental.restart = rental.restart - restart;
  return to_seconds(all - restart);
}

/// Spot has its notice: it stops when that ends, or before if its work does. What has not begun
/// goes at once.
void MarketState::interrupt(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  const SimTime now = engine_->now();
  if (rental.state == Rental::State::claimed) {
    leave(id);
    RentalRequest request = rental.request;
    release(id);
    // It asks again after who took its place has it; it has done no work, and had no notice.
    request.resumed = true;
    request.patience.reset();
    wait(request, now);
    return;
  }
  ++zone.interruptions;
  ++tenants_[rental.request.tenant]->interruptions;
  const std::uint64_t k = rental.request.accelerators;
  take_bid_back(id);
  rental.place = static_cast<std::uint32_t>(zone.noticed.size());
  zone.noticed.push_back(id);
  zone.spot -= k;
  zone.leaving += k;
  rental.noticed = true;
  const SimTime end = std::min(rental.since + length(rental.request, rental.product),
                               now + spec_.products[rental.product].notice);
  rental.stop = engine_->reschedule(rental.stop, end);
}

void MarketState::stop_interrupted(std::uint32_t id) {
  Rental& rental = rentals_[id];
  const SimTime now = engine_->now();
  const RentalTenant& tenant = tenant_of(rental);
  accrue(rental, now);
  Duration x = now - rental.since;
  if (rental.request.restarts && tenant.checkpoint) x = x - tenant.checkpoint->restart;
  const Duration saved =
      work_saved(tenant.checkpoint, spec_.products[rental.product].notice, rental.request.work, x);
  tenants_[rental.request.tenant]->useful_s +=
      static_cast<double>(rental.request.accelerators) * to_seconds(saved);
  RentalRequest request = rental.request;
  leave(id);
  release(id);
  request.work = request.work - saved;
  request.resumed = true;
  request.restarts = true;
  request.patience.reset();
  ask(request);
}

/// Spot has until the begin of the block to leave.
void MarketState::claim_block(std::uint32_t id) {
  const SimTime booked = rentals_[id].since;
  zones_[rentals_[id].zone].block += rentals_[id].request.accelerators;
  rentals_[id].start = kNoEvent;
  claim(rentals_[id].zone);
  start_at(id, booked);
}

/// A term begins: what is paid at its begin.
void MarketState::renew(std::uint32_t id) {
  Rental& rental = rentals_[id];
  const RentalProduct& product = spec_.products[rental.product];
  accrue(rental, engine_->now());
  const double usd = product.upfront * product.usd_per_s *
                     static_cast<double>(rental.request.accelerators) * to_seconds(product.term);
  book(rental, usd);
  rental.term_end = rental.term_end + product.term;
  rental.term = engine_->schedule(rental.term_end, Phase::workload, self_, kTerm, id);
  publish(rental.zone);
}

void MarketState::schedule_turn(std::uint32_t id, bool busy) {
  Rental& rental = rentals_[id];
  const MarketTenantState& tenant = *tenants_[rental.request.tenant];
  rental.session = kNoEvent;
  if (!tenant.busy) return;  // at work all the time
  constexpr std::uint64_t kTurns = 4096;
  const Distribution& drawn = busy ? *tenant.busy : *tenant.idle;
  const double length_s =
      drawn.draw(tenant.stream, rental.request.number, kTurns + 1024 * rental.turns++);
  rental.session = engine_->schedule(engine_->now() + within_run(length_s), Phase::workload, self_,
                                     kSession, id);
}

/// What is reserved goes to work, or stops working.
void MarketState::turn(std::uint32_t id) {
  Rental& rental = rentals_[id];
  MarketZoneState& zone = zones_[rental.zone];
  const std::uint64_t k = rental.request.accelerators;
  const SimTime now = engine_->now();
  if (rental.state == Rental::State::idle) {
    const MarketZone& spec = spec_.zones[rental.zone];
    const bool always = !tenants_[rental.request.tenant]->busy;
    if (rental.missed && !always) {
      rental.missed = false;
      schedule_turn(id, false);
      return;
    }
    schedule_turn(id, true);
    if (zone.on_demand + zone.reserved + k + spec.blocks > spec.accelerators) {
      if (!rental.missed) ++zone.breaches;
      rental.missed = true;
      if (always) zone.missed.emplace(rental.order, id);
      return;
    }
    rental.missed = false;
    zone.reserved += k;
    claim(rental.zone);
    start_when_free(id);
    return;
  }
  if (rental.state == Rental::State::running) {
    tenants_[rental.request.tenant]->useful_s += static_cast<double>(k) * worked_s(rental, now);
  }
  leave(id);
  rental.state = Rental::State::idle;
  schedule_turn(id, false);
}

void MarketState::publish(std::uint32_t zone) {
  const MarketZoneState& state = zones_[zone];
  const SimTime now = engine_->now();
  const auto all = static_cast<double>(spec_.zones[zone].accelerators);
  world_.recorder->level(state.utilization, now, static_cast<double>(state.in_use) / all);
  world_.recorder->level(state.spot_level, now, static_cast<double>(state.spot + state.leaving));
  world_.recorder->level(state.sold_level, now, static_cast<double>(state.sold));
  double in_use = 0, of = 0;
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    in_use += static_cast<double>(zones_[z].in_use);
    of += static_cast<double>(spec_.zones[z].accelerators);
  }
  world_.recorder->level(utilization_, now, in_use / of);
}

}  // namespace hyperdc
