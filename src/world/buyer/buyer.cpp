#include "world/buyer/buyer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/normal.hpp"
#include "scenario/policy_entry.hpp"
#include "world/buyer/outlook.hpp"

namespace hyperdc {
namespace {

constexpr double kMostUsd = 1.5e12;  // of one kind in one future: all six fit 64 bits

double drawn_normal(const RandomStream& stream, std::uint64_t future, std::uint64_t step) {
  return math::normal_quantile(stream.uniform(future, step));
}

/// Above this scarcity there is none; a share of 1 has no such level.
double scarce_above(double share) {
  return share >= 1 ? std::numeric_limits<double>::infinity() : math::normal_quantile(share);
}

double work_share(const CheckpointTerms& terms) {
  return static_cast<double>(terms.every.ns) / static_cast<double>((terms.every + terms.cost).ns);
}

void sum_contracts(BuyerFuture& future) {
  future.reserved = future.reserved_usd_per_s = 0;
  for (const BuyerContract& contract : future.contracts) {
    future.reserved += contract.accelerators;
    future.reserved_usd_per_s += contract.accelerators * contract.usd_per_s;
  }
}

/// The mean of exp(v x - v^2 / 2) while there is spot.
double offered_mean(double v, double limit, double available) {
  return math::normal_probability(limit - v) / available;
}

}  // namespace

double lost_work_s(const BuyerSpot& spot, double held_s) {
  const double e = to_seconds(spot.checkpoint.every), c = to_seconds(spot.checkpoint.cost);
  const double share = work_share(spot.checkpoint);
  const double back =
      spot.notice >= spot.checkpoint.cost ? c * share : (e * e / 2 + e * c) / (e + c);
  return std::min(back, held_s * share) + to_seconds(spot.checkpoint.restart) * share;
}

double useful_share(const BuyerSpot& spot) {
  return work_share(spot.checkpoint) - spot.interruptions_per_s * lost_work_s(spot);
}

BuyerState::BuyerState(World& world, const BuyerSpec& spec)
    : world_(world),
      spec_(spec),
      paths_(spec.demand, world.seed),
      spread_(world.seed, "buyers.spread"),
      price_(world.seed, "buyers.price"),
      common_(world.seed, "buyers.scarcity"),
      policy_(entry_of(purchasings(), spec.purchasing)
                  .make(spec.purchasing.params, PurchasingContext{})),
      end_(spec.steps()) {
  const std::string prefix = "buyers." + spec.name + ".";
  const auto level = [&](const char* name, const char* unit, const char* meaning) {
    return world.recorder->declare({prefix + name, unit, meaning, MetricKind::level});
  };
  metrics_.demand = level("demand", "accelerators", "Demand, mean over futures.");
  metrics_.reserved = level("reserved", "accelerators", "Reserved.");
  metrics_.spot = level("spot", "accelerators", "Demand that spot carries.");
  metrics_.on_demand = level("on_demand", "accelerators", "On-demand.");
  metrics_.missed = level("missed", "accelerators", "Needed and not there.");
  metrics_.price = level("price_per_hour", "USD", "Of on-demand.");
  if (spec.spot) {
    for (const BuyerSpotZone& zone : spec.spot->zones) {
      zones_.emplace_back(world.seed, "buyers.scarcity." + zone.name);
      spot_limit_.push_back(scarce_above(zone.available));
    }
  } else {
    zones_.emplace_back(world.seed, "buyers.scarcity.");
  }
  stock_limit_ = scarce_above(spec.stock);
  if (spec.spot && spec.spot->persistence.ns > 0) {
    keep_ = math::exp(-dt_s() / to_seconds(spec.spot->persistence));
  }
  exposure_ = exposures();
  for (std::uint32_t f = 0; f < spec.futures; ++f) {
    BuyerFuture& future = futures_.emplace_back();
    future.index = f;
    future.demand = paths_.begin(f);
    future.scarcity.resize(zones_.size());
    future.on_spot.resize(zones_.size());
    future.spot_steps.resize(zones_.size());
  }
}

/// Of each zone, where the policy rents spot at all.
std::vector<SpotExposure> BuyerState::exposures() const {
  std::vector<SpotExposure> out;
  if (!spec_.spot || policy_->most_paid() <= 0) return out;
  const double v = spec_.spot->price_volatility, useful = useful_share(*spec_.spot);
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const BuyerSpotZone& zone = spec_.spot->zones[z];
    SpotPlace place;
    place.price = zone.ratio / offered_mean(v, spot_limit_[z], zone.available);
    place.price_volatility = v;
    place.useful = useful;
    place.limit = spot_limit_[z];
    place.most_paid = policy_->most_paid();
    place.keep = keep_;
    place.step_s = dt_s();
    place.lost_s = lost_work_s(*spec_.spot) / useful;
    out.emplace_back(place, spec_.steps());
  }
  return out;
}

