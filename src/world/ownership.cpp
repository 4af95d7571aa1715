#include "world/ownership.hpp"

#include <algorithm>
#include <string>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"
#include "economics/concentration.hpp"
#include "scenario/ownership_spec.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {

namespace {

/// Of a group of owners that are one.
struct Holding {
  std::string name;  // of the first
  double accelerators = 0, rented_out = 0, largest_site = 0;
};

std::vector<Holding> holdings_of(const OwnershipSpec& spec, std::uint64_t seed) {
  std::vector<Holding> all(spec.groups);
  for (const OwnerSpec& owner : spec.owners) {
    const RandomStream stream(seed, "ownership." + owner.name);
    const double amount =
        std::max(0.0, Distribution(owner.accelerators).draw(stream, 0)) * owner.factor;
    Holding& holding = all[owner.group];
    if (holding.name.empty()) holding.name = owner.name;
    holding.accelerators += amount;
    holding.rented_out += amount * owner.rented_out;
    holding.largest_site = std::max(holding.largest_site, amount * owner.largest_site);
  }
  std::erase_if(all, [](const Holding& holding) { return holding.name.empty(); });
  return all;
}

void read_run(const FrontierRun& run, const std::vector<Holding>& all,
              std::vector<MetricValue>& values) {
  const double flop_each = run.peak_flops * run.mfu * run.days * 86'400;
  int able = 0;
  for (const Holding& holding : all) {
    const double largest = holding.largest_site * flop_each;
    put(values, "owners." + holding.name + ".largest_run", "FLOP", largest);
    if (largest >= run.flop) ++able;
  }
  put(values, "concentration.able", "owners", able);
}

}  // namespace

void read_ownership(const Scenario& scenario, std::uint64_t seed,
                    std::vector<MetricValue>& values) {
  if (scenario.ownership == nullptr) return;
  const OwnershipSpec& spec = *scenario.ownership;
  const std::vector<Holding> all = holdings_of(spec, seed);
  const double others =
      std::max(0.0, Distribution(spec.others).draw(RandomStream(seed, "ownership"), 0));
  std::vector<double> owned;
  std::vector<double> rented;
  double total = others;
  double for_rent = 0;
  for (const Holding& holding : all) {
    owned.push_back(holding.accelerators);
    rented.push_back(holding.rented_out);
    total += holding.accelerators;
    for_rent += holding.rented_out;
  }
  HYPERDC_CHECK(total > 0, "nobody owns anything");
  put(values, "concentration.accelerators", "accelerators", total);
  put(values, "concentration.hhi", "points", hhi(owned, others, false));
  put(values, "concentration.hhi_single", "points", hhi(owned, others, true));
  put(values, "concentration.top_1", "1", top_share(owned, others, 1));
  put(values, "concentration.top_4", "1", top_share(owned, others, 4));
  put(values, "concentration.rentable", "1", for_rent / total);
  if (for_rent > 0) {
    put(values, "concentration.rentable_hhi", "points", hhi(rented, 0, false));
  } else {
    put_missing(values, "concentration.rentable_hhi", "points", "nothing is rented out");
  }
  for (const Holding& holding : all) {
    put(values, "owners." + holding.name + ".share", "1", holding.accelerators / total);
  }
  if (spec.run) read_run(*spec.run, all, values);
}

}  // namespace hyperdc
