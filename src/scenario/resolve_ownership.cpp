// Who owns AI compute, and what outlooks of it say.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <variant>

#include "core/text.hpp"
#include "scenario/ownership_spec.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_outlooks.hpp"

namespace hyperdc {

namespace {

constexpr double kSecondsPerDay = 86'400;

/// Those that are taken as one have the number of the first.
void merge_owners(Resolution& r, const View& ownership, OwnershipSpec& out) {
  std::vector<std::string> names;
  for (const OwnerSpec& owner : out.owners) names.push_back(owner.name);
  std::set<std::string> merged;
  for (const auto& [_, group, span] : ownership["merge"].each()) {
    std::optional<std::uint32_t> number;
    for (const auto& [index, name, name_span] : group.each()) {
      if (!name) continue;
      const auto at = std::find(names.begin(), names.end(), name.text());
      if (at == names.end()) {
        r.unknown(name, "owner", names);
        continue;
      }
      if (!merged.insert(name.text()).second) {
        r.error("E034", name, hyperdc::quoted(name.text()) + " is merged twice");
        continue;
      }
      OwnerSpec& owner = out.owners[static_cast<std::size_t>(at - names.begin())];
      if (number) owner.group = *number;
      number = owner.group;
    }
  }
}

bool may_be_more_than_nothing(const DistributionSpec& of) {
  const auto* fixed = std::get_if<Constant>(&of);
  return fixed == nullptr || fixed->value > 0;
}

OwnerSpec owner_of(Resolution& r, const std::string& name, const View& at) {
  OwnerSpec out;
  out.name = name;
  const std::string path = fmt::format("ownership.owners.{}", name);
  if (const View one = at["accelerators"]) out.estimates.push_back(distribution_of(r, one));
  for (const auto& [source, estimate, _] : at["estimates"].each()) {
    out.estimates.push_back(distribution_of(r, estimate["accelerators"]));
    note_facts(r, estimate["sources"], fmt::format("{}.estimates.{}", path, source));
  }
  out.factor = at["factor"].number();
  out.rented_out = at["rented_out"].number();
  out.largest_site = at["largest_site"].number();
  if (const View power = at["site_power"]) {
    out.site_w = power.number();
    out.pue = at["pue"].number();
  }
  if (const View rent = at["rent"]) out.rent_usd_per_s = distribution_of(r, rent);
  out.capex_usd = yearly(r, at["capex"], "usd");
  if (!out.capex_usd.amounts.empty()) out.datacenters = at["datacenters"].number();
  note_facts(r, at["sources"], path);
  return out;
}

void check_sites(Resolution& r, const View& ownership, const OwnershipSpec& spec) {
  for (const auto& [name, owner, _] : ownership["owners"].each()) {
    if (!owner["site_power"] || !spec.run || spec.run->accelerator_w) continue;
    r.error("E034", owner["site_power"], "it is not known what an accelerator draws",
            "add \"power\" to ownership.run");
  }
}

}  // namespace

void resolve_ownership(Resolution& r) {
  const View ownership = r.spec["ownership"];
  if (!ownership) return;
  auto out = std::make_shared<OwnershipSpec>();
  for (const auto& [name, owner, _] : ownership["owners"].each()) {
    out->owners.push_back(owner_of(r, name, owner));
    out->owners.back().group = static_cast<std::uint32_t>(out->owners.size() - 1);
  }
  note_facts(r, ownership["sources"], "ownership");
  out->groups = static_cast<std::uint32_t>(out->owners.size());
  out->others = distribution_of(r, ownership["others"]);
  out->others_rented_out = ownership["others_rented_out"].number();
  if (const View rent = ownership["others_rent"]) {
    out->others_rent_usd_per_s = distribution_of(r, rent);
  }
  const bool somebody =
      std::any_of(out->owners.begin(), out->owners.end(), [](const OwnerSpec& owner) {
        return owner.factor > 0 && std::any_of(owner.estimates.begin(), owner.estimates.end(),
                                               may_be_more_than_nothing);
      });
  if (!somebody) r.error("E034", ownership["owners"], "nobody owns anything");
  merge_owners(r, ownership, *out);
  if (const View run = ownership["run"]) {
    out->run = FrontierRun{run["flop"].number(),
                           run["time"].number() / kSecondsPerDay,
                           run["mfu"].number(),
                           run["peak"].number(),
                           {}};
    if (const View power = run["power"]) out->run->accelerator_w = distribution_of(r, power);
  }
  check_sites(r, ownership, *out);
  out->others_capex_usd = yearly(r, ownership["others_capex"], "usd");
  out->year = static_cast<int>(ownership["year"].number());
  resolve_outlooks(r, ownership, *out);
  r.scenario.ownership = std::move(out);
}

}  // namespace hyperdc
