#include "world/training_metrics.hpp"

#include <utility>

#include "world/training.hpp"

namespace hyperdc {
namespace {

/// Names its metrics after the workload.
class TrainingReport {
 public:
  TrainingReport(std::string prefix, std::vector<MetricValue>& values)
      : prefix_(std::move(prefix)), values_(values) {}

  void put(const std::string& name, std::string unit, double value) const {
    values_.push_back({prefix_ + name, std::move(unit), value, {}});
  }
  void missing(const std::string& name, std::string unit, std::string reason) const {
    values_.push_back({prefix_ + name, std::move(unit), std::nullopt, std::move(reason)});
  }

 private:
  std::string prefix_;
  std::vector<MetricValue>& values_;
};

double tokens_of_step(const TrainingSpec& spec) {
  return static_cast<double>(spec.plan.batch) * static_cast<double>(spec.plan.sequence);
}

void read_step(const TrainingSpec& spec, const TrainingReport& report) {
  const TrainingTime& time = spec.time;
  const double step_s = time.step();
  const auto accelerators = static_cast<double>(spec.plan.accelerators());
  const double peak = accelerators * spec.question.chip.flops * step_s;
  report.put("step_time", "s", step_s);
  report.put("tokens_per_s", "tokens/s", tokens_of_step(spec) / step_s);
  report.put("training_time", "s", step_s * static_cast<double>(spec.course.steps));
  report.put("mfu", "1", spec.flops.model / peak);
  report.put("hfu", "1", spec.flops.hardware / peak);
  const auto share = [&](const char* name, double part_s) {
    report.put(std::string("step.") + name, "1", part_s / step_s);
  };
  share("matrices", time.matrices);
  share("attention", time.attention);
  share("in_memory", time.in_memory);
  share("recomputed", time.recomputed);
  share("tensor", time.tensor);
  share("context", time.context);
  share("experts", time.experts);
  share("sends", time.sends);
  share("bubble", time.bubble);
  share("gradients", time.gradients);
  share("optimizer", time.optimizer);
  report.put("memory", "B", spec.memory.sum());
}

void read_tiers(const TrainingSpec& spec, const TrainingBooks& books,
                const TrainingReport& report) {
  for (const CheckpointTier& tier : spec.course.tiers) {
    const std::string name = "checkpoints." + tier.name + ".";
    report.put(
        name + "every", "s",
        static_cast<double>(tier.every) * to_seconds(spec.course.step) + to_seconds(tier.stall));
    report.put(name + "stall", "s", to_seconds(tier.stall));
    report.put(name + "write", "s", to_seconds(tier.stall + tier.flush));
  }
  if (!spec.course.tiers.empty()) {
    report.put("checkpoints.written", "checkpoints", static_cast<double>(books.checkpoints));
  }
}

}  // namespace

void read_training(const World& world, const TrainingState& training, const std::string& prefix,
                   SimTime end, std::vector<MetricValue>& values) {
  const TrainingSpec& spec = *training.spec;
  const TrainingReport report(prefix, values);
  read_step(spec, report);
  const TrainingBooks books = training_books(world, training, end);
  const auto kept = static_cast<double>(books.kept);
  report.put("steps", "steps", kept);
  report.put("progress", "1", kept / static_cast<double>(spec.course.steps));
  if (books.life_ns > 0) {
    const double life_s = to_seconds(Duration{books.life_ns});
    report.put("ettr", "1", kept * to_seconds(spec.course.step) / life_s);
    report.put("goodput", "tokens/s", kept * tokens_of_step(spec) / life_s);
  } else {
    report.missing("ettr", "1", "the run was not submitted");
    report.missing("goodput", "tokens/s", "the run was not submitted");
  }
  report.put("restarts", "times", static_cast<double>(training.restarts));
  read_tiers(spec, books, report);
  if (spec.mttf_s) report.put("mttf", "s", *spec.mttf_s);
  if (spec.stragglers) {
    report.put("slow_episodes", "times", static_cast<double>(training.episodes));
  }
  if (spec.corruption) {
    report.put("corruptions", "times", static_cast<double>(training.corruptions));
    report.put("corrupt_steps", "steps", static_cast<double>(books.spoilt));
  }
  const auto accelerators = static_cast<double>(spec.plan.accelerators());
  for (const TrainingShare& part : books.parts) {
    report.put("time." + std::string(part.name), "accelerator s",
               accelerators * to_seconds(Duration{part.ns}));
  }
}

}  // namespace hyperdc
