#include "scenario/resolve_storage_growth.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/weibull.hpp"
#include "scenario/resolve_storage.hpp"

namespace hyperdc {
namespace {

/// Copysets are few sets of drives, drawn once: what grows beyond them would be on others.
bool on_copysets(Resolution& r, const View& at, const StorageSpec& spec) {
  if (spec.placement != StoragePlacement::copysets) return false;
  r.error("E034", at, "copysets are drawn once, for the drives and groups of the beginning",
          R"(another "placement", or remove this)");
  return true;
}

/// Of each drive by its own time, which begins when it joins.
template <class OfDrive>
double sum_over_drives(const StorageSpec& spec, double from_s, double to_s, const OfDrive& each) {
  double sum = spec.drives * each(from_s, to_s);
  for (const StorageJoin& join : spec.joins) {
    const double at_s = to_seconds(join.at);
    if (to_s > at_s) sum += join.drives * each(std::max(from_s - at_s, 0.0), to_s - at_s);
  }
  return sum;
}

}  // namespace

double StorageSpec::drive_seconds(double from_s, double to_s) const {
  return sum_over_drives(*this, from_s, to_s, [](double from, double to) { return to - from; });
}

double StorageSpec::drive_charge(double from_s, double to_s) const {
  return sum_over_drives(*this, from_s, to_s,
                         [&](double from, double to) { return drive_price->charge(from, to); });
}

double StorageSpec::drive_upkeep(double from_s, double to_s) const {
  return sum_over_drives(*this, from_s, to_s,
                         [&](double from, double to) { return drive_price->upkeep(from, to); });
}

std::vector<JoiningRacks> read_expansion(Resolution& r, const View& system, StorageSpec& spec) {
  std::vector<JoiningRacks> joining;
  std::vector<std::uint32_t> seen;
  const bool named = system["racks"].json() != nullptr;
  for (const auto& [_, step, span] : system["expansion"].each()) {
    JoiningRacks& join = joining.emplace_back();
    join.at = step["at"].duration();
    if (!step["racks"]) continue;
    for (const std::uint32_t rack : racks_of_storage(r, step, step["racks"], spec.region)) {
      const bool first = named && std::ranges::find(spec.racks, rack) != spec.racks.end();
      if (first || std::ranges::find(seen, rack) != seen.end()) {
        r.error(
            "E034", step["racks"],
            fmt::format("rack group \"{}\" is in the system before", r.scenario.racks[rack].name),
            "racks that join once");
        continue;
      }
      seen.push_back(rack);
      join.racks.push_back(rack);
      std::erase(spec.racks, rack);
    }
  }
  if (spec.racks.empty() && !seen.empty()) {
    r.error("E034", system["expansion"], "all racks of the region join later",
            "leave some for the beginning");
  }
  std::ranges::stable_sort(joining, {}, &JoiningRacks::at);
  return joining;
}

void add_joins(Resolution& r, const View& system, const std::vector<JoiningRacks>& joining,
               StorageSpec& spec) {
  const View expansion = system["expansion"];
  if (joining.empty() || on_copysets(r, expansion, spec)) return;
  double drives = spec.drives;
  for (const JoiningRacks& join : joining) {
    double more = 0;
    for (const std::uint32_t rack : join.racks) {
      if (!r.rack_known[rack]) return;
      more += static_cast<double>(servers_in(r.scenario.racks[rack])) * spec.drives_per_server;
      spec.racks.push_back(rack);
    }
    spec.joins.push_back(
        {join.at, static_cast<std::uint32_t>(drives), static_cast<std::uint32_t>(more)});
    drives += more;
    if (drives <= kMostDrives) continue;
    r.error("E035", expansion, fmt::format("{} drives in one system", drives),
            fmt::format("at most {}", kMostDrives));
    return;
  }
}

void read_growth(Resolution& r, const View& system, StorageSpec& spec) {
  if (system["used"].number() > spec.full_ratio) {
    r.error("E034", system["full_ratio"], "less than what is \"used\" from the beginning",
            "at least that");
  }
  const View growth = system["growth"];
  if (!growth || on_copysets(r, growth, spec)) return;
  StorageGrowth out;
  out.data_Bps = growth["rate"].number();
  if (out.data_Bps <= 0) return;  // reported
  const double n = spec.code.fragments();
  const View open = growth["open"];
  const double groups = static_cast<double>(spec.groups);
  const double at_once =
      open ? open.number() : std::min(groups, std::max(1.0, std::round(spec.drives / n)));
  if (at_once > groups) {
    r.error("E034", open, fmt::format("of {} groups in all", groups), "at most that");
    return;
  }
  out.open = static_cast<std::uint32_t>(at_once);
  const double group_B = static_cast<double>(spec.fragment_bytes) * spec.code.data();
  const double takes_s = group_B * at_once / out.data_Bps;
  if (takes_s > kLongestRepair_s) {
    r.error("E034", growth["rate"],
            fmt::format("{} groups at a time take {} years to fill", at_once,
                        std::round(takes_s / kSecondsOfYear)),
            R"(at most 30 years: a higher "rate", or fewer "open")");
    return;
  }
  const double duration_s = r.spec["duration"].number();
  const double most = (groups + out.data_Bps * duration_s / group_B) * n;
  if (most > kMostFragments) {
    r.error("E035", growth["rate"], fmt::format("{:.3g} fragments at the end", most),
            fmt::format("at most {}: a lower \"rate\", or larger fragments by fewer \"groups\"",
                        kMostFragments));
    return;
  }
  spec.growth = out;
}

void read_rebalance(Resolution& r, const View& system, StorageSpec& spec) {
  const View rebalance = system["rebalance"];
  if (!rebalance || on_copysets(r, rebalance, spec)) return;
  StorageRebalance out;
  out.streams = std::max(1U, static_cast<std::uint32_t>(rebalance["streams"].number()));
  const View rate = rebalance["rate"];
  out.rate_Bps = rate ? rate.number() : spec.repair.rate_Bps;
  out.tolerance = rebalance["tolerance"].number();
  if (out.streams > spec.repair.streams) {
    r.error("E034", rebalance["streams"],
            fmt::format("of {} that a drive has for repairs and moves", spec.repair.streams),
            R"(more "streams" of "repair")");
  }
  if (rate && out.rate_Bps * out.streams > spec.drive_Bps) {
    r.error("E034", rate,
            fmt::format("{} of them are more than the drive reads or writes", out.streams),
            "at most its \"bandwidth\" over \"streams\"");
  }
  spec.rebalance = out;
}

void read_durability(Resolution& r, const View& system, StorageSpec& spec) {
  const View durability = system["durability"];
  if (!durability) return;
  StorageDurability out;
  if (const auto* weibull = std::get_if<Weibull>(&spec.time_to_failure)) {
    out.life_shape = weibull_shape(weibull->cv);
  } else if (!std::holds_alternative<Exponential>(spec.time_to_failure)) {
    r.error("E034", system["time_to_failure"],
            "losses are simulated for lives that are exponential or Weibull",
            R"(one of these, or remove "durability")");
  }
  out.replications = static_cast<std::uint32_t>(durability["replications"].number());
  out.effort = static_cast<std::uint32_t>(durability["effort"].number());
  if (const View burst = durability["burst"]) {
    out.burst = {burst["servers"].number(), static_cast<std::uint32_t>(burst["trials"].number())};
  }
  spec.durability = out;
}

void check_durability(Resolution& r, const View& system, const StorageSpec& spec) {
  if (!spec.durability || r.problems.failed()) return;
  const double repair_s = spec.repair_s();
  // The simulation goes from one moment with all fragments to the next.
  if (spec.code.fragments() * repair_s <= Distribution(spec.time_to_failure).mean()) return;
  r.error("E034", system["durability"],
          fmt::format("a repair takes {}: of {} fragments one is nearly always missing",
                      format_for_people(repair_s, Dimension::time), spec.code.fragments()),
          R"(a shorter "detect", a higher "rate" of "repair", or remove it)");
}

}  // namespace hyperdc
