// The Kubernetes HPA as a part: the policy `hpa`, and what KEDA hands over to above zero replicas.
#pragma once

#include <optional>
#include <vector>

#include "policy/autoscaler/hpa_behavior.hpp"
#include "policy/autoscaler/hpa_replicas.hpp"

namespace hyperdc {

struct HpaOptions {
  std::vector<HpaMetric> metrics;
  HpaTolerance tolerance;
  Duration initialization;
  HpaDirection up, down;
};

class Hpa {
 public:
  explicit Hpa(HpaOptions options)
      : options_(std::move(options)), behavior_(options_.up, options_.down) {}

  /// One sync. `min_replicas` stands for that of the view.
  std::optional<ScaleTo> sync(const ScaleView& view, std::uint32_t min_replicas);
  bool needs_token_times() const;

 private:
  std::optional<std::int64_t> proposal(const ScaleView& view) const;
  std::optional<ScaleTo> rescale(const ScaleView& view, std::int64_t replicas,
                                 std::string_view because);

  HpaOptions options_;
  HpaBehavior behavior_;
};

/// Rules of one direction from parallel lists; they have one length.
std::vector<HpaRule> hpa_rules(const std::vector<std::string>& kinds,
                               const std::vector<double>& values,
                               const std::vector<double>& periods_s);

}  // namespace hyperdc
