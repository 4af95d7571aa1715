#include "scenario/resolve_platforms.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 7> kPlatformFacts = {
    "provision", "pull_rate", "stage_rate", "upload_rate", "billing", "keep_alive", "over_quota"};
/// Of spot servers, by the key of a workload that overrides them.
constexpr std::array<std::string_view, 4> kSpotFacts = {"interruption", "away", "notice",
                                                        "discount"};

Duration time_of(const View& bytes, const View& rate) {
  return rate.number() > 0 ? seconds(bytes.number() / rate.number()) : Duration{};
}

Duration keep_alive_of(Resolution& r, const View& at, const View& entry) {
  const View asked = at["keep_alive"];
  const View most = entry["keep_alive"]["most"];
  if (!asked) return entry["keep_alive"]["default"].duration();
  if (!most && asked.number() > 0) {
    r.error("E034", asked, entry.path() + " gives servers back at once", "leave it out");
  } else if (most && asked.number() > most.number()) {
    r.error("E034", asked, entry.path() + " does not keep servers for so long",
            fmt::format("at most {}", format_for_people(most.number(), Dimension::time)));
  }
  return asked.duration();
}

std::optional<PlatformCheckpoints> checkpoints_of(Resolution& r, const View& at,
                                                  const View& entry) {
  const View asked = at["checkpoints"];
  if (!asked) return std::nullopt;
  PlatformCheckpoints out{time_of(asked["size"], entry["upload_rate"]), std::nullopt};
  const View every = asked["every"];
  if (every) out.every = every.duration();
  if (out.every && *out.every < out.upload) {
    r.error("E034", every, "one is not uploaded when the next is due",
            fmt::format("at least {}", format_for_people(to_seconds(out.upload), Dimension::time)));
  } else if (!out.every && !at["spot"]) {
    r.error("E034", asked, "without spot servers there is no notice in which to write one",
            R"("every": "10 min")");
  }
  return out;
}

/// Of what the workload does not say itself, once.
void note_spot_sources(Resolution& r, const View& asked, const View& entry) {
  for (const auto& [fact, source, _] : entry["sources"].each()) {
    const std::string path = fmt::format("{}.{}", entry.path(), fact);
    const auto& known = r.scenario.assumptions;
    const bool noted = std::any_of(known.begin(), known.end(),
                                   [&](const Assumption& a) { return a.path == path; });
    for (const std::string_view key : kSpotFacts) {
      if (!noted && !asked[key] && fact == fmt::format("spot.{}", key)) {
        note_source(r, source, path);
      }
    }
  }
}

std::optional<SpotSpec> spot_of(Resolution& r, const View& at, const View& entry) {
  const View asked = at["spot"], own = entry["spot"];
  if (!asked) return std::nullopt;
  if (!own) {
    r.error("E034", asked, entry.path() + " has no spot servers", "leave it out");
    return std::nullopt;
  }
  if (!asked["max_wait"] && r.spec["duration"].json() == nullptr) {
    r.error("E033", asked, "a job that is interrupted again and again may never end",
            R"(add "max_wait": "1 d" here, or "duration": "7 d" to the scenario)");
  }
  const auto either = [&](std::string_view key) { return asked[key] ? asked[key] : own[key]; };
  note_spot_sources(r, asked, entry);
  SpotSpec out;
  out.interruption_s = distribution_of(r, either("interruption"));
  out.away_s = distribution_of(r, either("away"));
  out.notice = either("notice").duration();
  out.discount = either("discount").number();
  if (asked["max_wait"]) out.max_wait = asked["max_wait"].duration();
  return out;
}

/// What phases before and after the run have no meaning for.
void check_jobs(Resolution& r, const View& workload) {
  const View at = workload["platform"];
  if (!workload["departures"].flag()) {
    r.error("E034", at, "jobs that never leave upload nothing", "\"departures\": true");
  }
  if (workload["communication"]) {
    r.error("E034", at, "\"communication\" begins when the servers are given, not with the run",
            "leave one of them out");
  }
  if (workload["trace"]["throughputs"]) {
    r.error("E034", at, "\"throughputs\" of a trace would change the time of all phases",
            "leave one of them out");
  }
}

}  // namespace

