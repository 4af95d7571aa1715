// Scheduled: a floor by the time of the day or the week.
//
// Computes, every `period`, the floor replicas[i] of the last time at[i] that has passed in the
// day (or week); before the first of it, the last of the day before. The answer is the greater of
// the floor and the companion's wish (target tracking); without a companion it is the floor.
// `starts_at` is the time of the day (week) at which the run begins.
// Units: s, replicas.
// Source: scheduled scaling of Amazon EC2 Auto Scaling and scaling schedules of GCP (a minimum for
// a time, with dynamic scaling above it). Assumption: local time has no daylight saving. Leaves
// out: cron expressions, maxima, single dates.
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/autoscaler/autoscalers.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/autoscaler/target_tracking.hpp"

namespace hyperdc {
namespace {

constexpr double kDay_s = 86400;
constexpr double kWeek_s = 7 * kDay_s;

struct Options {
  Duration cycle, starts_at, period;
  std::vector<Duration> at;
  std::vector<std::uint32_t> replicas;
};

class Scheduled final : public Autoscaler {
 public:
  Scheduled(Options options, std::optional<TargetTracking> companion)
      : options_(std::move(options)), companion_(std::move(companion)) {}

  Duration interval() const override { return options_.period; }

  std::optional<ScaleTo> decide(const ScaleView& view) override {
    const std::uint32_t floor = floor_at(view.now);
    if (!companion_) return scale_to(view, floor, "schedule");
    return at_least(view, companion_->period(view), floor, "schedule");
  }

 private:
  std::uint32_t floor_at(SimTime now) const {
    const Duration in_cycle{(now + options_.starts_at).ns % options_.cycle.ns};
    const auto next = std::upper_bound(options_.at.begin(), options_.at.end(), in_cycle);
    if (next == options_.at.begin()) return options_.replicas.back();
    return options_.replicas[static_cast<std::size_t>(next - options_.at.begin()) - 1];
  }

  Options options_;
  std::optional<TargetTracking> companion_;
};

constexpr std::string_view kCycles[] = {"day", "week"};

constexpr ParamSpec kParams[] = {
    {.name = "cycle",
     .kind = ParamKind::choice,
     .doc = "What repeats: a day, or a week.",
     .fallback = R"("day")",
     .choices = kCycles},
    {.name = "at",
     .kind = ParamKind::quantity_list,
     .dimension = Dimension::time,
     .doc = "Times of the day (or week) from which a floor holds, rising.",
     .fallback = R"(["8 h", "20 h"])",
     .min = 0,
     .max = kWeek_s},
    {.name = "replicas",
     .kind = ParamKind::quantity_list,
     .doc = "The floors, one for each time.",
     .fallback = "[2, 1]",
     .min = 0,
     .max = 4e9},
    time_spec("starts_at", R"("0 s")", 0, kWeek_s,
              "Time of the day (or week) at which the run begins."),
    companion_spec(),
    metric_spec(),
    target_spec("0.5"),
    warmup_spec(),
    period_spec(),
};

std::string check(const Params& params) {
  const auto& at = params.list("at");
  const auto& replicas = params.list("replicas");
  if (at.empty()) return "at is empty";
  if (at.size() != replicas.size()) {
    return fmt::format("at has {} entries and replicas {}", at.size(), replicas.size());
  }
  const double cycle = params.text("cycle") == "day" ? kDay_s : kWeek_s;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i] >= cycle) return fmt::format("at: {} s is not within the cycle", at[i]);
    if (i > 0 && at[i] <= at[i - 1]) return "at must rise";
    const double count = replicas[i];
    if (count != static_cast<double>(static_cast<std::uint32_t>(count))) {
      return fmt::format("replicas: {} is not whole", count);
    }
  }
  return target_problem(params.text("metric"), params.number("target"));
}

Options options_of(const Params& params) {
  HYPERDC_CHECK(check(params).empty(), check(params));
  Options options;
  options.cycle = seconds(params.text("cycle") == "day" ? kDay_s : kWeek_s);
  options.starts_at = params.duration("starts_at");
  options.period = params.duration("period");
  for (const double at : params.list("at")) options.at.push_back(seconds(at));
  for (const double count : params.list("replicas")) {
    options.replicas.push_back(static_cast<std::uint32_t>(count));
  }
  return options;
}

constexpr AutoscalerEntry kEntry = {
    "scheduled", "A floor by the time of day or week, with target tracking above it.", kParams,
    [](const Params& params, const AutoscalerContext&) -> std::unique_ptr<Autoscaler> {
      return std::make_unique<Scheduled>(options_of(params), companion_of(params));
    },
    check};

}  // namespace

const AutoscalerEntry& scheduled_autoscaler() {
  return kEntry;
}

}  // namespace hyperdc
