#include "world/kinds.hpp"

#include <algorithm>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "workload/throughputs.hpp"
#include "world/speed.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kNoKind = std::numeric_limits<std::uint32_t>::max();

const Throughputs* throughputs_of(const WorkloadState& workload) {
  const auto& trace = workload.spec->jobs.trace;
  return trace ? trace->throughputs.get() : nullptr;
}

void find_kinds(PoolState& pool, PoolKinds& kinds) {
  for (const FleetBlock& block : pool.blocks) {
    const ModelSet model = block.shape.model;
    const auto known = std::find_if(kinds.kinds.begin(), kinds.kinds.end(),
                                    [&](const AcceleratorKind& k) { return k.model == model; });
    const auto index = static_cast<std::uint32_t>(known - kinds.kinds.begin());
    kinds.of_block.push_back(model == 0 ? kNoKind : index);
    if (model == 0) continue;
    if (known == kinds.kinds.end()) kinds.kinds.push_back({model, 0});
    kinds.kinds[kinds.of_block.back()].milli +=
        std::int64_t{block.count} * block.shape.accelerators * kWholeAccelerator;
  }
}

void add_profile(const Throughputs::Profile& profile, PoolKinds& kinds) {
  JobProfile& out = kinds.profiles.emplace_back();
  ModelSet& models = kinds.models.emplace_back(0);
  out.speed.assign(kinds.kinds.size(), 0);
  const double fastest = profile.fastest();
  for (const Throughputs::Rate& rate : profile.rates) {
    models |= rate.model;
    for (std::size_t k = 0; k < kinds.kinds.size(); ++k) {
      if (kinds.kinds[k].model == rate.model) out.speed[k] = rate.steps_per_s / fastest;
    }
  }
}

}  // namespace

void enable_kinds(World& world) {
  for (WorkloadState& workload : world.workloads) {
    const Throughputs* throughputs = throughputs_of(workload);
    if (throughputs == nullptr) continue;
    PoolState& pool = world.pools[workload.spec->pool];
    if (pool.kinds == nullptr) {
      pool.kinds = std::make_unique<PoolKinds>();
      find_kinds(pool, *pool.kinds);
      pool.kinds->profiles.emplace_back();
      pool.kinds->models.push_back(0);
      enable_speeds(pool);
    }
    constexpr std::size_t kMost = std::numeric_limits<std::uint16_t>::max();
    HYPERDC_CHECK(pool.kinds->profiles.size() + throughputs->profiles.size() <= kMost,
                  "pool \"" + pool.spec->name + "\": more than 65,535 rows of throughputs by " +
                      "application and accelerators, over all its workloads");
    workload.first_profile = static_cast<std::uint16_t>(pool.kinds->profiles.size() - 1);
    for (const Throughputs::Profile& profile : throughputs->profiles) {
      add_profile(profile, *pool.kinds);
    }
    pool.view.kinds = pool.kinds->kinds;
    pool.view.profiles = pool.kinds->profiles;
  }
}

void recount_kinds(PoolState& pool) {
  PoolKinds& kinds = *pool.kinds;
  kinds.stale = false;
  for (AcceleratorKind& kind : kinds.kinds) kind.milli = 0;
  for (std::uint32_t block = 0; block < kinds.of_block.size(); ++block) {
    if (kinds.of_block[block] == kNoKind) continue;
    std::int64_t& milli = kinds.kinds[kinds.of_block[block]].milli;
    milli += pool.fleet->used_in_block(block).accelerator_milli;
    const std::uint32_t first = pool.block_first[block];
    for (std::uint32_t s = first; s < first + pool.blocks[block].count; ++s) {
      for (const std::uint16_t left : pool.fleet->accelerators_left_milli(ServerId{s})) {
        milli += left;
      }
    }
  }
}

double speed_on_kinds(const PoolState& pool, JobId job) {
  const JobView& view = pool.jobs[job.value];
  if (view.profile == 0) return 1;
  const std::vector<double>& speed = pool.kinds->profiles[view.profile].speed;
  double least = 1;
  for (const Share& share : shares_of(pool, job)) {
    least = std::min(least, speed[pool.kinds->of_block[pool.fleet->block_of(share.server)]]);
  }
  HYPERDC_CHECK(least > 0, "a job was placed on accelerators that do not run it");
  return least;
}

}  // namespace hyperdc
