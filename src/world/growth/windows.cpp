#include "world/growth/windows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "scenario/scenario.hpp"
#include "world/growth/growth.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

constexpr const char* kNotReached = "the run ended before this window";

/// What a window tells of each service, and its unit.
constexpr std::array<std::pair<const char*, const char*>, 6> kWindowTells = {
    {{"latency.p50", "s"},
     {"latency.p99", "s"},
     {"ttft.p99", "s"},
     {"tpot.p99", "s"},
     {"attainment", "1"},
     {"failed_share", "1"}}};

/// The racks of one generation in a window.
struct WindowPart {
  double share = 0;            // of the demand
  std::uint64_t replicas = 0;  // in the plan
  std::uint32_t simulated = 0;
};

double load_of(const ClassCapacity& of) {
  if (of.units > 0) return of.demand / of.units;
  return of.demand > 0 ? std::numeric_limits<double>::infinity() : 0;
}

WindowPart window_part(const GrowthState& state, const WindowService& of, const ClassCapacity& at) {
  const GrowthPlanSpec& plan = state.context.spec;
  const ServiceWorkload& service = plan.fleet->services[of.service];
  const double accelerators = at.accelerators[of.generation];
  WindowPart out;
  out.replicas =
      static_cast<std::uint64_t>(accelerators / service.instance.each.accelerators * (1 + 1e-12));
  out.simulated =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(service.replicas.initial, out.replicas));
  return out;
}

/// With the share of demand: performance times what software makes of it is noted with the point.
std::vector<WindowPart> parts_of(const GrowthState& state, const GrowthWindow& window,
                                 const ClassCapacity& at) {
  std::vector<WindowPart> out;
  for (const WindowService& of : window.services) {
    out.push_back(window_part(state, of, at));
    out.back().share = at.units > 0 ? at.units_of[of.generation] / at.units : 0;
  }
  return out;
}

void set_load(ServiceWorkload& service, std::uint32_t replicas, double factor) {
  service.replicas = {replicas, replicas, replicas};
  for (OriginSpec& origin : service.origins) {
    if (!origin.demand) continue;
    origin.demand = factor > 0 ? scaled(*origin.demand, factor) : DemandSpec{DemandConstant{0}};
  }
}

/// The fleet of the file with the load of a window. Services of other windows are silent.
Scenario scenario_of(const World& world, const GrowthState& state, const GrowthWindow& window,
                     const ClassCapacity& at) {
  Scenario out = *state.context.spec.fleet;
  std::set<std::uint32_t> silent;
  for (const auto& plan : world.scenario->growth) {
    for (const GrowthWindow& other : plan->windows) {
      for (const WindowService& of : other.services) silent.insert(of.service);
    }
  }
  const std::vector<WindowPart> parts = parts_of(state, window, at);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const WindowPart& part = parts[i];
    if (part.simulated == 0) continue;
    silent.erase(window.services[i].service);
    set_load(out.services[window.services[i].service], part.simulated,
             at.demand / window.units * part.share * part.simulated /
                 static_cast<double>(part.replicas));
  }
  for (const std::uint32_t service : silent) set_load(out.services[service], 1, 0);
  return out;
}

/// Tells the run's monitor of events in windows, and that the plan is at its end.
class WindowMonitor final : public SimulationMonitor {
 public:
  WindowMonitor(SimulationMonitor* of_run, SimTime end) : of_run_(of_run), end_(end) {}
  bool tick(SimTime, std::uint64_t events) override {
    return of_run_ == nullptr || of_run_->tick(end_, before + events);
  }
  std::uint64_t before = 0;

 private:
  SimulationMonitor* of_run_;
  SimTime end_;
};

void run_window(const World& world, GrowthState& state, std::size_t index, WindowMonitor& monitor,
                WindowRuns& out) {
  const GrowthWindow& window = state.context.spec.windows[index];
  WindowState& at = state.windows[index];
  const Scenario scenario = scenario_of(world, state, window, *at.at);
  SimulateOptions options;
  options.seed = world.seed;
  options.monitor = &monitor;
  try {
    Simulation run = simulate(scenario, options);
    monitor.before += run.events;
    out.events += run.events;
    out.fingerprint = out.fingerprint * 0x9E3779B97F4A7C15U + run.fingerprint;
    out.complete = run.complete;
    at.done = run.complete;
    at.values = std::move(run.metrics);
  } catch (const InvariantError& error) {
    throw InvariantError(fmt::format("window {} of growth plan {}: {}", window.name,
                                     state.context.spec.name, error.what()));
  }
}

/// One quantity of the service of a window, with its reason where it has no value.
MetricValue told_of(const std::vector<MetricValue>& values, const std::string& service,
                    const std::string& quantity, const char* unit) {
  const std::string name = "workloads." + service + "." + quantity;
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const MetricValue& value) { return value.name == name; });
  if (found != values.end()) return *found;
  return {name, unit, std::nullopt, "the service does not measure it"};
}

/// Why nothing is known of a part; null where it is.
const char* missing_of(const WindowState& state, const WindowPart& part) {
  if (!state.at || !state.done) return kNotReached;
  return part.replicas == 0 ? "no replica stands there then" : nullptr;
}

