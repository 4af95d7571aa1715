// The facility of a region: devices, feeds, redundancy groups, cooling, caps, losses and weather.
#include "scenario/resolve_power.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_rack_plans.hpp"

namespace hyperdc {
namespace {

/// The short end of the ranges in "Understanding UPS overload capabilities in data centers"
/// (studylib.net/doc/18189699): 103 % 10 min, 125 % 30 s to 10 min, 150 % 10 to 60 s, 200 % 10 to
/// 20 cycles. Flex (ISCA'21) designs for about 10 s at 133 %, in its text as remembered.
constexpr std::array<TripPoint, 4> kUpsCurve{{{1.03, 600}, {1.25, 30}, {1.5, 10}, {2.0, 0.2}}};
/// Row breakers as remembered from Wu et al., "Dynamo", ISCA'16, figure 3: 10 % over for about 17
/// minutes, 40 % for about 60 s; drawn on to 200 %.
constexpr std::array<TripPoint, 3> kBreakerCurve{{{1.1, 1020}, {1.4, 60}, {2.0, 1}}};

struct Facility {
  Resolution& r;
  View view;    // regions.X.facility
  View region;  // regions.X
  FacilitySpec& out;
  std::vector<std::string> devices = {};  // names, by DeviceId
  bool feeds_known = true;
};

void assume(Facility& f, const View& at, std::string text) {
  f.r.scenario.assumptions.push_back({at.path(), std::move(text)});
}

std::vector<DeviceId> feeds_of(Facility& f, const View& list) {
  std::vector<DeviceId> feeds;
  std::set<std::string> seen;
  for (const auto& [_, feed, span] : list.each()) {
    if (!feed) continue;
    const auto known = std::find(f.devices.begin(), f.devices.end(), feed.text());
    if (known == f.devices.end()) {
      f.r.unknown(feed, "power device of this region", f.devices);
      f.feeds_known = false;
    } else if (!seen.insert(feed.text()).second) {
      f.r.error("E034", feed, hyperdc::quoted(feed.text()) + " is listed twice");
    } else {
      feeds.push_back(DeviceId{static_cast<std::uint32_t>(known - f.devices.begin())});
    }
  }
  return feeds;
}

DeviceFaults faults_of(Facility& f, const View& device) {
  DeviceFaults faults;
  Duration last{-1};
  for (const auto& [_, outage, span] : device["outages"].each()) {
    if (!outage) continue;
    const DeviceFaults::Outage one{
        outage["at"].duration(),
        outage["lasts"] ? std::optional(outage["lasts"].duration()) : std::nullopt};
    if (!faults.planned.empty() && (!faults.planned.back().lasts || one.at <= last)) {
      f.r.error("E034", outage, "outages must follow each other without overlap");
    }
    last = one.at + one.lasts.value_or(Duration{});
    faults.planned.push_back(one);
  }
  if (const View v = device["time_to_failure"]) {
    faults.time_to_failure = distribution_of(f.r, v);
    if (!f.r.spec["duration"]) f.r.error("E033", v, "failures go on for ever", "add \"duration\"");
  }
  if (const View v = device["repair"]) faults.repair = distribution_of(f.r, v);
  return faults;
}

TripCurve curve_of(Facility& f, const View& device) {
  const std::string kind = device["kind"].text();
  const double cooling_s = device["cool_down"].number();
  std::vector<TripPoint> points;
  if (device["trip"]) {
    for (const auto& [_, point, span] : device["trip"].each()) {
      if (!point || !point["load"] || !point["time"]) return {};
      const TripPoint next{point["load"].number(), point["time"].number()};
      if (!points.empty() &&
          (next.ratio <= points.back().ratio || next.seconds > points.back().seconds)) {
        f.r.error("E034", point, "loads must rise from point to point and times must not");
        return {};
      }
      points.push_back(next);
    }
  } else if (kind == "ups") {
    points.assign(kUpsCurve.begin(), kUpsCurve.end());
    assume(f, device, "trip curve: the short end of usual UPS overload ratings");
  } else if (kind == "pdu") {
    points.assign(kBreakerCurve.begin(), kBreakerCurve.end());
    assume(f, device, "trip curve of a row breaker, as remembered from Dynamo (ISCA'16)");
  }
  if (points.empty() || cooling_s <= 0) return {};
  return TripCurve(std::move(points), cooling_s);
}

void resolve_device(Facility& f, const std::string& name, const View& device) {
  FacilityDevice out;
  out.power.name = name;
  if (const View v = device["capacity"]) out.power.capacity_w = v.number();
  out.power.feeds = feeds_of(f, device["feeds"]);
  if (device["supply"].text() == "shared") out.power.supply = Supply::shared;
  out.power.transfer = device["transfer"].duration();
  if (const View v = device["start"]) out.power.starts = v.duration();
  if (const View battery = device["battery"]) {
    out.power.battery_j = battery["energy"].number();
    out.power.recharge_w = battery["recharge"].number();
  }
  out.power.curve = curve_of(f, device);
  out.plan = rack_plan_of(f.r, device["oversubscription"], f.view["capping"], out.power.curve);
  out.faults = faults_of(f, device);
  f.out.devices.push_back(std::move(out));
}

/// "N+1", "2N", "4N3" for `members` devices: how many carry the load; 0 if it does not fit.
std::uint32_t needed_of(std::string_view scheme, std::uint32_t members) {
  const auto digit = [](char c) { return c >= '1' && c <= '9'; };
  const auto value = [](char c) { return static_cast<std::uint32_t>(c - '0'); };
  if (scheme.size() == 3 && scheme.substr(0, 2) == "N+" && digit(scheme[2])) {
    return value(scheme[2]) < members ? members - value(scheme[2]) : 0;
  }
  if (scheme == "2N") return members % 2 == 0 ? members / 2 : 0;
  if (scheme.size() == 3 && scheme[1] == 'N' && digit(scheme[0]) && digit(scheme[2])) {
    const bool fits = value(scheme[0]) == members && value(scheme[2]) < members;
    return fits ? value(scheme[2]) : 0;
  }
  return 0;
}

void resolve_groups(Facility& f) {
  for (const auto& [name, group, span] : f.view["groups"].each()) {
    if (!group) continue;
    RedundancyGroup out{name, feeds_of(f, group["devices"]), 0, {}};
    const auto members = static_cast<std::uint32_t>(out.members.size());
    out.needed = needed_of(group["scheme"].text(), members);
    if (out.needed == 0 && group["scheme"]) {
      f.r.error(
          "E034", group["scheme"],
          fmt::format("{} devices cannot be {}", members, hyperdc::quoted(group["scheme"].text())),
          "write N+1, N+2, 2N, or 4N3 for four devices of which three are needed");
    }
    for (const DeviceId member : out.members) {
      const auto& capacity = f.out.devices[member.value].power.capacity_w;
      if (!capacity || capacity != f.out.devices[out.members.front().value].power.capacity_w) {
        f.r.error("E034", group["devices"], "members of a group need equal capacities");
        break;
      }
    }
    out.plan = group_plan_of(f.r, group, f.view, out.members, f.out.devices);
    f.out.groups.push_back(std::move(out));
  }
}

void resolve_cooling(Facility& f) {
  for (const auto& [name, zone, span] : f.view["cooling"].each()) {
    CoolingSpec out;
    out.name = name;
    double capacity_w = 0;
    for (const auto& [unit_name, unit, _] : zone["units"].each()) {
      if (!unit) continue;
      out.units.push_back(
          {unit_name, unit["capacity"].number(), feeds_of(f, unit["feeds"]), faults_of(f, unit)});
      capacity_w += unit["capacity"].number();
    }
    out.zone = {zone["setpoint"].number(), zone["throttle"].number(), zone["shutdown"].number(),
                zone["time_per_kelvin"].number() * capacity_w, std::nullopt};
    if (const View v = zone["time_constant"]) out.zone.time_constant_s = v.number();
    const CoolingZoneSpec& z = out.zone;
    if (zone && !(z.setpoint_c < z.throttle_c && z.throttle_c < z.shutdown_c)) {
      f.r.error("E034", zone, "set point, throttle and shutdown must rise in this order");
    }
    assume(f, zone, "temperatures and warming that are not written rest on no citable source");
    f.out.cooling.push_back(std::move(out));
  }
}

void resolve_rack_supply(Facility& f) {
  std::vector<std::string> zones;
  for (const CoolingSpec& zone : f.out.cooling) zones.push_back(zone.name);
  std::uint32_t rack = 0;
  const std::string prefix = f.r.scenario.regions.back().name + ".";
  for (const auto& [name, group, span] : f.region["racks"].each()) {
    while (rack < f.r.scenario.racks.size() && f.r.scenario.racks[rack].name != prefix + name) {
      ++rack;
    }
    if (rack == f.r.scenario.racks.size()) return;  // too many rack groups
    const View feeds = group["feeds"];
    RackSupply out{rack, feeds_of(f, feeds), Supply::shared, 0};
    if (group["supply"].text() == "first") out.supply = Supply::first;
    out.priority = static_cast<std::int32_t>(f.view["capping"]["priority"][name].integer());
    if (!feeds && !f.devices.empty()) {
      f.r.error("E080", group, "the facility has power devices and these racks have no feeds",
                "add \"feeds\": [...], one of " + list_of(f.devices));
    }
    f.out.racks.push_back(std::move(out));
    const View zone = group["cooling"];
    if (!zone) continue;
    const auto known = std::find(zones.begin(), zones.end(), zone.text());
    if (known == zones.end()) {
      f.r.unknown(zone, "cooling zone of this region", zones);
    } else {
      f.out.cooling[static_cast<std::size_t>(known - zones.begin())].racks.push_back(rack);
    }
  }
}

void resolve_capping(Facility& f) {
  const View throttle = f.view["throttling"];
  f.out.throttle = {throttle["exponent"].number(), throttle["least_clock"].number(),
                    throttle["clock_bound"].number()};
  const View capping = f.view["capping"];
  if (!capping) return;
  const CapSettings settings{capping["every"].duration(),   capping["delay"].duration(),
                             capping["actuate"].duration(), capping["above"].number(),
                             capping["target"].number(),    capping["noise"].number(),
                             capping["lost"].number()};
  if (settings.target > settings.above) {
    f.r.error("E034", capping, "target is above \"above\"");
  }
  if (f.devices.empty()) {
    f.r.error("E016", capping, "caps need power devices", "add \"devices\"");
  }
  std::vector<std::string> racks;
  for (const auto& rack : f.region["racks"].each()) racks.push_back(rack.key);
  for (const auto& [name, value, span] : capping["priority"].each()) {
    if (std::find(racks.begin(), racks.end(), name) == racks.end()) {
      f.r.error("E030", value,
                "there is no rack group called " + hyperdc::quoted(name) + " in this region",
                name_hint(name, racks));
    }
  }
  if (!f.r.spec["duration"]) {
    f.r.error("E033", capping, "measurements go on for ever", "add \"duration\"");
  }
  assume(f, throttle, "power against clock, where it is not written, rests on no citable source");
  f.out.capping = settings;
  f.out.capping_faults = faults_of(f, capping);
}

/// Those that are fed, directly or not, by themselves.
bool has_cycle(const FacilitySpec& spec, std::vector<bool>& on_cycle) {
  const std::size_t n = spec.devices.size();
  std::vector<std::vector<bool>> above(n, std::vector<bool>(n, false));
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::uint32_t> open{static_cast<std::uint32_t>(i)};
    while (!open.empty()) {
      const std::uint32_t at = open.back();
      open.pop_back();
      for (const DeviceId feed : spec.devices[at].power.feeds) {
        if (above[i][feed.value]) continue;
        above[i][feed.value] = true;
        open.push_back(feed.value);
      }
    }
  }
  on_cycle.assign(n, false);
  for (std::size_t i = 0; i < n; ++i) on_cycle[i] = above[i][i];
  return std::find(on_cycle.begin(), on_cycle.end(), true) != on_cycle.end();
}

/// What a rack group draws at most; nothing where that is not known.
std::optional<double> full_power_w(const Scenario& scenario, const RackGroup& rack) {
  double watts = 0;
  for (const RackGroup::Run& run : rack.servers) {
    const ServerType& type = scenario.server_types[run.type];
    if (!type.host_power) return std::nullopt;
    double each = type.host_power->full_w + type.drive_w + type.nic_w;
    if (type.accelerator && type.shape.accelerators > 0) {
      const auto& power = scenario.accelerators[*type.accelerator].power;
      if (!power) return std::nullopt;
      each += type.shape.accelerators * power->full_w;
    }
    watts += each * run.count;
  }
  return watts;
}

/// With every device in order and every server at full power, is any device overloaded?
void check_capacities(Facility& f) {
  std::vector<PowerDeviceSpec> devices;
  for (const FacilityDevice& device : f.out.devices) devices.push_back(device.power);
  std::vector<PowerLoadSpec> loads;
  for (const RackSupply& rack : f.out.racks) loads.push_back({rack.feeds, rack.supply});
  PowerTree tree(std::move(devices), std::move(loads));
  for (std::uint32_t i = 0; i < f.out.racks.size(); ++i) {
    const std::uint32_t rack = f.out.racks[i].rack;
    const auto watts = full_power_w(f.r.scenario, f.r.scenario.racks[rack]);
    if (!f.r.rack_known[rack] || !watts) return;
    tree.set_load_w(LoadId{i}, *watts);
  }
  tree.settle();
  for (std::uint32_t i = 0; i < f.devices.size(); ++i) {
    const double share = tree.share(DeviceId{i});
    if (share <= 1) continue;
    const std::string_view remark = f.out.capping ? "caps will act" : "nothing caps them";
    f.r.warning(
        "E082", f.view["devices"][f.devices[i]],
        fmt::format("the racks below may draw {:.0f} % of its capacity; {}", 100 * share, remark));
  }
}

/// Trips, caps and heat rest on the power of every rack.
void check_power_known(Facility& f) {
  if (f.devices.empty() && f.out.cooling.empty()) return;
  for (const RackSupply& rack : f.out.racks) {
    const RackGroup& group = f.r.scenario.racks[rack.rack];
    if (!f.r.rack_known[rack.rack] || full_power_w(f.r.scenario, group)) continue;
    const std::string name = group.name.substr(group.name.find('.') + 1);
    f.r.error("E083", f.region["racks"][name],
              "its power is not known and the facility has power devices or cooling",
              "give its servers a power, or leave out the devices");
  }
}

void check_feeds(Facility& f) {
  std::vector<bool> on_cycle;
  if (has_cycle(f.out, on_cycle)) {
    for (std::size_t i = 0; i < on_cycle.size(); ++i) {
      if (!on_cycle[i]) continue;
      f.r.error("E081", f.view["devices"][f.devices[i]]["feeds"],
                hyperdc::quoted(f.devices[i]) + " feeds itself");
    }
    return;
  }
  const bool all_fed = std::none_of(f.out.racks.begin(), f.out.racks.end(),
                                    [](const RackSupply& rack) { return rack.feeds.empty(); });
  if (f.feeds_known && all_fed && !f.devices.empty()) check_capacities(f);
}

std::optional<Weather> weather_of(Resolution& r, const View& weather) {
  if (!weather) return std::nullopt;
  if (const View wave = weather["wave"]) {
    return Weather(Weather::Wave{wave["mean"].number(), wave["yearly"].number(),
                                 wave["daily"].number(), wave["warmest"].number()});
  }
  std::vector<WeatherPoint> points;
  for (const auto& [_, point, span] : weather["points"].each()) {
    if (!point || !point["time"]) return std::nullopt;
    const WeatherPoint next{point["time"].number(), point["celsius"].number()};
    if (!points.empty() && next.time_s <= points.back().time_s) {
      r.error("E034", point, "times must rise from point to point");
      return std::nullopt;
    }
    points.push_back(next);
  }
  return Weather(std::move(points));
}

}  // namespace

