// random: a server drawn uniformly among those on which the job fits.
//
// Computes: a placement. A job that shares a device takes a uniformly drawn one among those with
// enough left; whole devices are taken lowest index first.
// Source: policy "Random" of Weng et al., "Beware of Fragmentation" (FGD), USENIX ATC'23.
// Valid range: all. Leaves out: any look at what is left over. The draw is counter-based: it
// depends on the seed and the job's number, not on earlier draws.
#include <bit>

#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

__extension__ using Unsigned128 = unsigned __int128;

class Random final : public Placement {
 public:
  Choice choice() const override { return Choice::uniform_random; }
  std::int64_t score(const Request&, const NodeView&) const override { return 0; }
  std::uint32_t devices(const Request& request, const NodeView& node,
                        std::uint64_t draw) const override {
    if (!request.shares_device()) return Placement::devices(request, node, draw);
    std::uint32_t enough = 0;
    const auto left = node.accelerators_left_milli;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i] >= request.accelerator_milli) enough |= std::uint32_t{1} << i;
    }
    // The high word of draw * n is uniform over n values but for a bias below n / 2^64.
    auto skip = static_cast<std::uint32_t>(
        (static_cast<Unsigned128>(draw) * static_cast<unsigned>(std::popcount(enough))) >> 64);
    while (skip-- > 0) enough &= enough - 1;
    return enough & (~enough + 1);
  }
};

}  // namespace

PlacementEntry random_placement() {
  return {"random",
          "A server drawn uniformly among those on which the job fits.",
          {},
          [](const Params&, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<Random>();
          }};
}

}  // namespace hyperdc
