#include "world/ownership_outlook.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <string>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {

namespace {

// Draws of one stream each.
enum OwnerDraw : std::uint64_t { kDrawAmount, kDrawEstimate, kDrawRent, kDrawGrowth };
enum CommonDraw : std::uint64_t {
  kDrawOthers,
  kDrawPower,
  kDrawChipShare,
  kDrawPrice,
  kDrawOthersGrowth,
  kDrawOthersRent
};

std::optional<double> draw_rent(const OwnerSpec& owner, std::uint64_t seed) {
  if (!owner.rent_usd_per_s) return std::nullopt;
  const RandomStream stream(seed, "ownership." + owner.name);
  return Distribution(*owner.rent_usd_per_s).draw(stream, kDrawRent);
}

double years_later(double factor, int years) {
  return math::pow(factor, years);
}

/// Nothing before the first year.
double amount_in(const YearlyAmounts& of, double factor, int year) {
  if (of.amounts.empty() || year < of.first) return 0;
  const int last = of.first + static_cast<int>(of.amounts.size()) - 1;
  if (year > last) return of.amounts.back() * years_later(factor, year - last);
  return of.amounts[static_cast<std::size_t>(year - of.first)];
}

/// Of what is ordered what is delivered.
std::vector<double> filled(const std::vector<double>& orders, double supply, SupplySplit split) {
  const double sum = std::accumulate(orders.begin(), orders.end(), 0.0);
  if (sum <= supply) return orders;
  std::vector<double> out = orders;
  if (split == SupplySplit::pro_rata) {
    for (double& order : out) order *= supply / sum;
    return out;
  }
  std::vector<std::size_t> largest(orders.size());
  std::iota(largest.begin(), largest.end(), std::size_t{0});
  std::stable_sort(largest.begin(), largest.end(),
                   [&](std::size_t a, std::size_t b) { return orders[a] > orders[b]; });
  for (const std::size_t i : largest) {
    out[i] = std::min(orders[i], supply);
    supply -= out[i];
  }
  return out;
}

class OutlookPath {
 public:
  OutlookPath(const OwnershipSpec& spec, const OutlookSpec& outlook, const OwnershipDraw& draw,
              std::uint64_t seed)
      : spec_(spec), outlook_(outlook), draw_(draw) {
    const RandomStream common(seed, "ownership");
    chip_share_ =
        std::clamp(Distribution(outlook.chip_share).draw(common, kDrawChipShare), 0.0, 1.0);
    price_usd_ = Distribution(outlook.price_usd).draw(common, kDrawPrice);
    HYPERDC_CHECK(price_usd_ > 0, "an accelerator costs nothing");
    const Distribution growth(outlook.capex_factor);
    const auto add = [&](const OwnedFleet& fleet) {
      const RandomStream stream(seed, "ownership." + fleet.owner->name);
      parties_.push_back({fleet.owner, fleet, {}, 0, growth.draw(stream, kDrawGrowth)});
    };
    for (const OwnedFleet& fleet : draw.fleets) add(fleet);
    std::uint32_t group = spec.groups;
    for (const EntrantSpec& entrant : outlook.entrants) {
      add({&entrant.owner, 0, draw_rent(entrant.owner, seed), group++});
    }
    const double of_others = growth.draw(common, kDrawOthersGrowth);
    parties_.push_back({nullptr, {nullptr, draw.others.accelerators, {}, 0}, {}, 0, of_others});
    first_ = outlook.from_capex_of.value_or(spec.year + 1);
    if (!outlook.from_capex_of) {
      for (Party& party : parties_) date_stock(party);
    }
  }

  void run(std::vector<MetricValue>& values) {
    const std::string prefix = "outlooks." + outlook_.label + ".";
    std::vector<Holding> all;
    double total = 0;
    for (int year = first_; year <= outlook_.until; ++year) {
      const double unfilled = buy(year);
      retire(year);
      const OwnershipTerms terms = terms_in(year);
      all = holdings_of(fleets_in(year), terms);
      total = read_year(fmt::format("{}years.{}.", prefix, year), all, terms, unfilled, values);
      if (outlook_.from_capex_of && year == spec_.year) read_explained(prefix, values);
    }
    for (const Holding& holding : all) {
      const std::string owner = prefix + "owners." + holding.name + ".";
      put(values, owner + "accelerators", "accelerators", holding.accelerators);
      put(values, owner + "share", "1", total > 0 ? holding.accelerators / total : 0);
      if (spec_.run) {
        put(values, owner + "largest_run", "FLOP", holding.site() * flop_each(*spec_.run));
      }
    }
  }

