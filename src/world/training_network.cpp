#include "world/training_network.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "network/flow/constant.hpp"
#include "world/fabrics.hpp"
#include "world/metric_values.hpp"
#include "world/training.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kMostShifts = 64;          // of all-to-all
constexpr std::uint64_t kMostMessages = 1U << 17;  // of an exchange, where that leaves 8 shifts

/// Where the ranks of a gang are attached, in their order.
struct Gang {
  TrainingPlan plan;                  // of the copies that are there
  std::vector<EndpointId> endpoints;  // by rank
  std::uint64_t each = 1;             // ranks of a server
};

Gang gang_of(const World& world, const TrainingState& training) {
  const PoolState& pool = world.pools[training.pool];
  const Topology& topology = *world.scenario->fabrics[training.network->spec->fabric].topology;
  const std::uint32_t ports = topology.endpoints_per_server();
  const std::span<const Share> shares = shares_of(pool, training.job);
  std::vector<Share> sorted(shares.begin(), shares.end());
  const auto first = [&](const Share& share) { return first_endpoint(pool, share.server, ports); };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Share& a, const Share& b) { return first(a) < first(b); });
  Gang gang;
  gang.plan = training.spec->plan;
  if (training.spec->elastic) {
    gang.plan.batch = gang.plan.batch / gang.plan.data * training.copies;
    gang.plan.data = training.copies;
  }
  gang.each = gang.plan.accelerators() / sorted.size();
  std::vector<EndpointId> ends;
  for (const Share& share : sorted) {
    ends.clear();
    add_endpoints(pool, share, ports, ends);
    for (std::uint64_t i = 0; i < gang.each; ++i) gang.endpoints.push_back(ends[i % ends.size()]);
  }
  return gang;
}

std::vector<FlowSpec> flows_of(const World& world, const TrainingState& training,
                               const TrainingExchange& exchange, const Gang& gang) {
  const TrainingPlan& plan = gang.plan;
  const FabricSpec& fabric = world.scenario->fabrics[training.network->spec->fabric];
  const bool whole =
      fabric.rules.routing == Routing::spray || fabric.topology->endpoints_per_server() > 1;
  // Accelerators that share matrices, in one server with one port, send to the same one.
  const bool one_of_tensor =
      whole && fabric.topology->endpoints_per_server() == 1 && gang.each % plan.tensor == 0;
  struct Message {
    std::uint64_t pair;
    std::uint32_t place;
    double bytes;
  };
  std::vector<Message> messages;
  messages.reserve(plan.accelerators());
  const std::uint64_t most =
      std::clamp<std::uint64_t>(kMostMessages / plan.accelerators(), 8, kMostShifts);
  each_message(exchange, plan, most, [&](std::uint64_t from, std::uint64_t to, double bytes) {
    const EndpointId a = gang.endpoints[from], b = gang.endpoints[to];
    if (a == b || (one_of_tensor && from % plan.tensor != 0)) return;
    if (one_of_tensor) bytes *= plan.tensor;
    const auto place = static_cast<std::uint32_t>(whole ? 0 : from % gang.each);
    messages.push_back({std::uint64_t{a.value} << 32 | b.value, place, bytes});
  });
  const auto before = [](const Message& a, const Message& b) {
    return a.pair != b.pair ? a.pair < b.pair : a.place < b.place;
  };
  if (!std::is_sorted(messages.begin(), messages.end(), before)) {
    std::stable_sort(messages.begin(), messages.end(), before);
  }
  const std::uint64_t number = world.pools[training.pool].jobs[training.job.value].number;
  std::vector<FlowSpec> flows;
  flows.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size();) {
    double bytes = 0;
    std::size_t end = i;
    for (; end < messages.size() && messages[end].pair == messages[i].pair &&
           messages[end].place == messages[i].place;
         ++end) {
      bytes += messages[end].bytes;
    }
    FlowSpec flow;
    flow.from = {static_cast<std::uint32_t>(messages[i].pair >> 32)};
    flow.to = {static_cast<std::uint32_t>(messages[i].pair)};
    flow.bytes = static_cast<std::uint64_t>(std::ceil(bytes));
    flow.label = static_cast<std::uint32_t>(hash_combine(number, messages[i].place));
    flows.push_back(flow);
    i = end;
  }
  return flows;
}

