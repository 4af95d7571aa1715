// Stations with Poisson arrivals and exponential service: M/M/c and M/M/c/K, first come, first
// served.
//
//   a = arrival rate * S, rho = a / c, C = Erlang C, B = Erlang B
//   M/M/c    Wq = C S / (c - a);  P(W > t) = C e^(-(c - a) t / S)
//            P(T > t) = e^(-t/S) (1 + C (1 - e^(-(c - 1 - a) t/S)) / (c - 1 - a))
//   M/M/c/K  weights of the states from c busy and i waiting: rho^i, i = 0..K, and 1/B - 1 for all
//            states with a free server; lost is who finds K waiting; who finds i < K waiting and
//            no free server waits Erlang(i + 1, c / S)
// Source: Erlang (1917); Kleinrock, Queueing Systems I (1975), 3.5-3.7; Gross, Shortle, Thompson
// and Harris, Fundamentals of Queueing Theory (2008), 2.3-2.5. Units: seconds; servers and loads
// are numbers. Valid for c >= 1 real (Erlang's formulas are continued, see core/erlang_real.hpp),
// load below 1 where the queue has no limit, K up to 1e6 waiting places. Leaves out priorities,
// impatience and everything that is not in equilibrium.
#pragma once

#include <cstdint>

namespace hyperdc::queueing {

struct Mmc {
  double servers = 1;  // >= 1
  double load = 0;     // rho, of one server; below 1
  double service_mean_s = 1;
};

double wait_probability(const Mmc& q);
double wait_mean_s(const Mmc& q);                   // over all requests, those that wait 0 included
double wait_beyond(const Mmc& q, double t_s);       // P(W > t)
double wait_quantile_s(const Mmc& q, double p);     // p in [0, 1)
double sojourn_beyond(const Mmc& q, double t_s);    // P(T > t), T = wait + service
double sojourn_quantile_s(const Mmc& q, double p);  // p in [0, 1)

struct Mmck {
  double servers = 1;
  double load = 0;  // offered rho of one server; may be above 1
  double service_mean_s = 1;
  std::uint64_t waiting_places = 0;  // K; 0 is Erlang's loss system
};

struct MmckState {
  double loss = 0;              // share of arrivals that find no place
  double wait_probability = 0;  // of the admitted
  double wait_mean_s = 0;       // of the admitted
  double waiting = 0;           // mean number
  double busy = 0;              // mean number of busy servers
};

MmckState equilibrium(const Mmck& q);
double wait_beyond(const Mmck& q, double t_s);  // P(W > t) of the admitted; O(K)

}  // namespace hyperdc::queueing
