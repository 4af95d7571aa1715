// Growth plans: what ranges cannot say, and the plan as the world computes with it.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <string>
#include <utility>

#include <hyperdc/policy/procurement.hpp>

#include "scenario/growth_spec.hpp"
#include "scenario/growth_windows.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

constexpr double kSecondsOfPlanYear = 365 * 86'400.0;
constexpr double kSecondsOfHour = 3600;
constexpr double kMostFutureSteps = 5e8;  // futures times steps: time
constexpr double kMostFutureRows = 2e7;   // 48 bytes each: 1 GB
constexpr double kMostRowSteps = 5e9;     // futures times rows times steps: some 5 minutes
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

SlipSpec slip_of(Resolution& r, const View& slip) {
  if (!slip) return {};
  return {slip["probability"].number(), distribution_of(r, slip["time"])};
}

double number_or(const View& value, double otherwise) {
  return value ? value.number() : otherwise;
}

std::vector<GrowthClass> classes_of(const View& plan) {
  std::vector<GrowthClass> out;
  for (const auto& [name, at, _] : plan["classes"].each()) {
    GrowthClass& next = out.emplace_back();
    next.name = name;
    next.start = at["start"].number();
    next.growth = at["growth"].number();
    next.growth_cv = at["growth_cv"].number();
    next.volatility = at["volatility"].number();
    next.price_usd_per_h = at["price"].number() * kSecondsOfHour;
    next.price.factor = number_or(at["price_factor"], 1);
    next.takes_repurposed = at["takes_repurposed"].flag();
    if (const View size = at["reservation"]) next.reservation = size.number();
  }
  return out;
}

std::vector<GrowthBranch> branches_of(Resolution& r, const View& plan) {
  std::vector<GrowthBranch> out;
  double sum = 0;
  for (const auto& [name, at, _] : plan["branches"].each()) {
    out.push_back({name, at["weight"].number(), at["factor"].number(), at["at"].duration()});
    sum += out.back().weight;
  }
  if (!out.empty() && sum <= 0) {
    r.error("E034", plan["branches"], "no branch has a weight", "give one a weight above 0");
  }
  return out;
}

HallSpec hall_of(Resolution& r, const std::string& name, const View& at) {
  HallSpec out;
  out.name = name;
  out.at = at["at"].duration();
  out.slip = slip_of(r, at["slip"]);
  out.rows = static_cast<std::uint32_t>(at["rows"].number());
  out.capex_usd = at["capex"].number();
  out.rent_usd_per_s = at["rent"].number();
  out.ups_w = number_or(at["ups"], kUnlimited);
  if (const View life = at["life"]) out.life = life.duration();
  const View row = at["row"];
  out.row.positions = row["positions"].number();
  out.row.power_w = row["power"].number();
  out.row.air_w = number_or(row["air"], kUnlimited);
  out.row.liquid_w = row["liquid"].number();
  out.row.ports = number_or(row["ports"], kUnlimited);
  out.row.weight_kg = number_or(row["weight"], kUnlimited);
  return out;
}

std::optional<GridContract> contract_of(const View& at) {
  if (!at) return std::nullopt;
  GridContract out;
  out.minimum_bill = at["minimum_bill"].number();
  if (const View term = at["term"]) out.term = term.duration();
  if (const View after = at["give_up_after"]) out.give_up_after = after.duration();
  out.exit_fee_usd = number_or(at["exit_fee"], 0);
  return out;
}

std::optional<StaffSpec> staff_of(const View& at) {
  if (!at) return std::nullopt;
  StaffSpec out;
  out.watts_per_person = at["power_per_person"].number();
  out.start = at["start"].number();
  out.lead = at["lead_time"].duration();
  if (const View most = at["most"]) out.most = most.number();
  out.attrition = at["attrition"].number();
  out.usd_per_s = at["cost"].number();
  return out;
}

