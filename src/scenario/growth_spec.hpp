// Growth plans: demand, sites, hardware and orders over years; what docs/models/capacity-growth.md
// computes with. "Units" are accelerators of the reference generation, of performance 1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "core/distribution.hpp"
#include "scenario/service.hpp"

namespace hyperdc {

/// That something comes later than it was promised.
struct SlipSpec {
  double probability = 0;
  DistributionSpec time_s = Constant{0};
};

/// A value that moves by a factor a year, and about it.
struct TrendSpec {
  double factor = 1;      // mean, a year
  double volatility = 0;  // of the logarithm, per square root of a year
};

/// Demand of one kind of use.
struct GrowthClass {
  std::string name;
  double start = 0;       // units at the beginning
  double growth = 1;      // mean factor a year
  double growth_cv = 0;   // of that factor, between futures
  double volatility = 0;  // of the logarithm, per square root of a year
  double price_usd_per_h = 0;
  TrendSpec price = {};
  bool takes_repurposed = false;
  std::optional<double> reservation = {};  // units of one; it is turned away if it finds no room
};

/// One branch of the scenario tree: demand is multiplied from a time on.
struct GrowthBranch {
  std::string name;
  double weight = 1, factor = 1;
  Duration at = {};
};

/// What a rack needs of its row, or what a row has.
struct RowNeeds {
  double power_w = 0, air_w = 0, liquid_w = 0, weight_kg = 0;
  double positions = 0, ports = 0;
};

struct HardwareGeneration {
  std::string name, vendor;
  Duration from = {};
  std::optional<Duration> until = {};  // last day of sale
  double performance = 1;              // units of an accelerator
  std::uint32_t accelerators = 1;      // of a rack
  RowNeeds rack;
  double price_usd = 0;  // of a rack, when it comes on sale
  TrendSpec price = {};
  DistributionSpec lead_s = Constant{0};
  SlipSpec slip = {};
  Duration life = {};
  std::optional<Duration> repurpose = {};  // age from which only some classes take it
  double afr = 0;                          // failures a year of a new accelerator
  double wear = 0;                         // share by which that grows a year of age
  double residual = 0;                     // factor a year on the price at which it is sold on
  double deposit = 0;                      // share of the price that is paid with the order
  double breakage = 0;                     // share of the price that a cancelled order costs
  std::optional<std::uint64_t> most = {};  // racks that the vendor takes a step
  std::uint64_t installed = 0;             // racks that are there at the beginning
  Duration installed_age = {};
  std::uint64_t minimum_take = 0;  // racks a year; what is not ordered costs the breakage
  double efficiency_cv = 0;        // of what software makes of it, between futures; mean 1
  double porting_usd = 0;          // once, when the first of them comes
  double share = 1;                // weight in the policy "portfolio"
};

struct HallSpec {
  std::string name;
  Duration at = {};
  SlipSpec slip = {};
  std::uint32_t rows = 1;
  RowNeeds row;
  double capex_usd = 0, rent_usd_per_s = 0;
  double ups_w = 0;                   // of all rows together
  std::optional<Duration> life = {};  // without it nothing is sold on
};

/// What a utility asks of who has asked for its power.
struct GridContract {
  double minimum_bill = 0;            // share of the firm power whose energy is always paid for
  std::optional<Duration> term = {};  // from its coming; without it, as long as it is there
  double exit_fee_usd = 0;            // given up within the term
  std::optional<Duration> give_up_after = {};  // without need of it
};

struct GridDelivery {
  std::string name;
  Duration at = {};
  SlipSpec slip = {};
  Duration ramp = {};
  double firm_w = 0, interruptible_w = 0;
  double capex_usd = 0;
  std::optional<GridContract> contract = {};
  std::optional<Duration> life = {};  // without it nothing is sold on
};

struct BridgingSpec {
  double power_w = 0;
  Duration lead = {}, term = {};
  double cost_usd_per_s = 0;
};

struct GrowthSite {
  std::string name;
  double pue = 1;
  double usd_per_j = 0;
  TrendSpec electricity = {};  // volatility 0
  double interrupted = 0;      // share of time that interruptible power is away
  std::vector<GridDelivery> grid;
  std::vector<HallSpec> halls;
  std::optional<BridgingSpec> bridging = {};
};

struct LeaseSpec {
  double usd_per_h = 0;  // of a unit
  TrendSpec price = {};
  double most = 0;  // units
  Duration lead = {}, term = {};
};

/// People who look after racks, of all sites together; in persons, also parts of them.
struct StaffSpec {
  double watts_per_person = 0;  // of racks
  double start = 0;
  Duration lead = {};
  std::optional<double> most = {};  // hires a year
  double attrition = 0;             // share that leaves a year
  double usd_per_s = 0;             // of one
};

/// Tax on income, with straight lines in the books.
struct TaxSpec {
  double rate = 0;
  Duration racks = {}, halls = {}, grid = {};  // over which each is written off
  bool carry_forward = true;                   // of losses
};

/// The service that stands for the racks of one generation in a window.
struct WindowService {
  std::uint32_t generation = 0, service = 0;  // of GrowthPlanSpec, of Scenario::services
};

/// A short time of one class, event by event (docs/adr/0017-exact-windows.md).
struct GrowthWindow {
  std::string name;
  std::uint32_t step = 0;
  std::uint32_t of_class = 0;
  double quantile = 0.5;                // of demand over capacity of the class, over futures
  double units = 1;                     // of demand, for which the services' demand is written
  std::vector<WindowService> services;  // in the order of the generations
};

struct Scenario;

struct GrowthPlanSpec {
  std::string name;
  std::uint32_t years = 0, steps_per_year = 12, futures = 0;
  Duration step = {};
  double discount = 0;                    // a year
  double demand_correlation = 0;          // of classes
  double slip_correlation = 0;            // of what is promised for, or ordered in, the same year
  std::optional<double> budget_usd = {};  // a year
  double budget_factor = 1;               // a year
  bool heed_power = true;
  std::vector<GrowthClass> classes;
  std::vector<GrowthBranch> branches;
  std::vector<GrowthSite> sites;
  std::vector<HardwareGeneration> generations;
  std::optional<LeaseSpec> lease = {};
  std::optional<StaffSpec> staff = {};
  std::optional<TaxSpec> tax = {};
  PolicyChoice procurement;
  std::vector<GrowthWindow> windows;
  std::shared_ptr<const Scenario> fleet = {};  // what stands and runs in windows; null without

  bool by_quarters() const { return steps_per_year == 4; }
  std::uint32_t steps() const { return years * steps_per_year; }
  double step_years() const { return 1.0 / steps_per_year; }
};

}  // namespace hyperdc