/// What links carry, and how long that takes on what is left of each.
class LinkLoads {
 public:
  LinkLoads(const World& world, TrainingNetwork& network)
      : state_(world.fabrics[network.spec->fabric]),
        topology_(*state_.spec->topology),
        router_(*network.router),
        hashed_(state_.spec->rules.routing == Routing::ecmp ||
                state_.spec->rules.routing == Routing::valiant),
        none_(std::vector<double>{}),
        load_(topology_.links(), 0.0) {
    for (const LinkId link : network.faulted) router_.set_capacity(link, capacity_Bps(link));
    network.faulted.clear();
    for (const auto& [link, _] : state_.link_faults) {
      network.faulted.push_back({link});
      router_.set_capacity({link}, capacity_Bps({link}));
      dead_ = dead_ || router_.dead({link});
    }
  }

  double time_s(std::span<const FlowSpec> flows) {
    for (const FlowSpec& flow : flows) add(flow);
    double longest = 0;
    const auto look = [&](std::uint32_t link) {
      if (load_[link] <= 0) return;
      HYPERDC_CHECK(!router_.dead({link}), "a message is on a link that is dead");
      longest = std::max(longest, load_[link] / capacity_Bps({link}));
      load_[link] = 0;
    };
    for (const std::uint32_t link : loaded_) look(link);
    for (std::uint32_t link = 0; spread_ && link < load_.size(); ++link) look(link);
    loaded_.clear();
    spread_ = false;
    return longest;
  }

 private:
  double capacity_Bps(LinkId link) const {
    const auto faults = state_.link_faults.find(link.value);
    const bool whole = faults == state_.link_faults.end() || faults->second.empty();
    return state_.fabric->capacity_Bps(link) *
           (whole ? 1 : *std::ranges::min_element(faults->second));
  }
  void add(const FlowSpec& flow) {
    const auto bytes = static_cast<double>(flow.bytes);
    if (!hashed_ && !dead_) {
      spread_ = true;
      return topology_.add_spread(flow.from, flow.to, bytes, load_);
    }
    if (!hashed_ && add_living(flow, bytes)) return;
    // Without a way it waits as a flow, and the gang for it: nothing is put anywhere.
    const auto way = hashed_ ? router_.choose(flow, none_, path_) : router_.substitute(flow, path_);
    if (!way) return;
    put(bytes);
  }
  /// On the links of path_.
  void put(double bytes) {
    for (const LinkId link : path_.links()) {
      if (load_[link.value] == 0) loaded_.push_back(link.value);
      load_[link.value] += bytes;
    }
  }
  /// Evenly over those of its paths that are alive, as flows do; false: there is none.
  bool add_living(const FlowSpec& flow, double bytes) {
    const std::span<const PathChoice> paths = router_.spread(flow);
    for (const PathChoice choice : paths) {
      router_.path(flow, choice, path_);
      put(bytes / static_cast<double>(paths.size()));
    }
    return !paths.empty();
  }

  const FabricState& state_;
  const Topology& topology_;
  PathRouter& router_;
  bool hashed_;
  bool dead_ = false;  // some link is
  ConstantRates none_;
  LinkPath path_;
  std::vector<double> load_;           // zeroes between exchanges
  std::vector<std::uint32_t> loaded_;  // links that a path put something on
  bool spread_ = false;                // others have something, too
};

/// Of a step whose exchanges take so long each.
double step_s(const TrainingSpec& spec, const TrainingNetwork& network,
              std::span<const double> messages_s) {
  double longer = 0, all = 0, by_spec = 0;
  for (std::size_t i = 0; i < network.exchanges.size(); ++i) {
    const TrainingExchange& exchange = network.exchanges[i];
    longer += longer_by_s(exchange, messages_s[i]);
    all += std::max(exchange.spec_s, exchange.latency_s + messages_s[i]);
    by_spec += exchange.spec_s;
  }
  const double step = spec.time.step() + longer;
  return all > by_spec ? std::max(step, std::min(all, step + all - by_spec)) : step;
}

