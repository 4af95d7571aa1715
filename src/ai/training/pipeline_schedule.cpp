#include "ai/training/pipeline_schedule.hpp"

#include <algorithm>
#include <array>

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 4> kScheduleNames = {"1f1b", "zb-h1", "zb-h2", "dualpipe"};

}  // namespace

std::string_view name_of(Schedule schedule) {
  return kScheduleNames[static_cast<std::size_t>(schedule)];
}

Schedule schedule_named(std::string_view name) {
  const auto found = std::find(kScheduleNames.begin(), kScheduleNames.end(), name);
  if (found == kScheduleNames.end()) return Schedule::one_f_one_b;
  return static_cast<Schedule>(found - kScheduleNames.begin());
}

double bubble_s(const Pipeline& pipeline, const StageTimes& times) {
  const double others = pipeline.stages - 1.0;
  switch (pipeline.schedule) {
    case Schedule::zb_h1:
      return others * std::max(0.0, times.sum() - 2 * times.weights);
    case Schedule::zb_h2:
      return others * std::max(0.0, times.sum() - 3 * times.weights);
    case Schedule::dualpipe: {
      const double both = times.sum(), backward = times.inputs + times.weights;
      return (pipeline.stages / 2.0 - 1) * std::max(0.0, both + backward - 3 * times.weights);
    }
    case Schedule::one_f_one_b:
      break;
  }
  return others / pipeline.interleave * times.sum();
}

double most_in_flight(const Pipeline& pipeline) {
  const double stages = pipeline.stages, chunks = pipeline.interleave;
  const auto there = static_cast<double>(pipeline.micro_batches);
  switch (pipeline.schedule) {
    case Schedule::zb_h2:
      return std::min(there, 2 * stages - 1);
    case Schedule::dualpipe:
      return std::min(there, stages + 1);
    case Schedule::one_f_one_b:
    case Schedule::zb_h1:
      break;
  }
  return std::min(there, stages + (chunks > 1 ? (stages - 1) / chunks : 0));
}

std::string_view why_not(const Pipeline& pipeline) {
  const std::uint64_t p = pipeline.stages, m = pipeline.micro_batches;
  if (pipeline.schedule == Schedule::one_f_one_b) return {};
  if (p == 1) return "there is one stage";
  if (pipeline.interleave > 1) return "stages of this schedule are not interleaved";
  if (pipeline.schedule == Schedule::zb_h1) return m < p ? "fewer micro-batches than stages" : "";
  if (pipeline.schedule == Schedule::zb_h2) {
    return m + 1 < 2 * p ? "fewer micro-batches than twice the stages less one" : "";
  }
  if (p % 2 != 0 || m % 2 != 0) return "an odd number of stages or micro-batches";
  return m < 2 * p ? "fewer micro-batches than twice the stages" : "";
}

}  // namespace hyperdc
