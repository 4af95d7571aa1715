#include "ai/training/plan_search.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <string>
#include <tuple>

namespace hyperdc {
namespace {

constexpr std::uint64_t kLeastTokens = 1024;  // of a sequence on a rank of context_parallel
constexpr std::uint64_t kMostMicroBatch = 8;

template <class T>
std::vector<T> fixed_or(const std::optional<T>& fixed, std::vector<T> all) {
  if (fixed) return {*fixed};
  return all;
}

std::vector<std::uint32_t> divisors_up_to(std::uint64_t of, std::uint64_t most) {
  std::vector<std::uint32_t> out;
  for (std::uint64_t n = 1; n <= std::min(of, most); ++n) {
    if (of % n == 0) out.push_back(static_cast<std::uint32_t>(n));
  }
  return out;
}

auto key_of(const RankedPlan& ranked) {
  const TrainingPlan& plan = ranked.plan;
  return std::tuple(ranked.time.step(), ranked.memory.sum(), plan.tensor, plan.context,
                    plan.pipeline, plan.expert, plan.interleave, plan.micro_batch, plan.zero,
                    plan.recompute, plan.schedule);
}

/// What is shared is divided by those who share it.
bool divides(const PlanQuestion& question, const TrainingPlan& plan) {
  const ModelCard& model = question.model;
  const std::uint64_t copies = std::uint64_t{plan.data} * plan.context;
  if (model.heads % plan.tensor != 0 || plan.tensor > question.chip.scale_up_domain) return false;
  if (std::uint64_t{plan.pipeline} * plan.interleave > model.layers) return false;
  if (plan.expert == 1) return true;
  return model.moe && model.moe->experts % plan.expert == 0 && copies % plan.expert == 0;
}

class Search {
 public:
  Search(const PlanQuestion& question, std::size_t most) : question_(question), most_(most) {}

  PlanRanking run() {
    TrainingPlan plan;
    plan.sequence = question_.sequence;
    plan.batch = question_.batch;
    plan.precision = question_.precision;
    plan.imbalance = question_.imbalance;
    plan.expert_domains = question_.expert_domains;
    for (const std::uint32_t tensor : fixed_or(question_.fixed.tensor, tensors())) {
      plan.tensor = tensor;
      plan.sequence_parallel = question_.fixed.sequence_parallel.value_or(true) && tensor > 1;
      for (const std::uint32_t context : fixed_or(question_.fixed.context, contexts())) {
        plan.context = context;
        try_stages(plan);
      }
    }
    std::sort(ranking_.best.begin(), ranking_.best.end(), before);
    return std::move(ranking_);
  }

 private:
  static bool before(const RankedPlan& a, const RankedPlan& b) { return key_of(a) < key_of(b); }

  std::vector<std::uint32_t> tensors() const {
    return divisors_up_to(question_.model.heads, question_.chip.scale_up_domain);
  }
  std::vector<std::uint32_t> contexts() const {
    std::vector<std::uint32_t> out = {1};
    while (question_.sequence % (2 * out.back()) == 0 &&
           question_.sequence / (2 * out.back()) >= kLeastTokens) {
      out.push_back(2 * out.back());
    }
    return out;
  }

  void try_stages(TrainingPlan plan) {
    const std::uint64_t fixed_ranks = std::uint64_t{plan.tensor} * plan.context;
    if (question_.accelerators % fixed_ranks != 0 || question_.sequence % plan.context != 0) return;
    const std::uint64_t rest = question_.accelerators / fixed_ranks;
    for (const std::uint32_t pipeline :
         fixed_or(question_.fixed.pipeline, divisors_up_to(rest, question_.model.layers))) {
      if (rest % pipeline != 0 || pipeline > question_.model.layers) continue;
      plan.pipeline = pipeline;
      plan.data = static_cast<std::uint32_t>(rest / pipeline);
      if (question_.fixed.data && *question_.fixed.data != plan.data) continue;
      for (const std::uint32_t expert : fixed_or(question_.fixed.expert, experts(plan))) {
        plan.expert = expert;
        try_batches(plan);
      }
    }
  }

