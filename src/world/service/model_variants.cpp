#include "world/service/model_variants.hpp"

#include <algorithm>

#include "core/math.hpp"

namespace hyperdc {

VariantDraws::VariantDraws(const VariantSpec& spec, const std::string& workload, std::uint64_t seed)
    : draws_(seed, "workloads." + workload + ".variant") {
  double sum = 0;
  for (std::uint32_t k = 1; k <= spec.count; ++k) {
    sum += math::pow(static_cast<double>(k), -spec.popularity);
    up_to_.push_back(sum);
  }
  for (double& each : up_to_) each /= sum;
}

std::uint32_t VariantDraws::of(std::uint64_t number) const {
  const auto at = std::ranges::upper_bound(up_to_, draws_.uniform(number));  // below 1, the last
  return static_cast<std::uint32_t>(at - up_to_.begin());
}

VariantMetrics declare_variants(Recorder& recorder, const std::string& prefix, bool models) {
  const std::string what = models ? "model" : "adapter";
  const auto declare = [&](const std::string& metric, const char* unit,
                           const std::string& meaning) {
    return recorder.declare({prefix + metric, unit, meaning, MetricKind::counter});
  };
  return {declare(what + "_loads", "times", what + "s that replicas loaded"),
          declare(what + "_loading", "replica s", "time that replicas loaded " + what + "s"),
          declare("found_loaded", "requests", "requests whose " + what + " was loaded"),
          declare("found_unloaded", "requests", "requests whose " + what + " was not loaded")};
}

void note_variants(Recorder& recorder, SimTime now, const VariantMetrics& metrics,
                   const Batcher::VariantUse& now_used, Batcher::VariantUse& before) {
  const std::uint64_t admitted = now_used.admitted - before.admitted;
  const std::uint64_t found = now_used.found - before.found;
  if (now_used.loads > before.loads) {
    recorder.add(metrics.loads, now, static_cast<double>(now_used.loads - before.loads));
    recorder.add(metrics.loading, now, to_seconds(now_used.loading - before.loading));
  }
  if (found > 0) recorder.add(metrics.found, now, static_cast<double>(found));
  if (admitted > found) recorder.add(metrics.missed, now, static_cast<double>(admitted - found));
  before = now_used;
}

}  // namespace hyperdc
