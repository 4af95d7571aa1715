// Who owns AI compute.
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

}  // namespace

void resolve_ownership(Resolution& r) {
  const View ownership = r.spec["ownership"];
  if (!ownership) return;
  auto out = std::make_shared<OwnershipSpec>();
  for (const auto& [name, owner, _] : ownership["owners"].each()) {
    OwnerSpec next;
    next.name = name;
    next.accelerators = distribution_of(r, owner["accelerators"]);
    next.factor = owner["factor"].number();
    next.rented_out = owner["rented_out"].number();
    next.largest_site = owner["largest_site"].number();
    next.group = static_cast<std::uint32_t>(out->owners.size());
    out->owners.push_back(std::move(next));
    note_facts(r, owner["sources"], fmt::format("ownership.owners.{}", name));
  }
  note_facts(r, ownership["sources"], "ownership");
  out->groups = static_cast<std::uint32_t>(out->owners.size());
  out->others = distribution_of(r, ownership["others"]);
  const bool somebody =
      std::any_of(out->owners.begin(), out->owners.end(), [](const OwnerSpec& owner) {
        const auto* fixed = std::get_if<Constant>(&owner.accelerators);
        return owner.factor > 0 && (fixed == nullptr || fixed->value > 0);
      });
  if (!somebody) r.error("E034", ownership["owners"], "nobody owns anything");
  merge_owners(r, ownership, *out);
  if (const View run = ownership["run"]) {
    out->run = FrontierRun{run["flop"].number(), run["time"].number() / kSecondsPerDay,
                           run["mfu"].number(), run["peak"].number()};
  }
  r.scenario.ownership = std::move(out);
}

}  // namespace hyperdc
