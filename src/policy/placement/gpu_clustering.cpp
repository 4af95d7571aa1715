// gpu-clustering: servers that hold jobs of the same kind, and among them the fullest.
//
// Computes: a score in integers. The kind of a job is "shares a device" or "k whole devices".
//   job without accelerators: 0;
//   b = 25 * (8000 - left) / 8000, truncated; left = 1/1000 accelerators left on the server;
//   the server holds this kind and no other: b + 75; this and others: b + 50;
//   nothing: b + 25; only others: b.
// Units: none. Source: "GPU Clustering" of Weng et al. (FGD), USENIX ATC'23, as its artefact
// computes it (gpu_clustering_score.go); the idea is Gandiva's (Xiao et al., OSDI'18).
// Valid range: servers of at most 8 accelerators as in the source; larger idle ones get b < 0.
// Leaves out: cores; jobs without accelerators do not count as held.
#include "policy/placement/amounts.hpp"
#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kQuarter = 25;
constexpr std::int64_t kLargestServerMilli = 8 * kWholeAccelerator;

class GpuClustering final : public Placement {
 public:
  bool uses_holds() const override { return true; }
  std::int64_t score(const Request& request, const NodeView& node) const override {
    if (request.accelerators == 0) return 0;
    const std::int64_t base =
        kQuarter * (kLargestServerMilli - accelerators_left(node)) / kLargestServerMilli;
    const std::uint64_t kind = std::uint64_t{1}
                               << (request.shares_device() ? 0 : request.accelerators);
    if (node.holds == kind) return base + 3 * kQuarter;
    if ((node.holds & kind) != 0) return base + 2 * kQuarter;
    return node.holds == 0 ? base + kQuarter : base;
  }
};

}  // namespace

PlacementEntry gpu_clustering_placement() {
  return {"gpu-clustering",
          "Servers that hold jobs of the same kind, the fullest first.",
          {},
          [](const Params&, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<GpuClustering>();
          }};
}

}  // namespace hyperdc
