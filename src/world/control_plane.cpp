#include "world/control_plane.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/nodes/nodes.hpp"
#include "world/service/health.hpp"

namespace hyperdc {

namespace {

bool is_in(std::span<const std::uint32_t> racks, std::uint32_t rack) {
  return std::find(racks.begin(), racks.end(), rack) != racks.end();
}

/// Closes or opens what is up in the racks of a launch plane.
void bar_racks(World& world, const ControlPlaneSpec& spec, Engine& engine, bool out) {
  for (const std::uint32_t rack : spec.racks) {
    const bool was_out = world.launch_out[rack] > 0;
    world.launch_out[rack] += out ? 1 : -1;
    const bool is_out = world.launch_out[rack] > 0;
    if (was_out == is_out) continue;
    for (PoolState& pool : world.pools) {
      for (std::uint32_t block = 0; block < pool.blocks.size(); ++block) {
        if (pool.block_racks[block] == rack) bar_block(pool, block, is_out, engine);
      }
    }
  }
}

void hold_verdicts(World& world, const ControlPlaneSpec& spec, Engine& engine, bool out) {
  std::vector<bool> changed(world.health_out.size(), false);
  for (const std::uint32_t rack : spec.racks) {
    const bool was_out = world.health_out[rack] > 0;
    world.health_out[rack] += out ? 1 : -1;
    changed[rack] = was_out != (world.health_out[rack] > 0);
  }
  for (ServiceState& service : world.services) {
    if (!service.spec->health_check) continue;
    const ServiceContext c{world, service, engine};
    for (DeploymentState& deployment : service.deployments) review_health(c, deployment, changed);
  }
}

void act(World& world, const PlaneState& plane, Engine& engine, bool out) {
  world.recorder->level(plane.down_level, engine.now(), out ? 1 : 0);
  if (plane.spec->kind == PlaneKind::launch) bar_racks(world, *plane.spec, engine, out);
  if (plane.spec->kind == PlaneKind::health) hold_verdicts(world, *plane.spec, engine, out);
  if (plane.spec->kind == PlaneKind::scaling && !out) {
    for (PoolState& pool : world.pools) {
      if (plane.pools[pool.index]) resume_nodes(world, pool, engine);
    }
  }
}

}  // namespace

void build_planes(World& world) {
  const Scenario& scenario = *world.scenario;
  if (scenario.control_planes.empty()) return;
  world.launch_out.assign(scenario.racks.size(), 0);
  world.health_out.assign(scenario.racks.size(), 0);
  Recorder& recorder = *world.recorder;
  for (const ControlPlaneSpec& spec : scenario.control_planes) {
    const std::string prefix = "control_planes." + spec.name + ".";
    PlaneState plane;
    plane.spec = &spec;
    plane.outages =
        recorder.declare({prefix + "outages", "times", "times it went out", MetricKind::counter});
    plane.down_level =
        recorder.declare({prefix + "down", "1", "1 while it is out", MetricKind::level});
    recorder.level(plane.down_level, SimTime{}, 0);
    for (const PoolSpec& pool : scenario.pools) {
      plane.pools.push_back(
          std::all_of(pool.racks.begin(), pool.racks.end(),
                      [&](std::uint32_t rack) { return is_in(spec.racks, rack); }));
    }
    if (spec.kind == PlaneKind::launch) {
      for (PoolState& pool : world.pools) enable_availability(world, pool);
    }
    world.planes.push_back(std::move(plane));
  }
}

void plane_fails(World& world, PlaneState& plane, Engine& engine) {
  if (++plane.reasons > 1) return;
  world.recorder->add(plane.outages, engine.now(), 1);
  act(world, plane, engine, true);
}

void plane_returns(World& world, PlaneState& plane, Engine& engine) {
  HYPERDC_CHECK(plane.reasons > 0, "a control plane returns that was not out");
  if (--plane.reasons == 0) act(world, plane, engine, false);
}

bool launch_is_out(const World& world, std::uint32_t rack) {
  return !world.launch_out.empty() && world.launch_out[rack] > 0;
}

bool health_is_out(const World& world, std::uint32_t rack) {
  return !world.health_out.empty() && world.health_out[rack] > 0;
}

bool scaling_is_out(const World& world, std::uint32_t pool) {
  return std::any_of(world.planes.begin(), world.planes.end(), [&](const PlaneState& plane) {
    return plane.reasons > 0 && plane.spec->kind == PlaneKind::scaling && plane.pools[pool];
  });
}

}  // namespace hyperdc
