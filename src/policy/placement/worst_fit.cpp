// worst-fit: the server with most left over, which spreads load.
//
// Computes: a score, floor(100 * rest), with rest as best-fit has it:
//   rest = 1/2 * (cores left - cores asked) / cores_scale
//        + 1/2 * (accelerators left - accelerators asked) / accelerators_scale.
// Units: none. Source: the mirror image of best-fit; classic.
// Valid range: all; 0..100 for servers within the scales.
// Leaves out: memory; which device has the rest (a shared device is still chosen by best fit).
#include <cmath>

#include "policy/placement/amounts.hpp"
#include "policy/placement/placements.hpp"
#include "policy/placement/scales.hpp"

namespace hyperdc {
namespace {

class WorstFit final : public Placement {
 public:
  explicit WorstFit(const Params& params) : scales_(params) {}
  std::int64_t score(const Request& request, const NodeView& node) const override {
    const auto cores = static_cast<double>(node.cores_left_milli - request.cores_milli);
    const auto accelerators =
        static_cast<double>(accelerators_left(node) - request.total_accelerator_milli());
    double rest = cores / scales_.cores_milli * 0.5;
    rest += accelerators / scales_.accelerators_milli * 0.5;
    return static_cast<std::int64_t>(std::floor(rest * 100.0));
  }

 private:
  Scales scales_;
};

}  // namespace

PlacementEntry worst_fit_placement() {
  return {"worst-fit", "The server that has the most cores and accelerators left over.",
          kScaleParams,
          [](const Params& params, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<WorstFit>(params);
          }};
}

}  // namespace hyperdc
