#include "world/training_metrics.hpp"

#include <algorithm>

#include "world/metric_values.hpp"
#include "world/training.hpp"
#include "world/training_io.hpp"
#include "world/training_io_state.hpp"
#include "world/training_network.hpp"
#include "world/training_swing.hpp"

namespace hyperdc {
namespace {

using Values = std::vector<MetricValue>;

void read_step(const TrainingSpec& spec, const std::string& prefix, Values& values) {
  const TrainingTime& time = spec.time;
  const double step_s = time.step();
  const auto accelerators = static_cast<double>(spec.plan.accelerators());
  const double peak = accelerators * spec.question.chip.flops * step_s;
  put(values, prefix + "step_time", "s", step_s);
  put(values, prefix + "tokens_per_s", "tokens/s", tokens_of_step(spec) / step_s);
  put(values, prefix + "training_time", "s", step_s * static_cast<double>(spec.course.steps));
  put(values, prefix + "mfu", "1", spec.flops.model / peak);
  put(values, prefix + "hfu", "1", spec.flops.hardware / peak);
  const auto share = [&](const char* name, double part_s) {
    put(values, prefix + "step." + name, "1", part_s / step_s);
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
  put(values, prefix + "memory", "B", spec.memory.sum());
}

/// What a tier stands still for; of what others use, too, if nobody else is there.
Duration stall_of(const TrainingSpec& spec, std::size_t tier) {
  for (const SharedCheckpoints& shared : spec.shared) {
    if (shared.tier == tier) return shared.blocking ? shared.alone : shared.stall;
  }
  return spec.course.tiers[tier].stall;
}

void read_tiers(const TrainingState& training, const TrainingBooks& books,
                const std::string& prefix, Values& values) {
  const TrainingSpec& spec = *training.spec;
  for (std::size_t i = 0; i < spec.course.tiers.size(); ++i) {
    const CheckpointTier& tier = spec.course.tiers[i];
    const std::string name = prefix + "checkpoints." + tier.name + ".";
    const Duration stall = stall_of(spec, i);
    put(values, name + "every", "s",
        static_cast<double>(tier.every) * to_seconds(spec.course.step) + to_seconds(stall));
    put(values, name + "stall", "s", to_seconds(stall));
    if (!tier.told) put(values, name + "write", "s", to_seconds(tier.stall + tier.flush));
    read_training_io(training, i, name, values);
  }
  if (!spec.course.tiers.empty()) {
    put(values, prefix + "checkpoints.written", "checkpoints",
        static_cast<double>(books.checkpoints));
  }
}

void read_data(const TrainingState& training, const TrainingBooks& books, const std::string& prefix,
               Values& values) {
  put(values, prefix + "dataset.bytes_read", "B", training.io->data.bytes);
  const auto part = std::find_if(books.parts.begin(), books.parts.end(),
                                 [](const TrainingShare& one) { return one.name == "data"; });
  if (books.held_ns > 0) {
    put(values, prefix + "dataset.stalled", "1",
        static_cast<double>(part->ns) / static_cast<double>(books.held_ns));
  } else {
    put_missing(values, prefix + "dataset.stalled", "1", "the run held no accelerators");
  }
}

/// What nothing in the scenario can cause has no row.
bool has_part(const TrainingSpec& spec, std::string_view part) {
  if (part == "missing") return spec.elastic.has_value();
  if (part == "data") return spec.data.has_value();
  if (part == "contended") return spec.network.has_value();
  return true;
}

}  // namespace

void read_training(const World& world, const TrainingState& training, const std::string& prefix,
                   SimTime end, std::vector<MetricValue>& values) {
  const TrainingSpec& spec = *training.spec;
  read_step(spec, prefix, values);
  const TrainingBooks books = training_books(world, training, end);
  const auto kept = static_cast<double>(books.kept);
  put(values, prefix + "steps", "steps", kept);
  put(values, prefix + "progress", "1", kept / static_cast<double>(spec.course.steps));
  if (books.life_ns > 0) {
    const double life_s = to_seconds(Duration{books.life_ns});
    put(values, prefix + "ettr", "1", kept * to_seconds(spec.course.step) / life_s);
    put(values, prefix + "goodput", "tokens/s", kept * tokens_of_step(spec) / life_s);
  } else {
    put_missing(values, prefix + "ettr", "1", "the run was not submitted");
    put_missing(values, prefix + "goodput", "tokens/s", "the run was not submitted");
  }
  put(values, prefix + "restarts", "times", static_cast<double>(training.restarts));
  read_tiers(training, books, prefix, values);
  if (spec.data) read_data(training, books, prefix, values);
  if (spec.mttf_s) put(values, prefix + "mttf", "s", *spec.mttf_s);
  read_training_network(training, prefix, values);
  if (training.swing != nullptr) {
    put(values, prefix + "swing.ramp", "W/s",
        training.swing->most_w / training.spec->swing->edge_s);
  }
  if (spec.stragglers) {
    put(values, prefix + "slow_episodes", "times", static_cast<double>(training.episodes));
  }
  if (spec.elastic) {
    const auto held = static_cast<double>(training.held.until(end));
    if (held > 0) {
      put(values, prefix + "copies.mean", "copies",
          static_cast<double>(training.copies_held.until(end)) / held);
    } else {
      put_missing(values, prefix + "copies.mean", "copies", "the run held no accelerators");
    }
    put(values, prefix + "resized", "times", static_cast<double>(training.resized));
  }
  if (spec.corruption) {
    put(values, prefix + "corruptions", "times", static_cast<double>(training.corruptions));
    put(values, prefix + "corrupt_steps", "steps", static_cast<double>(books.spoilt));
  }
  const auto accelerators = static_cast<double>(spec.plan.accelerators());
  for (const TrainingShare& part : books.parts) {
    if (!has_part(spec, part.name)) continue;
    put(values, prefix + "time." + std::string(part.name), "accelerator s",
        accelerators * to_seconds(Duration{part.ns}));
  }
}

}  // namespace hyperdc
