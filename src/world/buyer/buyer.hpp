// A buyer in the world: all of its futures, step by step.
//
// Computes, in each future and step of length dt:
//   demand   that of growth plans (one class) times a lognormal factor of its own (spread)
//   price    P(t) = price factor^t exp(sigma W - sigma^2 t / 2) of on-demand
//   scarcity x of each zone, standard normal, x' = f x + sqrt(1 - f^2) e, with
//            f = exp(-dt / persistence); e of two zones correlate. A zone has spot while
//            x <= N^-1(available), on-demand while x <= N^-1(stock). Spot costs
//            ratio P exp(v x - v^2 / 2) available / N(N^-1(available) - v): ratio P in the mean
//   carried  by what is owned, then reserved, then what the policy puts on spot, then on-demand
//            while some zone has it; what is left is missed.
//   spot     of s accelerators' worth of demand rents s / u: with checkpoints every e that cost c,
//            restart r, interruptions at rate l,  u = e/(e+c) - l (b + r e/(e+c)),  b = c e/(e+c)
//            where the notice is as long as c, else (e^2/2 + e c)/(e+c), the work since the last
//            one. A zone that loses its spot, or asks more than is paid, interrupts all of it at
//            once; the work lost, no more than was done since it began, is done again on-demand.
//            What shrinks in zones while it grows in others has moved, and loses the same.
//   money    a reservation of price p and upfront share a pays a p T at its begin, then (1-a) p;
//            given up, breakage times what is still to be paid. The run pays for its own time:
//            neither what is due after its end nor what is prepaid for it.
//   CVaR95   mean cost of the dearest twentieth of the futures, the last of them in part
// Units: accelerators, seconds, USD, whole micro-dollars as booked. Source: newsvendor (Edgeworth
//   1888); Rockafellar, Uryasev, Optimization of Conditional Value-at-Risk, J. Risk 2000; Young,
//   CACM 1974, for the loss between checkpoints. Valid range: fewer than half an interruption
//   between checkpoints. Leaves out: that the buyer moves prices or stock; taxes; resale.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <hyperdc/policy/purchasing.hpp>

#include "core/rng.hpp"
#include "scenario/market_spec.hpp"
#include "world/buyer/spot_exposure.hpp"
#include "world/growth/demand_paths.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class BuyerCost : std::uint8_t { on_demand, reserved, spot, owned, breakage, penalty };
inline constexpr std::array<const char*, 6> kBuyerCosts = {"on_demand", "reserved", "spot",
                                                           "owned",     "breakage", "penalty"};

struct BuyerContract {
  double accelerators = 0;
  std::uint32_t end = 0;  // step
  double usd_per_s = 0;   // still to be paid
  double upfront_usd_per_s = 0;
  double breakage = 0;
};

struct BuyerTotals {
  // Accelerator seconds.
  double demand = 0, redone = 0, carried = 0, missed = 0;
  double reserved = 0, unused = 0, spot = 0, on_demand = 0;
  double interruptions = 0;
};

struct BuyerFuture {
  std::uint32_t index = 0;
  DemandState demand;
  double log_price = 0;
  std::vector<double> scarcity;           // by zone
  std::vector<double> on_spot;            // rented, by zone
  std::vector<std::uint32_t> spot_steps;  // without a break, by zone
  std::deque<BuyerContract> contracts;    // those that end first come first
  double reserved = 0;                    // accelerators of all of them
  double reserved_usd_per_s = 0;          // still to be paid, of all of them
  BuyerTotals totals;
  std::array<std::int64_t, kBuyerCosts.size()> micro{};
  std::int64_t paid_micro = 0;
  double present_usd = 0;
};

/// What happens in one step, over all futures.
struct BuyerLevels {
  double demand = 0, reserved = 0, spot = 0, on_demand = 0, missed = 0, usd_per_s = 0;
};

/// Of one step: the demand that spot carries, and the work that moving lost.
struct SpotStep {
  double carried = 0, lost_s = 0;
};

class BuyerState {
 public:
  BuyerState(World& world, const BuyerSpec& spec);
  void step();
  /// Where the run ends before its scenario does; a step that has begun counts whole.
  void end_at(SimTime end);
  void close();
  bool done() const { return steps_ == spec_.steps(); }
  const BuyerSpec& spec() const { return spec_; }
  std::uint64_t digest() const;
  void read(std::vector<MetricValue>& values) const;
  struct Laws {
    std::uint64_t wrong_books = 0;  // futures in which payments are not those by kind
    double paid_usd = 0, by_kind_usd = 0;
    double needed_s = 0, carried_s = 0;
    double on_demand_usd = 0, at_price_usd = 0;  // where its price stays
  };
  Laws laws() const;

 private:
  void step_future(BuyerFuture& future);
  void move(BuyerFuture& future);
  double demand_of(const BuyerFuture& future) const;
  void put_cost_per_hour(const std::string& name, std::vector<MetricValue>& values) const;
  void review(BuyerFuture& future, const PurchasingView& view);
  void repay(BuyerFuture& future, const BuyerContract& contract, double part,
             std::uint32_t end) const;
  void give_up(BuyerFuture& future, double accelerators);
  std::vector<SpotOffer> offers(const BuyerFuture& future, double on_demand) const;
  std::vector<SpotExposure> exposures() const;
  double lose_spot(BuyerFuture& future, const PurchasingView& view) const;
  double move_spot(BuyerFuture& future, const std::vector<double>& rented);
  SpotStep rent_spot(BuyerFuture& future, const PurchasingView& view, double rest);
  double carry_on_demand(BuyerFuture& future, double need, double price);
  void pay(BuyerFuture& future, BuyerCost kind, double usd) const;
  std::size_t end_contracts(BuyerFuture& future) const;
  double dt_s() const { return to_seconds(spec_.step); }
  double years() const { return static_cast<double>(steps_) / spec_.steps_per_year; }

  World& world_;
  const BuyerSpec& spec_;
  DemandPaths paths_;
  RandomStream spread_, price_, common_;
  std::vector<RandomStream> zones_;
  std::unique_ptr<Purchasing> policy_;
  std::vector<BuyerFuture> futures_;
  BuyerLevels sum_;
  // Above this scarcity a zone has none.
  std::vector<double> spot_limit_;      // by zone
  std::vector<SpotExposure> exposure_;  // by zone, where spot may be rented
  double stock_limit_ = 0;
  double keep_ = 0;          // of scarcity, from step to step
  double worth_ = 1;         // of a dollar of this step, at the beginning
  std::uint32_t steps_ = 0;  // that are done
  std::uint32_t end_ = 0;    // of the run
  struct {
    MetricId demand, reserved, spot, on_demand, missed, price;
  } metrics_;
};

/// Work that an interruption of spot costs that was held so long, and the share of its time that is
/// work; s, 1.
double lost_work_s(const BuyerSpot& spot, double held_s = std::numeric_limits<double>::infinity());
double useful_share(const BuyerSpot& spot);
/// Mean of the largest twentieth; the last of it in part where that is no whole number.
double cvar95(std::vector<double> costs);

void build_buyers(World& world);
void end_buyers_at(World& world, SimTime end);
void close_buyers(World& world);
void read_buyers(const World& world, std::vector<MetricValue>& values);

}  // namespace hyperdc