std::optional<TaxSpec> tax_of(const View& at) {
  if (!at) return std::nullopt;
  return TaxSpec{at["rate"].number(), at["racks"].duration(), at["halls"].duration(),
                 at["grid"].duration(), at["carry_forward"].flag()};
}

std::vector<GrowthSite> sites_of(Resolution& r, const View& plan) {
  std::vector<GrowthSite> out;
  for (const auto& [name, at, _] : plan["sites"].each()) {
    GrowthSite& site = out.emplace_back();
    site.name = name;
    site.pue = at["pue"].number();
    site.usd_per_j = at["electricity"].number();
    site.electricity.factor = at["electricity_factor"].number();
    site.interrupted = at["interrupted"].number();
    for (const auto& [delivery, grid, span] : at["grid"].each()) {
      site.grid.push_back({delivery, grid["at"].duration(), slip_of(r, grid["slip"]),
                           grid["ramp"].duration(), grid["power"].number(),
                           grid["interruptible"].number(), grid["capex"].number(),
                           contract_of(grid["contract"])});
      if (const View life = grid["life"]) site.grid.back().life = life.duration();
      if (site.grid.back().contract && site.grid.back().contract->minimum_bill > 0 &&
          site.usd_per_j <= 0) {
        r.error("E034", grid["contract"]["minimum_bill"],
                "the minimum bill is energy at its price, and the site has none",
                "write \"electricity\" of the site");
      }
    }
    if (site.interrupted > 0 &&
        std::all_of(site.grid.begin(), site.grid.end(),
                    [](const GridDelivery& grid) { return grid.interruptible_w <= 0; })) {
      r.error("E034", at["interrupted"], "no power of the site is interruptible",
              "write \"interruptible\" of what may be away");
    }
    for (const auto& [hall, where, span] : at["halls"].each()) {
      site.halls.push_back(hall_of(r, hall, where));
    }
    if (const View bridging = at["bridging"]) {
      site.bridging = BridgingSpec{bridging["power"].number(), bridging["lead_time"].duration(),
                                   bridging["term"].duration(), bridging["cost"].number()};
    }
  }
  return out;
}

/// Does a rack fit into an empty row of some hall?
bool fits_a_row(const RowNeeds& rack, const std::vector<GrowthSite>& sites) {
  return std::any_of(sites.begin(), sites.end(), [&](const GrowthSite& site) {
    return std::any_of(site.halls.begin(), site.halls.end(), [&](const HallSpec& hall) {
      const RowNeeds& row = hall.row;
      return rack.power_w <= row.power_w && rack.power_w <= hall.ups_w && rack.air_w <= row.air_w &&
             rack.liquid_w <= row.liquid_w && rack.positions <= row.positions &&
             rack.ports <= row.ports && rack.weight_kg <= row.weight_kg;
    });
  });
}

HardwareGeneration generation_of(Resolution& r, const std::string& name, const View& at) {
  HardwareGeneration out;
  out.name = name;
  out.vendor = at["vendor"].text();
  out.from = at["from"].duration();
  if (const View until = at["until"]) out.until = until.duration();
  out.performance = at["performance"].number();
  const View rack = at["rack"];
  out.accelerators = static_cast<std::uint32_t>(rack["accelerators"].number());
  out.rack.power_w = rack["power"].number();
  out.rack.liquid_w = out.rack.power_w * rack["liquid"].number();
  out.rack.air_w = out.rack.power_w - out.rack.liquid_w;
  out.rack.positions = rack["positions"].number();
  out.rack.ports = rack["ports"].number();
  out.rack.weight_kg = rack["weight"].number();
  out.price_usd = at["price"].number();
  out.price = {at["price_factor"].number(), at["price_volatility"].number()};
  out.lead_s = distribution_of(r, at["lead_time"]);
  out.slip = slip_of(r, at["slip"]);
  out.installed = static_cast<std::uint64_t>(at["installed"].number());
  out.installed_age = at["installed_age"].duration();
  out.life = at["life"].duration();
  if (const View repurpose = at["repurpose"]) out.repurpose = repurpose.duration();
  out.afr = at["afr"].number();
  out.wear = at["wear"].number();
  out.residual = at["residual"].number();
  out.deposit = at["deposit"].number();
  out.breakage = at["breakage"].number();
  if (const View most = at["most"]) out.most = static_cast<std::uint64_t>(most.number());
  out.efficiency_cv = at["efficiency_cv"].number();
  out.porting_usd = at["porting"].number();
  out.share = at["share"].number();
  out.minimum_take = static_cast<std::uint64_t>(at["minimum_take"].number());
  return out;
}