  std::vector<std::uint32_t> experts(const TrainingPlan& plan) const {
    if (!question_.model.moe) return {1};
    const std::uint64_t copies = std::uint64_t{plan.data} * plan.context;
    return divisors_up_to(std::gcd(copies, question_.model.moe->experts), copies);
  }

  void try_batches(TrainingPlan plan) {
    for (std::uint64_t micro = question_.fixed.micro_batch.value_or(1);
         micro <= question_.fixed.micro_batch.value_or(kMostMicroBatch); micro *= 2) {
      if (question_.batch % (plan.data * micro) != 0) continue;
      plan.micro_batch = micro;
      const std::uint64_t most = plan.pipeline == 1 ? 1 : question_.model.layers / plan.pipeline;
      std::vector<std::uint32_t> parts(std::max<std::uint64_t>(1, most));
      std::iota(parts.begin(), parts.end(), 1U);
      for (const std::uint32_t interleave : fixed_or(question_.fixed.interleave, parts)) {
        if (interleave > parts.size()) continue;
        if (interleave > 1 && plan.micro_batches() % plan.pipeline != 0) continue;
        plan.interleave = interleave;
        try_schedules(plan);
      }
    }
  }

  void try_schedules(TrainingPlan plan) {
    if (!divides(question_, plan)) return;
    // A list in place: there are as many of these calls as plans.
    const std::span<const Schedule> all = question_.fixed.schedule
                                              ? std::span(&*question_.fixed.schedule, 1)
                                              : std::span<const Schedule>(question_.schedules);
    for (const Schedule schedule : all) {
      plan.schedule = schedule;
      if (why_not(plan.stages()).empty()) try_memory(plan);
    }
  }

  void try_memory(TrainingPlan plan) {
    std::vector<Recompute> kinds = {Recompute::none, Recompute::full};
    const bool saves = !question_.software.fused_attention || question_.model.latent;
    if (saves) kinds.insert(kinds.begin() + 1, Recompute::selective);
    for (const Recompute recompute : fixed_or(question_.fixed.recompute, kinds)) {
      plan.recompute = recompute;
      for (const std::uint32_t zero : fixed_or(question_.fixed.zero, {1U, 2U, 3U})) {
        plan.zero = zero;
        try_one(plan);
      }
    }
  }

  void try_one(const TrainingPlan& plan) {
    RankedPlan ranked{plan, {}, training_memory(question_.model, plan, question_.software)};
    const double bytes = ranked.memory.sum();
    if (ranking_.tried == 0 || bytes < ranking_.least_bytes) ranking_.least_bytes = bytes;
    ++ranking_.tried;
    if (question_.memory_bytes > 0 && bytes > question_.memory_bytes) return;
    ++ranking_.fitting;
    ranked.time = training_time(question_.model, plan, question_.chip, question_.software);
    // The best are kept in a heap whose front is the slowest of them.
    auto& best = ranking_.best;
    if (best.size() == most_) {
      if (most_ == 0 || !before(ranked, best.front())) return;
      std::pop_heap(best.begin(), best.end(), before);
      best.pop_back();
    }
    best.push_back(ranked);
    std::push_heap(best.begin(), best.end(), before);
  }

  const PlanQuestion& question_;
  const std::size_t most_;
  PlanRanking ranking_;
};

}  // namespace

PlanRanking rank_plans(const PlanQuestion& question, std::size_t most) {
  return Search(question, most).run();
}

std::string describe_plan(const TrainingPlan& plan) {
  std::string text;
  const auto add = [&](const char* name, std::uint64_t value, std::uint64_t plain) {
    if (value == plain) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  };
  add("tensor", plan.tensor, 1);
  add("context", plan.context, 1);
  add("pipeline", plan.pipeline, 1);
  add("data", plan.data, 0);
  add("expert", plan.expert, 1);
  add("interleave", plan.interleave, 1);
  if (plan.schedule != Schedule::one_f_one_b) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of(plan.schedule));
  }
  add("micro-batch", plan.micro_batch, 0);
  add("ZeRO", plan.zero, 99);
  const char* const again = plan.recompute == Recompute::none        ? "nothing"
                            : plan.recompute == Recompute::selective ? "attention"
                                                                     : "everything";
  return text + fmt::format(", {} recomputed", again);
}

}  // namespace hyperdc
