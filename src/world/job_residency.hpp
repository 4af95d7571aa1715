// Jobs that may run in some regions of their pool only, and those that such a rule held back.
//
// Computes: the zones of the pool that lie in these regions, which each member asks for as it asks
// for a model of accelerator, so that every scheduler and placement keeps to them; jobs that did
// not fit there at some attempt to start them although they would have fitted elsewhere (each job
// once), and jobs that were rejected as only an empty pool elsewhere could hold them.
// Source: definition. Cost: one look at the pool for a failed attempt, until it has counted.
// Leaves out: where the data of a job is; jobs that wait behind others and were not attempted.
#pragma once

#include "world/world.hpp"

namespace hyperdc {

/// After the pools were built.
void build_job_residency(World& world);
/// The job was not started now (`rejected`: never will be).
void note_confined(World& world, PoolState& pool, JobId job, ModelSet models, bool rejected);

}  // namespace hyperdc
