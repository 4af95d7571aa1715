#include "scenario/resolve_platforms.hpp"

#include <array>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

#include "scenario/resolve_jobs.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 6> kPlatformFacts = {
    "provision", "pull_rate", "stage_rate", "upload_rate", "billing", "keep_alive"};

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
  return std::make_shared<const PlatformSpec>(std::move(out));
}

}  // namespace hyperdc
