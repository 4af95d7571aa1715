#include "world/elastic_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "scenario/policy_entry.hpp"

namespace hyperdc {
namespace {

class ElasticSource final : public JobSource {
 public:
  explicit ElasticSource(const JobsWorkload& workload)
      : spec_(*workload.elastic), tenants_{workload.name} {}

  bool next(JobRecord& job) override {
    if (next_ == spec_.jobs.size()) return false;
    const ElasticJob& row = spec_.jobs[next_++];
    job = JobRecord{};
    job.submit = row.submit;
    job.each = spec_.each;
    job.members = spec_.keeps_requested ? row.accelerators : 1;
    job.name = row.name;
    return true;
  }
  std::span<const std::string> tenants() const override { return tenants_; }

 private:
  const ElasticSpec& spec_;
  std::vector<std::string> tenants_;
  std::size_t next_ = 0;
};

}  // namespace

bool is_elastic(const Scenario& scenario, std::uint32_t pool) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [&](const JobsWorkload& w) { return w.pool == pool && w.elastic; });
}

std::unique_ptr<JobSource> elastic_source(const JobsWorkload& workload) {
  return std::make_unique<ElasticSource>(workload);
}

std::unique_ptr<Allocator> make_allocator(const ElasticSpec& spec, std::uint64_t seed) {
  return entry_of(allocators(), spec.allocator).make(spec.allocator.params, AllocatorContext{seed});
}

ElasticRun::ElasticRun(const ElasticSpec& spec, const ElasticJob& job,
                       std::span<const std::uint32_t> servers, bool adapts)
    : spec_(spec),
      job_(job),
      profile_(spec.profiles.applications[job.application]),
      application_(spec.applications[job.application]),
      servers_(servers),
      adapts_(adapts),
      held_(servers.size(), 0) {}

void ElasticRun::give(const Allocation& held, SimTime now) {
  held_ = held;
  accelerators_ = servers_held_ = 0;
  for (const std::uint32_t here : held_) {
    accelerators_ += here;
    servers_held_ += here > 0 ? 1 : 0;
  }
  since_ = now;
  if (accelerators_ == 0) return;
  works_from_ = now + spec_.restart;
  ++starts_;
  spread();
}

double ElasticRun::step_time(std::span<const std::uint32_t> placement,
                             const BatchPlan& plan) const {
  const StepTime step = profile_.step(placement, static_cast<double>(plan.local));
  return step.step_s + (step.step_s - step.sync_s) * static_cast<double>(plan.accumulation);
}

std::optional<std::uint64_t> ElasticRun::fixed_batch() const {
  return adapts_ ? application_.batch : job_.batch;
}

void ElasticRun::spread() {
  const BatchLimits& limits = application_.limits;
  const auto fixed = fixed_batch();
  const double least =
      std::max(static_cast<double>(limits.first),
               static_cast<double>(limits.least_local) * static_cast<double>(accelerators_));
  plan_.goodput = 0;
  if (fixed) {
    plan_ = spread_batch(static_cast<double>(*fixed), accelerators_, limits);
  } else if (!observed_.empty()) {
    plan_ = best_batch(model(), noise_, limits, servers_held_, accelerators_);
  }
  if (!fixed && plan_.goodput <= 0) plan_ = spread_batch(least, accelerators_, limits);
  plan_ = bounded(plan_, accelerators_, limits);
  step_s_ = step_time(held_, plan_);
}

double ElasticRun::rate() const {
  const auto batch = static_cast<double>(plan_.batch(accelerators_));
  const GradientNoise noise = profile_.noise(batch, epoch_);
  return batch_gain(noise, batch / static_cast<double>(application_.limits.first)) / step_s_ *
         (1 - interference_);
}

void ElasticRun::measure() {
  const auto local = static_cast<double>(plan_.local);
  const StepTime step = profile_.step(held_, local);
  const GradientNoise noise =
      profile_.noise(static_cast<double>(plan_.batch(accelerators_)), epoch_);
  tried_ = std::max(tried_, accelerators_);
  const StepObserved seen{servers_held_, accelerators_, plan_.local, step.step_s - step.sync_s,
                          step.step_s};
  const bool known = std::any_of(observed_.begin(), observed_.end(),
                                 [&](const StepObserved& o) { return o.same_setting(seen); });
  if (known && noise == noise_) return;
  noise_ = noise;
  for (auto& goodputs : goodputs_) goodputs.clear();
  if (known) return;
  observed_.push_back(seen);
  model_.reset();
}

