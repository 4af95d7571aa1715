#include "world/nodes/nodes.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "scenario/policy_entry.hpp"
#include "world/availability.hpp"
#include "world/control_plane.hpp"
#include "world/losses.hpp"
#include "world/pool.hpp"
#include "world/reservations.hpp"

namespace hyperdc {

namespace {

/// Carries out what a node autoscaler decides, on one pool at one moment.
class PoolNodes final : public NodeActions {
 public:
  PoolNodes(World& world, PoolState& pool, Engine& engine)
      : world_(world), pool_(pool), nodes_(*pool.nodes), engine_(engine) {}

  std::uint32_t boot(std::uint32_t group, std::uint32_t count, std::string_view because) override;
  ServerId last_booted() const override { return last_; }
  bool remove(ServerId server, std::optional<Duration> grace, std::string_view because) override;
  bool give_up(ServerId server, std::string_view because) override;
  void wake(SimTime at) override {
    HYPERDC_CHECK(at > engine_.now(), "a node autoscaler asked to be woken in the past");
    if (!nodes_.wish || at < *nodes_.wish) nodes_.wish = at;
  }

 private:
  bool in_stock(std::uint32_t group);
  bool may_launch(std::uint32_t group) const;
  std::optional<ServerId> next_off(std::uint32_t group) const;
  Duration boot_time(std::uint32_t group);
  void move_residents(ServerId server, std::string_view because);
  void count(MetricId metric, double amount) {
    world_.recorder->add(metric, engine_.now(), amount);
  }