std::shared_ptr<const PlatformSpec> platform_of(Resolution& r, const View& workload) {
  const View at = workload["platform"];
  const View type = at["type"];
  if (!type) return nullptr;  // reported
  check_jobs(r, workload);
  const std::string name = type.text();
  const Json* found = r.catalog.find(kPlatforms, name);
  if (found == nullptr) {
    if (r.catalog.file(kPlatforms, name).empty()) {
      r.unknown(type, "platform", r.catalog.names(kPlatforms));
    }
    return nullptr;
  }
  const View entry(found, fmt::format("{}.{}", kPlatforms, name));
  note_catalog_file(r, type, kPlatforms, {name, entry}, kPlatformFacts);
  PlatformSpec out;
  out.type = name;
  out.provision_s = distribution_of(r, entry["provision"]);
  out.pull = time_of(at["image"], entry["pull_rate"]);
  out.stage = time_of(at["data"], entry["stage_rate"]);
  out.upload = time_of(at["upload"], entry["upload_rate"]);
  out.bills_provision = entry["billing"]["from"].text() == "provision";
  out.granularity = entry["billing"]["granularity"].duration();
  out.least = entry["billing"]["least"].duration();
  out.keep_alive = keep_alive_of(r, at, entry);
  out.checkpoints = checkpoints_of(r, at, entry);
  out.spot = spot_of(r, at, entry);
  for (const auto& [_, before, span] : at["after"].each()) out.after.push_back(before.text());
  if (const View quota = at["quota"]) {
    const View over = quota["over"] ? quota["over"] : entry["over_quota"];
    out.quota =
        QuotaSpec{static_cast<std::uint64_t>(quota["servers"].number()), over.text() == "refuse"};
  }
  return std::make_shared<const PlatformSpec>(std::move(out));
}

namespace {

/// `name` comes after `other`, directly or by way of steps that are not in `seen`.
bool comes_after(const Scenario& scenario, const std::string& name, const std::string& other,
                 std::vector<std::string>& seen) {
  if (std::find(seen.begin(), seen.end(), name) != seen.end()) return false;
  seen.push_back(name);
  for (const JobsWorkload& workload : scenario.workloads) {
    if (workload.name != name || workload.platform == nullptr) continue;
    for (const std::string& before : workload.platform->after) {
      if (before == other || comes_after(scenario, before, other, seen)) return true;
    }
  }
  return false;
}

/// As many jobs as the steps before it have, and when these say.
void check_jobs_of_step(Resolution& r, const View& workload) {
  if (const View arrivals = workload["arrivals"]) {
    r.error("E034", arrivals, "its jobs come when those before them are done", "leave it out");
  }
  if (const View trace = workload["trace"]) {
    r.error("E034", trace, "a step has a job for each of those before it", "write \"generate\"");
  }
  const View count = workload["generate"]["count"];
  if (count && count.number() > 0) {
    r.error("E034", count, "it has as many jobs as the steps before it", "leave it out");
  }
}

void check_step(Resolution& r, const std::string& name, const View& workload) {
  const View after = workload["platform"]["after"];
  check_jobs_of_step(r, workload);
  std::vector<std::string> known, seen, named;
  for (const JobsWorkload& other : r.scenario.workloads) {
    if (other.platform != nullptr && other.name != name) known.push_back(other.name);
  }
  for (const auto& [_, before, span] : after.each()) {
    if (!before) continue;
    if (std::find(known.begin(), known.end(), before.text()) == known.end()) {
      r.unknown(before, "other workload on a platform", known);
    } else if (std::find(named.begin(), named.end(), before.text()) != named.end()) {
      r.error("E034", before, "it is named twice");
    }
    named.push_back(before.text());
  }
  if (comes_after(r.scenario, name, name, seen)) {
    r.error("E034", after, "it comes after itself, by way of the steps before it");
  }
}

}  // namespace

void check_steps(Resolution& r) {
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (workload && workload["platform"]["after"]) check_step(r, std::string(name), workload);
  }
}

}  // namespace hyperdc
