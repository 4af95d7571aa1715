#include "scenario/resolve_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace hyperdc {
namespace {

Recompute recompute_of(const View& stated) {
  const std::string name = stated.text();
  if (name == "selective") return Recompute::selective;
  return name == "full" ? Recompute::full : Recompute::none;
}

}  // namespace

FixedPlan fixed_of(const View& workload) {
  const auto ranks = [&](const char* key) {
    const View stated = workload[key];
    return stated ? std::optional(static_cast<std::uint32_t>(stated.number())) : std::nullopt;
  };
  FixedPlan fixed;
  fixed.tensor = ranks("tensor_parallel");
  fixed.context = ranks("context_parallel");
  fixed.pipeline = ranks("pipeline_parallel");
  fixed.data = ranks("data_parallel");
  fixed.expert = ranks("expert_parallel");
  fixed.interleave = ranks("interleave");
  fixed.zero = ranks("zero");
  if (const auto micro = ranks("micro_batch")) fixed.micro_batch = *micro;
  if (const View stated = workload["sequence_parallel"]) fixed.sequence_parallel = stated.flag();
  if (const View stated = workload["recompute"]) fixed.recompute = recompute_of(stated);
  if (const View stated = workload["schedule"]) fixed.schedule = schedule_named(stated.text());
  return fixed;
}

TrainingPlan plan_of(const View& workload, const FixedPlan& fixed) {
  const auto whole = [&](const char* key) {
    return static_cast<std::uint64_t>(std::max(1.0, workload[key].number()));
  };
  TrainingPlan plan;
  plan.sequence = whole("sequence");
  plan.batch = whole("batch");
  plan.micro_batch = fixed.micro_batch.value_or(1);
  plan.tensor = fixed.tensor.value_or(1);
  plan.context = fixed.context.value_or(1);
  plan.pipeline = fixed.pipeline.value_or(1);
  plan.data = fixed.data.value_or(1);
  plan.expert = fixed.expert.value_or(1);
  plan.interleave = fixed.interleave.value_or(1);
  plan.sequence_parallel = fixed.sequence_parallel.value_or(false);
  plan.recompute = fixed.recompute.value_or(Recompute::none);
  plan.zero = fixed.zero.value_or(1);
  plan.schedule = fixed.schedule.value_or(Schedule::one_f_one_b);
  if (workload["precision"].text() == "fp8") plan.precision = Precision::fp8;
  if (const View stated = workload["imbalance"]) plan.imbalance = stated.number();
  plan.expert_domains = static_cast<std::uint32_t>(workload["expert_domains"].number());
  return plan;
}

namespace {

/// Of these, what depends on the model.
void check_plan_of(Resolution& r, const View& workload, const TrainingPlan& plan,
                   const ModelCard& model) {
  const auto wrong = [&](const char* key, std::string message, std::string hint) {
    r.error("E034", workload[key], std::move(message), std::move(hint));
  };
  if (std::uint64_t{plan.pipeline} * plan.interleave > model.layers) {
    wrong(plan.interleave > 1 ? "interleave" : "pipeline_parallel",
          fmt::format("{} parts of {} layers", std::uint64_t{plan.pipeline} * plan.interleave,
                      model.layers),
          "fewer stages");
  }
  if (model.heads % plan.tensor != 0) {
    wrong("tensor_parallel",
          fmt::format("{} heads are not divided by {}", model.heads, plan.tensor),
          "a divisor of the heads");
  }
  if (plan.expert > 1 && !model.moe) {
    wrong("expert_parallel", "the model has no experts", "remove it");
  } else if (plan.expert > 1 && (std::uint64_t{plan.data} * plan.context % plan.expert != 0 ||
                                 model.moe->experts % plan.expert != 0)) {
    wrong("expert_parallel",
          fmt::format("{} divides not both the {} experts and the {} ranks that copy them",
                      plan.expert, model.moe->experts, std::uint64_t{plan.data} * plan.context),
          "a divisor of both");
  }
}

}  // namespace

bool check_plan(Resolution& r, const View& workload, const TrainingPlan& plan,
                const ModelCard* model) {
  const std::size_t before = r.problems.errors();
  const auto wrong = [&](const char* key, std::string message, std::string hint) {
    r.error("E034", workload[key], std::move(message), std::move(hint));
  };
  const std::uint64_t each = std::uint64_t{plan.data} * plan.micro_batch;
  if (workload["batch"] && plan.batch % each != 0) {
    wrong("batch",
          fmt::format("{} sequences are not divided by {} copies with micro-batches of {}",
                      plan.batch, plan.data, plan.micro_batch),
          fmt::format("a multiple of {}", each));
  } else if (workload["batch"] && plan.interleave > 1 &&
             plan.micro_batches() % plan.pipeline != 0) {
    wrong("interleave",
          fmt::format("{} micro-batches are not divided by {} stages", plan.micro_batches(),
                      plan.pipeline),
          "another batch, or \"interleave\": 1");
  }
  const bool divided = workload["batch"] && plan.batch % each == 0;
  if (const std::string_view why = divided ? why_not(plan.stages()) : ""; !why.empty()) {
    wrong("schedule", std::string(why), "\"1f1b\", or other stages and batches");
  }
  if (plan.interleave > 1 && plan.pipeline == 1) {
    wrong("interleave", "there is one stage", "remove it, or add pipeline_parallel");
  }
  if (workload["sequence"] && plan.sequence % plan.context != 0) {
    wrong("context_parallel",
          fmt::format("{} tokens are not divided by {}", plan.sequence, plan.context),
          "a divisor of the sequence");
  }
  if (plan.sequence_parallel && plan.tensor == 1) {
    wrong("sequence_parallel", "no matrix is shared", "remove it, or add tensor_parallel");
  }
  if (model != nullptr) check_plan_of(r, workload, plan, *model);
  return r.problems.errors() == before;
}

void check_experts(Resolution& r, const View& workload, const ModelCard& model) {
  if (model.moe) return;
  for (const char* key : {"imbalance", "expert_domains"}) {
    if (!workload[key]) continue;
    r.error("E034", workload[key], "the model has no experts", "remove it");
  }
}

}  // namespace hyperdc
