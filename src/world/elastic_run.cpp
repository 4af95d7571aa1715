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
                       std::span<const std::uint32_t> servers, std::span<const std::uint32_t> kinds,
                       const Allocator& allocator)
    : spec_(spec),
      job_(job),
      profile_(spec.profiles.applications[job.application]),
      application_(spec.applications[job.application]),
      servers_(servers),
      kinds_(kinds),
      adapts_(allocator.adapts_batch()),
      held_(servers.size(), 0),
      beliefs_(allocator.kinds() == AcceleratorKinds::apart ? spec.kinds.size() : 1) {}

void ElasticRun::give(const Allocation& held, SimTime now) {
  held_ = held;
  accelerators_ = servers_held_ = 0;
  for (std::size_t s = 0; s < held_.size(); ++s) {
    if (held_[s] == 0) continue;
    HYPERDC_CHECK(accelerators_ == 0 || kinds_[s] == kind_, "a job on two kinds of accelerators");
    kind_ = kinds_[s];
    accelerators_ += held_[s];
    ++servers_held_;
  }
  since_ = now;
  if (accelerators_ == 0) return;
  works_from_ = now + restart();
  ++starts_;
  spread();
}

double ElasticRun::step_time(std::span<const std::uint32_t> placement,
                             const BatchPlan& plan) const {
  const StepTime step = profile(kind_).step(placement, static_cast<double>(plan.local));
  return step.step_s + (step.step_s - step.sync_s) * static_cast<double>(plan.accumulation);
}

std::optional<std::uint64_t> ElasticRun::fixed_batch() const {
  return adapts_ ? application_.batch : job_.batch;
}

void ElasticRun::spread() {
  const BatchLimits& here = limits(kind_);
  const auto fixed = fixed_batch();
  const double least =
      std::max(static_cast<double>(here.first),
               static_cast<double>(here.least_local) * static_cast<double>(accelerators_));
  plan_.goodput = 0;
  if (fixed) {
    plan_ = spread_batch(static_cast<double>(*fixed), accelerators_, here);
  } else if (!belief().observed.empty()) {
    plan_ = best_batch(model(belief()), noise_, here, servers_held_, accelerators_);
  }
  if (!fixed && plan_.goodput <= 0) plan_ = spread_batch(least, accelerators_, here);
  plan_ = bounded(plan_, accelerators_, here);
  step_s_ = step_time(held_, plan_);
}

double ElasticRun::rate() const {
  const auto batch = static_cast<double>(plan_.batch(accelerators_));
  const GradientNoise noise = profile_.noise(batch, epoch_);
  return batch_gain(noise, batch / static_cast<double>(application_.limits.first)) / step_s_ *
         (1 - interference_) / application_.slowdown;
}

void ElasticRun::measure() {
  const auto local = static_cast<double>(plan_.local);
  const StepTime step = profile(kind_).step(held_, local);
  const GradientNoise noise =
      profile_.noise(static_cast<double>(plan_.batch(accelerators_)), epoch_);
  tried_ = std::max(tried_, accelerators_);
  const StepObserved seen{servers_held_, accelerators_, plan_.local, step.step_s - step.sync_s,
                          step.step_s};
  Belief& belief = beliefs_[beliefs_.size() > 1 ? kind_ : 0];
  const bool known = std::any_of(belief.observed.begin(), belief.observed.end(),
                                 [&](const StepObserved& o) { return o.same_setting(seen); });
  if (known && noise == noise_) return;
  noise_ = noise;
  for (Belief& each : beliefs_) {
    for (auto& goodputs : each.goodputs) goodputs.clear();
  }
  if (known) return;
  belief.observed.push_back(seen);
  belief.model.reset();
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
  books.samples += static_cast<double>(plan_.batch(accelerators_)) / step_s_ * (1 - interference_) /
                   application_.slowdown * to_seconds(worked);
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

ElasticJobView ElasticRun::view(SimTime now) const {
  ElasticJobView out;
  out.submit = job_.submit;
  out.attained_s = per_second(attained_ns_);
  out.restarts = starts_ > 0 ? starts_ - 1 : 0;
  out.asked = job_.accelerators;
  std::uint64_t least_local = limits(0).least_local;
  for (std::uint32_t k = 1; k < spec_.kinds.size(); ++k) {
    least_local = std::min(least_local, limits(k).least_local);
  }
  const std::uint64_t batch = fixed_batch().value_or(application_.limits.last);
  const std::uint64_t most = std::max<std::uint64_t>(1, batch / least_local);
  out.most = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, 1'000'000));
  if (application_.accelerators) out.most = std::min(out.most, *application_.accelerators);
  out.tried = tried_;
  out.restart = restart();
  out.coming_up = accelerators_ > 0 && now < works_from_;
  out.held = &held_;
  out.speed = this;
  return out;
}

const ThroughputModel& ElasticRun::model(const Belief& belief) {
  if (!belief.model) belief.model = fit_throughput(belief.observed);
  return *belief.model;
}

std::optional<double> ElasticRun::goodput(std::uint32_t servers, std::uint32_t accelerators,
                                          std::uint32_t kind) const {
  const std::uint32_t asked = beliefs_.size() > 1 ? kind : 0;
  std::uint32_t from = asked;
  if (beliefs_[from].observed.empty()) {
    for (from = 0; from < beliefs_.size() && beliefs_[from].observed.empty();) ++from;
    if (from == beliefs_.size()) return std::nullopt;
  }
  const Belief& belief = beliefs_[from];
  std::vector<double>& known = belief.goodputs[servers > 1 ? 1 : 0];  // all that models tell apart
  if (known.size() <= accelerators) known.resize(accelerators + 1, -1);
  double& value = known[accelerators];
  const double faster = from == asked ? 1 : profile(asked).one_rate() / profile(from).one_rate();
  if (value >= 0) return value * faster;
  const BatchLimits& here = limits(from);
  if (const auto fixed = fixed_batch()) {
    const BatchPlan plan = spread_batch(static_cast<double>(*fixed), accelerators, here);
    value = goodput_of(model(belief), noise_, here, servers, accelerators, plan);
  } else {
    value = best_batch(model(belief), noise_, here, servers, accelerators).goodput;
  }
  return value * faster;
}

double ElasticRun::remaining_s(std::uint32_t accelerators) const {
  if (fixed_step_s_.size() <= accelerators) fixed_step_s_.resize(accelerators + 1, 0);
  double& step_s = fixed_step_s_[accelerators];
  const auto batch = static_cast<double>(job_.batch);
  if (step_s == 0) {
    const std::uint32_t each = *std::max_element(servers_.begin(), servers_.end());
    std::vector<std::uint32_t> placement(accelerators / each, each);
    if (accelerators % each > 0) placement.push_back(accelerators % each);
    step_s = step_time(placement, spread_batch(batch, accelerators, limits(0)));
  }
  const std::uint32_t last = profile_.epochs() - 1;
  const double steps =
      epoch_ >= last ? 1 : profile_.iterations(batch, last) - profile_.iterations(batch, epoch_);
  return steps * step_s * application_.slowdown;
}

}  // namespace hyperdc
