#include "ai/training/training_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

std::int64_t as_count(std::uint64_t steps) {
  return static_cast<std::int64_t>(steps);
}

}  // namespace

TrainingRun::TrainingRun(const TrainingCourse& course)
    : course_(course), tiers_(course.tiers.size()) {
  HYPERDC_CHECK(course_.step.ns > 0 && course_.steps > 0, "a training run without steps");
  for (const CheckpointTier& tier : course_.tiers) {
    HYPERDC_CHECK(tier.every > 0, "checkpoints after every 0 steps");
    HYPERDC_CHECK(!tier.told || tier.stall.ns + tier.flush.ns == 0, "a tier told and known");
  }
}

/// Stalls of the first `tiers` tiers after a step that is done in this segment.
std::int64_t TrainingRun::stalls_at(std::uint64_t step, std::size_t tiers) const {
  if (step == base_) return 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < tiers; ++i) {
    const CheckpointTier& tier = course_.tiers[i];
    const bool last = step == course_.steps && i + 1 == course_.tiers.size();
    if (step % tier.every == 0 || last) sum += tier.stall.ns;
  }
  return sum;
}

/// From the begin of the segment until the step is done, before its own stalls.
std::int64_t TrainingRun::ready_ns(std::uint64_t step) const {
  std::int64_t sum = before_first_ns_ + as_count(step - base_) * course_.step.ns;
  if (step == base_) return sum;
  for (const CheckpointTier& tier : course_.tiers) {
    sum += as_count((step - 1) / tier.every - base_ / tier.every) * tier.stall.ns;
  }
  return sum;
}

std::int64_t TrainingRun::end_ns() const {
  std::int64_t sum = ready_ns(course_.steps) + stalls_at(course_.steps, course_.tiers.size());
  if (!course_.tiers.empty()) sum += course_.tiers.back().flush.ns;
  return last_is_told() ? sum + kLastTold : sum;
}

Duration TrainingRun::begin(Duration overhead) {
  before_first_ns_ = course_.start.ns + load_.ns + overhead.ns;
  return Duration{end_ns()};
}

Duration TrainingRun::left() const {
  TrainingRun copy = *this;
  return copy.begin();
}

TrainingRun::Point TrainingRun::point(Duration worked) const {
  Point at;
  at.step = base_;
  at.restart_ns = std::min(worked.ns, before_first_ns_);
  if (worked.ns < before_first_ns_) return at;
  std::uint64_t low = base_, high = course_.steps;  // the last step that is ready
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (ready_ns(middle) <= worked.ns) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  at.step = low;
  const std::int64_t ready = ready_ns(low);
  const std::int64_t rest = worked.ns - ready;
  const bool over = low == course_.steps;  // then the last checkpoint is under way
  const std::int64_t stalled = over ? rest : std::min(rest, stalls_at(low, course_.tiers.size()));
  at.steps_ns = as_count(low - base_) * course_.step.ns + rest - stalled;
  at.stalls_ns = ready - before_first_ns_ - as_count(low - base_) * course_.step.ns + stalled;
  return at;
}

/// Step of the newest checkpoint of the tier that can be loaded.
std::uint64_t TrainingRun::newest_at(std::size_t tier, const Point& at, Duration worked) const {
  if (course_.tiers[tier].told) return tiers_[tier].newest;
  const std::uint64_t every = course_.tiers[tier].every;
  for (std::uint64_t step = at.step / every * every; step > base_; step -= every) {
    const std::int64_t done =
        ready_ns(step) + stalls_at(step, tier + 1) + course_.tiers[tier].flush.ns;
    if (done <= worked.ns) return step;
  }
  return tiers_[tier].newest;
}

/// Checkpoints that can be loaded, of those that were begun since the segment began.
std::uint64_t TrainingRun::written_at(const Point& at, Duration worked) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    if (course_.tiers[i].told) continue;
    const std::uint64_t every = course_.tiers[i].every;
    sum += std::max(base_, newest_at(i, at, worked)) / every - base_ / every;
  }
  return sum;
}

void TrainingRun::close_segment(const Point& at, Duration worked) {
  steps_ns_ += at.steps_ns;
  stalls_ns_ += at.stalls_ns;
  restarts_ns_ += at.restart_ns;
  checkpoints_ += written_at(at, worked);
}

/// To the newest checkpoint that there is: of those of one step to that which loads fastest.
void TrainingRun::go_back() {
  base_ = 0;
  load_ = Duration{};
  from_.reset();
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    const bool newer = tiers_[i].newest > base_;
    const bool faster = tiers_[i].newest == base_ && base_ > 0 && course_.tiers[i].load < load_;
    if (!newer && !faster) continue;
    base_ = tiers_[i].newest;
    load_ = course_.tiers[i].load;
    from_ = course_.tiers[i].told ? std::optional(i) : std::nullopt;
  }
  if (from_) load_ = Duration{};
  before_first_ns_ = 0;
  if (clean_ && base_ <= *clean_) clean_.reset();
  // Steps beyond this one are done anew, and their checkpoints written.
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    if (course_.tiers[i].told) continue;
    auto& gaps = tiers_[i].gaps;
    std::erase_if(gaps, [&](const Tier::Gap& gap) { return gap.after >= base_; });
    if (!gaps.empty()) gaps.back().until = std::min(gaps.back().until, base_);
    if (tiers_[i].newest >= base_ / course_.tiers[i].every * course_.tiers[i].every) continue;
    std::erase_if(gaps, [&](const Tier::Gap& gap) { return gap.after >= tiers_[i].newest; });
    gaps.push_back({tiers_[i].newest, base_});
  }
}

void TrainingRun::stop(Duration worked, TrainingLoss loss) {
  const Point at = point(worked);
  close_segment(at, worked);
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    tiers_[i].newest = newest_at(i, at, worked);
  }
  lose_tiers(loss);
  go_back();
}