/// To the state of this step: demand, price and scarcity.
void BuyerState::move(BuyerFuture& future) {
  const double dt = 1.0 / spec_.steps_per_year;
  if (steps_ > 0) {
    paths_.advance(future.demand, future.index, steps_);
    const double sigma = spec_.price.volatility;
    future.log_price += math::log(spec_.price.factor) * dt - sigma * sigma * dt / 2;
    if (sigma > 0) {
      future.log_price += sigma * std::sqrt(dt) * drawn_normal(price_, future.index, steps_);
    }
  }
  const double rho = spec_.spot ? spec_.spot->correlation : 0;
  const double common = drawn_normal(common_, future.index, steps_);
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const double own = drawn_normal(zones_[z], future.index, steps_);
    const double fresh = std::sqrt(rho) * common + std::sqrt(1 - rho) * own;
    double& x = future.scarcity[z];
    x = steps_ == 0 ? fresh : keep_ * x + std::sqrt(1 - keep_ * keep_) * fresh;
  }
}

double BuyerState::demand_of(const BuyerFuture& future) const {
  const double level = paths_.total(future.demand);
  if (spec_.spread <= 0) return level;
  const double variance = math::log1p(spec_.spread * spec_.spread);
  const double z = drawn_normal(spread_, future.index, steps_);
  return level * math::exp(std::sqrt(variance) * z - variance / 2);
}

void BuyerState::pay(BuyerFuture& future, BuyerCost kind, double usd) const {
  HYPERDC_CHECK(std::fabs(usd) <= kMostUsd,  // not of a NaN either
                "a payment of a buyer is above 1.5e12 USD");
  const std::int64_t micro = std::llround(usd * 1e6);
  std::int64_t& sum = future.micro[static_cast<std::size_t>(kind)];
  sum += micro;
  future.paid_micro += micro;
  HYPERDC_CHECK(std::fabs(static_cast<double>(sum)) <= kMostUsd * 1e6,
                "money of one kind of a buyer is above 1.5e12 USD");
  future.present_usd += static_cast<double>(micro) * 1e-6 * worth_;
}

/// Ends those that are over; how many.
std::size_t BuyerState::end_contracts(BuyerFuture& future) const {
  std::size_t ended = 0;
  for (; !future.contracts.empty() && future.contracts.front().end <= steps_; ++ended) {
    const BuyerContract& over = future.contracts.front();
    future.reserved -= over.accelerators;
    future.reserved_usd_per_s -= over.accelerators * over.usd_per_s;
    future.contracts.pop_front();
  }
  // What is left of differences must not stand for accelerators.
  if (future.contracts.empty()) future.reserved = future.reserved_usd_per_s = 0;
  return ended;
}

/// Prepaid for the time after the end, which is not part of the run.
void BuyerState::repay(BuyerFuture& future, const BuyerContract& contract, double part,
                       std::uint32_t end) const {
  if (contract.end <= end) return;
  pay(future, BuyerCost::reserved,
      -contract.upfront_usd_per_s * part * dt_s() * (contract.end - end));
}

/// Those that end first go first: they have the least still to be paid.
void BuyerState::give_up(BuyerFuture& future, double accelerators) {
  if (accelerators <= 0) return;
  for (BuyerContract& contract : future.contracts) {
    const double part = std::min(accelerators, contract.accelerators);
    if (part <= 0) continue;
    const std::uint32_t end = std::min(contract.end, end_);
    pay(future, BuyerCost::breakage,
        contract.breakage * part * contract.usd_per_s * dt_s() * (end - steps_));
    repay(future, contract, part, end_);
    contract.accelerators -= part;
    accelerators -= part;
  }
  std::erase_if(future.contracts,
                [](const BuyerContract& contract) { return contract.accelerators <= 0; });
  sum_contracts(future);
}

void BuyerState::review(BuyerFuture& future, const PurchasingView& view) {
  const Commitment wish = policy_->commit(view);
  give_up(future, wish.release);
  if (wish.reserve <= 0) return;
  const BuyerTerm& term = spec_.terms[wish.term];
  const double price = view.terms[wish.term].usd_per_s;
  const BuyerContract next{wish.reserve, steps_ + term.steps, price * (1 - term.upfront),
                           price * term.upfront, term.breakage};
  future.contracts.insert(std::upper_bound(future.contracts.begin(), future.contracts.end(), next,
                                           [](const BuyerContract& a, const BuyerContract& b) {
                                             return a.end < b.end;
                                           }),
                          next);
  future.reserved += next.accelerators;
  future.reserved_usd_per_s += next.accelerators * next.usd_per_s;
  pay(future, BuyerCost::reserved, price * term.upfront * wish.reserve * dt_s() * term.steps);
}

