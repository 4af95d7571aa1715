// Which variant of a model a request asks for, and what loading them takes.
//
// Computes: of `count` variants the k-th, from 1 on, with a probability in proportion to
// 1 / k^popularity (Zipf). Each request has one, drawn from a stream of its own, and keeps it when
// it is tried again or handed over; all turns of a conversation have the same. Source: the adapters
// of S-LoRA's workloads are drawn by a power law too (Sheng et al., MLSys'24). Leaves out:
// popularities that change, variants of classes.
// Cost: O(log count) a draw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ai/inference/batcher.hpp"
#include "core/rng.hpp"
#include "metrics/recorder.hpp"
#include "scenario/inference_spec.hpp"

namespace hyperdc {

class VariantDraws {
 public:
  VariantDraws(const VariantSpec& spec, const std::string& workload, std::uint64_t seed);
  /// Of the request, or the conversation, of that number; the most popular is 0.
  std::uint32_t of(std::uint64_t number) const;

 private:
  RandomStream draws_;
  std::vector<double> up_to_;  // probability of it and all before it
};

struct VariantMetrics {
  MetricId loads, loading, found, missed;
};

/// `prefix`: "workloads.NAME.".
VariantMetrics declare_variants(Recorder& recorder, const std::string& prefix, bool models);
/// What came since `before`, which is what the metrics know of; then it is `now_used`.
void note_variants(Recorder& recorder, SimTime now, const VariantMetrics& metrics,
                   const Batcher::VariantUse& now_used, Batcher::VariantUse& before);

}  // namespace hyperdc