void TrainingRun::lose_tiers(TrainingLoss loss) {
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    if (course_.tiers[i].outlives < loss) tiers_[i] = {};
  }
}

void TrainingRun::lose(TrainingLoss loss) {
  lose_tiers(loss);
  go_back();
}

Duration TrainingRun::done_at(std::uint64_t step) const {
  return Duration{ready_ns(step) + stalls_at(step, course_.tiers.size())};
}

std::optional<TrainingRun::Write> TrainingRun::next_write(std::size_t tier,
                                                          std::uint64_t after) const {
  const std::uint64_t every = course_.tiers[tier].every, from = std::max(after, base_);
  const bool ends = tier + 1 == course_.tiers.size();
  Write out;
  out.step = (from / every + 1) * every;
  if (ends && from < course_.steps) out.step = std::min(out.step, course_.steps);
  if (out.step > course_.steps) return std::nullopt;
  out.last = ends && out.step == course_.steps;
  out.at = Duration{ready_ns(out.step) + stalls_at(out.step, tier) + kTold};
  return out;
}

void TrainingRun::written(std::size_t tier, std::uint64_t step) {
  std::vector<std::uint64_t>& there = tiers_[tier].there;
  HYPERDC_CHECK(course_.tiers[tier].told && (there.empty() || there.back() < step),
                "checkpoints of a tier rise");
  there.push_back(step);
  const std::uint64_t keep = course_.tiers[tier].keep;
  if (keep > 0 && there.size() > keep) there.erase(there.begin());
  tiers_[tier].newest = step;
  ++checkpoints_;
}

void TrainingRun::unreadable(std::size_t tier, std::uint64_t step) {
  std::erase(tiers_[tier].there, step);
  tiers_[tier].newest = tiers_[tier].there.empty() ? 0 : tiers_[tier].there.back();
}

/// Checkpoints of a tier that are there, after one and up to another.
std::uint64_t TrainingRun::written_between(std::size_t tier, std::uint64_t from,
                                           std::uint64_t to) const {
  const std::uint64_t every = course_.tiers[tier].every;
  std::uint64_t sum = to / every - from / every;
  for (const Tier::Gap& gap : tiers_[tier].gaps) {
    const std::uint64_t low = std::max(gap.after, from), high = std::min(gap.until, to);
    if (low < high) sum -= high / every - low / every;
  }
  return sum;
}

void TrainingRun::corrupt(Duration worked) {
  const std::uint64_t step = point(worked).step;
  if (!clean_ || step < *clean_) clean_ = step;
}

void TrainingRun::stop_corrupt(Duration worked) {
  HYPERDC_CHECK(clean_.has_value(), "corruption was found in a run that has none");
  const Point at = point(worked);
  close_segment(at, worked);
  for (std::size_t i = 0; i < tiers_.size(); ++i) {
    const CheckpointTier& tier = course_.tiers[i];
    if (tier.told) {
      std::vector<std::uint64_t>& there = tiers_[i].there;
      std::erase_if(there, [&](std::uint64_t step) { return step > *clean_; });
      tiers_[i].newest = there.empty() ? 0 : there.back();
      continue;
    }
    const std::uint64_t newest = newest_at(i, at, worked);
    std::uint64_t good = std::min(newest, *clean_ / tier.every * tier.every);
    for (auto gap = tiers_[i].gaps.rbegin(); gap != tiers_[i].gaps.rend(); ++gap) {
      if (good > gap->after && good <= gap->until) good = gap->after;
    }
    const bool kept = tier.keep == 0 || written_between(i, good, newest) < tier.keep;
    tiers_[i].newest = kept ? good : 0;
  }
  go_back();
}

Duration TrainingRun::finish() {
  const Duration end{end_ns()};
  const Point at = point(end);
  close_segment(at, end);
  if (!course_.tiers.empty() && !last_is_told() &&
      course_.steps % course_.tiers.back().every != 0) {
    ++checkpoints_;
  }
  base_ = course_.steps;
  before_first_ns_ = 0;
  return end;
}

TrainingRun::Account TrainingRun::account(Duration worked) const {
  const Point at = point(worked);
  Account out;
  out.kept = at.step;
  const std::int64_t under_way = at.steps_ns - as_count(at.step - base_) * course_.step.ns;
  out.kept_ns = as_count(at.step) * course_.step.ns + under_way;
  out.discarded_ns = steps_ns_ + at.steps_ns - out.kept_ns;
  out.stalls_ns = stalls_ns_ + at.stalls_ns;
  out.restarts_ns = restarts_ns_ + at.restart_ns;
  out.checkpoints = checkpoints_ + written_at(at, worked);
  if (clean_) out.spoilt = at.step - std::min(at.step, *clean_);
  return out;
}

double best_period(double mttf, double stall) {
  HYPERDC_CHECK(mttf > 0 && stall > 0, "a period without failures or without checkpoints");
  if (std::isinf(mttf)) return std::numeric_limits<double>::infinity();
  // x - (1 - exp(-x)) = C / mu: the left side is convex and rises, so Newton from above converges.
  const double cost = stall / mttf;
  double x = cost + std::sqrt(2 * cost) + 1e-12;
  for (int i = 0; i < 64; ++i) {
    const double rises = -math::expm1(-x);
    const double next = x - (x - rises - cost) / rises;
    if (std::fabs(next - x) <= 1e-14 * x) break;
    x = next;
  }
  return x * mttf;
}

double checkpoint_efficiency(double mttf, double period, double stall, double downtime,
                             double restart) {
  return (period - stall) /
         ((mttf + downtime) * math::exp(restart / mttf) * math::expm1(period / mttf));
}

}  // namespace hyperdc
