// Kinds of accelerators in a pool, and how fast jobs of its workloads run on each.
//
// Computes: the speed of a job on servers = the least, over its members, of T(model) / max T of
// its application (workload/throughputs.hpp). All members of such a job are on one model: without
// a scheduler that says on which, on the first in the order of the pool's servers that holds them.
// The accelerators of a kind = those that jobs hold + those that are free: without what is down.
// Units: 1 (of the speed on the fastest model). Source: definition; see docs/models/scheduling.md.
// Leaves out: time that a change of model takes beside the overhead of a preemption.
#pragma once

#include <vector>

#include "world/world.hpp"

namespace hyperdc {

struct PoolKinds {
  std::vector<AcceleratorKind> kinds;   // as the servers of the pool come
  std::vector<JobProfile> profiles;     // the first is that of jobs without one
  std::vector<std::uint32_t> of_block;  // of kinds; none of them without accelerators
  std::vector<ModelSet> models;         // by profile: that run it
  bool stale = false;                   // servers or devices came or went since the last count
};

/// After pools and workloads: kinds and profiles of pools whose jobs have profiles.
void enable_kinds(World& world);
/// Counts the accelerators of each kind anew. O(accelerators).
void recount_kinds(PoolState& pool);
/// Servers or devices come or go: the next look counts anew.
inline void note_kinds_change(PoolState& pool) {
  if (pool.kinds != nullptr) pool.kinds->stale = true;
}
/// Calls `fits` with what a member asks for, on servers of these models (0: any); a job with a
/// profile asks for one model at a time. True as soon as `fits` is.
template <class Fits>
bool any_request(const PoolState& pool, JobId job, ModelSet models, Fits fits) {
  const JobView& view = pool.jobs[job.value];
  if (view.profile == 0 && models == 0) return fits(view.each);
  Request request = view.each;
  if (models != 0) request.models = request.models == 0 ? models : request.models & models;
  if (view.profile == 0) return request.models != 0 && fits(request);
  const ModelSet runs = request.models;
  for (const AcceleratorKind& kind : pool.kinds->kinds) {
    request.models = kind.model & runs;
    if (request.models != 0 && fits(request)) return true;
  }
  return false;
}
/// How fast a job runs on its servers, by its profile; 1 without one.
double speed_on_kinds(const PoolState& pool, JobId job);

}  // namespace hyperdc