 private:
  struct Cohort {
    int year = 0;
    double accelerators = 0;
  };
  struct Party {
    const OwnerSpec* owner = nullptr;  // null: the others
    OwnedFleet fleet;                  // with what it owns at the end of `year`
    std::vector<Cohort> cohorts;
    double stock = 0, capex_factor = 1;
  };

  /// As many as its capex could buy, whatever is made.
  double affordable(const Party& party, int year) const {
    const YearlyAmounts& capex =
        party.owner == nullptr ? spec_.others_capex_usd : party.owner->capex_usd;
    const double datacenters = party.owner == nullptr ? 1 : party.owner->datacenters;
    const double price = price_usd_ * years_later(outlook_.price_factor, year - spec_.year);
    return amount_in(capex, party.capex_factor, year) * datacenters * chip_share_ / price;
  }

  void date_stock(Party& party) {
    double sum = 0;
    for (int year = spec_.year - outlook_.life + 1; year <= spec_.year; ++year) {
      party.cohorts.push_back({year, affordable(party, year)});
      sum += party.cohorts.back().accelerators;
    }
    if (sum <= 0) party.cohorts = {{spec_.year, 1}};
    const double scale = party.fleet.accelerators / (sum > 0 ? sum : 1);
    for (Cohort& cohort : party.cohorts) cohort.accelerators *= scale;
  }

  double limit_of(std::size_t party, int year) const {
    const OrderLimit* found = nullptr;
    for (const OrderLimit& limit : outlook_.limits) {
      if (limit.owner != party || limit.from > year) continue;
      if (found == nullptr || limit.from >= found->from) found = &limit;
    }
    return found == nullptr ? 1 : found->factor;
  }

