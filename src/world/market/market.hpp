// A rental market in the world: requests, rentals, prices and the books of both sides.
//
// Computes: requests come as a Poisson process of rate demand(t) (price / reference)^-elasticity.
//   Each tries its products in order, each in the zone that is cheapest. Room of a zone of C:
//     on-demand  n + set aside + k <= C; set aside: blocks, and of reservations what was sold over
//                the oversell or what is in use, the larger
//     reserved   the same after it is sold; work finds room beside on-demand, or is a breach
//     block      booked + k <= blocks at each moment of it
//     spot       what is not in use (lend), or neither in use nor set aside
//   A block begins no sooner than the longest notice of spot after its booking.
//   What comes and finds spot in its place interrupts the lowest bids, of those the last, and
//   begins when their notice ends. Requests that ask again bid in auctions too: they hold the price
//   up, to no more than the least bid that has a place. Work that is interrupted x after it began,
//   with checkpoints every e that cost c, has done p(x) = min(w, n e + min(e, x - n (e + c))), n =
//   floor(x/(e+c)): it goes on from p(x - c) where the notice is as long as c, else from n e.
// Units: accelerators, seconds, USD; money is booked in whole micro-dollars. Source: the products
//   of AWS, GCP and Azure as docs/models/rental-market.md cites them. Valid range: zones and
//   requests of any size; nothing is placed on servers. Leaves out: servers and racks, placement
//   groups, quotas of tenants, refunds, discounts by volume, resale of reservations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/policy/pricing.hpp>

#include "core/distribution.hpp"
#include "engine/engine.hpp"
#include "scenario/market_spec.hpp"
#include "workload/demand/demand_curve.hpp"
#include "workload/demand/thinning.hpp"
#include "world/market/bid_book.hpp"
#include "world/market/block_calendar.hpp"
#include "world/world.hpp"

namespace hyperdc {

struct RentalRequest {
  std::uint32_t tenant = 0;
  std::uint64_t number = 0;  // of the tenant's
  std::uint64_t accelerators = 0;
  Duration work = {};                    // that is left; of reservations and blocks their length
  Duration ahead = {};                   // of blocks
  double bid = 0;                        // USD/s
  bool resumed = false;                  // had a place and lost it
  bool restarts = false;                 // works that much later, from its last checkpoint
  bool served = false;                   // had a rental
  std::optional<SimTime> patience = {};  // asks again until then
};

/// One rental, from admission to its end, or a request that waits to ask again.
struct Rental {
  enum class State : std::uint8_t { free, asking, claimed, running, idle };
  State state = State::free;  // claimed: its accelerators are its own when it starts
  RentalRequest request;
  std::uint32_t product = 0, zone = 0;
  bool noticed = false;     // leaves when its notice ends
  bool missed = false;      // a turn of a reservation that found no room
  bool paying = false;      // by time
  Duration restart = {};    // of its time, of reservations and blocks
  SimTime since = {};       // running
  SimTime paid_until = {};  // while it pays
  double paid_usd = 0;      // of an accelerator, by PaidPrice, until then
  SimTime term_end = {};    // of reservations
  std::uint64_t turns = 0;  // of work and idleness, of reservations
  std::int64_t paid_micro = 0;
  std::uint64_t order = 0;  // of those that bid, and of reservations
  std::uint32_t place = 0;  // in MarketZoneState::noticed
  EventId start = kNoEvent, stop = kNoEvent, term = kNoEvent, session = kNoEvent;
};

/// What an accelerator cost since the beginning, until a moment from which on it has one price.
struct PaidPrice {
  double usd = 0;
  SimTime until = {};
};

/// Accelerators over time.
struct RunningTime {
  std::uint64_t now = 0;
  SimTime since = {};
  double accelerator_s = 0;

