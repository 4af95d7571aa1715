// PipelineSchedule: in which order the stages of a pipeline compute, and what that leaves idle.
//
// Computes, for p stages that take F forward, B backward through inputs and W backward through
// weights for each of m micro-batches, how long a stage stands still in a step (from its first
// operation to its last, beyond m (F + B + W)), and how many micro-batches have activations in it:
//   1f1b      (p - 1) / v (F + B + W)          p (v chunks: p + (p - 1) / v)
//   zb-h1     (p - 1) max(0, F + B - W)        p                 of m >= p
//   zb-h2     (p - 1) max(0, F + B - 2 W)      2 p - 1           of m >= 2 p - 1
//   dualpipe  (p / 2 - 1) max(0, 2 (F + B) + W + W - 3 W), that is F&B + B' - 3 W with B' = B + W
//             and F&B = F + B';                p + 1, and two stages on each rank; p even, m even
//             and >= 2 p
// Stages of zb-h2 end as they began, one after the other: the next step begins in this order too,
// so the optimizer must not wait for all (the paper checks norms after the fact).
// Units: s. Source: Narayanan et al. (SC'21); Qi et al., Zero Bubble Pipeline Parallelism (2023,
// arXiv 2401.10241); DeepSeek-V3 (arXiv 2412.19437) and github:deepseek-ai/DualPipe. Valid: equal
// stages; the first three are exact (tests/unit/ai/pipeline_schedule_test.cpp runs the orders of
// operations), dualpipe where B = F, at most 15 % too long for B to 1.5 F. Leaves out: ZB-V, whose
// bubble is published for F = B = W alone (0); stages that differ.
#pragma once

#include <cstdint>
#include <string_view>

namespace hyperdc {

enum class Schedule : std::uint8_t { one_f_one_b, zb_h1, zb_h2, dualpipe };

/// "1f1b"; of what is no name the first.
std::string_view name_of(Schedule schedule);
Schedule schedule_named(std::string_view name);

/// What one micro-batch takes in one stage, s.
struct StageTimes {
  double forward = 0, inputs = 0, weights = 0;  // of backward: two parts
  double sum() const { return forward + inputs + weights; }
};

struct Pipeline {
  Schedule schedule = Schedule::one_f_one_b;
  std::uint32_t stages = 1, interleave = 1;
  std::uint64_t micro_batches = 1;
};

double bubble_s(const Pipeline& pipeline, const StageTimes& times);
/// Micro-batches, in layers of a stage.
double most_in_flight(const Pipeline& pipeline);
/// Nothing where the schedule can do with so many stages, chunks and micro-batches.
std::string_view why_not(const Pipeline& pipeline);
/// Copies of each stage in a pipeline, and stages on each rank.
inline std::uint32_t copies_of_stages(Schedule schedule) {
  return schedule == Schedule::dualpipe ? 2 : 1;
}

}  // namespace hyperdc