void check_generation(Resolution& r, const View& at, const HardwareGeneration& generation,
                      const GrowthPlanSpec& plan) {
  if (generation.until && *generation.until < generation.from) {
    r.error("E034", at["until"], "the sale ends before it begins");
  } else if (generation.until &&
             generation.until->ns / plan.step.ns * plan.step.ns < generation.from.ns) {
    r.error("E034", at["until"], "no step of the plan begins between \"from\" and \"until\"",
            "it would never be sold: widen the sale, or take shorter steps");
  }
  if (generation.repurpose && *generation.repurpose > generation.life) {
    r.error("E034", at["repurpose"], "it is retired before that age");
  }
  if (at["share"] && generation.share != 1 && plan.procurement.policy != "portfolio") {
    r.warning("E034", at["share"], "only the policy \"portfolio\" looks at shares");
  }
  if (generation.installed_age > generation.life) {
    r.error("E034", at["installed_age"], "it is retired before that age");
  }
  if (at["rack"]["power"] && generation.rack.power_w <= 0) {
    r.error("E034", at["rack"]["power"], "a rack without power limits nothing");
  }
  if (!r.problems.failed() && !fits_a_row(generation.rack, plan.sites)) {
    r.error("E039", at["rack"], "no empty row of any hall holds such a rack",
            "compare its power, air and liquid heat, positions, ports and weight with \"row\"");
  }
}

void check_sizes(Resolution& r, const View& at, const GrowthPlanSpec& plan) {
  double rows = 0;
  for (const GrowthSite& site : plan.sites) {
    for (const HallSpec& hall : site.halls) rows += hall.rows;
  }
  const auto futures = static_cast<double>(plan.futures);
  const auto limit = [&](const char* what, double work, double most) {
    if (work <= most) return;
    r.error("E035", at["futures"],
            fmt::format("{} futures of {} rows and {} steps; futures times {} may be {:.0f}",
                        plan.futures, rows, plan.steps(), what, most));
  };
  limit("rows", futures * rows, kMostFutureRows);
  limit("steps", futures * plan.steps(), kMostFutureSteps);
  limit("rows times steps", futures * rows * plan.steps(), kMostRowSteps);
  const View duration = r.spec["duration"];
  if (has_windows(r)) return;  // it is theirs
  if (duration && duration.number() > plan.years * kSecondsOfPlanYear) {
    r.error("E034", duration,
            fmt::format("the run goes on after the {} years of growth plan \"{}\"", plan.years,
                        plan.name),
            "leave \"duration\" out: the run then ends with the plan");
  }
  if (duration && duration.number() < plan.years * kSecondsOfPlanYear) {
    r.error("E034", duration,
            fmt::format("the run ends before the {} years of growth plan \"{}\"", plan.years,
                        plan.name),
            "leave \"duration\" out: the run then ends with the plan");
  }
}