std::uint32_t racks_of(const Topology& topology, std::span<const EndpointId> endpoints) {
  std::vector<std::uint8_t> there(topology.racks(), 0);
  for (const EndpointId endpoint : endpoints) there[topology.rack(endpoint)] = 1;
  return static_cast<std::uint32_t>(std::count(there.begin(), there.end(), 1));
}

void place(World& world, TrainingState& training) {
  TrainingNetwork& network = *training.network;
  const Gang gang = gang_of(world, training);
  const Topology& topology = *world.scenario->fabrics[network.spec->fabric].topology;
  const PlanQuestion& question = training.spec->question;
  network.exchanges =
      training_exchanges(question.model, gang.plan, question.chip, question.software);
  network.messages_s.assign(network.exchanges.size(), 0);
  network.racks = racks_of(topology, gang.endpoints);
  LinkLoads loads(world, network);
  network.flows.clear();
  std::vector<double> alone_s;
  network.exposed_s = 0;
  for (const TrainingExchange& exchange : network.exchanges) {
    std::vector<FlowSpec> flows = flows_of(world, training, exchange, gang);
    alone_s.push_back(loads.time_s(flows));
    network.exposed_s +=
        exchange.exposed * std::max(exchange.spec_s, exchange.latency_s + alone_s.back());
    if (!network.spec->flows) continue;
    for (FlowSpec& flow : flows) flow.bytes *= network.spec->steps_at_once;
    network.flows.push_back(std::move(flows));
  }
  network.alone_s = step_s(*training.spec, network, alone_s);
}

void drag(World& world, TrainingState& training, double to_s, Engine& engine) {
  const double spec_s = training.spec->time.step();
  drag_training(world, training, TrainingDrag::fabric, spec_s / std::max(spec_s, to_s), engine);
}

FlowOwner network_owner(const TrainingNetwork& network, TrainingNetworkEvent what) {
  return {network.process, static_cast<std::uint32_t>(what), 0};
}

void mark_step(World& world, TrainingState& training, Engine& engine) {
  TrainingNetwork& network = *training.network;
  mark_work(world.pools[training.pool], training.job, network.next,
            {network.process, static_cast<std::uint32_t>(TrainingNetworkEvent::step), 0}, engine);
}

Duration of_steps(const TrainingNetwork& network, double time_s) {
  return seconds(time_s * static_cast<double>(network.spec->steps_at_once));
}

void wait_latency(TrainingNetwork& network, Engine& engine) {
  const Duration latency = of_steps(network, network.exchanges[network.phase].latency_s);
  network.event = engine.schedule(engine.now() + latency, Phase::workload, network.process,
                                  static_cast<std::uint32_t>(TrainingNetworkEvent::passed));
}

void begin_exchange(World& world, TrainingNetwork& network, Engine& engine) {
  network.since = engine.now();
  const std::vector<FlowSpec>& flows = network.flows[network.phase];
  if (flows.empty()) {
    network.messages_s[network.phase] = 0;
    return wait_latency(network, engine);
  }
  network.group = start_flow_group(world, network.spec->fabric, flows,
                                   network_owner(network, TrainingNetworkEvent::sent), engine);
}

void begin_step(World& world, TrainingNetwork& network, Engine& engine) {
  network.under_way = true;
  network.due = false;
  network.phase = 0;
  begin_exchange(world, network, engine);
}

void end_step(World& world, TrainingState& training, Engine& engine) {
  TrainingNetwork& network = *training.network;
  network.under_way = false;
  const double took_s = step_s(*training.spec, network, network.messages_s);
  network.measured_s += took_s;
  network.measured_alone_s += network.alone_s;
  const double stood_s = network.due ? to_seconds(engine.now() - network.stands_since) /
                                           static_cast<double>(network.spec->steps_at_once)
                                     : 0;
  drag(world, training, took_s - stood_s, engine);
  if (!network.due) return;
  begin_step(world, network, engine);
  resume_training(world, training, TrainingStall::fabric, engine);
}

}  // namespace

