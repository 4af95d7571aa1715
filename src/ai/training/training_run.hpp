// TrainingRun: how far a training run is that writes checkpoints, is stopped and begins again.
//
// Computes: a segment begins at step b (of the checkpoint that is loaded) with `start` and the load
// of that checkpoint. After each step s that `every` of a tier divides, steps stand still for its
// `stall`, tier by tier in their order; the checkpoint can be loaded `flush` after that.
//   ready(s)   = start + load + (s - b) step + sum over tiers of stall (floor((s - 1) / every)
//                - floor(b / every)): when step s is done
//   all done   = ready(S) + stalls at S + flush of the last tier, which is written at the end of
//                the run in any case
// A stop after `worked` has done the steps with ready(s) <= worked. The run begins anew at the
// newest checkpoint that could be loaded by then, among the tiers that outlive what was lost; a
// tier that does not has nothing until it is written again. So, in exact ns,
//   worked = restarts + step (kept + discarded) + stalls.
// Silent corruption during step s + 1 spoils all checkpoints of later steps: once it is found, the
// run begins at the newest of the `keep` last of a tier that is not; a run that goes back that far
// for another reason is rid of it.
// A tier that is `told` is written and read at a pace that others decide: no stall, flush or load
// of it is known here, and its checkpoints are there once written() says so. One is due `kTold`
// after ready(s) and the stalls before it, so that s is done by then at any speed; at the end of
// the run kLastTold are left to do after that. best_period: the period T, checkpoint included, that
// loses least where failures are exponential with mean mu and a checkpoint stands still for C: 1 -
// exp(-T / mu) = (T - C) / mu, the maximum of
//   efficiency = (T - C) / ((mu + D) exp(R / mu) (exp(T / mu) - 1))
// for downtime D and restart R (Daly, FGCS 22 (2006); Aupy et al. 2013 give D and R apart).
// Units: ns, steps. Source: as named, else definition. Cost: O(tiers log steps) a stop, none a
// checkpoint. Leaves out: steps of several lengths in a segment (World slows time itself), and
// checkpoints that fail unless they are told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// The most of what was lost together: nothing, one device, one server, servers of one rack, more.
enum class TrainingLoss : std::uint8_t { none, accelerator, server, rack, more };

struct CheckpointTier {
  std::string name;
  std::uint64_t every = 1;  // steps
  Duration stall;
  Duration flush;                              // from the stall's end; below the period
  Duration load;                               // at a restart from it; told: alone, to compare
  TrainingLoss outlives = TrainingLoss::more;  // the most that it can be loaded after
  std::uint64_t keep = 0;                      // the last ones; 0: all
  bool told = false;                           // then without stall and flush
};

struct TrainingCourse {
  Duration step;
  std::uint64_t steps = 1;
  Duration start;  // before the first step, each time
  std::vector<CheckpointTier> tiers;
};

class TrainingRun {
 public:
  explicit TrainingRun(const TrainingCourse& course);

  /// A segment begins, `overhead` longer: how long it takes to the end if nothing stops it.
  Duration begin(Duration overhead = {});
  /// It is stopped after `worked`.
  void stop(Duration worked, TrainingLoss loss);
  /// It has come to its end, so long after the segment began.
  Duration finish();
  /// It waits, and this is lost with what stopped it.
  void lose(TrainingLoss loss);
  std::uint64_t steps_left() const { return course_.steps - base_; }
  /// What it would take from here, if it began now and nothing stopped it.
  Duration left() const;
  /// Something was computed wrongly after `worked` of this segment, and nobody knows.
  void corrupt(Duration worked);
  /// Stopped after `worked` because that was found. Nothing if a restart was rid of it before.
  bool is_corrupt() const { return clean_.has_value(); }
  void stop_corrupt(Duration worked);

  /// Of a tier that is told: what is due next, after that of step `after`, and how much work of the
  /// segment that is. Nothing after the last.
  struct Write {
    std::uint64_t step = 0;
    Duration at;
    bool last = false;  // of the run: it ends with this one
  };
  static constexpr std::int64_t kTold = 1, kLastTold = 10;  // ns
  std::optional<Write> next_write(std::size_t tier, std::uint64_t after) const;
  /// The checkpoint of that step is there.
  void written(std::size_t tier, std::uint64_t step);
  /// It cannot be read: call stop() after this.
  void unreadable(std::size_t tier, std::uint64_t step);
  /// The tier that is told and that the present segment begins from, which is then read once so
  /// much of the segment is done.
  std::optional<std::size_t> loads_from() const { return from_; }
  Duration load_at() const { return Duration{before_first_ns_}; }
  std::uint64_t base() const { return base_; }
  /// Work of the segment until the step after this one begins.
  Duration done_at(std::uint64_t step) const;

  /// What the time so far went into, ns; `worked` of the present segment included.
  struct Account {
    std::uint64_t kept = 0;    // steps that count
    std::int64_t kept_ns = 0;  // of them, and of one under way
    std::int64_t discarded_ns = 0, stalls_ns = 0, restarts_ns = 0;
    std::uint64_t checkpoints = 0;  // written, the last of a run among them
    std::uint64_t spoilt = 0;       // of those kept, after a corruption that nobody has seen
    std::int64_t sum_ns() const { return kept_ns + discarded_ns + stalls_ns + restarts_ns; }
  };
  Account account(Duration worked) const;

 private:
  struct Tier {
    std::uint64_t newest = 0;  // step of it; 0: none, the run begins at the beginning
    /// Checkpoints of steps in (after, until] were not written, or are lost; rising.
    struct Gap {
      std::uint64_t after = 0, until = 0;
    };
    std::vector<Gap> gaps;
    std::vector<std::uint64_t> there;  // told: steps of those that can be loaded, rising
  };
  /// Where the segment is after `worked`.
  struct Point {
    std::uint64_t step = 0;  // done
    std::int64_t steps_ns = 0, stalls_ns = 0, restart_ns = 0;
  };

  std::int64_t ready_ns(std::uint64_t step) const;
  std::int64_t stalls_at(std::uint64_t step, std::size_t tiers) const;
  std::int64_t end_ns() const;
  Point point(Duration worked) const;
  std::uint64_t written_between(std::size_t tier, std::uint64_t from, std::uint64_t to) const;
  std::uint64_t newest_at(std::size_t tier, const Point& at, Duration worked) const;
  std::uint64_t written_at(const Point& at, Duration worked) const;
  void close_segment(const Point& at, Duration worked);
  void go_back();
  void lose_tiers(TrainingLoss loss);
  bool last_is_told() const { return !course_.tiers.empty() && course_.tiers.back().told; }

  TrainingCourse course_;
  std::vector<Tier> tiers_;
  std::uint64_t base_ = 0;              // step at which the segment began
  std::int64_t before_first_ns_ = 0;    // of the segment: start and load
  Duration load_;                       // of the checkpoint to begin at
  std::optional<std::size_t> from_;     // that one is of a tier that is told
  std::optional<std::uint64_t> clean_;  // the last step before the corruption
  // of closed segments
  std::int64_t steps_ns_ = 0, stalls_ns_ = 0, restarts_ns_ = 0;
  std::uint64_t checkpoints_ = 0;
};

/// Of the same units as its arguments: mean time between failures, and what one checkpoint stands
/// still. Source and equation: above. Needs both above 0; an infinite mean gives infinity.
double best_period(double mttf, double stall);
/// The efficiency above: share of time that is work, for a period that includes its checkpoint.
double checkpoint_efficiency(double mttf, double period, double stall, double downtime,
                             double restart);

}  // namespace hyperdc