std::vector<SpotOffer> BuyerState::offers(const BuyerFuture& future, double on_demand) const {
  std::vector<SpotOffer> out;
  if (!spec_.spot) return out;
  const double useful = useful_share(*spec_.spot);
  const double v = spec_.spot->price_volatility;
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const BuyerSpotZone& zone = spec_.spot->zones[z];
    const double x = future.scarcity[z];
    if (x > spot_limit_[z]) continue;
    SpotOffer& offer = out.emplace_back();
    offer.zone = zone.name;
    offer.usd_per_s = zone.ratio * on_demand * math::exp(v * x - v * v / 2) /
                      offered_mean(v, spot_limit_[z], zone.available);
    offer.useful = useful;
    offer.most = zone.most;
    offer.held = future.on_spot[z] * useful;
    offer.lost_s = lost_work_s(*spec_.spot, future.spot_steps[z] * dt_s()) / useful;
    if (!exposure_.empty()) offer.exposure_s = exposure_[z].at(x);
  }
  return out;
}

/// Work, in accelerator seconds, that zones took with them which have no spot any more or ask more
/// than is paid.
double BuyerState::lose_spot(BuyerFuture& future, const PurchasingView& view) const {
  if (!spec_.spot) return 0;
  double lost = 0;
  std::size_t next = 0;
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const bool offered =
        next < view.spot.size() && view.spot[next].zone == spec_.spot->zones[z].name;
    if (offered && policy_->takes(view, view.spot[next++])) continue;
    lost += future.on_spot[z] * lost_work_s(*spec_.spot, future.spot_steps[z] * dt_s());
    future.totals.interruptions += future.on_spot[z];
    future.on_spot[z] = 0;
  }
  return lost;
}

/// Work, in accelerator seconds, that is lost by what shrinks in zones while it grows in others: it
/// moves. What shrinks because demand does ends.
double BuyerState::move_spot(BuyerFuture& future, const std::vector<double>& rented) {
  double shrinks = 0, grows = 0, lost_s = 0;
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const double less = future.on_spot[z] - rented[z];
    if (less > 0) lost_s += less * lost_work_s(*spec_.spot, future.spot_steps[z] * dt_s());
    (less > 0 ? shrinks : grows) += std::fabs(less);
  }
  future.on_spot = rented;
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    future.spot_steps[z] = rented[z] > 0 ? future.spot_steps[z] + 1 : 0;
  }
  return shrinks > 0 ? lost_s * std::min(1.0, grows / shrinks) : 0;
}

/// What spot carries of `rest`.
SpotStep BuyerState::rent_spot(BuyerFuture& future, const PurchasingView& view, double rest) {
  SpotStep out;
  if (!spec_.spot) return out;
  const std::vector<double> wish =
      view.spot.empty() ? std::vector<double>{} : policy_->spot(view, rest);
  std::vector<double> rented(zones_.size());
  std::size_t z = 0;
  for (std::size_t i = 0; i < wish.size(); ++i) {
    while (spec_.spot->zones[z].name != view.spot[i].zone) ++z;
    const double most = std::max(0.0, std::min(rest - out.carried, view.spot[i].most));
    const double part = std::clamp(wish[i], 0.0, most);
    out.carried += part;
    rented[z] = part / view.spot[i].useful;
    future.totals.interruptions += rented[z] * spec_.spot->interruptions_per_s * dt_s();
    pay(future, BuyerCost::spot, rented[z] * view.spot[i].usd_per_s * dt_s());
  }
  out.lost_s = move_spot(future, rented);
  return out;
}

/// What on-demand carries of `need`: all of it while a zone has stock.
double BuyerState::carry_on_demand(BuyerFuture& future, double need, double price) {
  const double least = *std::min_element(future.scarcity.begin(), future.scarcity.end());
  if (least > stock_limit_) return 0;
  pay(future, BuyerCost::on_demand, need * price * dt_s());
  return need;
}