  void change(SimTime at, std::int64_t by) {
    accelerator_s += static_cast<double>(now) * to_seconds(at - since);
    since = at;
    now = static_cast<std::uint64_t>(static_cast<std::int64_t>(now) + by);
  }
};

struct MarketZoneState {
  std::uint64_t on_demand = 0, reserved = 0, block = 0;  // that have accelerators, or claim them
  std::uint64_t sold = 0;                                // reservations
  std::uint64_t spot = 0, leaving = 0;                   // without, and with a notice
  std::uint64_t in_use = 0;                              // running
  RunningTime by_time;                                   // of them, on-demand and spot
  std::vector<std::uint32_t> waiting;                    // claims that wait for what leaves
  std::uint64_t due = 0;                                 // of claims whose start is scheduled
  std::vector<BidBook> placed;                           // of spot without a notice, by product
  std::vector<BidBook> heard;                            // and of who asks again, in auctions
  std::vector<std::uint32_t> noticed;                    // of `leaving`
  BlockCalendar bookings;
  std::map<std::uint64_t, std::uint32_t> missed;  // reservations that wait for room, as sold
  std::vector<double> usd_per_s;                  // by product
  std::vector<PaidPrice> paid;                    // by product, at earlier prices
  std::uint64_t stock_outs = 0, interruptions = 0, breaches = 0;
  double refused_s = 0;  // accelerator seconds
  std::int64_t revenue_micro = 0;
  MetricId utilization, spot_level, sold_level;
  std::vector<MetricId> price;  // by product, where it has a pricing

  std::uint64_t fixed() const { return on_demand + reserved + block; }
};

struct MarketProductState {
  std::unique_ptr<Pricing> pricing;  // null: a fixed price
  std::uint64_t rentals = 0, stock_outs = 0;
  double paid_s = 0;
  std::int64_t revenue_micro = 0;
};

struct MarketTenantState {
  MarketTenantState(const RentalTenant& tenant, const std::string& market, std::uint64_t seed,
                    SimTime end);
  DemandCurve curve;
  demand_nodes::Thinning arrivals;
  RandomStream stream;
  Distribution accelerators, duration_s, ahead_s;
  std::optional<Distribution> bid, busy, idle;
  double factor = 1;
  EventId next = kNoEvent;
  std::uint64_t requests = 0, served = 0, lost = 0, asking = 0, abandoned = 0, interruptions = 0;
  double paid_s = 0, useful_s = 0, lost_s = 0;  // accelerator seconds
  std::int64_t cost_micro = 0;
};

class MarketState {
 public:
  MarketState(World& world, const MarketSpec& spec);

  enum Kind : std::uint32_t {
    kArrive,
    kRetry,
    kReprice,
    kClaim,
    kStart,
    kStop,
    kTerm,
    kSession,
    kKinds
  };
  void begin(ProcessId self, Engine& engine);
  void handle(const Event& event);
  std::uint64_t meaning(const Event& event) const;
  /// Where the run ends before its scenario does.
  void end_at(SimTime end) { paid_until_ = std::min(end_, end); }
  /// Books what is owed until the end of the run. Once.
  void close(SimTime end);

  const MarketSpec& spec() const { return spec_; }
  void read(std::vector<MetricValue>& values) const;
  /// Both sides of the laws of the market.
  struct Laws {
    std::uint64_t requests = 0, ended = 0;
    __extension__ using Micro = __int128;
    Micro revenue_micro = 0, costs_micro = 0, rentals_micro = 0, zones_micro = 0;
    // Of products with one price: what they took, and price times paid time.
    double fixed_usd = 0, price_usd = 0;
    std::uint64_t payments = 0;
    // Of on-demand and spot, accelerator seconds: paid, and in use.
    double paid_s = 0, running_s = 0;
    std::uint64_t useful_above_paid = 0;  // tenants
  };
  Laws laws() const;

