// Labelled outlooks of who owns AI compute.
#include "scenario/resolve_outlooks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_jobs.hpp"

namespace hyperdc {

namespace {

constexpr int kMostOutlookYears = 100;

int year_of(const View& at) {
  return static_cast<int>(at.integer());
}

std::optional<std::uint32_t> party_of(Resolution& r, const View& at,
                                      const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), at.text());
  if (found == names.end()) {
    r.unknown(at, "owner", names);
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(found - names.begin());
}

void read_entrants(Resolution& r, const View& at, std::vector<std::string>& names,
                   OutlookSpec& out) {
  for (const auto& [name, entrant, _] : at["entrants"].each()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      r.error("E034", entrant, quoted(name) + " is an owner already");
      continue;
    }
    EntrantSpec next;
    next.from = year_of(entrant["from"]);
    next.owner.name = name;
    next.owner.rented_out = entrant["rented_out"].number();
    next.owner.largest_site = entrant["largest_site"].number();
    if (const View power = entrant["site_power"]) next.owner.site_w = power.number();
    if (const View rent = entrant["rent"]) next.owner.rent_usd_per_s = distribution_of(r, rent);
    next.owner.capex_usd = {next.from, {entrant["capex"].number()}};
    names.push_back(name);
    out.entrants.push_back(std::move(next));
  }
}

void read_events(Resolution& r, const View& at, const std::vector<std::string>& names,
                 OutlookSpec& out) {
  for (const auto& [_, merger, span] : at["mergers"].each()) {
    MergerSpec next{year_of(merger["from"]), {}};
    for (const auto& [index, name, name_span] : merger["owners"].each()) {
      if (const auto party = party_of(r, name, names)) next.owners.push_back(*party);
    }
    std::vector<std::size_t> parties(next.owners.begin(), next.owners.end());
    std::sort(parties.begin(), parties.end());
    if (std::adjacent_find(parties.begin(), parties.end()) != parties.end()) {
      r.error("E034", merger["owners"], "an owner merges with itself");
    }
    out.mergers.push_back(std::move(next));
  }
  for (const auto& [_, limit, span] : at["limits"].each()) {
    const auto party = party_of(r, limit["owner"], names);
    if (!party) continue;
    out.limits.push_back({year_of(limit["from"]), *party, limit["factor"].number()});
  }
}

void check_years(Resolution& r, const View& at, const OutlookSpec& out, int stock_year) {
  const int first = out.from_capex_of.value_or(stock_year + 1);
  if (out.until < first) {
    r.error("E034", at["until"], fmt::format("ends before {}, its first year", first));
  } else if (out.until - first >= kMostOutlookYears) {
    r.error("E034", at["until"], fmt::format("is more than {} years", kMostOutlookYears));
  }
  if (out.from_capex_of && (*out.from_capex_of > stock_year || out.until < stock_year)) {
    r.error("E034", at["from_capex_of"],
            fmt::format("{}, the \"year\" to explain, is not in the outlook", stock_year));
  }
}

OutlookSpec outlook_of(Resolution& r, const std::string& label, const View& at,
                       std::vector<std::string> names) {
  OutlookSpec out;
  out.label = label;
  out.until = year_of(at["until"]);
  if (const View from = at["from_capex_of"]) out.from_capex_of = year_of(from);
  out.chip_share = distribution_of(r, at["chip_share"]);
  out.price_usd = distribution_of(r, at["price"]);
  out.price_factor = at["price_factor"].number();
  out.capex_factor = Lognormal{at["capex_factor"].number(), at["capex_factor_cv"].number()};
  out.supply = yearly(r, at["supply"], "accelerators");
  if (!out.supply.amounts.empty()) {
    out.supply_factor = at["supply_factor"].number();
    if (at["split"].text() == "largest-first") out.split = SupplySplit::largest_first;
  }
  out.life = year_of(at["life"]);
  out.site_power_factor = at["site_power_factor"].number();
  out.power_factor = at["power_factor"].number();
  out.flop_factor = at["flop_factor"].number();
  out.rent_factor = at["rent_factor"].number();
  read_entrants(r, at, names, out);
  read_events(r, at, names, out);
  return out;
}

/// An outlook without the capex of one would take it for gone.
void check_capex(Resolution& r, const View& ownership, const OwnershipSpec& out) {
  for (const auto& [name, owner, _] : ownership["owners"].each()) {
    if (!owner["capex"]) {
      r.error("E034", owner, "outlooks need its capex", "add \"capex\", of 0 USD if it has none");
    }
  }
  if (out.others_capex_usd.amounts.empty()) {
    r.error("E034", ownership, "outlooks need the capex of the others", "add \"others_capex\"");
  }
}

}  // namespace

YearlyAmounts yearly(Resolution& r, const View& list, std::string_view key) {
  YearlyAmounts out;
  for (const auto& [_, entry, span] : list.each()) {
    const int year = year_of(entry["year"]);
    if (out.amounts.empty()) out.first = year;
    const int expected = out.first + static_cast<int>(out.amounts.size());
    if (year != expected) {
      r.error("E034", entry["year"], fmt::format("{} should follow here", expected),
              "give every year, in order");
      break;
    }
    out.amounts.push_back(entry[key].number());
  }
  return out;
}

void resolve_outlooks(Resolution& r, const View& ownership, OwnershipSpec& out) {
  const View outlooks = ownership["outlooks"];
  if (outlooks.each().empty()) return;
  check_capex(r, ownership, out);
  std::vector<std::string> names;
  for (const OwnerSpec& owner : out.owners) names.push_back(owner.name);
  for (const auto& [label, at, _] : outlooks.each()) {
    out.outlooks.push_back(outlook_of(r, label, at, names));
    check_years(r, at, out.outlooks.back(), out.year);
    const std::string path = "ownership.outlooks." + label;
    r.scenario.assumptions.push_back({path, "a scenario called " + quoted(label) +
                                                ", no forecast: what would be if it went on"});
    note_facts(r, at["sources"], path);
  }
}

}  // namespace hyperdc