  World& world_;
  PoolState& pool_;
  NodesState& nodes_;
  Engine& engine_;
  ServerId last_;
};

/// Switching a server on or off is up to the launch plane of its rack.
bool PoolNodes::may_launch(std::uint32_t group) const {
  return !launch_is_out(world_, pool_.block_racks[group]);
}

bool PoolNodes::in_stock(std::uint32_t group) {
  const std::uint64_t request = nodes_.requests++;
  const std::uint32_t type = pool_.block_type[group];
  for (const StockOutWindow& window : nodes_.spec->windows) {
    const SimTime begin = SimTime{} + window.at;
    if (engine_.now() < begin || engine_.now() >= begin + window.lasts) continue;
    const bool named =
        std::find(window.types.begin(), window.types.end(), type) != window.types.end();
    if (window.types.empty() || named) return false;
  }
  return nodes_.spec->refused == 0 || nodes_.stock_draws.uniform(request) >= nodes_.spec->refused;
}

/// The first in the order of the scenario that is not under repair.
std::optional<ServerId> PoolNodes::next_off(std::uint32_t group) const {
  for (const std::uint32_t server : nodes_.off[group]) {
    if (pool_.availability->holds[server] == 0) return ServerId{server};
  }
  return std::nullopt;
}

Duration PoolNodes::boot_time(std::uint32_t group) {
  const std::uint64_t number = nodes_.boots++;
  if (nodes_.boot) return seconds(nodes_.boot->draw(nodes_.boot_draws, number));
  return world_.scenario->server_types[pool_.block_type[group]].boot_time;
}

std::uint32_t PoolNodes::boot(std::uint32_t group, std::uint32_t count, std::string_view) {
  HYPERDC_CHECK(group < nodes_.off.size(), "a node autoscaler named a group that is not there");
  const auto there = static_cast<std::uint32_t>(nodes_.on.size());
  const std::uint32_t room = nodes_.spec->max - std::min(there, nodes_.spec->max);
  const auto off = static_cast<std::uint32_t>(nodes_.off[group].size());
  const std::uint32_t most = std::min({count, room, off});
  if (most == 0) return 0;
  if (!may_launch(group) || !in_stock(group)) {
    this->count(nodes_.metrics.stock, most);
    return 0;
  }
  std::uint32_t booted = 0;
  for (; booted < most; ++booted) {
    const std::optional<ServerId> server = next_off(group);
    if (!server) break;
    last_ = *server;
    power_on(world_, pool_, *server, engine_, boot_time(group));
  }
  if (booted > 0) this->count(nodes_.metrics.booted, booted);
  return booted;
}

bool PoolNodes::remove(ServerId server, std::optional<Duration> grace, std::string_view because) {
  if (status_of(pool_, server) != ServerStatus::up) return false;
  if (!may_launch(pool_.fleet->block_of(server))) return false;
  if (nodes_.on.size() - nodes_.removing.size() <= nodes_.spec->min) return false;
  std::optional<SimTime> deadline;
  if (grace) deadline = engine_.now() + *grace;
  nodes_.removing.insert(server.value);
  start_drain(world_, pool_, server, engine_, deadline,
              {nodes_.process, static_cast<std::uint32_t>(NodesEvent::emptied), server.value});
  count(nodes_.metrics.removed, 1);
  move_residents(server, because);
  return true;
}

/// Stops those that may start elsewhere, oldest first.
void PoolNodes::move_residents(ServerId server, std::string_view because) {
  std::vector<JobId> jobs;
  list_residents(pool_, server, 0, jobs);
  for (const JobId job : jobs) {
    const JobState& state = pool_.states[job.value];
    if (!state.owned && !nodes_.spec->jobs_move) continue;
    count(nodes_.metrics.moved, 1);
    if (state.owned) {
      tell_owner(world_, pool_, job, OwnerEvent::evicted, engine_);
    } else {
      stop_by_failure(world_, pool_, job, engine_, because);
    }
  }
}

bool PoolNodes::give_up(ServerId server, std::string_view because) {
  const ServerStatus status = status_of(pool_, server);
  if (status != ServerStatus::booting && status != ServerStatus::down) return false;
  if (!may_launch(pool_.fleet->block_of(server))) return false;
  count(nodes_.metrics.given_up, 1);
  power_off(world_, pool_, server, engine_, because);
  return true;
}

void declare_nodes(Recorder& recorder, const std::string& prefix, NodesMetrics& metrics) {
  const auto declare = [&](std::string_view name, std::string_view unit, std::string_view meaning,
                           MetricKind kind) {
    return recorder.declare(
        {prefix + std::string(name), std::string(unit), std::string(meaning), kind});
  };
  const auto level = MetricKind::level;
  const auto counter = MetricKind::counter;
  metrics.on = declare("nodes", "servers", "servers that are not off", level);
  metrics.up = declare("nodes.up", "servers", "servers that take jobs", level);
  metrics.booting = declare("nodes.booting", "servers", "servers that boot", level);
  metrics.draining = declare("nodes.draining", "servers", "servers that drain", level);
  metrics.booted = declare("nodes.booted", "servers", "servers switched on", counter);
  metrics.removed = declare("nodes.removed", "servers", "removals that began", counter);
  metrics.given_up =
      declare("nodes.given_up", "servers", "servers that booted or were down too long", counter);
  metrics.moved = declare("nodes.moved", "jobs", "jobs and replicas that had to move", counter);
  metrics.stock = declare("nodes.stock_outs", "servers", "servers not to be had", counter);
  metrics.provision =
      declare("nodes.provision", "s", "from the request until up", MetricKind::sample);
}

void publish_nodes(World& world, const PoolState& pool, SimTime now) {
  const NodesState& nodes = *pool.nodes;
  const auto in = [&](ServerStatus status) {
    return static_cast<double>(nodes.in_status[static_cast<std::size_t>(status)]);
  };
  Recorder& recorder = *world.recorder;
  recorder.level(nodes.metrics.on, now, static_cast<double>(nodes.on.size()));
  recorder.level(nodes.metrics.up, now, in(ServerStatus::up));
  recorder.level(nodes.metrics.booting, now, in(ServerStatus::booting));
  recorder.level(nodes.metrics.draining, now, in(ServerStatus::draining));
}

}  // namespace

void enable_nodes(World& world, PoolState& pool) {
  if (!pool.spec->nodes) return;
  enable_availability(world, pool);
  const NodesSpec& spec = *pool.spec->nodes;
  const std::string prefix = "pools." + pool.spec->name + ".";
  pool.nodes = std::make_unique<NodesState>(spec, world.seed, prefix + "nodes.");
  NodesState& nodes = *pool.nodes;
  const RandomStream draws(world.seed, prefix + "nodes");
  nodes.policy = entry_of(node_autoscalers(), spec.policy)
                     .make(spec.policy.params, NodeAutoscalerContext{draws.u64(0)});
  nodes.servers.resize(pool.fleet->servers());
  nodes.off.resize(pool.blocks.size());
  nodes.billed.resize(pool.blocks.size());
  nodes.billed_in_warmup.resize(pool.blocks.size());
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    nodes.billed[block].set(SimTime{}, pool.blocks[block].count);
  }
  for (std::uint32_t s = 0; s < pool.fleet->servers(); ++s) nodes.on.insert(nodes.on.end(), s);
  nodes.in_status[static_cast<std::size_t>(ServerStatus::up)] = pool.fleet->servers();
  declare_nodes(*world.recorder, prefix, nodes.metrics);
}

void begin_nodes(World& world, PoolState& pool, Engine& engine) {
  for (std::uint32_t s = pool.nodes->spec->initial; s < pool.fleet->servers(); ++s) {
    power_off(world, pool, ServerId{s}, engine, "it is not needed yet");
  }
  publish_nodes(world, pool, engine.now());
}