  /// The share of all orders that is not filled.
  double buy(int year) {
    std::vector<double> orders;
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      const bool limited = parties_[i].owner != nullptr;
      orders.push_back(affordable(parties_[i], year) * (limited ? limit_of(i, year) : 1));
    }
    std::vector<double> bought = orders;
    const YearlyAmounts& supply = outlook_.supply;
    if (!supply.amounts.empty() && year >= supply.first) {
      bought = filled(orders, amount_in(supply, outlook_.supply_factor, year), outlook_.split);
    }
    double asked = 0;
    double got = 0;
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      parties_[i].cohorts.push_back({year, bought[i]});
      asked += orders[i];
      got += bought[i];
    }
    return asked > 0 ? std::max(0.0, 1 - got / asked) : 0;
  }

  void retire(int year) {
    for (Party& party : parties_) {
      std::erase_if(party.cohorts,
                    [&](const Cohort& cohort) { return cohort.year <= year - outlook_.life; });
      party.stock = 0;
      for (const Cohort& cohort : party.cohorts) party.stock += cohort.accelerators;
    }
  }

  OwnershipTerms terms_in(int year) const {
    const int later = year - spec_.year;
    OwnershipTerms out;
    out.accelerator_w = draw_.terms.accelerator_w * years_later(outlook_.power_factor, later);
    out.site_power_factor = years_later(outlook_.site_power_factor, later);
    out.rent_factor = years_later(outlook_.rent_factor, later);
    out.flop_factor = years_later(outlook_.flop_factor, later);
    return out;
  }

  std::vector<OwnedFleet> fleets_in(int year) const {
    std::vector<OwnedFleet> out;
    for (const Party& party : parties_) {
      if (party.owner == nullptr) continue;
      out.push_back(party.fleet);
      out.back().accelerators = party.stock;
    }
    for (const MergerSpec& merger : outlook_.mergers) {
      if (merger.from > year) continue;
      const std::uint32_t into = out[merger.owners.front()].group;
      for (const std::uint32_t one : merger.owners) {
        const std::uint32_t old = out[one].group;
        for (OwnedFleet& fleet : out) {
          if (fleet.group == old) fleet.group = into;
        }
      }
    }
    return out;
  }

  void miss_year(const std::string& prefix, std::vector<MetricValue>& values) const {
    const char* const why = "nobody owns anything yet";
    for (const char* points : {"hhi", "hhi_single", "rentable_hhi"}) {
      put_missing(values, prefix + points, "points", why);
    }
    for (const char* share : {"top_4", "rentable", "rentable_top_4"}) {
      put_missing(values, prefix + share, "1", why);
    }
    if (!spec_.run) return;
    for (const char* able : {"able", "able_to_rent"}) {
      put_missing(values, prefix + able, "owners", why);
    }
    for (const char* run : {"largest_run", "rentable_run"}) {
      put_missing(values, prefix + run, "FLOP", why);
    }
  }

  /// How many there are in all.
  double read_year(const std::string& prefix, const std::vector<Holding>& all,
                   const OwnershipTerms& terms, double unfilled,
                   std::vector<MetricValue>& values) const {
    OthersHeld others = draw_.others;
    others.accelerators = parties_.back().stock;
    double total = others.accelerators;
    for (const Holding& holding : all) total += holding.accelerators;
    put(values, prefix + "accelerators", "accelerators", total);
    put(values, prefix + "unfilled", "1", unfilled);
    if (total <= 0) {
      miss_year(prefix, values);
      return 0;
    }
    const FrontierRun* run = spec_.run ? &*spec_.run : nullptr;
    const Concentration whole = concentration_of(all, others, run, terms);
    put(values, prefix + "hhi", "points", whole.hhi);
    put(values, prefix + "hhi_single", "points", whole.hhi_single);
    put(values, prefix + "top_4", "1", whole.top_4);
    put(values, prefix + "rentable", "1", whole.rentable);
    put_or_say(values, prefix + "rentable_top_4", "1", whole.rentable_top_4,
               "nothing is rented out");
    put_or_say(values, prefix + "rentable_hhi", "points", whole.rentable_hhi,
               "nothing is rented out");
    if (run == nullptr) return total;
    put(values, prefix + "able", "owners", whole.able);
    put(values, prefix + "able_to_rent", "owners", whole.able_to_rent);
    put(values, prefix + "largest_run", "FLOP", whole.largest_run);
    put(values, prefix + "rentable_run", "FLOP", whole.rentable_run);
    put_or_say(values, prefix + "price_per_pflop_hour", "USD", whole.usd_per_pflop_hour,
               "nothing is rented out at a known price");
    return total;
  }

  /// What capex alone explains of what is owned.
  void read_explained(const std::string& prefix, std::vector<MetricValue>& values) const {
    double stock = 0;
    double owned = 0;
    for (const Party& party : parties_) {
      stock += party.stock;
      owned += party.fleet.accelerators;
      if (party.owner == nullptr || party.fleet.accelerators <= 0) continue;
      put(values, prefix + "owners." + party.owner->name + ".explained", "1",
          party.stock / party.fleet.accelerators);
    }
    put(values, prefix + "explained", "1", stock / owned);
  }

  const OwnershipSpec& spec_;
  const OutlookSpec& outlook_;
  const OwnershipDraw& draw_;
  double chip_share_ = 0, price_usd_ = 0;
  int first_ = 0;
  std::vector<Party> parties_;  // owners, entrants, the others
};

}  // namespace

OwnershipDraw draw_ownership(const OwnershipSpec& spec, std::uint64_t seed) {
  OwnershipDraw out;
  for (const OwnerSpec& owner : spec.owners) {
    const RandomStream stream(seed, "ownership." + owner.name);
    const std::uint64_t estimate = stream.below(owner.estimates.size(), kDrawEstimate);
    const double drawn = Distribution(owner.estimates[estimate]).draw(stream, kDrawAmount);
    out.fleets.push_back(
        {&owner, std::max(0.0, drawn) * owner.factor, draw_rent(owner, seed), owner.group});
  }
  const RandomStream common(seed, "ownership");
  out.others.accelerators = std::max(0.0, Distribution(spec.others).draw(common, kDrawOthers));
  out.others.rented_out = spec.others_rented_out;
  if (spec.others_rent_usd_per_s) {
    out.others.rent_usd_per_s =
        Distribution(*spec.others_rent_usd_per_s).draw(common, kDrawOthersRent);
  }
  if (spec.run && spec.run->accelerator_w) {
    out.terms.accelerator_w = Distribution(*spec.run->accelerator_w).draw(common, kDrawPower);
  }
  return out;
}

void read_outlook(const OwnershipSpec& spec, const OutlookSpec& outlook, const OwnershipDraw& draw,
                  std::uint64_t seed, std::vector<MetricValue>& values) {
  OutlookPath(spec, outlook, draw, seed).run(values);
}

}  // namespace hyperdc
