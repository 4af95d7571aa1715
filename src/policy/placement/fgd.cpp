// fgd: fragmentation gradient descent: the server (and device) on which the job adds least
// fragmentation.
//
// Computes: a score, trunc(100 * sigmoid((F before - F after) / 1000)), sigmoid(x) =
// 1 / (1 + exp(-x)), F in 1/1000 accelerator (fragmentation.hpp) against the kinds that make
// typical_share of the scenario's jobs. A job that shares a device takes the one with the best
// score, the lowest index among equals, and the server has that score.
// Units: none. Source: Weng et al., "Beware of Fragmentation" (FGD), USENIX ATC'23, and its
// artefact (fgd_score.go). Valid range: 0..100. Leaves out: memory.
#include <algorithm>
#include <array>

#include "core/math.hpp"
#include "policy/placement/fragmentation.hpp"
#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

constexpr std::array<ParamSpec, 1> kParams = {{
    {.name = "typical_share",
     .kind = ParamKind::number,
     .doc = "Share of jobs, most frequent kinds first, against which fragmentation is measured; "
            "raised, rare kinds count too and decisions take longer.",
     .fallback = "0.95",
     .min = 0.01,
     .max = 1,
     .example = "0.95"},
}};

class Fgd final : public Placement {
 public:
  Fgd(const Params& params, const PlacementContext& context)
      : fragmentation_(typical_mix(context.mix, params.number("typical_share"))) {}

  std::int64_t score(const Request& request, const NodeView& node) const override {
    const std::int64_t before = fragmentation_.scaled(node);
    if (request.shares_device()) return best_device(request, node, before).score;
    Left left = left_of(node);
    if (request.accelerators > 0) {
      const std::uint32_t mask = Placement::devices(request, node, 0);
      for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        left[static_cast<std::size_t>(std::countr_zero(rest))] = 0;
      }
    }
    return score_of(before, fragmentation_.scaled(after(request, node, left)));
  }

  std::uint32_t devices(const Request& request, const NodeView& node,
                        std::uint64_t draw) const override {
    if (!request.shares_device()) return Placement::devices(request, node, draw);
    const std::int64_t before = fragmentation_.scaled(node);
    return std::uint32_t{1} << best_device(request, node, before).device;
  }

 private:
  using Left = std::array<std::uint16_t, kMaxAcceleratorsPerServer>;
  struct Best {
    std::int64_t score = -1;
    std::size_t device = 0;
  };

  static Left left_of(const NodeView& node) {
    Left left{};
    std::copy(node.accelerators_left_milli.begin(), node.accelerators_left_milli.end(),
              left.begin());
    return left;
  }

  static NodeView after(const Request& request, const NodeView& node, const Left& left) {
    NodeView view = node;
    view.cores_left_milli -= request.cores_milli;
    view.accelerators_left_milli = {left.data(), node.accelerators_left_milli.size()};
    return view;
  }

  static std::int64_t score_of(std::int64_t before, std::int64_t after) {
    constexpr double kUnit = 1.0 / (static_cast<double>(std::int64_t{1} << 40) * 1000.0);
    static_assert(Fragmentation::kFractionBits == 40);
    const double gain = static_cast<double>(before - after) * kUnit;
    return static_cast<std::int64_t>(1.0 / (1.0 + math::exp(-gain)) * 100.0);
  }

  Best best_device(const Request& request, const NodeView& node, std::int64_t before) const {
    Left left = left_of(node);
    const NodeView changed = after(request, node, left);
    const std::size_t devices = node.accelerators_left_milli.size();
    Best best;
    for (std::size_t i = 0; i < devices; ++i) {
      const std::uint16_t milli = left[i];
      // A device with as much left as an earlier one has the same score and a higher index.
      const bool again = std::find(left.begin(), left.begin() + std::ptrdiff_t(i), milli) !=
                         left.begin() + std::ptrdiff_t(i);
      if (milli < request.accelerator_milli || again) continue;
      left[i] = static_cast<std::uint16_t>(milli - request.accelerator_milli);
      const std::int64_t s = score_of(before, fragmentation_.scaled(changed));
      left[i] = milli;
      if (s > best.score) best = {s, i};
    }
    return best;
  }

  Fragmentation fragmentation_;
};

}  // namespace

PlacementEntry fgd_placement() {
  return {"fgd", "The server and device on which the job adds least fragmentation.", kParams,
          [](const Params& params, const PlacementContext& context) -> std::unique_ptr<Placement> {
            return std::make_unique<Fgd>(params, context);
          }};
}

}  // namespace hyperdc
