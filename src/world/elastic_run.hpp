// ElasticRun: one job of elastic training: what it has, how it spreads its batch over that, how far
// it is.
//
// Computes: progress p, in steps at the first batch: p grows by gain / time a second, where time
// and gain are those of its step and batch (ai/training/goodput.hpp) by the profile, from `restart`
// after each change on; an epoch ends where p reaches what the profile says, the job with its last.
// What a job knows of itself is what it measured: a step of each setting that it worked in, and the
// gradient of the present epoch; of several kinds of accelerators on each, or, where its allocator
// takes them for alike, the first of each setting on any. It spreads its batch anew at each
// decision and at each epoch. Units: s, accelerators. Source: the simulator of Qiao et al. (Pollux,
// OSDI'21), which ends jobs at whole seconds and gives what they held back at the next decision;
// here both are at once. Leaves out: noise of measurements, failures, evaluation and checkpoints
// beside `restart`.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <hyperdc/policy/allocator.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "scenario/elastic_spec.hpp"
#include "world/world.hpp"

namespace hyperdc {

/// Starts nothing: an allocator decides.
class IdleScheduler final : public Scheduler {
 public:
  void submitted(JobId, const SchedulerView&) override {}
  void ended(JobId, const SchedulerView&) override {}
  void withdrawn(JobId, const SchedulerView&) override {}
  void schedule(const SchedulerView&, SchedulerActions&) override {}
};

/// The pool is one of elastic training.
bool is_elastic(const Scenario& scenario, std::uint32_t pool);
/// The jobs of such a workload, as they ask.
std::unique_ptr<JobSource> elastic_source(const JobsWorkload& workload);
std::unique_ptr<Allocator> make_allocator(const ElasticSpec& spec, std::uint64_t seed);

class ElasticRun final : public ElasticSpeed {
 public:
  /// `servers`: accelerators of each server of the pool. `kinds`: of them, as of the spec.
  ElasticRun(const ElasticSpec& spec, const ElasticJob& job, std::span<const std::uint32_t> servers,
             std::span<const std::uint32_t> kinds, const Allocator& allocator);

  /// Has these from now on; none: it waits.
  void give(const Allocation& held, SimTime now);
  /// Works until now, counts it, and measures; false: it did no work since the last call.
  bool advance(SimTime now, ElasticBooks& books);
  /// Spreads its batch for what it has and knows.
  void spread();
  /// When the present epoch ends, as things are; nothing while it waits, or where that is beyond
  /// what SimTime holds.
  std::optional<SimTime> epoch_ends(SimTime now) const;
  /// That moment has come. True: it was the last epoch.
  bool end_epoch();
  void set_interference(double share) { interference_ = share; }
  double interference() const { return interference_; }

  const Allocation& held() const { return held_; }
  std::uint32_t servers_held() const { return servers_held_; }
  /// Its number is left to its owner.
  ElasticJobView view(SimTime now) const;

  std::optional<double> goodput(std::uint32_t servers, std::uint32_t accelerators,
                                std::uint32_t kind) const override;
  double remaining_s(std::uint32_t accelerators) const override;

 private:
  /// What it measured on one kind of accelerators; where kinds are alike, on all.
  struct Belief {
    std::vector<StepObserved> observed;
    mutable std::optional<ThroughputModel> model;         // of what was observed
    mutable std::array<std::vector<double>, 2> goodputs;  // one server, several; < 0: not known yet
  };

  void measure();
  Duration restart() const { return application_.restart.value_or(spec_.restart); }
  const ElasticProfile& profile(std::uint32_t kind) const {
    return spec_.kinds[kind].profiles[job_.application];
  }
  const BatchLimits& limits(std::uint32_t kind) const {
    return spec_.kinds[kind].limits[job_.application];
  }
  const Belief& belief() const { return beliefs_[beliefs_.size() > 1 ? kind_ : 0]; }
  /// The batch that it keeps; nothing: it chooses.
  std::optional<std::uint64_t> fixed_batch() const;
  double step_time(std::span<const std::uint32_t> placement, const BatchPlan& plan) const;
  static const ThroughputModel& model(const Belief& belief);
  /// Of a batch like the present one, now.
  double rate() const;

  const ElasticSpec& spec_;
  const ElasticJob& job_;
  const ElasticProfile& profile_;  // its progress
  const ElasticApplication& application_;
  std::span<const std::uint32_t> servers_, kinds_;
  bool adapts_ = false;

  Allocation held_;
  std::uint32_t accelerators_ = 0, servers_held_ = 0, kind_ = 0;
  BatchPlan plan_;
  double step_s_ = 0;  // with accumulation, on what it has
  double interference_ = 0;
  std::uint32_t epoch_ = 0;
  double progress_ = 0;
  SimTime since_, works_from_;
  Int128 attained_ns_ = 0;
  std::uint32_t starts_ = 0, tried_ = 0;

  std::vector<Belief> beliefs_;  // by kind; one where they are alike
  GradientNoise noise_;
  mutable std::vector<double> fixed_step_s_;  // by accelerators; 0: not known yet
};

}  // namespace hyperdc