void BuyerState::step_future(BuyerFuture& future) {
  move(future);
  const std::size_t ended = end_contracts(future);
  const double demand = demand_of(future);
  const double factor = math::exp(future.log_price);
  const double price = spec_.on_demand_usd_per_s * factor;
  std::vector<TermOffer> terms;
  for (const BuyerTerm& term : spec_.terms) {
    terms.push_back({term.name, term.term, term.usd_per_s * factor});
  }
  const BuyerOutlook outlook(paths_, future.demand, spec_.spread);
  const std::vector<SpotOffer> spot = offers(future, price);
  PurchasingView view{SimTime{spec_.step.ns * steps_},
                      demand,
                      spec_.owned,
                      future.reserved,
                      price,
                      terms,
                      spot,
                      &outlook,
                      spec_.step};
  if (ended > 0 || steps_ % spec_.review_steps == 0) review(future, view);
  view.reserved = future.reserved;
  pay(future, BuyerCost::reserved, future.reserved_usd_per_s * dt_s());
  pay(future, BuyerCost::owned, spec_.owned * spec_.owned_usd_per_s * dt_s());
  const double lost_s = lose_spot(future, view);
  const double rest = std::max(0.0, demand - spec_.owned - view.reserved);
  const SpotStep spot_step = rent_spot(future, view, rest);
  const double on_spot = spot_step.carried;
  const double redo = (lost_s + spot_step.lost_s) / dt_s();
  const double need = rest - on_spot + redo;
  const double on_demand = carry_on_demand(future, need, price);
  pay(future, BuyerCost::penalty, (need - on_demand) * spec_.penalty_usd_per_s * dt_s());
  const double held = std::min(demand, spec_.owned + view.reserved);
  BuyerTotals& totals = future.totals;
  totals.demand += demand * dt_s();
  totals.redone += redo * dt_s();
  totals.carried += (held + on_spot + on_demand) * dt_s();
  totals.missed += (need - on_demand) * dt_s();
  totals.reserved += view.reserved * dt_s();
  totals.unused += (view.reserved - std::clamp(demand - spec_.owned, 0.0, view.reserved)) * dt_s();
  totals.spot += on_spot * dt_s();
  totals.on_demand += on_demand * dt_s();
  sum_.demand += demand;
  sum_.reserved += view.reserved;
  sum_.spot += on_spot;
  sum_.on_demand += on_demand;
  sum_.missed += need - on_demand;
  sum_.usd_per_s += price;
}

void BuyerState::step() {
  sum_ = {};
  worth_ = math::pow(1 + spec_.discount, -years());
  for (BuyerFuture& future : futures_) step_future(future);
  const SimTime at{spec_.step.ns * steps_};
  const auto n = static_cast<double>(futures_.size());
  Recorder& recorder = *world_.recorder;
  recorder.level(metrics_.demand, at, sum_.demand / n);
  recorder.level(metrics_.reserved, at, sum_.reserved / n);
  recorder.level(metrics_.spot, at, sum_.spot / n);
  recorder.level(metrics_.on_demand, at, sum_.on_demand / n);
  recorder.level(metrics_.missed, at, sum_.missed / n);
  recorder.level(metrics_.price, at, sum_.usd_per_s * 3600 / n);
  ++steps_;
}

void BuyerState::end_at(SimTime end) {
  // Steps begin at whole multiples, and one begins at the end, too.
  end_ =
      static_cast<std::uint32_t>(std::min<std::int64_t>(spec_.steps(), end.ns / spec_.step.ns + 1));
}

/// Where a run is stopped before, that is its end.
void BuyerState::close() {
  for (BuyerFuture& future : futures_) {
    for (const BuyerContract& contract : future.contracts) {
      repay(future, contract, contract.accelerators, steps_);
    }
    future.contracts.clear();
  }
}

std::uint64_t BuyerState::digest() const {
  std::uint64_t digest = 0;
  for (const BuyerFuture& future : futures_) {
    digest = digest * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(future.paid_micro);
  }
  return digest;
}

BuyerState::Laws BuyerState::laws() const {
  Laws out;
  for (const BuyerFuture& future : futures_) {
    const std::int64_t by_kind =
        std::accumulate(future.micro.begin(), future.micro.end(), std::int64_t{0});
    if (by_kind != future.paid_micro) ++out.wrong_books;
    out.paid_usd += static_cast<double>(future.paid_micro) * 1e-6;
    out.by_kind_usd += static_cast<double>(by_kind) * 1e-6;
    out.needed_s += future.totals.demand + future.totals.redone;
    out.carried_s += future.totals.carried + future.totals.missed;
    if (spec_.price.factor != 1 || spec_.price.volatility > 0) continue;
    out.on_demand_usd +=
        static_cast<double>(future.micro[static_cast<std::size_t>(BuyerCost::on_demand)]) * 1e-6;
    out.at_price_usd += future.totals.on_demand * spec_.on_demand_usd_per_s;
  }
  return out;
}

}  // namespace hyperdc
