// Queues out of equilibrium, in the large: backlog under overload, its drain, and how long a
// station takes to come to rest.
//
//   fluid       Q(t) = Q0 + (lambda - c / S) t while positive; drained after Q0 / (c / S - lambda)
//   wait        who arrives behind Q waits Q S / c, first come, first served
//   critical    lambda = c / S from empty: E[Q(t)] = sqrt(2 v t / pi), v = lambda (Ca2 + Cs2): the
//               mean of Brownian motion reflected at 0
//   relaxation  S (Ca2 + Cs2) / (c (1 - rho)^2): the time scale v / drift^2 of the same diffusion
// Source: Newell, Applications of Queueing Theory (1982), chapters 2 and 6; Harrison, Brownian
// Motion and Stochastic Flow Systems (1985); Kleinrock II, 2.7. Units: seconds, requests. Valid
// for queues that are long against their fluctuations (fluid) or one and more (diffusion). Leaves
// out the discreteness of requests and limits of the queue.
#pragma once

namespace hyperdc::queueing {

struct Flow {
  double rate_per_s = 0;  // offered
  double servers = 1;
  double service_mean_s = 1;
};

double fluid_backlog(const Flow& flow, double backlog, double elapsed_s);
/// Infinite where the load does not let it drain.
double drain_time_s(const Flow& flow, double backlog);
double backlog_wait_s(const Flow& flow, double backlog);
/// `variation` is Ca2 + Cs2.
double critical_backlog(const Flow& flow, double variation, double elapsed_s);
double relaxation_time_s(const Flow& flow, double variation);

}  // namespace hyperdc::queueing