void note_waiting(PoolState& pool, JobId job, bool there) {
  note_waiting_size(pool, job, there);
  if (pool.reserved != nullptr) pool.reserved->note_waiting(pool, job, there);
  if (pool.nodes == nullptr) return;
  const std::uint64_t number = pool.jobs[job.value].number;
  if (!there) {
    pool.nodes->waiting.erase(number);
    return;
  }
  pool.nodes->waiting[number] = {job, pool.view.now};
  pool.nodes->arrived.push_back(number);
}

void note_resident_change(PoolState& pool, ServerId server, SimTime now) {
  if (pool.nodes != nullptr) pool.nodes->servers[server.value].changed = now;
}

void note_status(World& world, PoolState& pool, ServerId server, ServerStatus from, ServerStatus to,
                 SimTime now) {
  if (pool.nodes == nullptr) return;
  NodesState& nodes = *pool.nodes;
  NodesState::Server& of = nodes.servers[server.value];
  const std::uint32_t block = pool.fleet->block_of(server);
  nodes.stay_ns[static_cast<std::size_t>(from)] += (now - of.since).ns;
  of.since = now;
  --nodes.in_status[static_cast<std::size_t>(from)];
  ++nodes.in_status[static_cast<std::size_t>(to)];
  if (to == ServerStatus::off) {
    nodes.on.erase(server.value);
    nodes.off[block].insert(server.value);
    nodes.billed[block].change(now, -1);
    of.awaited = false;
  }
  if (from == ServerStatus::off) {
    nodes.on.insert(server.value);
    nodes.off[block].erase(server.value);
    nodes.billed[block].change(now, +1);
    of.asked_for = now;
    of.awaited = true;
  }
  if (to == ServerStatus::up) {
    of.changed = now;
    if (of.awaited) {
      world.recorder->sample(nodes.metrics.provision, of.asked_for, to_seconds(now - of.asked_for));
    }
    of.awaited = false;
  }
  publish_nodes(world, pool, now);
}

void tell_waiting(PoolState& pool, Engine& engine) {
  if (pool.nodes == nullptr) return;
  NodesState& nodes = *pool.nodes;
  std::uint32_t left = 0;
  for (const std::uint64_t number : nodes.arrived) left += nodes.waiting.contains(number) ? 1 : 0;
  nodes.arrived.clear();
  nodes.fresh += left;
  if (left == 0 || !nodes.policy->on_pending()) return;
  engine.schedule(engine.now(), Phase::control, nodes.process,
                  static_cast<std::uint32_t>(NodesEvent::waiting));
}

void decide_nodes(World& world, PoolState& pool, Engine& engine) {
  NodesState& nodes = *pool.nodes;
  if (scaling_is_out(world, pool.index)) return;
  std::optional<NodesPicture> picture;
  NodesView view;
  if (nodes.policy->needs_servers(engine.now(), nodes.fresh)) {
    view = picture.emplace(world, pool, engine.now()).view();
  } else {
    view.now = engine.now();
    view.min = nodes.spec->min;
    view.max = nodes.spec->max;
    view.fresh = nodes.fresh;
  }
  nodes.fresh = 0;
  nodes.wish.reset();
  PoolNodes actions(world, pool, engine);
  world.decisions.count(world.decisions.scaling, engine.now());
  nodes.policy->decide(view, actions);
  if (nodes.wake_event != kNoEvent) engine.cancel(nodes.wake_event);
  nodes.wake_event = kNoEvent;
  if (!nodes.wish) return;
  nodes.wake_event = engine.schedule(*nodes.wish, Phase::control, nodes.process,
                                     static_cast<std::uint32_t>(NodesEvent::wake));
}

void resume_nodes(World& world, PoolState& pool, Engine& engine) {
  if (pool.nodes == nullptr || scaling_is_out(world, pool.index)) return;
  NodesState& nodes = *pool.nodes;
  if (nodes.wake_event != kNoEvent) engine.cancel(nodes.wake_event);
  nodes.wake_event = engine.schedule(engine.now(), Phase::control, nodes.process,
                                     static_cast<std::uint32_t>(NodesEvent::wake));
}

Int128 billed_ns(const World& world, const NodesState& nodes, std::size_t block, SimTime end) {
  if (end <= SimTime{} + world.scenario->warmup) return 0;
  return nodes.billed[block].until(end) - nodes.billed_in_warmup[block];
}

void removal_ended(World& world, PoolState& pool, ServerId server, Engine& engine) {
  if (pool.nodes->removing.erase(server.value) == 0) return;
  const ServerStatus status = status_of(pool, server);
  const bool empty = !pool.availability->residents.any(server);
  if (status == ServerStatus::off || !empty) return;
  if (status == ServerStatus::draining || status == ServerStatus::down) {
    power_off(world, pool, server, engine, "it is not needed");
  }
}

}  // namespace hyperdc
