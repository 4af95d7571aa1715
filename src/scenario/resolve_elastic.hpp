// Elastic training: from measured profiles and a trace to jobs.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Fills a workload of kind elastic-training; its pool is known.
void resolve_elastic(Resolution& r, const View& workload, JobsWorkload& out);
/// Pools of elastic training are of it alone, and nothing fails there.
void check_elastic_pools(Resolution& r);

}  // namespace hyperdc
