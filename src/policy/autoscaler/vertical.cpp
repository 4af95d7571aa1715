// Vertical: how many cores a replica should have, as the Kubernetes VPA recommends.
//
// Computes, every `interval`, from the use (utilization * cores) of each replica with a sample,
// weighed by its cores (0.1 at least), the percentiles of a decaying histogram
// (usage_histogram.hpp):
//   target = P(target_percentile) (1 + margin)
//   lower = P(lower_percentile) (1 + margin) (1 + 0.001 / d)^-2
//   upper = P(upper_percentile) (1 + margin) (1 + 1 / d)
// each within min_cores..max_cores, d = min(days since the first sample, samples / 1440): the
// confidence. Cores become the target when they are below lower or above upper, or when they
// have been as they are for `lifetime` and differ from the target by min_change or more. The number
// of replicas stays. Rounded up to thousandths. Units: cores, s. Source: kubernetes/autoscaler,
// vertical-pod-autoscaler/pkg/recommender/logic (percentiles 90, 50, 95 %, margin 15 %, at least
// 0.025 cores, half-life 24 h); updater: 12 h and 10 % from memory. Assumption: use is proportional
// to the busy share of the replica's concurrency. Leaves out: memory, eviction one by one, limits,
// checkpoints, what larger replicas do to the service time (that is the deployment's).
#include <algorithm>
#include <cmath>

#include "core/math.hpp"
#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/usage_histogram.hpp"

namespace hyperdc {
namespace {

constexpr double kDay_s = 86400;
constexpr double kSamplesADay = 1440;
constexpr double kLeastWeight = 0.1;

struct Options {
  double target = 0.9, lower = 0.5, upper = 0.95, margin = 0.15;
  double min_cores = 0, max_cores = 0, min_change = 0;
  Duration half_life, lifetime, interval;
};

class Vertical final : public Autoscaler {
 public:
  explicit Vertical(const Options& options) : options_(options), use_(options.half_life) {}

  Duration interval() const override { return options_.interval; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    take(view);
    if (use_.empty()) return std::nullopt;
    const double days = std::min(to_seconds(view.now - first_) / kDay_s, samples_ / kSamplesADay);
    const double target = bounded(use_.percentile(options_.target));
    // Without confidence the bounds are 0 and infinity.
    const double trust = days > 0 ? 1 + 0.001 / days : HUGE_VAL;
    const double lower = bounded(use_.percentile(options_.lower) / (trust * trust));
    const double doubt = days > 0 ? 1 + 1 / days : HUGE_VAL;
    const double upper = bounded(use_.percentile(options_.upper) * doubt);
    if (view.cores < lower) return resize(view, target, "use above the lower bound of cores");
    if (view.cores > upper) return resize(view, target, "use far below the cores");
    const double change = std::fabs(target - view.cores) / view.cores;
    if (view.now - since_ < options_.lifetime || change < options_.min_change) return std::nullopt;
    return resize(view, target, "cores differ from the target");
  }

 private:
  void take(const ScaleView& view) {
    const auto add = [&](double utilization) {
      if (use_.empty()) first_ = view.now;
      use_.add(view.now, utilization * view.cores, std::max(kLeastWeight, view.cores));
      ++samples_;
    };
    if (view.replicas.empty()) {
      if (view.utilization && view.ready > 0) add(*view.utilization);
      return;
    }
    for (const ReplicaReading& replica : view.replicas) {
      if (replica.ready_since && replica.utilization) add(*replica.utilization);
    }
  }

  double bounded(double cores) const {
    const double wide =
        std::clamp(cores * (1 + options_.margin), options_.min_cores, options_.max_cores);
    return std::ceil(wide * 1000 - 1e-6) / 1000;
  }

  std::optional<ScaleTo> resize(const ScaleView& view, double cores, std::string_view because) {
    if (cores == view.cores) return std::nullopt;
    since_ = view.now;
    return ScaleTo{view.wanted, because, cores};
  }

  Options options_;
  UsageHistogram use_;
  SimTime first_;  // sample
  SimTime since_;  // the cores are as they are
  double samples_ = 0;
};

constexpr ParamSpec kParams[] = {
    number_spec("target_percentile", "0.9", 0, 1,
                "Share of samples that the cores cover; higher is larger replicas."),
    number_spec("lower_percentile", "0.5", 0, 1,
                "Share of samples below which cores are too few, at once."),
    number_spec("upper_percentile", "0.95", 0, 1,
                "Share of samples above which cores are too many, at once."),
    number_spec("margin", "0.15", 0, 10, "Share added to each percentile."),
    number_spec("min_cores", "0.025", 0.001, 1e4, "Fewest cores."),
    number_spec("max_cores", "1000", 0.001, 1e4, "Most cores; no more than a server has."),
    number_spec("min_change", "0.1", 0, 10,
                "Relative difference from the target that is worth a change."),
    time_spec("half_life", R"("24 h")", 60, 31536000,
              "Time in which a sample loses half of its weight."),
    time_spec("lifetime", R"("12 h")", 0, 31536000,
              "How long cores stay as they are while they are within the bounds."),
    time_spec("interval", R"("1 min")", 1, 86400, "Time between two decisions."),
};

std::string check(const Params& params) {
  if (params.number("min_cores") > params.number("max_cores")) {
    return "min_cores is above max_cores";
  }
  const double target = params.number("target_percentile");
  if (params.number("lower_percentile") > target || params.number("upper_percentile") < target) {
    return "target_percentile is not between lower_percentile and upper_percentile";
  }
  return {};
}

constexpr AutoscalerEntry kEntry = {
    "vertical", "Kubernetes VPA: cores of a replica from the percentiles of their use.", kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      Options options;
      options.target = params.number("target_percentile");
      options.lower = params.number("lower_percentile");
      options.upper = params.number("upper_percentile");
      options.margin = params.number("margin");
      options.min_cores = params.number("min_cores");
      options.max_cores = params.number("max_cores");
      options.min_change = params.number("min_change");
      options.half_life = params.duration("half_life");
      options.lifetime = params.duration("lifetime");
      options.interval = params.duration("interval");
      return std::make_unique<Vertical>(options);
    },
    check};

}  // namespace

const AutoscalerEntry& vertical_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
