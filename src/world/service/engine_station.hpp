// EngineStation: what the replicas of an endpoint of fluid fidelity do at rising loads, found by
// trials of their engines (ai/inference/engine_trial.hpp).
//
// Computes: the capacity of a replica, the rate at which it serves a backlog; then trials at shares
// of it, to 0.985: of one replica and its part of the arrivals where these are split at random or
// in turns, or of up to eight (more are taken for eight) where the router looks at loads. They say
// the mean number there, times to the first and the last token (StationEquilibria), and, as
// functions of the number there, readings: running, cache in use, times between tokens, work. Where
// a replica works on more at capacity than are there at the last of these loads, a trial with as
// many says what these have. The prompts and outputs of a trial are drawn in equal strata of their
// distributions, in random order, and their mean is that of the specification; of the tails beyond
// one in 60,000 there is nothing. Trials have draws of their own: they are the same for every seed
// of a run, but for the lengths of common prefixes, which are those of the run.
// Units: requests, s, tokens. Source: as above. Valid: as docs/models/fluid.md measures. Cost: some
// 20 trials of thousands of requests for each number of replicas, seconds in all. Leaves out:
// how long an engine takes to come to rest.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ai/inference/engine_trial.hpp"
#include "model/fluid_table.hpp"
#include "scenario/service.hpp"
#include "world/service/inference.hpp"

namespace hyperdc {

/// One replica, at some number of requests there; what follows a backlog is the last of them.
struct EngineReading {
  double number = 0;
  double running = 0, full = 0, cache = 0;  // requests, and shares
  double variance = 0, memory_s = 0;        // of those that run
  // For one request:
  double computed = 0, cached = 0, host = 0, preemptions = 0;
  double gaps = 0;  // between tokens
  IterationWork work;
  queueing::Strata tpot_s{}, gap_s{};
};

class EngineStation final : public StationEquilibria {
 public:
  EngineStation(const ServiceWorkload& service, const EngineSpec& engine, const IterationTime& time,
                std::uint64_t seed);

  std::uint32_t alike(std::uint32_t replicas, queueing::Split split) const override;
  const Found& found(std::uint32_t replicas, queueing::Split split) override;

  /// Requests a second that one replica serves of a backlog; 0: it can serve none.
  double capacity_per_s() const { return saturated_.rate_per_s; }
  /// Share of the requests that some engine could finish.
  double served_share() const { return served_share_; }
  /// Of those: tokens, and the share that asks for two or more.
  double mean_prompt() const { return mean_prompt_; }
  double mean_output() const { return mean_output_; }
  double decoded_share() const { return decoded_share_; }
  /// How the time that a request takes alone varies, squared.
  double work_cv2() const { return work_cv2_; }
  /// Of replicas with so many requests each; found() was called for them. Holds until the next.
  const EngineReading& at(double number, std::uint32_t replicas, queueing::Split split);

 private:
  struct Group {
    Found found;
    std::vector<EngineReading> readings;
  };
  void draw(const ServiceWorkload& service, std::size_t count);
  TrialResult trial(TrialRules rules) const;
  TrialResult steady_trial(std::uint32_t replicas, queueing::Split split, double load) const;
  void add_node(Group& group, double load, const TrialResult& result) const;
  void add_capacity(Group& group) const;
  EngineReading reading_of(const TrialResult& result) const;
  void note_work();

  const BatchRules& rules_;
  std::uint64_t seed_;
  const IterationTime& time_;
  RandomStream choices_;
  std::optional<PrefixGroups> prefixes_;  // that the requests name
  TrialDemand demand_;
  std::uint64_t at_a_time_ = 1;  // sequences of an engine, about
  bool bursts_ = false;          // arrivals are not Poisson
  double served_share_ = 1, mean_prompt_ = 0, mean_output_ = 0, decoded_share_ = 0;
  double work_cv2_ = 0;
  TrialResult saturated_;
  std::map<std::pair<std::uint32_t, queueing::Split>, Group> groups_;
  EngineReading mixed_;
};

}  // namespace hyperdc
