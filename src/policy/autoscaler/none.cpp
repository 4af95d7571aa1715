// None: the number of replicas stays as the deployment started.
//
// Computes: nothing; decide() never answers. Valid everywhere; the base line of comparisons.
#include "policy/autoscaler/autoscalers.hpp"

namespace hyperdc {
namespace {

class None final : public Autoscaler {
 public:
  Duration interval() const override { return whole_seconds(3600); }
  std::optional<ScaleTo> decide(const ScaleView&) override { return std::nullopt; }
};

constexpr AutoscalerEntry kEntry = {
    "none",
    "The number of replicas is fixed.",
    {},
    [](const Params&, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<None>();
    }};

}  // namespace

const AutoscalerEntry& none_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
