// ElasticSpec: what makes a workload of jobs one of elastic training
// (docs/models/elastic-training.md).
#pragma once

#include <optional>
#include <vector>

#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

#include "ai/training/goodput.hpp"
#include "scenario/service.hpp"
#include "workload/elastic_profile.hpp"

namespace hyperdc {

struct ElasticApplication {
  BatchLimits limits;
  std::optional<std::uint32_t> accelerators;  // at most
  std::optional<std::uint64_t> batch;         // kept where others choose theirs
  std::optional<Duration> restart;            // else that of all
  double slowdown = 1;                        // times as long as its steps
};

/// One kind of accelerators of the pool: what was measured there of each application.
struct ElasticKind {
  ModelSet model = 0;  // its bit
  std::string accelerator;
  std::vector<ElasticProfile> profiles;
  std::vector<BatchLimits> limits;
};

struct ElasticSpec {
  ElasticProfiles profiles;
  std::vector<ElasticApplication> applications;  // as of the profiles
  std::vector<ElasticKind> kinds;                // of the pool; with profiles of its own or these
  std::vector<ElasticJob> jobs;
  PolicyChoice allocator;
  bool keeps_requested = false;  // the allocator: accelerators as asked for
  Duration interval;             // between decisions
  Duration restart;              // without work after a change
  double interference = 0;  // share of its speed that a job over servers loses to another beside it
  Request each;             // of an accelerator
};

}  // namespace hyperdc
