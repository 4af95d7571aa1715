#include "scenario/growth_windows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace hyperdc {
namespace {

template <class T>
std::vector<std::string> names_of(const std::vector<T>& all) {
  std::vector<std::string> names;
  for (const T& one : all) names.push_back(one.name);
  return names;
}

/// What keeps a service from having as many replicas, and as much demand, as a plan says.
std::string not_of_a_plan(const ServiceWorkload& service) {
  const bool any_demand = std::any_of(service.origins.begin(), service.origins.end(),
                                      [](const OriginSpec& origin) { return origin.demand; });
  if (service.fidelity != Fidelity::exact) return "is fluid, and a window is exact";
  if (service.autoscaler.policy != "none") return "has an autoscaler, and the plan says how many";
  if (service.deployments.size() > 1) return "has several pools";
  if (!service.calls.empty() || (service.inference && service.inference->handoff)) {
    return "calls another service, whose replicas the plan does not count";
  }
  if (service.instance.each.accelerators < 1) return "has no accelerators in a replica";
  if (!any_demand) return "has no demand of its own that the plan could scale";
  return "";
}

void resolve_window_services(Resolution& r, const View& map, const GrowthPlanSpec& plan,
                             GrowthWindow& out) {
  const std::vector<std::string> generations = names_of(plan.generations);
  for (const auto& [name, at, _] : map.each()) {
    const auto found = std::find(generations.begin(), generations.end(), name);
    if (found == generations.end()) {
      r.error("E030", at, fmt::format("there is no generation \"{}\" in the plan", name));
      continue;
    }
    const auto service = service_named(r, at, "service");
    if (!service) continue;
    const std::string why = not_of_a_plan(r.scenario.services[*service]);
    if (!why.empty()) r.error("E034", at, fmt::format("\"{}\" {}", at.text(), why));
    for (const WindowService& other : out.services) {
      if (other.service != *service) continue;
      r.error("E034", at, "two generations run the same service", "write one for each");
    }
    out.services.push_back({static_cast<std::uint32_t>(found - generations.begin()), *service});
  }
  std::sort(out.services.begin(), out.services.end(),
            [](const auto& a, const auto& b) { return a.generation < b.generation; });
}

}  // namespace

bool has_windows(const Resolution& r) {
  for (const auto& [name, plan, _] : r.spec["growth"].each()) {
    if (!plan["windows"].each().empty()) return true;
  }
  return false;
}

void resolve_windows(Resolution& r, const View& windows, GrowthPlanSpec& plan) {
  const std::vector<std::string> classes = names_of(plan.classes);
  for (const auto& [name, at, _] : windows.each()) {
    GrowthWindow& out = plan.windows.emplace_back();
    out.name = name;
    out.step = static_cast<std::uint32_t>(at["at"].duration().ns / plan.step.ns);
    out.quantile = at["quantile"].number();
    out.units = at["units"].number();
    if (at["at"] && out.step >= plan.steps()) {
      r.error("E034", at["at"], fmt::format("the plan ends after {} years", plan.years));
    }
    const auto found = std::find(classes.begin(), classes.end(), at["class"].text());
    out.of_class = static_cast<std::uint32_t>(found - classes.begin());
    if (at["class"] && found == classes.end()) r.unknown(at["class"], "class", classes);
    resolve_window_services(r, at["services"], plan, out);
  }
}

void check_windows_alone(Resolution& r) {
  if (!has_windows(r)) return;
  for (const char* other : {"market", "buyers", "ownership"}) {
    if (r.spec[other].json() == nullptr) continue;
    r.error("E034", r.spec[other], "the duration of this file is that of windows of a growth plan",
            "put it into a file of its own");
  }
}

void set_windows_apart(Scenario& scenario) {
  const bool any = std::any_of(scenario.growth.begin(), scenario.growth.end(),
                               [](const auto& plan) { return !plan->windows.empty(); });
  if (!any) return;
  auto fleet = std::make_shared<Scenario>(std::move(scenario));
  scenario = Scenario{};
  scenario.name = fleet->name;
  scenario.description = fleet->description;
  scenario.provider = fleet->provider;
  scenario.seed = fleet->seed;
  scenario.step = std::exchange(fleet->step, std::nullopt);
  scenario.complexity = std::exchange(fleet->complexity, false);
  scenario.objectives = std::exchange(fleet->objectives, {});
  scenario.assumptions = std::exchange(fleet->assumptions, {});
  scenario.files = std::exchange(fleet->files, {});
  scenario.resolved_json = std::exchange(fleet->resolved_json, {});
  scenario.sha256 = std::exchange(fleet->sha256, {});
  for (const auto& plan : std::exchange(fleet->growth, {})) {
    auto copy = std::make_shared<GrowthPlanSpec>(*plan);
    copy->fleet = fleet;
    scenario.growth.push_back(std::move(copy));
  }
}

}  // namespace hyperdc
