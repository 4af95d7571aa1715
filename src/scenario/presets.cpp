#include "scenario/presets.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "core/text.hpp"
#include "scenario/hints.hpp"
#include "scenario/merge.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 1> kAutoscaling = {"autoscaling"};

bool is_preset(const Json& policy) {
  return policy.is(Json::Kind::text) && policy.text == "preset";
}

/// What the platform scales by; null and a problem if it has nothing.
const Json* autoscaling_of(const std::string& at, const Json& name, Catalog& catalog,
                           Problems& problems) {
  const Json* file = catalog.find(kPlatforms, name.text);
  if (file == nullptr && !catalog.file(kPlatforms, name.text).empty()) return nullptr;  // reported
  const Json* found = file == nullptr ? nullptr : file->find("autoscaling");
  if (found != nullptr) return found;
  std::vector<std::string> known;
  for (const std::string& other : catalog.names(kPlatforms)) {
    const Json* entry = catalog.find(kPlatforms, other);
    if (entry != nullptr && entry->find("autoscaling") != nullptr) known.push_back(other);
  }
  problems.error("E030", at + ".preset",
                 fmt::format("there is no preset called {}", quoted(name.text, 100)),
                 name_hint(name.text, known), name.span);
  return nullptr;
}

/// The autoscaler in full; false, and nothing changed: there is a problem.
bool expand(Json& autoscaler, const std::string& at, const Type* type, Catalog& catalog,
            Problems& problems) {
  const Json* name = autoscaler.find("preset");
  if (name == nullptr || !name->is(Json::Kind::text)) return false;  // the description says it
  const Json* autoscaling = autoscaling_of(at, *name, catalog, problems);
  if (autoscaling == nullptr) return false;
  const Json* changes = autoscaler.find("changes");
  const bool changed = changes != nullptr && changes->is(Json::Kind::object);
  if (changed && changes->find("policy") != nullptr) {
    problems.error("E034", at + ".changes.policy", "another policy is no preset",
                   "write it instead of the preset", changes->find("policy")->span);
    return false;
  }
  Json out = *autoscaling->find("autoscaler");
  if (is_preset(*out.find("policy"))) {
    problems.error("E034", at + ".preset", "the catalog names a preset as a preset",
                   "the file of a platform says its policy in full", name->span);
    return false;
  }
  bool whole = true;
  for (const Member& asked : autoscaling->find("asks")->members) {
    std::erase_if(out.members, [&](const Member& m) { return m.key == asked.value.text; });
    const Json* given = changed ? changes->find(asked.value.text) : nullptr;
    if (given != nullptr && !given->is(Json::Kind::null)) continue;
    problems.error("E011", fmt::format("{}.changes.{}", at, asked.value.text), "is missing",
                   fmt::format("{} has no default of it", quoted(name->text, 100)), name->span);
    whole = false;
  }
  if (!whole) return false;
  if (changed) merge(out, *changes, type);
  out.span = autoscaler.span;
  autoscaler = std::move(out);
  return true;
}

}  // namespace

std::vector<Preset> expand_presets(Json& raw, const Type& type, Catalog& catalog,
                                   Problems& problems) {
  std::vector<Preset> out;
  Json* workloads = raw.find("workloads");
  if (workloads == nullptr) return out;
  const Type* of_workloads = child_type(&type, &raw, "workloads");
  for (Member& workload : workloads->members) {
    Json* autoscaler = workload.value.find("autoscaler");
    const Json* policy = autoscaler == nullptr ? nullptr : autoscaler->find("policy");
    if (policy == nullptr || !is_preset(*policy)) continue;
    const Json* name = autoscaler->find("preset");
    const std::string platform = name == nullptr ? "" : name->text;
    const Type* of_one = child_type(of_workloads, workloads, workload.key);
    const Type* of_autoscaler = child_type(of_one, &workload.value, "autoscaler");
    const std::string at = fmt::format("workloads.{}.autoscaler", workload.key);
    if (expand(*autoscaler, at, of_autoscaler, catalog, problems)) {
      out.push_back({workload.key, platform});
    }
  }
  return out;
}

void note_presets(Resolution& r, const std::vector<Preset>& presets) {
  for (const Preset& preset : presets) {
    const View entry(r.catalog.find(kPlatforms, preset.platform),
                     fmt::format("{}.{}", kPlatforms, preset.platform));
    const View at = r.spec["workloads"][preset.workload]["autoscaler"];
    note_catalog_file(r, at, kPlatforms, {preset.platform, entry}, {});
    const std::string path = fmt::format("{}.{}", entry.path(), kAutoscaling[0]);
    const auto& known = r.scenario.assumptions;
    if (std::any_of(known.begin(), known.end(),
                    [&](const Assumption& a) { return a.path == path; })) {
      continue;
    }
    note_assumptions(r, kPlatforms, {preset.platform, entry}, kAutoscaling);
  }
}

}  // namespace hyperdc
