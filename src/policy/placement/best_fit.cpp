// best-fit: the server with least left over.
//
// Computes: a score, floor(100 * (1 - rest)),
//   rest = 1/2 * (cores left - cores asked) / cores_scale
//        + 1/2 * (accelerators left - accelerators asked) / accelerators_scale.
// Units: none. Source: "BestFit" of Weng et al. (FGD), USENIX ATC'23, as its artefact computes it
// (github.com/hkust-adsl/kubernetes-scheduler-simulator, best_fit_score.go), which then spreads
// the scores to 0..100 without a change of order.
// Valid range: servers of at most cores_scale cores and accelerators_scale accelerators score
// 0..100 as in the source; larger ones score below 0, which orders them as well.
// Leaves out: memory; which device has the rest.
#include <cmath>

#include "policy/placement/amounts.hpp"
#include "policy/placement/placements.hpp"
#include "policy/placement/scales.hpp"

namespace hyperdc {
namespace {

class BestFit final : public Placement {
 public:
  explicit BestFit(const Params& params) : scales_(params) {}
  std::int64_t score(const Request& request, const NodeView& node) const override {
    const auto cores = static_cast<double>(node.cores_left_milli - request.cores_milli);
    const auto accelerators =
        static_cast<double>(accelerators_left(node) - request.total_accelerator_milli());
    double rest = cores / scales_.cores_milli * 0.5;
    rest += accelerators / scales_.accelerators_milli * 0.5;
    return static_cast<std::int64_t>(std::floor((1.0 - rest) * 100.0));
  }

 private:
  Scales scales_;
};

}  // namespace

PlacementEntry best_fit_placement() {
  return {"best-fit", "The server that has the fewest cores and accelerators left over.",
          kScaleParams,
          [](const Params& params, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<BestFit>(params);
          }};
}

}  // namespace hyperdc
