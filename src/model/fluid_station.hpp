// FluidStation: one deployment of a service without its requests: a step of seconds to minutes at
// a constant rate, from queueing formulas.
//
// State: x, the mean number in the system. It moves by the pointwise stationary fluid flow
// approximation (Rider, J. ACM 23, 1976; Wang, Tipper and Banerjee, IEEE INFOCOM 1996):
//
//   dx/dt = (lambda - (N / S) u(x)) (1 - B(u(x)))     u(x): the load at which the station in
//   equilibrium
//                                                     holds x; B: share lost there; N slots
//   served = N / S * integral of u (1 - B);  lost = arrived - served - change of x
//
// piecewise linear in x between the loads of FluidTable and solved exactly piece by piece: at rest
// it is the equilibrium, above capacity the fluid backlog, at capacity it grows with the square
// root of time (by 1.25 times too much from empty: diffusion has sqrt(2/pi)). Latency: strata of
// the equilibrium at the mean x of the step. A load that takes longer to come to rest than x takes
// to change (1 - u < sqrt(S (Ca2 + Cs2) / (c T)), c slots sharing a queue, T the longer of the step
// and x / (dx/dt); transient.hpp) is cut there, and what x exceeds is a fluid backlog: who arrives
// waits its service time, spread over the step from what it is at the start to what it is at the
// end. Units: seconds, requests. Cost: about 0.5 us a step once a number of replicas is known.
// Valid for steps longer than a service time; error by load, split and service:
// docs/models/fluid.md. Leaves out bursts within a step, dependence of queues on time beyond x,
// clients that give up (the work is done), and which requests a leaving replica takes with it.
#pragma once

#include <cstdint>
#include <map>

#include "model/fluid_table.hpp"

namespace hyperdc {

struct FluidInput {
  double step_s = 60;
  double rate_per_s = 0;  // offered, mean over the step
  double replicas = 0;    // ready, mean; 0: every request of the step and of the backlog is lost
  double slowdown = 1;    // service takes so many times as long (throttling)
};

struct FluidStep {
  double arrived = 0, admitted = 0;  // requests
  double lost = 0;                   // arrived - admitted + dropped
  double dropped = 0;                // of the backlog: no replica left to hold it
  double served = 0;                 // completions
  double in_system = 0;              // mean over the step
  double in_system_end = 0;
  std::uint32_t alike = 0;  // number of replicas of the table that it came from
  double utilization = 0;   // mean busy share of the slots
  double all_busy = 0;      // P: every slot of the replica that a request is sent to
  double latency_mean_s = 0;
  queueing::Strata latency_s{};  // of those admitted in the step
  queueing::Strata wait_s{};     // of them before service; first come, first served only
  /// The same at one place within each stratum, which moves by the golden ratio from step to step:
  /// samples for a histogram, so that its quantiles do not fall on the middles of strata.
  queueing::Strata latency_sample_s{}, wait_sample_s{};
};

class FluidStation {
 public:
  explicit FluidStation(const FluidService& config);
  FluidStation(const FluidStation&) = delete;
  FluidStation& operator=(const FluidStation&) = delete;

  /// The returned values hold until the next call.
  const FluidStep& step(const FluidInput& input);
  const FluidStep& last() const { return out_; }
  double in_system() const { return number_; }
  /// A share of what is in the system is gone; returns how much.
  double drop(double share);
  /// What is in the system is served at once; returns how much. For what is less than a request.
  double finish();
  const queueing::ServiceShape& service() const { return shape_; }
  queueing::Split split() const { return config_.split; }
  /// How requests are split among the replicas from now on; what is there stays.
  void set_split(queueing::Split split);

 private:
  /// Integrals over a step, of one replica.
  struct Motion {
    double number_s = 0;   // of x
    double carried_s = 0;  // of u (1 - B)
    double above_s = 0;    // of what x exceeds the cut
    double time_above_s = 0;
  };
  /// What the step asks of the table: load of one slot, completions a second of one busy replica.
  struct Drive {
    double load = 0;
    double ends_per_s = 0;
    double step_s = 0;
    double cut = 0;  // the largest x that comes to rest within the step
  };
  FluidTable& table(double replicas);  // notes FluidStep::alike
  double resting_number(const FluidTable& table, const FluidInput& input, double over_s) const;
  double resting_of_queue(const FluidTable& table, const FluidInput& input, double over_s) const;
  Motion move(const FluidTable& table, const Drive& drive, double& x);
  double move_within(const FluidTable& table, const Drive& drive, double left, double& x,
                     Motion& sum);
  double move_beyond(const FluidTable& table, const Drive& drive, double left, double& x,
                     Motion& sum);
  void latencies(FluidTable& table, const FluidInput& input, const Motion& motion, double first_s,
                 double last_s);
  void add_backlog(double first_s, double last_s, double share);

  FluidService config_;
  queueing::ServiceShape shape_;
  std::map<std::uint32_t, FluidTable> tables_;  // by replicas, rounded
  double number_ = 0;                           // x, of the whole station
  std::size_t node_ = 0;                        // where x was last
  double place_ = 0;                            // of samples within strata
  FluidStep out_;
};

}  // namespace hyperdc