void resolve_pue(Resolution& r, const View& facility, Region& out) {
  const View losses = facility["pue"]["losses"];
  const View weather = facility["weather"];
  if (!losses) {
    out.pue = facility["pue"].number();
    if (weather) {
      r.error("E016", weather, "a constant PUE does not depend on the weather",
              "write \"pue\": {\"losses\": {...}} with \"per_kelvin\"");
    }
    return;
  }
  PueSpec spec;
  spec.model = {losses["fixed"].number(),      losses["proportional"].number(),
                losses["square"].number(),     losses["design"].number(),
                losses["per_kelvin"].number(), losses["free_below"].number()};
  spec.weather = weather_of(r, weather);
  if (spec.model.per_kelvin > 0 && !weather) {
    r.error("E034", losses["per_kelvin"], "there is no weather to depend on", "add \"weather\"");
  }
  if (spec.model.per_kelvin == 0 && weather && facility["water"]["per_kelvin"].number() == 0) {
    r.error("E016", weather, "nothing depends on the weather", "add \"per_kelvin\" to the losses");
  }
  out.pue = 1;
  out.losses = std::move(spec);
}

void resolve_facility(Resolution& r, const View& region) {
  const View view = region["facility"];
  FacilitySpec spec;
  Facility f{r, view, region, spec};
  for (const auto& device : view["devices"].each()) f.devices.push_back(device.key);
  for (const auto& [name, device, _] : view["devices"].each()) resolve_device(f, name, device);
  resolve_groups(f);
  resolve_cooling(f);
  resolve_rack_supply(f);
  resolve_capping(f);
  check_power_known(f);
  check_feeds(f);
  if (f.devices.empty() && spec.cooling.empty()) return;
  r.scenario.regions.back().plant = std::move(spec);
}

}  // namespace hyperdc