void build_training_networks(World& world) {
  for (const WorkloadState& workload : world.workloads) {
    if (workload.training == nullptr || !workload.training->spec->network) continue;
    TrainingState& training = *workload.training;
    auto network = std::make_unique<TrainingNetwork>();
    network->spec = &*training.spec->network;
    // The same paths as the flows of the fabric.
    const FabricSpec& fabric = world.scenario->fabrics[network->spec->fabric];
    const std::uint64_t seed =
        hash_combine(world.seed, hash_bytes("fabrics." + fabric.name + ".paths"));
    std::vector<double> capacities;
    for (std::uint32_t l = 0; l < fabric.topology->links(); ++l) {
      capacities.push_back(fabric.topology->link({l}).capacity_Bps * fabric.efficiency);
    }
    network->router =
        std::make_unique<PathRouter>(*fabric.topology, fabric.rules, seed, capacities);
    training.network = std::move(network);
  }
}

void begin_training_network(World& world, TrainingState& training, Engine& engine) {
  if (training.network == nullptr) return;
  TrainingNetwork& network = *training.network;
  place(world, training);
  drag_training(world, training, TrainingDrag::fabric, 1, engine);
  network.stepped_ns = 0;
  network.next = training.run.done_at(training.run.base());
  mark_step(world, training, engine);
}

void end_training_network(World& world, TrainingState& training, Engine& engine) {
  if (training.network == nullptr) return;
  TrainingNetwork& network = *training.network;
  if (network.group) cancel_flow_group(world, network.spec->fabric, *network.group, engine);
  if (network.event != kNoEvent) engine.cancel(network.event);
  network.group.reset();
  network.event = kNoEvent;
  network.begun = network.under_way = network.due = false;
}

void network_step(World& world, TrainingState& training, Engine& engine) {
  TrainingNetwork& network = *training.network;
  if (!network.begun) drag(world, training, network.alone_s, engine);
  network.begun = true;
  if (network.flows.empty()) return;  // also where nothing leaves its domain
  const auto steps = static_cast<std::int64_t>(network.spec->steps_at_once);
  const TrainingCourse& course = training.spec->course;
  std::int64_t step_ns = course.step.ns;  // of the course, in one step of the copies that are there
  if (training.spec->elastic) {
    step_ns = std::max<std::int64_t>(1, step_ns * training.copies / training.spec->plan.data);
  }
  network.stepped_ns += step_ns * steps;
  const std::uint64_t done =
      training.run.base() + static_cast<std::uint64_t>(network.stepped_ns / course.step.ns);
  if (done < course.steps) {
    network.next = training.run.done_at(done) + Duration{network.stepped_ns % course.step.ns};
    mark_step(world, training, engine);
  }
  if (!network.under_way) return begin_step(world, network, engine);
  network.due = true;
  network.stands_since = engine.now();
  stall_training(world, training, TrainingStall::fabric, engine);
}

void network_sent(World& world, TrainingState& training, Engine& engine) {
  TrainingNetwork& network = *training.network;
  free_flow_group(world.fabrics[network.spec->fabric], *network.group);
  network.group.reset();
  network.messages_s[network.phase] =
      to_seconds(engine.now() - network.since) / static_cast<double>(network.spec->steps_at_once);
  wait_latency(network, engine);
}

void network_passed(World& world, TrainingState& training, Engine& engine) {
  TrainingNetwork& network = *training.network;
  network.event = kNoEvent;
  if (++network.phase < network.exchanges.size()) return begin_exchange(world, network, engine);
  end_step(world, training, engine);
}

void read_training_network(const TrainingState& training, const std::string& prefix,
                           std::vector<MetricValue>& values) {
  if (training.network == nullptr) return;
  const TrainingNetwork& network = *training.network;
  const std::string at = prefix + "network.";
  if (network.racks == 0) {
    const char* const why = "the run did not start";
    put_missing(values, at + "step_time", "s", why);
    put_missing(values, at + "exposed", "1", why);
    put_missing(values, at + "racks", "racks", why);
  } else {
    put(values, at + "step_time", "s", network.alone_s);
    put(values, at + "exposed", "1", network.exposed_s / network.alone_s);
    put(values, at + "racks", "racks", network.racks);
  }
  if (!network.spec->flows) return;
  if (network.measured_alone_s > 0) {
    put(values, at + "slowdown", "1", network.measured_s / network.measured_alone_s);
  } else {
    put_missing(values, at + "slowdown", "1", "no step was exchanged");
  }
}

}  // namespace hyperdc
