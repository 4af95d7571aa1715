// R replicas of c slots each behind a router: what a request finds at the replica it is sent to.
//
//   random        R independent M/G/c, arrivals of squared variation 1 + (Ca2 - 1) / R
//   round robin   R independent GI/G/c, arrivals of squared variation Ca2 / R
//   least loaded  the number q that waits is a birth and death chain, evenly spread over the R
//   lines:
//                 births lambda b(q), deaths min(q, R) c / S; b(q): all slots busy, for q < R
//                 Erlang's B of the c (R - q) slots of replicas where nobody waits (a slot that
//                 ends there is free until the next arrival), 1 from R on; floor(q / R) stand in
//                 front of an arrival. Exact for R = 1, M/M/c. P(wait) is the chain's, a quarter of
//                 the way (in logarithms) to Erlang's C of one queue: the weight is fitted to
//                 simulation
//   power of two  many replicas: s(k), the share of replicas with k or more, solves
//                 lambda s(k)^2 = (k + 1) s(k + 1) + s(k + 2) + .. + s(c), k < c - 1
//                 s(k + 1) = rho s(k)^2, k >= c - 1    (c = 1: Mitzenmacher, IEEE TPDS 12, 2001;
//                 Vvedenskaya, Dobrushin and Karpelevich, Probl. Inf. Transm. 32, 1996); a request
//                 finds k or more with probability s(k)^2
//                 few: the number n in the whole station is a birth and death chain whose death
//                 rate is the throughput that the equations above have with n / (R - 1/c) requests
//                 a replica, at most n: the split is taken to be at rest while n changes. Random
//                 splitting of M/M/1 treated so is exact. P(wait) is at least that of many
//                 replicas, the mean wait over all is the chain's. Two replicas are least loaded
//   others        service that is not exponential multiplies the mean number ahead by (Ca2 + Cs2) /
//                 (1 + Ca2), the heavy traffic limit; arrivals that are not Poisson take powers 1/z
//                 of the ratios of the chains, z = (1 + Ca2) / 2 (diffusion approximation). Routers
//                 that see loads send nobody behind a long service for long: of the residual of a
//                 service only 1 / (1 + 2.5 P(wait)) of what exceeds S / c is met where Cs2 > 1;
//                 fitted
//   queue limit   K waiting places a replica: the geometric number is cut; lost is who finds the
//                 station full (random, round robin: the replica; others: all replicas),
//                 times the flow that does not fit against that of the walk, where they differ
// Dimensionless; times come from it in WaitShape and SlowdownShape. Valid for loads in [0, 0.9999]
// without a limit and [0, 100] with one. Error against simulation: docs/models/fluid.md. Leaves
// out routers that know sizes or old loads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/queueing/gigc.hpp"

namespace hyperdc::queueing {

enum class Split { random, round_robin, least_loaded, power_of_two };

struct SplitStation {
  Split split = Split::random;
  std::uint32_t replicas = 1;
  std::uint32_t concurrency = 1;
  double arrivals_cv2 = 1;
  double queue_cv2 = 1;  // Cs2 under first come, first served; 1 under processor sharing
  std::optional<std::uint64_t> queue_limit;  // waiting places of a replica
};

/// What an admitted request finds at its replica.
struct Congestion {
  double loss = 0;              // share of arrivals that are not admitted
  double wait_probability = 0;  // all slots of the replica busy
  Moments ahead;                // waiting in front of it, if so
};

/// Keeps the tables of one station.
class SplitModel {
 public:
  explicit SplitModel(const SplitStation& station);
  Congestion congestion(double load) const;  // load: offered, of one slot

 private:
  struct ManyPoint {                                     // power of two, many replicas
    double load = 0, number = 0;                         // a replica
    double wait = 0, ahead_first = 0, ahead_second = 0;  // a request: P, E[j], E[j^2]
  };
  Congestion limited(double servers, double arrivals_cv2, double load) const;
  Congestion least_loaded(double load) const;
  Congestion power_of_two(double load) const;
  void scale(Moments& ahead) const;
  ManyPoint many(double load) const;
  ManyPoint at_number(double number, std::size_t& hint) const;

  SplitStation station_;
  std::vector<ManyPoint> many_;
};

/// The wait that this congestion means with slots of this service; `first_end` is
/// service.first_end(servers), which takes as long as all the rest.
WaitShape wait_shape(const Congestion& congestion, double servers, const ServiceShape& service,
                     const Moments& first_end);
/// `excess_factor`: of arrivals that are not Poisson and sizes that are not exponential.
SlowdownShape slowdown_shape(const Congestion& congestion, double servers, double load,
                             double service_mean_s, double excess_factor);

}  // namespace hyperdc::queueing