void check_procurement(Resolution& r, const View& at, const GrowthPlanSpec& plan) {
  const PolicyChoice& choice = plan.procurement;
  if (choice.policy == "reservation") {
    const double size = choice.params.number("size");
    for (const GrowthClass& of : plan.classes) {
      if (!of.reservation || *of.reservation == size) continue;
      r.error("E034", at["procurement"],
              fmt::format("orders for reservations of {} units, and those of class \"{}\" have {}",
                          size, of.name, *of.reservation),
              fmt::format("write \"size\": {}", *of.reservation));
    }
  }
  if (choice.policy == "build-or-lease" && !plan.lease) {
    r.error("E034", at["procurement"], "build-or-lease in a plan without a lease", "add \"lease\"");
  }
  const bool no_share = std::all_of(plan.generations.begin(), plan.generations.end(),
                                    [](const auto& one) { return one.share <= 0; });
  if (choice.policy == "portfolio" && no_share) {
    r.error("E034", at["generations"], "no generation has a share of the portfolio",
            "give one a share above 0");
  }
  const bool one_vendor =
      std::all_of(plan.generations.begin(), plan.generations.end(),
                  [&](const auto& one) { return one.vendor == plan.generations[0].vendor; });
  if (choice.policy == "hedge" && one_vendor) {
    r.warning("E034", at["procurement"], "all generations are of one vendor: nothing is split",
              "write \"vendor\" in the generations");
  }
}

void resolve_plan(Resolution& r, const std::string& name, const View& at) {
  auto plan = std::make_shared<GrowthPlanSpec>();
  plan->name = name;
  plan->years = static_cast<std::uint32_t>(at["years"].number());
  const std::string step = at["step"].text();
  plan->steps_per_year = step == "year" ? 1 : step == "quarter" ? 4 : 12;
  plan->step = whole_seconds(365 * 86'400 / plan->steps_per_year);
  plan->futures = static_cast<std::uint32_t>(at["futures"].number());
  plan->discount = at["discount"].number();
  plan->demand_correlation = at["demand_correlation"].number();
  plan->slip_correlation = at["slip_correlation"].number();
  if (const View budget = at["budget"]) plan->budget_usd = budget.number();
  plan->budget_factor = number_or(at["budget_factor"], 1);
  plan->heed_power = at["heed_power"].flag();
  plan->classes = classes_of(at);
  plan->branches = branches_of(r, at);
  plan->sites = sites_of(r, at);
  if (const View lease = at["lease"]) {
    plan->lease = LeaseSpec{lease["price"].number() * kSecondsOfHour,
                            {lease["price_factor"].number(), 0},
                            lease["most"].number(),
                            lease["lead_time"].duration(),
                            lease["term"].duration()};
  }
  plan->staff = staff_of(at["staff"]);
  plan->tax = tax_of(at["tax"]);
  plan->procurement = checked_choice_of(r, at["procurement"], procurements());
  for (const auto& [generation, where, _] : at["generations"].each()) {
    plan->generations.push_back(generation_of(r, generation, where));
    check_generation(r, where, plan->generations.back(), *plan);
  }
  check_procurement(r, at, *plan);
  resolve_windows(r, at["windows"], *plan);
  const bool reserved = std::any_of(plan->classes.begin(), plan->classes.end(),
                                    [](const GrowthClass& of) { return of.reservation; });
  if (reserved && plan->classes.size() > 1) {
    r.error("E034", at["classes"],
            "a class of reservations does not share its capacity with another class",
            "give it a plan of its own");
  }
  check_sizes(r, at, *plan);
  note_facts(r, at["sources"], "growth." + name);
  r.scenario.growth.push_back(std::move(plan));
}

}  // namespace

void resolve_growth(Resolution& r) {
  for (const auto& [name, plan, _] : r.spec["growth"].each()) {
    if (plan) resolve_plan(r, name, plan);
  }
  for (const auto& plan : r.scenario.growth) {
    const auto& first = r.scenario.growth.front();
    if (plan->years == first->years) continue;
    r.error("E034", r.spec["growth"][plan->name]["years"],
            fmt::format("plan \"{}\" has {} years: plans of one run end together", first->name,
                        first->years),
            "give them as many years, or a scenario each");
  }
  check_windows_alone(r);
  if (!r.scenario.growth.empty() && !has_windows(r) && r.spec["warmup"].number() > 0) {
    r.error("E034", r.spec["warmup"], "a growth plan counts from the beginning: it has no warm-up");
  }
}

}  // namespace hyperdc
