// dot-product: the server whose free resources point least along the job's.
//
// Computes: a score, floor(100 * (1 - product)),
//   product = 1/2 * (cores left * cores asked / cores_scale^2
//                    + accelerators left * accelerators asked / accelerators_scale^2).
// Units: none. Source: "DotProd" of Weng et al. (FGD), USENIX ATC'23, as its artefact computes it
// (dot_product_score.go with dimension extension "merge" and normalisation "max"): the larger the
// product, the lower the score. The idea is Tetris's alignment (Grandl et al., SIGCOMM'14), which
// prefers the larger product.
// Valid range: 0..100 for servers within the scales. Leaves out: memory; single devices.
#include <cmath>

#include "policy/placement/amounts.hpp"
#include "policy/placement/placements.hpp"
#include "policy/placement/scales.hpp"

namespace hyperdc {
namespace {

class DotProduct final : public Placement {
 public:
  explicit DotProduct(const Params& params) : scales_(params) {}
  std::int64_t score(const Request& request, const NodeView& node) const override {
    const double cores = static_cast<double>(node.cores_left_milli) / scales_.cores_milli;
    const double cores_asked = static_cast<double>(request.cores_milli) / scales_.cores_milli;
    const double accelerators =
        static_cast<double>(accelerators_left(node)) / scales_.accelerators_milli;
    const double accelerators_asked =
        static_cast<double>(request.total_accelerator_milli()) / scales_.accelerators_milli;
    double product = cores * cores_asked;
    product += accelerators * accelerators_asked;
    return static_cast<std::int64_t>(std::floor(100.0 * (1.0 - product / 2.0)));
  }

 private:
  Scales scales_;
};

}  // namespace

PlacementEntry dot_product_placement() {
  return {"dot-product",
          "The server whose free cores and accelerators have the smallest dot product with the "
          "job's.",
          kScaleParams,
          [](const Params& params, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<DotProduct>(params);
          }};
}

}  // namespace hyperdc