 private:
  // requests.cpp
  void arrive(std::uint32_t tenant);
  void schedule_arrival(std::uint32_t tenant);
  /// No longer than the run.
  Duration within_run(double drawn_s) const {
    return seconds(std::min(drawn_s, to_seconds(end_ - SimTime{})));
  }
  RentalRequest draw(std::uint32_t tenant, std::uint64_t number) const;
  void ask(RentalRequest request);
  bool serve(const RentalRequest& request);
  void refuse(const RentalRequest& request, std::uint32_t product, std::uint32_t zone);
  void read_tenants(const std::string& prefix, std::vector<MetricValue>& values) const;
  // admission.cpp
  bool admit(const RentalRequest& request, std::uint32_t product, std::uint32_t zone);
  bool admit_spot(const RentalRequest& request, std::uint32_t product, std::uint32_t zone);
  SimTime block_begin(const RentalRequest& request) const;
  std::uint64_t spot_supply(std::uint32_t product, std::uint32_t zone) const;
  bool win_spot(const RentalRequest& request, std::uint32_t product, std::uint32_t zone);
  bool has_block(const RentalRequest& request, std::uint32_t product, std::uint32_t zone) const;
  std::uint64_t firm(std::uint32_t zone, std::uint64_t sold) const;
  std::uint64_t before_spot(std::uint32_t zone) const;
  void claim(std::uint32_t zone);
  std::optional<std::uint32_t> lowest_spot(std::uint32_t zone) const;
  void place_bid(std::uint32_t id);
  void take_bid_back(std::uint32_t id);
  std::uint32_t rent(const RentalRequest& request, std::uint32_t product, std::uint32_t zone);
  void begin_reservation(std::uint32_t id);
  void begin_block(std::uint32_t id);
  // rentals.cpp
  std::uint64_t& held(std::uint32_t id);
  void claim_block(std::uint32_t id);
  void start_at(std::uint32_t id, SimTime at);
  void start_when_free(std::uint32_t id);
  void start_waiting(std::uint32_t zone);
  void start_due(std::uint32_t id);
  void cancel_start(std::uint32_t id);
  void start(std::uint32_t id);
  void stop(std::uint32_t id);
  void leave(std::uint32_t id);
  void interrupt(std::uint32_t id);
  void stop_interrupted(std::uint32_t id);
  double worked_s(Rental& rental, SimTime now) const;
  void renew(std::uint32_t id);
  void turn(std::uint32_t id);
  void schedule_turn(std::uint32_t id, bool busy);
  void release(std::uint32_t id);
  void wake_missed(std::uint32_t zone);
  std::uint32_t new_rental(const RentalRequest& request);
  Duration length(const RentalRequest& request, std::uint32_t product) const;
  void publish(std::uint32_t zone);
  // prices.cpp
  void reprice();
  double asked_price(std::uint32_t product, std::uint32_t zone, const Bids* bids) const;
  double held_price(std::uint32_t product, std::uint32_t zone, const RentalRequest* loser) const;
  void set_price(std::uint32_t product, std::uint32_t zone, double usd_per_s);
  void follow_prices();
  double paid_usd(std::uint32_t product, std::uint32_t zone) const;
  double rate_of(const Rental& rental) const;
  void book(Rental& rental, double usd);
  void wait(const RentalRequest& request, SimTime until);
  void hear(std::uint32_t id, bool waits);
  void close_prepaid(Rental& rental, SimTime end);
  void accrue(Rental& rental, SimTime now);

  const RentalTenant& tenant_of(const Rental& rental) const {
    return spec_.tenants[rental.request.tenant];
  }
  RentalKind kind_of(const Rental& rental) const { return spec_.products[rental.product].kind; }

  World& world_;
  const MarketSpec& spec_;
  SimTime end_, paid_until_;  // of the scenario, and of the run
  Engine* engine_ = nullptr;
  ProcessId self_;
  std::vector<MarketZoneState> zones_;
  std::vector<MarketProductState> products_;
  std::vector<std::unique_ptr<MarketTenantState>> tenants_;
  std::vector<Rental> rentals_;
  std::vector<std::uint32_t> free_;
  std::uint64_t orders_ = 0;  // of bids
  Duration longest_notice_ = {};
  bool started_ = false;          // there are prices
  std::int64_t ended_micro_ = 0;  // paid by rentals that are over
  std::uint64_t payments_ = 0;
  MetricId utilization_;
};

/// Once, before the run.
void build_markets(World& world);
void end_markets_at(World& world, SimTime end);
void close_markets(World& world, SimTime end);
void read_markets(const World& world, std::vector<MetricValue>& values);

/// Work done x after work began, of w, with checkpoints; and where it goes on after an interruption
/// at x.
Duration work_done(const CheckpointTerms& terms, Duration work, Duration x);
Duration work_saved(const std::optional<CheckpointTerms>& terms, Duration notice, Duration work,
                    Duration x);

}  // namespace hyperdc
