// gpu-packing: first devices that are shared already, then free devices of busy servers, then
// idle servers.
//
// Computes: a score in integers, all divisions truncated (F = free devices of the server):
//   job without accelerators: 0;
//   all devices free: max(33 - F, F);
//   otherwise the fullest devices that fit are counted: where n > 0 of them are free,
//   max(50 - n, 33); where none is, max(100 - (sum of left * 100 / 1000) / 10, 50).
// Units: none. Source: "GPU Packing" of Weng et al. (FGD), USENIX ATC'23, as its artefact computes
// it (gpu_packing_score.go). Valid range: 0..100.
// Leaves out: cores; the devices that are taken are those of the usual rule (whole devices lowest
// index first, a shared one by best fit), as in the source.
#include <algorithm>
#include <array>

#include "policy/placement/placements.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kFull = 100;

class GpuPacking final : public Placement {
 public:
  std::int64_t score(const Request& request, const NodeView& node) const override {
    if (request.accelerators == 0) return 0;
    const auto left = node.accelerators_left_milli;
    const auto free = static_cast<std::int64_t>(
        std::count(left.begin(), left.end(), std::uint16_t{kWholeAccelerator}));
    if (free == static_cast<std::int64_t>(left.size())) return std::max(kFull / 3 - free, free);

    std::array<std::uint16_t, kMaxAcceleratorsPerServer> fullest_first{};
    const auto end =
        std::copy_if(left.begin(), left.end(), fullest_first.begin(),
                     [&](std::uint16_t milli) { return milli >= request.accelerator_milli; });
    const auto used_end =
        fullest_first.begin() +
        std::min<std::ptrdiff_t>(request.accelerators, end - fullest_first.begin());
    std::partial_sort(fullest_first.begin(), used_end, end);
    const auto free_used =
        static_cast<std::int64_t>(std::count(fullest_first.begin(), used_end, kWholeAccelerator));
    if (free_used > 0) return std::max(kFull / 2 - free_used, kFull / 3);

    std::int64_t percent_left = 0;
    for (auto it = fullest_first.begin(); it != used_end; ++it) {
      percent_left += std::int64_t{*it} * 100 / kWholeAccelerator;
    }
    return std::max(kFull - percent_left / 10, kFull / 2);
  }
};

}  // namespace

PlacementEntry gpu_packing_placement() {
  return {"gpu-packing",
          "Shared devices first, then free devices of busy servers, then idle servers.",
          {},
          [](const Params&, const PlacementContext&) -> std::unique_ptr<Placement> {
            return std::make_unique<GpuPacking>();
          }};
}

}  // namespace hyperdc
