// first-fit: the first server in the pool's order on which the job fits.
//
// Computes: a placement. Equation: every server scores 0, so the order decides.
// Source: classic; D. S. Johnson et al., SIAM J. Computing 3(4), 1974, for bins in one dimension.
// Valid range: all. Leaves out: any look at what is left over.
#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

class FirstFit final : public Placement {
 public:
  Choice choice() const override { return Choice::first_in_order; }
  std::int64_t score(const Request&, const NodeView&) const override { return 0; }
};

}  // namespace

PlacementEntry first_fit_placement() {
  return {"first-fit",
          "The first server in the pool's order on which the job fits.",
          {},
          [](const Params&, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<FirstFit>();
          }};
}

}  // namespace hyperdc
