#include "scenario/resolve_one_pass.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

void check_engine(Resolution& r, const View& engine, const std::string& model) {
  if (engine["batching"].text() != "static") {
    r.error("E034", engine["batching"],
            fmt::format("{} computes whole prompts and does not decode: nothing is computed in "
                        "parts or shares an iteration with decodes",
                        model),
            "\"batching\": \"static\"");
  }
  if (engine["blocks"]) {
    r.error("E034", engine["blocks"], model + " keeps no cache, which these would be blocks of",
            "remove it");
  }
  constexpr double kBlock = 16;  // as it is unless stated
  if (engine["block"] && engine["block"].number() != kBlock) {
    r.error("E034", engine["block"], model + " keeps no cache, which this would be a block of",
            "remove it");
  }
  if (engine["chunked_prefill"] && !engine["chunked_prefill"].flag()) {
    r.error("E034", engine["chunked_prefill"], model + " computes prompts whole anyhow",
            "remove it");
  }
  if (engine["prefix_caching"].flag()) {
    r.error("E034", engine["prefix_caching"], model + " keeps no cache of what prompts begin with",
            "remove it");
  }
}

/// Keys about what comes after a first token, or what prompts share.
void check_keys(Resolution& r, const View& workload, const std::string& model) {
  std::vector<View> objectives = {workload["slo"]["tpot"]};
  for (const auto& [name, value, _] : workload["classes"].each()) {
    objectives.push_back(value["slo"]["tpot"]);
  }
  for (const View& tpot : objectives) {
    if (!tpot) continue;
    r.error("E034", tpot, model + " gives one result, after which no token comes",
            "\"ttft\": the time to the result");
  }
  if (const View prefix = workload["requests"]["generate"]["prefix"]) {
    r.error("E034", prefix, model + " keeps no cache of what prompts begin with", "remove it");
  }
}

/// What each class of requests asks for, where it is stated.
std::vector<View> outputs_of(const View& workload) {
  const View requests = workload["requests"];
  const View common = requests[requests["generate"] ? "generate" : "trace"]["output"];
  if (requests["trace"] && !common) return {};  // its requests have their own
  std::vector<View> out;
  for (const auto& [name, value, _] : workload["classes"].each()) {
    out.push_back(value["output"] ? value["output"] : common);
  }
  if (out.empty()) out.push_back(common);
  return out;
}

/// Of each prompt there is one result, which counts as one token.
void check_outputs(Resolution& r, const View& workload, const InferenceSpec& spec,
                   const std::string& model) {
  const View requests = workload["requests"];
  const std::vector<View> stated = outputs_of(workload);
  std::set<std::string> told;
  for (std::size_t k = 0; k < stated.size() && k < spec.classes.size(); ++k) {
    const auto* constant = std::get_if<Constant>(&spec.classes[k].output);
    if (!stated[k] || (constant != nullptr && constant->value == 1)) continue;
    if (!told.insert(stated[k].path()).second) continue;
    r.error("E034", stated[k], model + " gives one result and generates no tokens",
            "\"output\": 1");
  }
  if (!spec.trace) return;
  const auto longer = std::ranges::count_if(spec.trace->rows,
                                            [](const TokenRequest& row) { return row.output > 1; });
  if (longer == 0) return;
  r.error("E034", requests["trace"]["file"],
          fmt::format("{} of {} requests ask for more than one token; {} gives one result and "
                      "generates none",
                      longer, spec.trace->rows.size(), model),
          "a trace whose outputs are 1");
}

/// A mean says that most do not fit; single ones are refused when they arrive.
void check_prompts(Resolution& r, const View& workload, const InferenceSpec& spec,
                   const std::string& model) {
  const auto most = static_cast<double>(spec.engines.front().rules.max_prompt);
  if (r.problems.failed()) return;
  const View requests = workload["requests"];
  const auto check = [&](const View& at, double mean) {
    if (mean <= most) return;
    r.error("E034", at,
            fmt::format("texts of {:.0f} tokens on average, where {} takes {}", mean, model, most),
            "shorter texts: who calls such a model cuts them");
  };
  if (spec.trace) return check(requests["trace"]["file"], spec.mean_prompt);
  const View common = requests[requests["generate"] ? "generate" : "trace"]["prompt"];
  if (!workload["classes"]) return check(common, spec.mean_prompt);
  std::set<std::string> told;
  std::size_t k = 0;
  for (const auto& [name, value, _] : workload["classes"].each()) {
    const View at = value["prompt"] ? value["prompt"] : common;
    const double mean = Distribution(spec.classes[k++].prompt).mean();
    if (mean > most && told.insert(at.path()).second) check(at, mean);
  }
}

/// Routers that choose by caches.
void check_router(Resolution& r, const View& workload, const std::string& model) {
  constexpr std::array<std::string_view, 2> kByCaches = {"least-kv", "prefix-aware"};
  const View policy = workload["router"]["policy"];
  if (std::ranges::find(kByCaches, policy.text()) == kByCaches.end()) return;
  r.error("E034", policy, model + " keeps no cache to choose a replica by", "\"least-loaded\"");
}

}  // namespace

void set_one_pass(const ModelWork& model, InferenceSpec& spec) {
  if (!model.one_pass) return;
  for (EngineSpec& engine : spec.engines) {
    engine.rules.keeps_cache = false;
    if (model.most_prompt > 0) engine.rules.max_prompt = model.most_prompt;
  }
}

void check_one_pass(Resolution& r, const View& workload, const InferenceSpec& spec) {
  if (spec.keeps_cache()) return;
  const std::string model = workload["engine"]["model"].text();
  check_engine(r, workload["engine"], model);
  check_outputs(r, workload, spec, model);
  check_router(r, workload, model);
  if (const View conversation = workload["requests"]["generate"]["conversation"]) {
    r.error("E034", conversation, model + " gives no answers to go on from", "remove it");
  }
  if (workload["handoff"]) {
    r.error("E034", workload["handoff"], model + " has no cache to hand over, and does not decode",
            "remove it");
  }
  check_keys(r, workload, model);
  check_prompts(r, workload, spec, model);
}

}  // namespace hyperdc
