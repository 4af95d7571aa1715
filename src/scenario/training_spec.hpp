// TrainingSpec: what makes a workload of jobs a training run (docs/models/training.md,
// docs/models/training-runs.md).
#pragma once

#include <optional>
#include <vector>

#include "ai/training/plan_search.hpp"
#include "ai/training/training_run.hpp"
#include "ai/training/training_step.hpp"
#include "core/distribution.hpp"
#include "scenario/training_storage_spec.hpp"

namespace hyperdc {

/// Now and then a server is slow, and all wait for it.
struct Stragglers {
  double mtbf_s = 1;  // from one episode of a server to the next
  DistributionSpec lasts_s = Constant{0};
  double speed = 1;
  std::optional<Duration> replaced_after;  // the run begins again elsewhere
};

/// Results that are wrong without a word.
struct SilentCorruption {
  double mtbf_s = 1;  // of one accelerator
  DistributionSpec found_s = Constant{0};
};

/// Where servers are missing the run goes on with fewer copies (data-parallel ranks).
struct ElasticGang {
  std::uint32_t least = 1;             // copies
  std::uint32_t together = 1;          // copies that share experts come and go together
  std::uint32_t servers_together = 1;  // of these
  Duration after;                      // it waits for all of them for so long
  Duration rejoin;                     // between looks for servers for more
};

/// Exchanges between servers take the fabric of their region, where the gang lies.
struct TrainingNetworkSpec {
  std::uint32_t fabric = 0;         // index into Scenario::fabrics
  bool flows = false;               // simulated, as others use the fabric; else by loads of links
  std::uint64_t steps_at_once = 1;  // of flows
};

/// Accelerators draw less while they exchange, all of the run at once.
struct TrainingSwing {
  double low = 0;     // of what they draw above idle while they compute
  double share = 0;   // of a step
  double edge_s = 0;  // from one phase to the other
};

struct TrainingSpec {
  PlanQuestion question;  // what plans it has to choose from
  TrainingPlan plan;
  TrainingTime time;
  TrainingFlops flops;  // of a step
  TrainingMemory memory;
  double parameters = 0;  // of the model
  std::uint32_t servers = 1;
  TrainingCourse course;
  DistributionSpec detect_s = Constant{0};  // from a failure until it is known what failed
  std::optional<double> mttf_s = {};        // of the run, by causes at random that are stated
  std::optional<Stragglers> stragglers = {};
  std::optional<SilentCorruption> corruption = {};
  std::optional<ElasticGang> elastic = {};
  std::optional<TrainingNetworkSpec> network = {};
  std::optional<TrainingSwing> swing = {};
  std::vector<SharedCheckpoints> shared = {};  // by tier, rising
  std::optional<TrainingData> data = {};

  bool uses_storage() const { return !shared.empty() || data.has_value(); }
};

}  // namespace hyperdc