bool ElasticRun::advance(SimTime now, ElasticBooks& books) {
  const Duration held = now - since_;
  attained_ns_ += Int128{accelerators_} * held.ns;
  books.held_ns += Int128{accelerators_} * held.ns;
  const SimTime from = std::max(since_, works_from_);
  since_ = now;
  if (accelerators_ == 0) return false;
  const Duration worked = now > from ? now - from : Duration{};
  books.restarting_ns += Int128{accelerators_} * (held.ns - worked.ns);
  if (worked.ns == 0) return false;
  const double progressed = rate() * to_seconds(worked);
  progress_ += progressed;
  books.useful += progressed * static_cast<double>(application_.limits.first);
  books.samples += static_cast<double>(plan_.batch(accelerators_)) / step_s_ * (1 - interference_) *
                   to_seconds(worked);
  measure();
  return true;
}

std::optional<SimTime> ElasticRun::epoch_ends(SimTime now) const {
  if (accelerators_ == 0) return std::nullopt;
  const double left = std::max(0.0, profile_.progress(epoch_ + 1) - progress_);
  const SimTime from = std::max(now, works_from_);
  const double takes_ns = std::ceil(left / rate() * 1e9);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() - from.ns;
  if (!(takes_ns < static_cast<double>(most))) return std::nullopt;
  return from + Duration{static_cast<std::int64_t>(takes_ns)};
}

bool ElasticRun::end_epoch() {
  ++epoch_;
  progress_ = profile_.progress(epoch_);
  return epoch_ == profile_.epochs();
}

ElasticJobView ElasticRun::view() const {
  ElasticJobView out;
  out.submit = job_.submit;
  out.attained_s = per_second(attained_ns_);
  out.restarts = starts_ > 0 ? starts_ - 1 : 0;
  out.asked = job_.accelerators;
  const BatchLimits& limits = application_.limits;
  const std::uint64_t batch = fixed_batch().value_or(limits.last);
  const std::uint64_t most = std::max<std::uint64_t>(1, batch / limits.least_local);
  out.most = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, 1'000'000));
  if (application_.accelerators) out.most = std::min(out.most, *application_.accelerators);
  out.tried = tried_;
  out.held = &held_;
  out.speed = this;
  return out;
}

const ThroughputModel& ElasticRun::model() const {
  if (!model_) model_ = fit_throughput(observed_);
  return *model_;
}

std::optional<double> ElasticRun::goodput(std::uint32_t servers, std::uint32_t accelerators) const {
  if (observed_.empty()) return std::nullopt;
  std::vector<double>& known = goodputs_[servers > 1 ? 1 : 0];  // all that the model tells apart
  if (known.size() <= accelerators) known.resize(accelerators + 1, -1);
  double& value = known[accelerators];
  if (value >= 0) return value;
  const BatchLimits& limits = application_.limits;
  if (const auto fixed = fixed_batch()) {
    const BatchPlan plan = spread_batch(static_cast<double>(*fixed), accelerators, limits);
    value = goodput_of(model(), noise_, limits, servers, accelerators, plan);
  } else {
    value = best_batch(model(), noise_, limits, servers, accelerators).goodput;
  }
  return value;
}

double ElasticRun::remaining_s(std::uint32_t accelerators) const {
  if (fixed_step_s_.size() <= accelerators) fixed_step_s_.resize(accelerators + 1, 0);
  double& step_s = fixed_step_s_[accelerators];
  const auto batch = static_cast<double>(job_.batch);
  if (step_s == 0) {
    const std::uint32_t each = *std::max_element(servers_.begin(), servers_.end());
    std::vector<std::uint32_t> placement(accelerators / each, each);
    if (accelerators % each > 0) placement.push_back(accelerators % each);
    step_s = step_time(placement, spread_batch(batch, accelerators, application_.limits));
  }
  const std::uint32_t last = profile_.epochs() - 1;
  const double steps =
      epoch_ >= last ? 1 : profile_.iterations(batch, last) - profile_.iterations(batch, epoch_);
  return steps * step_s;
}

}  // namespace hyperdc
