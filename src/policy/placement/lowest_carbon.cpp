// lowest-carbon: the region of the pool whose energy emits (or costs) least now and that has room.
//
// Computes: regions in rising order of the signal r(now), equal ones as listed; the job goes whole
//   into the first that has room for all of its members, on the first servers there on which they
//   fit; where none has room for all, its members go one by one by the same rule. Regions in which
//   the job may not be are no regions for it.
// Units: r in g/J or USD/J. Source: Zheng, Chien and Suh, "Mitigating curtailment and carbon
//   emissions through load migration between data centers", Joule 4(10), 2020; Sukprasert et al.,
//   "On the limitations of carbon-aware temporal and spatial workload shifting in the cloud",
//   EuroSys'24 (jobs that move at their start and not again).
// Valid: jobs that are short beside the steps of the signal: what counts is r at the start.
// Cost: one search a region that is full, until one has room. Leaves out: r over the run time;
//   running jobs that move on as the sun does; the PUE of a region; carriage of the data of a job.
#include <algorithm>
#include <array>

#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

class LowestCarbonRegion final : public Placement {
 public:
  explicit LowestCarbonRegion(EnergySignal signal) : signal_(signal) {}
  Choice choice() const override { return Choice::first_in_order; }
  std::int64_t score(const Request&, const NodeView&) const override { return 0; }
  std::optional<EnergySignal> follows() const override { return signal_; }
  void order_regions(std::span<const double> per_J,
                     std::vector<std::uint32_t>& order) const override {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return per_J[a] < per_J[b]; });
  }

 private:
  EnergySignal signal_;
};

constexpr std::array<std::string_view, 3> kRegionSignals{"average", "marginal", "price"};

constexpr ParamSpec kParams[] = {
    {.name = "signal",
     .kind = ParamKind::choice,
     .doc = "What is least: carbon as attributed (average) or as caused (marginal), or the price "
            "of electricity.",
     .fallback = R"("average")",
     .choices = kRegionSignals},
};

}  // namespace

PlacementEntry lowest_carbon_placement() {
  return {"lowest-carbon", "The region whose energy emits or costs least now and that has room.",
          kParams, [](const Params& params, const PlacementContext&) -> std::unique_ptr<Placement> {
            const auto at =
                std::find(kRegionSignals.begin(), kRegionSignals.end(), params.text("signal"));
            return std::make_unique<LowestCarbonRegion>(
                static_cast<EnergySignal>(at - kRegionSignals.begin()));
          }};
}

}  // namespace hyperdc
