// Rental markets: what ranges cannot say, and the market as the world computes with it.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <hyperdc/policy/pricing.hpp>

#include "core/math.hpp"
#include "core/text.hpp"
#include "scenario/market_spec.hpp"
#include "scenario/policy_choice.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_demand.hpp"
#include "scenario/resolve_jobs.hpp"
#include "workload/demand/demand_curve.hpp"

namespace hyperdc {
namespace {

constexpr double kMostElasticFactor = 1e4;
constexpr double kMostMarketUsd = 1e12;

MarketZone rental_zone_of(Resolution& r, const std::string& name, const View& at) {
  MarketZone out;
  out.name = name;
  out.accelerators = static_cast<std::uint64_t>(at["accelerators"].number());
  out.blocks = static_cast<std::uint64_t>(at["blocks"].number());
  out.oversell = at["oversell"].number();
  out.lend = at["lend"].flag();
  if (at["accelerators"] && out.blocks > out.accelerators) {
    r.error("E034", at["blocks"],
            fmt::format("{} of {} accelerators", out.blocks, out.accelerators));
  }
  return out;
}

RentalProduct rental_product_of(Resolution& r, const std::string& name, const View& at) {
  RentalProduct out;
  out.name = name;
  const std::string kind = at["kind"].text();
  out.kind = kind == "reserved" ? RentalKind::reserved
             : kind == "block"  ? RentalKind::block
             : kind == "spot"   ? RentalKind::spot
                                : RentalKind::on_demand;
  if (const View pricing = at["pricing"]) {
    out.pricing = checked_choice_of(r, pricing, pricings());
    if (out.kind == RentalKind::on_demand && out.pricing.policy == "auction") {
      r.error("E034", pricing["policy"], "nobody bids for on-demand",
              R"(write "posted" or "utilization")");
    }
  }
  out.usd_per_s = at["price"].number();
  out.term = at["term"].duration();
  out.upfront = at["upfront"].number();
  out.breakage = at["breakage"].number();
  out.notice = at["notice"].duration();
  return out;
}

/// Indexes of the names that a list holds, each of them known and named once.
template <class Named>
std::vector<std::uint32_t> indexes_of(Resolution& r, const View& list, const char* kind,
                                      const std::vector<Named>& known) {
  std::vector<std::string> names;
  for (const Named& one : known) names.push_back(one.name);
  std::vector<std::uint32_t> out;
  for (const auto& [_, name, span] : list.each()) {
    if (!name) continue;
    const auto it = std::find(names.begin(), names.end(), name.text());
    const auto index = static_cast<std::uint32_t>(it - names.begin());
    if (it == names.end()) {
      r.unknown(name, kind, names);
    } else if (std::find(out.begin(), out.end(), index) != out.end()) {
      r.error("E034", name, hyperdc::quoted(name.text()) + " is named twice");
    } else {
      out.push_back(index);
    }
  }
  return out;
}

/// The least that an accelerator of it may ever cost.
double least_price(const RentalProduct& product) {
  if (product.kind == RentalKind::reserved || product.kind == RentalKind::block) {
    return product.usd_per_s;
  }
  if (product.pricing.policy == "posted") return product.pricing.params.number("price");
  return product.pricing.params.number("floor");
}

/// The least and the most that it draws; without bounds where it has none.
std::pair<double, double> reach_of(const DistributionSpec& spec) {
  constexpr double kNoEnd = std::numeric_limits<double>::infinity();
  const auto of = [](const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return std::pair(*low, *high);
  };
  if (const auto* one = std::get_if<Constant>(&spec)) return {one->value, one->value};
  if (const auto* one = std::get_if<Uniform>(&spec)) return {one->low, one->high};
  if (const auto* one = std::get_if<Empirical>(&spec)) return of(one->values);
  if (const auto* one = std::get_if<Interpolated>(&spec)) return of(one->values);
  if (const auto* one = std::get_if<Pareto>(&spec)) {
    return {one->minimum, one->maximum > 0 ? one->maximum : kNoEnd};
  }
  return {0, kNoEnd};
}

/// What one of a thousand million draws exceeds, or no fewer; the greatest where there is one.
double wildest(const DistributionSpec& spec) {
  constexpr double kWild = 6, kOfExponential = 20.8, kOne = 1e9;
  const auto lognormal = [](double mean, double cv) {
    const double variance = math::log1p(cv * cv);
    return mean * math::exp(kWild * std::sqrt(variance) - variance / 2);
  };
  const double most = reach_of(spec).second;
  if (std::isfinite(most)) return most;
  if (const auto* one = std::get_if<Exponential>(&spec)) return one->mean * kOfExponential;
  if (const auto* one = std::get_if<Lognormal>(&spec)) return lognormal(one->mean, one->cv);
  // Their tails are lighter than that of a lognormal.
  if (const auto* one = std::get_if<Gamma>(&spec)) return lognormal(one->mean, one->cv);
  if (const auto* one = std::get_if<Weibull>(&spec)) return lognormal(one->mean, one->cv);
  const auto& tail = std::get<Pareto>(spec);
  return tail.minimum * math::pow(kOne, 1 / tail.shape);
}

/// What an accelerator of it may ever cost, but for one bid of a thousand million.
double most_price(const MarketSpec& market, std::uint32_t product) {
  const RentalProduct& of = market.products[product];
  if (of.pricing.policy == "utilization") return of.pricing.params.number("ceiling");
  double most = least_price(of);
  if (of.pricing.policy != "auction") return most;
  for (const RentalTenant& tenant : market.tenants) {
    const auto& all = tenant.products;
    if (std::find(all.begin(), all.end(), product) == all.end()) continue;
    most = std::max(most, wildest(*tenant.bid_usd_per_s));
  }
  return most;
}

/// Prepaid for reservations that follow each other in one place: for each that comes, as far as
/// there is room, no longer than the run (the rest comes back).
double prepaid_usd(const MarketSpec& market, double run_s) {
  double accelerators = 0, usd = 0;
  for (const MarketZone& zone : market.zones) {
    accelerators += static_cast<double>(zone.accelerators) * zone.oversell;
  }
  for (const RentalTenant& tenant : market.tenants) {
    double dearest = 0;
    for (const std::uint32_t p : tenant.products) {
      const RentalProduct& product = market.products[p];
      if (product.kind != RentalKind::reserved) continue;
      dearest = std::max(
          dearest, product.upfront * product.usd_per_s * std::min(to_seconds(product.term), run_s));
    }
    if (dearest <= 0) continue;
    const RentalProduct& first = market.products[tenant.products[0]];
    const double factor =
        tenant.elasticity > 0
            ? math::pow(least_price(first) / tenant.reference_usd_per_s, -tenant.elasticity)
            : 1;
    constexpr std::uint64_t kAnySeed = 1;
    const double requests =
        factor *
        DemandCurve(tenant.demand, kAnySeed).expected(SimTime{}, SimTime{} + seconds(run_s));
    const double each = std::min(Distribution(tenant.accelerators).mean(), accelerators);
    const double turns = 1 + run_s / Distribution(tenant.duration_s).mean();
    usd += dearest * std::min(requests * each, accelerators * turns);
  }
  return usd;
}

/// What could be asked for and never had.
void check_rental_reach(Resolution& r, const View& at, const MarketSpec& market,
                        const RentalTenant& tenant) {
  if (tenant.retry_every > tenant.retry_for) {
    r.error("E034", at["retry"]["every"], "it gives up before it asks again",
            "make it at most \"for\"");
  }
  std::uint64_t most = 0, most_blocks = 0;
  for (const std::uint32_t z : tenant.zones) {
    most = std::max(most, market.zones[z].accelerators - market.zones[z].blocks);
    most_blocks = std::max(most_blocks, market.zones[z].blocks);
  }
  const double least = std::max(1.0, std::floor(reach_of(tenant.accelerators).first + 0.5));
  for (const std::uint32_t p : tenant.products) {
    const RentalProduct& product = market.products[p];
    const bool block = product.kind == RentalKind::block;
    const std::uint64_t room = block                              ? most_blocks
                               : product.kind == RentalKind::spot ? most + most_blocks
                                                                  : most;
    if (least > static_cast<double>(room)) {
      r.error("E034", at["products"],
              fmt::format("none of its zones has {:.0f} accelerators for that: the most is {}",
                          least, room));
    }
    if (product.kind != RentalKind::spot || !tenant.bid_usd_per_s) continue;
    const double bid = reach_of(*tenant.bid_usd_per_s).second;
    if (bid < least_price(product)) {
      r.error("E034", at["bid"],
              fmt::format("it bids {:.4g} USD/h at most, and {} never costs less than {:.4g}",
                          bid * 3600, hyperdc::quoted(product.name), least_price(product) * 3600));
    }
  }
}

/// Products and room that nobody can have, and money that no account holds.
void check_market(Resolution& r, const View& at, const MarketSpec& market) {
  std::vector<bool> named(market.products.size());
  for (const RentalTenant& tenant : market.tenants) {
    for (const std::uint32_t p : tenant.products) named[p] = true;
  }
  bool reserved = false, block = false;
  double usd_per_s = 0, longest_s = r.spec["duration"].number();
  for (std::size_t p = 0; p < market.products.size(); ++p) {
    const RentalProduct& product = market.products[p];
    reserved = reserved || product.kind == RentalKind::reserved;
    block = block || product.kind == RentalKind::block;
    longest_s = std::max(longest_s, to_seconds(product.term));
    usd_per_s = std::max(usd_per_s, most_price(market, static_cast<std::uint32_t>(p)));
    if (!named[p]) {
      r.error("E034", at["products"][product.name], "no tenant rents it", "leave it out");
    }
  }
  double accelerators = 0;
  for (const MarketZone& zone : market.zones) {
    accelerators += static_cast<double>(zone.accelerators) * zone.oversell;
    if (zone.oversell > 1 && !reserved) {
      r.error("E034", at["zones"][zone.name]["oversell"], "there are no reservations",
              "leave it out");
    }
    if (zone.blocks > 0 && !block) {
      r.error("E034", at["zones"][zone.name]["blocks"], "no product is of blocks", "leave it out");
    }
  }
  const double usd = accelerators * usd_per_s * longest_s;
  if (usd > kMostMarketUsd) {
    r.error("E034", at["products"],
            fmt::format("all accelerators at the highest price or bid are {:.3g} USD in the run or "
                        "a term; {:.0e} can be booked",
                        usd, kMostMarketUsd));
    return;
  }
  const double prepaid = prepaid_usd(market, r.spec["duration"].number());
  if (prepaid > kMostMarketUsd) {
    r.error("E034", at["products"],
            fmt::format("reservations that follow each other prepay {:.3g} USD; {:.0e} can be "
                        "booked",
                        prepaid, kMostMarketUsd),
            "lower \"upfront\" or \"term\", or let tenants stay longer");
  }
}

/// Work and its checkpoints end at a time that can be told.
void check_length(Resolution& r, const View& at, const RentalTenant& tenant) {
  if (!tenant.checkpoint) return;
  constexpr double kYearS = 365 * 86'400.0, kMostYears = 100;
  const double work_s = std::min(r.spec["duration"].number(), reach_of(tenant.duration_s).second);
  const CheckpointTerms& terms = *tenant.checkpoint;
  const double breaks = work_s / std::max(1e-9, to_seconds(terms.every));
  const double whole_s = work_s + breaks * to_seconds(terms.cost) + to_seconds(terms.restart);
  if (whole_s <= kMostYears * kYearS) return;
  r.error("E034", at["checkpoint"]["every"],
          fmt::format("the longest work takes {:.3g} years with its checkpoints; {:.0f} can be "
                      "computed",
                      whole_s / kYearS, kMostYears),
          "make checkpoints rarer or cheaper");
}

void check_rental_tenant(Resolution& r, const View& at, const MarketSpec& market,
                         const RentalTenant& tenant) {
  bool auction = false, spot = false, reserved = false, block = false;
  for (const std::uint32_t p : tenant.products) {
    const RentalProduct& product = market.products[p];
    auction = auction || product.pricing.policy == "auction";
    spot = spot || product.kind == RentalKind::spot;
    reserved = reserved || product.kind == RentalKind::reserved;
    block = block || product.kind == RentalKind::block;
  }
  if (auction && !tenant.bid_usd_per_s) {
    r.error("E034", at["products"], "an auction needs bids, and this tenant has none",
            R"(write "bid": "3 USD/h")");
  }
  const auto useless = [&](bool used, const char* key, const char* of) {
    if (used || at[key].json() == nullptr) return;
    r.error("E034", at[key], fmt::format("it rents no {}", of), "leave it out");
  };
  useless(spot, "bid", "spot");
  useless(spot, "checkpoint", "spot, and nothing else is interrupted");
  useless(reserved, "use", "reservations");
  check_length(r, at, tenant);
  const bool now = std::holds_alternative<Constant>(tenant.ahead_s) &&
                   std::get<Constant>(tenant.ahead_s).value == 0;
  if (!block && !now) r.error("E034", at["ahead"], "it rents no blocks", "leave it out");
  if (tenant.elasticity > 0 && tenant.reference_usd_per_s <= 0) {
    r.error("E034", at["elasticity"], "elasticity needs a price above 0 to begin from",
            R"(write "reference": "6.88 USD/h")");
  }
  if (tenant.elasticity == 0 && at["reference"].json() != nullptr) {
    r.error("E034", at["reference"], "without elasticity no price matters", "leave it out");
  }
  if (r.problems.failed()) return;
  if (tenant.elasticity > 0 && !tenant.products.empty() &&
      least_price(market.products[tenant.products[0]]) <= 0) {
    r.error("E034", at["elasticity"], "its first product may cost nothing: demand has no end",
            "give its price or its floor more than 0");
    return;
  }
  if (tenant.elasticity > 0 && !tenant.products.empty()) {
    const double least = least_price(market.products[tenant.products[0]]);
    const double factor = math::pow(least / tenant.reference_usd_per_s, -tenant.elasticity);
    if (factor > kMostElasticFactor) {
      r.error("E034", at["elasticity"],
              fmt::format("at the least price of its first product demand is {:.3g} times what is "
                          "stated; at most {:.0f} times",
                          factor, kMostElasticFactor),
              "raise that price, or lower the elasticity or the reference");
    }
  }
  check_rental_reach(r, at, market, tenant);
}

RentalTenant rental_tenant_of(Resolution& r, const std::string& name, const View& at,
                              const MarketSpec& market) {
  RentalTenant out;
  out.name = name;
  out.demand = demand_of(r, at["demand"]);
  out.elasticity = at["elasticity"].number();
  out.reference_usd_per_s = at["reference"].number();
  out.accelerators = distribution_of(r, at["accelerators"]);
  out.duration_s = distribution_of(r, at["duration"]);
  out.products = indexes_of(r, at["products"], "product", market.products);
  out.zones = indexes_of(r, at["zones"], "zone", market.zones);
  if (out.zones.empty()) {
    for (std::uint32_t z = 0; z < market.zones.size(); ++z) out.zones.push_back(z);
  }
  if (const View bid = at["bid"]) out.bid_usd_per_s = distribution_of(r, bid);
  if (const View checkpoint = at["checkpoint"]) {
    out.checkpoint = CheckpointTerms{checkpoint["every"].duration(), checkpoint["cost"].duration(),
                                     checkpoint["restart"].duration()};
  }
  if (const View use = at["use"]) {
    out.busy_s = distribution_of(r, use["busy"]);
    out.idle_s = distribution_of(r, use["idle"]);
  }
  out.ahead_s = distribution_of(r, at["ahead"]);
  if (const View retry = at["retry"]) {
    out.retry_every = retry["every"].duration();
    out.retry_for = retry["for"].duration();
  }
  check_rental_tenant(r, at, market, out);
  return out;
}

}  // namespace

void resolve_market(Resolution& r) {
  for (const auto& [name, at, _] : r.spec["market"].each()) {
    if (!at) continue;
    auto market = std::make_shared<MarketSpec>();
    market->name = name;
    market->reprice = at["reprice"].duration();
    for (const auto& [zone, where, span] : at["zones"].each()) {
      market->zones.push_back(rental_zone_of(r, zone, where));
    }
    for (const auto& [product, where, span] : at["products"].each()) {
      market->products.push_back(rental_product_of(r, product, where));
    }
    for (const auto& [tenant, where, span] : at["tenants"].each()) {
      market->tenants.push_back(rental_tenant_of(r, tenant, where, *market));
    }
    if (!r.problems.failed()) check_market(r, at, *market);
    note_facts(r, at["sources"], "market." + name);
    r.scenario.markets.push_back(std::move(market));
  }
  if (r.scenario.markets.empty()) return;
  if (r.spec["duration"].json() == nullptr) {
    r.error("E034", r.spec["market"], "requests come for ever, and the run has no end",
            R"(add "duration": "30 d" to the scenario)");
  }
  if (r.spec["warmup"].number() > 0) {
    r.error("E034", r.spec["warmup"],
            "the books of a market begin with the run: it has no warm-up");
  }
}

}  // namespace hyperdc
