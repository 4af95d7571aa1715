#include "scenario/growth_decisions.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"

namespace hyperdc {
namespace {

constexpr std::string_view kDecisions = "decisions";

void remove_decisions(Json& plan) {
  std::erase_if(plan.members, [](const Member& member) { return member.key == kDecisions; });
}

/// The plans that one plan adds; what is no map of objects is left to the description.
void expand_plan(const Json& growth, Member& plan, const Type* type, std::vector<Member>& added,
                 Problems& problems) {
  const Json* found = plan.value.find(kDecisions);
  if (found == nullptr || !found->is(Json::Kind::object)) return;
  const Json decisions = *found;
  remove_decisions(plan.value);
  for (const Member& one : decisions.members) {
    const std::string at = fmt::format("growth.{}.decisions.{}", plan.key, one.key);
    if (one.value.is(Json::Kind::null)) continue;
    if (!one.value.is(Json::Kind::object)) {
      problems.error("E010", at,
                     fmt::format("{} where an object is needed", kind_name(one.value.kind)),
                     "write what this plan changes: {…}", one.value.span);
      continue;
    }
    if (one.value.find(kDecisions) != nullptr) {
      problems.error("E034", at, "a decision has no decisions of its own", "write them beside it",
                     one.value.span);
      continue;
    }
    bool taken = growth.find(one.key) != nullptr;
    for (const Member& other : added) taken = taken || other.key == one.key;
    if (taken) {
      problems.error("E034", at, fmt::format("a plan {} is there already", quoted(one.key, 100)),
                     "choose another name", one.value.span);
      continue;
    }
    Json merged = plan.value;
    merge(merged, one.value, type);
    if (print_json(merged) == print_json(plan.value)) {
      problems.error("E034", at, "the decision changes nothing of its plan",
                     "a null in a variation of a study takes a key of the base away before "
                     "decisions are read: say there what is nothing",
                     one.value.span);
      continue;
    }
    merged.span = one.value.span;
    added.push_back({one.key, one.key_span, std::move(merged)});
  }
}

}  // namespace

void expand_decisions(Json& raw, const Type& type, Problems& problems) {
  Json* growth = raw.find("growth");
  if (growth == nullptr || !growth->is(Json::Kind::object)) return;
  const Type* plans = child_type(&type, &raw, "growth");
  std::vector<Member> added;
  for (Member& plan : growth->members) {
    if (!plan.value.is(Json::Kind::object)) continue;
    expand_plan(*growth, plan, child_type(plans, growth, plan.key), added, problems);
  }
  for (Member& plan : added) growth->members.push_back(std::move(plan));
}

}  // namespace hyperdc
