// Buyers: what ranges cannot say, and the buyer as the world computes with it.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>

#include <hyperdc/policy/purchasing.hpp>

#include "core/math.hpp"
#include "scenario/market_spec.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"

namespace hyperdc {
namespace {

constexpr double kMostBuyerSteps = 2e8;  // futures times steps: some 5 minutes
constexpr double kStepsOfReview = 10;    // that take as long
constexpr std::int64_t kBuyerHourS = 3600;
constexpr double kBuyerYearS = 365 * 86'400.0;
constexpr double kMostBuyerUsd = 1e12;

BuyerSpot buyer_spot_of(const View& at) {
  BuyerSpot out;
  out.notice = at["notice"].duration();
  out.interruptions_per_s = at["interruptions"].number();
  out.price_volatility = at["price_volatility"].number();
  out.correlation = at["correlation"].number();
  out.persistence = at["persistence"].duration();
  const View checkpoint = at["checkpoint"];
  out.checkpoint = {checkpoint["every"].duration(), checkpoint["cost"].duration(),
                    checkpoint["restart"].duration()};
  for (const auto& [name, zone, _] : at["zones"].each()) {
    BuyerSpotZone& next = out.zones.emplace_back();
    next.name = name;
    next.ratio = zone["ratio"].number();
    next.available = zone["available"].number();
    if (const View most = zone["most"]) next.most = most.number();
  }
  return out;
}

void demand_of_buyer(const View& at, BuyerSpec& out) {
  const View demand = at["demand"];
  GrowthClass use;
  use.name = "demand";
  use.start = demand["start"].number();
  use.growth = demand["growth"].number();
  use.growth_cv = demand["growth_cv"].number();
  use.volatility = demand["volatility"].number();
  out.demand.years = out.years;
  out.demand.steps_per_year = out.steps_per_year;
  out.demand.step = out.step;
  out.demand.classes.push_back(std::move(use));
  out.spread = demand["spread"].number();
}

/// USD a second that a future costs after `years` which one of a thousand million exceeds.
double wild_usd_per_s(const BuyerSpec& buyer, double usd_per_s, bool of_prices, double years) {
  constexpr double kWild = 6;  // standard deviations
  const GrowthClass& use = buyer.demand.classes[0];
  const double of_growth = math::log1p(use.growth_cv * use.growth_cv);
  const double of_day = math::log1p(buyer.spread * buyer.spread);
  double drift = math::log(use.growth) * years;
  double walk = use.volatility * use.volatility * years;
  if (of_prices) {
    drift += math::log(buyer.price.factor) * years;
    walk += buyer.price.volatility * buyer.price.volatility * years;
  }
  const double deviation = std::sqrt(of_growth * years * years + walk + of_day);
  const double exponent =
      drift - (of_growth * years + walk + of_day) / 2 + kWild * deviation + math::log(usd_per_s);
  return use.start * math::exp(std::min(exponent, 600.0));
}

/// The longest time after the run that is paid within it, until its end gives that back. What is
/// given up is prepaid anew as often as demand that walks comes back: sqrt(n) steps up of n.
double prepaid_s(const BuyerSpec& buyer) {
  double longest_s = 0;
  for (const BuyerTerm& term : buyer.terms) {
    longest_s = std::max(longest_s, term.upfront * to_seconds(term.term));
  }
  if (!buyer.purchasing.policy.empty() && buyer.purchasing.policy == "commit" &&
      buyer.purchasing.params.flag("release")) {
    const double reviews = static_cast<double>(buyer.steps()) / buyer.review_steps;
    longest_s *= 1 + buyer.demand.classes[0].volatility * std::sqrt(reviews * buyer.years);
  }
  return longest_s;
}

constexpr double kLeastWorking = 0.01;  // share of spot's time
constexpr double kMostRestart_s = 30 * 86'400.0;

/// Spot that hardly works, or is lost for months, costs more than can be booked.
void check_spot(Resolution& r, const View& at, const BuyerSpec& buyer) {
  if (!buyer.spot) return;
  const auto& checkpoint = buyer.spot->checkpoint;
  const double every_s = to_seconds(checkpoint.every);
  const double working = every_s / (every_s + to_seconds(checkpoint.cost));
  if (working < kLeastWorking) {
    r.error("E034", at["spot"]["checkpoint"]["cost"],
            fmt::format("checkpoints leave {:.2g} of the time for work; at least {} is expected",
                        working, kLeastWorking));
  }
  if (to_seconds(checkpoint.restart) > kMostRestart_s) {
    r.error("E034", at["spot"]["checkpoint"]["restart"], "is more than 30 d");
  }
}

/// Of any kind of cost, in a future that nobody will draw.
void check_money(Resolution& r, const View& at, const BuyerSpec& buyer) {
  if (r.problems.failed()) return;
  double usd_per_s = buyer.on_demand_usd_per_s;
  for (const BuyerTerm& term : buyer.terms) usd_per_s = std::max(usd_per_s, term.usd_per_s);
  double most_per_s = buyer.owned * buyer.owned_usd_per_s;
  for (std::uint32_t year = 0; year <= buyer.years; ++year) {
    if (usd_per_s > 0) {
      most_per_s = std::max(most_per_s, wild_usd_per_s(buyer, usd_per_s, true, year));
    }
    if (buyer.penalty_usd_per_s > 0) {
      most_per_s =
          std::max(most_per_s, wild_usd_per_s(buyer, buyer.penalty_usd_per_s, false, year));
    }
  }
  const double usd = most_per_s * (buyer.years * kBuyerYearS + prepaid_s(buyer));
  if (usd <= kMostBuyerUsd) return;
  r.error("E034", at["demand"],
          fmt::format("a wild future (of a thousand million one) costs {:.3g} USD; {:.0e} can be "
                      "booked",
                      usd, kMostBuyerUsd),
          "lower growth, growth_cv, volatility, spread, prices, years or what terms prepay");
}

void check_purchasing(Resolution& r, const View& at, const BuyerSpec& buyer) {
  const View choice = at["purchasing"];
  if (r.problems.failed()) return;
  std::vector<std::string> names;
  for (const BuyerTerm& term : buyer.terms) names.push_back(term.name);
  const std::string& term = buyer.purchasing.params.text("term");
  if (!term.empty() && std::find(names.begin(), names.end(), term) == names.end()) {
    r.unknown(choice["term"], "term", names);
  }
  if (names.empty() && buyer.purchasing.params.number("quantile") > 0) {
    r.error("E034", choice, "it reserves, and there are no terms",
            R"(add "terms", or write "quantile": 0)");
  }
  if (buyer.purchasing.policy == "spot-first" && !buyer.spot) {
    r.error("E034", choice, "there is no spot", R"(add "spot", or write "policy": "commit")");
  }
  if (!buyer.spot) return;
  const double lost = buyer.spot->interruptions_per_s *
                      to_seconds(buyer.spot->checkpoint.every + buyer.spot->checkpoint.cost +
                                 buyer.spot->checkpoint.restart);
  if (lost < 0.5) return;
  r.error("E034", at["spot"]["interruptions"],
          fmt::format("work is interrupted {:.3g} times between two checkpoints; below 0.5 can be "
                      "computed",
                      lost),
          "shorten \"every\" of the checkpoint");
}

/// Each review may sign what ends at another one.
void check_work(Resolution& r, const View& at, const BuyerSpec& buyer) {
  if (r.problems.failed()) return;
  const double steps = buyer.steps();
  const double reviews = buyer.purchasing.params.number("quantile") > 0
                             ? std::min(steps, 2 * std::ceil(steps / buyer.review_steps))
                             : 0;
  const double work = buyer.futures * (steps + kStepsOfReview * reviews);
  if (work <= kMostBuyerSteps) return;
  r.error("E035", at["futures"],
          fmt::format("{} futures of {} steps and up to {:.0f} reviews; futures times steps may be "
                      "{:.0f}, where a review counts for {:.0f} more",
                      buyer.futures, buyer.steps(), reviews, kMostBuyerSteps, kStepsOfReview));
}

BuyerSpec buyer_of(Resolution& r, const std::string& name, const View& at) {
  BuyerSpec out;
  out.name = name;
  out.years = static_cast<std::uint32_t>(at["years"].number());
  const std::string step = at["step"].text();
  out.steps_per_year = step == "hour" ? 8760 : step == "week" ? 52 : 365;
  out.step = whole_seconds(step == "hour"   ? kBuyerHourS
                           : step == "week" ? 7 * 24 * kBuyerHourS
                                            : 24 * kBuyerHourS);
  out.review_steps = static_cast<std::uint32_t>(at["review"].number());
  out.futures = static_cast<std::uint32_t>(at["futures"].number());
  out.discount = at["discount"].number();
  out.risk_weight = at["risk_weight"].number();
  out.penalty_usd_per_s = at["penalty"].number();
  demand_of_buyer(at, out);
  const View on_demand = at["on_demand"];
  out.on_demand_usd_per_s = on_demand["price"].number();
  out.price = {on_demand["price_factor"].number(), on_demand["price_volatility"].number()};
  out.stock = on_demand["stock"].number();
  for (const auto& [term, terms, _] : at["terms"].each()) {
    const Duration lasts = terms["term"].duration();
    // A year is a year's steps, whether or not they fill it.
    const double steps = std::round(to_seconds(lasts) / kBuyerYearS * out.steps_per_year);
    out.terms.push_back({term, lasts, static_cast<std::uint32_t>(std::max(1.0, steps)),
                         terms["price"].number(), terms["upfront"].number(),
                         terms["breakage"].number()});
    if (terms["term"] && out.terms.back().term < out.step) {
      r.error("E034", terms["term"], "a term is shorter than a step");
    }
  }
  if (const View owned = at["owned"]) {
    out.owned = owned["accelerators"].number();
    out.owned_usd_per_s = owned["price"].number();
  }
  if (const View spot = at["spot"]) {
    out.spot = buyer_spot_of(spot);
    for (const BuyerSpotZone& zone : out.spot->zones) {
      if (zone.available <= out.stock) continue;
      r.error("E034", spot["zones"][zone.name]["available"],
              fmt::format("it has spot for {} of the time and on-demand for {}: spot is what "
                          "on-demand leaves",
                          zone.available, out.stock),
              "make it at most \"stock\" of on-demand");
    }
  }
  out.purchasing = checked_choice_of(r, at["purchasing"], purchasings());
  check_purchasing(r, at, out);
  check_spot(r, at, out);
  check_money(r, at, out);
  check_work(r, at, out);
  note_facts(r, at["sources"], "buyers." + name);
  return out;
}

}  // namespace

void resolve_buyers(Resolution& r) {
  for (const auto& [name, at, _] : r.spec["buyers"].each()) {
    if (at) r.scenario.buyers.push_back(std::make_shared<BuyerSpec>(buyer_of(r, name, at)));
  }
  if (r.scenario.buyers.empty()) return;
  const auto first = r.scenario.buyers.front();
  const Duration lasts{first->step.ns * first->steps()};
  for (const auto& buyer : r.scenario.buyers) {
    if (buyer->step.ns * buyer->steps() == lasts.ns) continue;
    r.error("E034", r.spec["buyers"][buyer->name]["years"],
            fmt::format("buyer \"{}\" ends at another time: those of one run end together",
                        first->name),
            "give them as many years and the same step, or a scenario each");
  }
  const View duration = r.spec["duration"];
  if (duration && duration.duration() != lasts) {
    r.error("E034", duration, fmt::format("the run does not end with buyer \"{}\"", first->name),
            "leave \"duration\" out, or give markets and buyers a scenario each");
  }
  if (r.spec["warmup"].number() > 0) {
    r.error("E034", r.spec["warmup"], "a buyer counts from the beginning: it has no warm-up");
  }
}

}  // namespace hyperdc
