#include "scenario/resolve_rack_plans.hpp"

#include "core/text.hpp"
#include "model/power/rack_confidence.hpp"

namespace hyperdc {

std::optional<RackPlan> rack_plan_of(Resolution& r, const View& plan, const View& capping,
                                     const TripCurve& curve) {
  if (!plan) return std::nullopt;
  constexpr double kYear = 365 * 86400.0;
  RackPlan out;
  out.probability = plan["trips_per_year"].number();
  out.peak_w = plan["peak"].number();
  out.swing_w = plan["swing"].number();
  out.rack.slots = {{plan["mean"].number(), plan["deviation"].number(), kYear}};
  out.rack.correlation = plan["correlation"].number();
  out.rack.noise_time_s = plan["alike_for"].number();
  if (const View measured = plan["measured"]; measured["samples"] && measured["confidence"]) {
    out.rack = at_confidence(std::move(out.rack), measured["samples"].number(),
                             measured["confidence"].number());
  }
  if (plan["mean"] && plan["peak"] && out.peak_w < plan["mean"].number()) {
    r.error("E034", plan["peak"], "the peak of a rack is below its mean");
  }
  if (const View capped = plan["capped"]) {
    out.caps = RackCaps{capped["least"].number(), capped["shaved"].number()};
    if (!capping) r.error("E033", capped, "nothing caps these racks", "add \"capping\"");
    if (plan["mean"] && out.caps->least_w > plan["mean"].number()) {
      r.error("E034", capped["least"], "a rack under its tightest cap draws more than on average");
    }
  }
  if (curve.empty()) {
    r.error("E033", plan, "the device never trips, so any number of racks would do",
            "add \"trip\" to the device");
  } else if (plan["alike_for"] && !curve.ratio_within(out.rack.noise_time_s)) {
    r.error("E034", plan["alike_for"], "no overload trips the device in so short a time",
            "take the time after which the curve trips, or longer");
  }
  return out;
}

std::optional<RackPlan> group_plan_of(Resolution& r, const View& group, const View& facility,
                                      const std::vector<DeviceId>& members,
                                      const std::vector<FacilityDevice>& devices) {
  const View plan = group["oversubscription"];
  if (!plan || members.empty()) return std::nullopt;
  const FacilityDevice& first = devices[members.front().value];
  if (!first.power.capacity_w) {
    r.error("E033", plan, "its devices have no capacity", "add \"capacity\" to them");
  }
  for (const DeviceId member : members) {
    const FacilityDevice& device = devices[member.value];
    const View view = facility["devices"][device.power.name];
    if (!(device.power.curve == first.power.curve)) {
      r.error("E034", view, "devices of a group with a plan of racks need the same trip curve");
    }
    if (device.faults.time_to_failure && !device.faults.repair) {
      r.error("E033", view["time_to_failure"],
              "a lineup that is never repaired has no share of time in which it is lost",
              "add \"repair\"");
    }
  }
  return rack_plan_of(r, plan, facility["capping"], first.power.curve);
}

}  // namespace hyperdc