void read_part(const GrowthState& state, const WindowState& window, const WindowService& of,
               const WindowPart& part, const std::string& prefix,
               std::vector<MetricValue>& values) {
  const GrowthPlanSpec& plan = state.context.spec;
  const std::string name = prefix + "generations." + plan.generations[of.generation].name + ".";
  if (!window.at) {
    put_missing(values, name + "replicas", "replicas", kNotReached);
    put_missing(values, name + "simulated", "replicas", kNotReached);
  } else {
    put(values, name + "replicas", "replicas", static_cast<double>(part.replicas));
    put(values, name + "simulated", "replicas", part.simulated);
  }
  const char* missing = missing_of(window, part);
  for (const auto& [quantity, unit] : kWindowTells) {
    MetricValue value =
        missing != nullptr
            ? MetricValue{"", unit, std::nullopt, missing}
            : told_of(window.values, plan.fleet->services[of.service].name, quantity, unit);
    value.name = name + quantity;
    values.push_back(std::move(value));
  }
}

/// Of all requests of the generations that are simulated.
void read_attainment(const GrowthState& state, const GrowthWindow& window, const WindowState& at,
                     const std::vector<WindowPart>& parts, const std::string& prefix,
                     std::vector<MetricValue>& values) {
  double met = 0;
  double share = 0;
  const char* missing = parts.empty() ? kNotReached : nullptr;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char* why = missing_of(at, parts[i]);
    if (why != nullptr) {
      if (share <= 0) missing = why;
      continue;
    }
    const std::string& service =
        state.context.spec.fleet->services[window.services[i].service].name;
    const MetricValue value = told_of(at.values, service, "attainment", "1");
    if (!value.value) {
      missing = "a service has no objective, or no request arrived";
      break;
    }
    missing = nullptr;
    met += parts[i].share * *value.value;
    share += parts[i].share;
  }
  if (missing != nullptr || share <= 0) {
    put_missing(values, prefix + "attainment", "1", missing != nullptr ? missing : "no demand");
  } else {
    put(values, prefix + "attainment", "1", met / share);
  }
}

void read_window(const GrowthState& state, std::size_t index, std::vector<MetricValue>& values) {
  const GrowthWindow& window = state.context.spec.windows[index];
  const WindowState& at = state.windows[index];
  const std::string prefix =
      fmt::format("growth.{}.windows.{}.", state.context.spec.name, window.name);
  std::vector<WindowPart> parts(window.services.size());
  if (!at.at) {
    for (const char* name : {"demand", "capacity"}) {
      put_missing(values, prefix + name, "accelerators", kNotReached);
    }
    for (const char* name : {"load", "covered"}) {
      put_missing(values, prefix + name, "1", kNotReached);
    }
  } else {
    parts = parts_of(state, window, *at.at);
    put(values, prefix + "demand", "accelerators", at.at->demand);
    put(values, prefix + "capacity", "accelerators", at.at->units);
    if (at.at->units > 0) {
      put(values, prefix + "load", "1", load_of(*at.at));
    } else {
      put_missing(values, prefix + "load", "1", "the class has no capacity then");
    }
    double covered = 0;
    for (const WindowPart& part : parts) covered += part.replicas > 0 ? part.share : 0;
    put(values, prefix + "covered", "1", covered > 1 - 1e-12 ? 1 : covered);
  }
  read_attainment(state, window, at, parts, prefix, values);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    read_part(state, at, window.services[i], parts[i], prefix, values);
  }
}

}  // namespace

void note_windows(GrowthState& state) {
  for (std::size_t w = 0; w < state.windows.size(); ++w) {
    const GrowthWindow& window = state.context.spec.windows[w];
    if (window.step != state.steps) continue;
    std::vector<std::pair<double, std::size_t>> loads;  // ties: the first future
    std::vector<ClassCapacity> all;
    for (GrowthFuture& future : state.futures) {
      all.push_back(class_capacity(state.context, future, state.steps, window.of_class));
      loads.emplace_back(load_of(all.back()), loads.size());
    }
    std::sort(loads.begin(), loads.end());
    const std::uint64_t rank = nearest_rank(window.quantile, loads.size());
    state.windows[w].at = std::move(all[loads[rank - 1].second]);
  }
}

WindowRuns run_growth_windows(World& world, std::uint64_t events, SimulationMonitor* monitor) {
  WindowRuns out;
  for (const auto& state : world.growth) {
    const GrowthPlanSpec& plan = state->context.spec;
    WindowMonitor watch(monitor, SimTime{} + Duration{plan.step.ns * plan.steps()});
    watch.before = events + out.events;
    for (std::size_t w = 0; w < state->windows.size() && out.complete; ++w) {
      if (state->windows[w].at) run_window(world, *state, w, watch, out);
    }
  }
  return out;
}

void read_growth_windows(const GrowthState& state, std::vector<MetricValue>& values) {
  for (std::size_t w = 0; w < state.windows.size(); ++w) read_window(state, w, values);
}

}  // namespace hyperdc
