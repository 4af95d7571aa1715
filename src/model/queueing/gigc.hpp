// Several servers, any service time, any renewal arrivals: approximations for GI/G/c, and for
// M/G/c with processor sharing.
//
//   sigma      geometric ratio of the queue of GI/M/c: sigma = A(c (1 - sigma) / S), A the
//   transform
//              of the time between arrivals, taken as a gamma distribution: sigma =
//              (1 + Ca2 (1 - sigma) / rho)^(-1/Ca2); rho where Ca2 = 1      Kleinrock I, 6.5: exact
//   P(wait)    C(c/z, a/z), z = (1 + Ca2) / 2 (Hayward; Fredericks, BSTJ 59, 1980), times
//              (sigma / C(1/z, rho/z))^(1/c), which makes it exact for one server and Cs2 = 1
//   V          the wait of those that wait: M + Y1 + .. + YN; M the first end among c busy servers,
//              Y residuals of S/c, N geometric. Poisson: N ~ rho (Tijms, Van Hoorn and Federgruen,
//              Adv. Appl. Prob. 13, 1981; Tijms, A First Course in Stochastic Models (2003), 9.6),
//              exact for M/G/1 (Pollaczek-Khinchine, Takacs) and M/M/c. Others: E[V] times
//              (1 - rho) / (1 - sigma) * 2 (Ca2 + Cs2) / ((1 + Ca2)(1 + Cs2)), exact for GI/M/c
//              but for P(wait), and Kingman's heavy traffic limit for all
//   Allen-Cunneen   Wq = C S / (c (1 - rho)) (Ca2 + Cs2) / 2 (Allen, 1978; Ca2 = 1: Lee and
//              Longton, 1957)
//   PS         who finds k present is served at min(1, c / (k + 1)). The number present is that of
//              M/M/c whatever the distribution (insensitivity: Cohen, Acta Inf. 12, 1979), so
//              E[T(x)] = x (1 + Wq / S) with Wq of M/M/c; exact for Poisson arrivals. Others: the
//              excess of GI/M/c times 2 (Ca2 + Cs2) / ((1 + Ca2)(1 + Cs2)), which is the heavy
//              traffic limit for one server (workload over residual: Gromoll, Ann. Appl. Prob. 14,
//              2004)
// Units: seconds; Ca2, Cs2 squared coefficients of variation. Valid for load in [0, 1), c >= 1, Ca2
// up to some 10. Error of the mean wait: none for M/G/1, M/M/c and GI/M/1; within 2 % for M/G/c
// with Cs2 <= 1 and some 10 % to Cs2 = 4 (docs/models/queueing.md). Leaves out correlated arrivals.
#pragma once

#include <optional>

#include "model/queueing/service_shape.hpp"

namespace hyperdc::queueing {

/// c servers that share one queue.
struct GiGc {
  double servers = 1;
  double load = 0;          // of one server, below 1
  double arrivals_cv2 = 1;  // Ca2
};

/// Who waits how long, first come, first served.
struct WaitShape {
  double probability = 0;           // of waiting at all
  Moments wait_s;                   // of those that wait: s, s^2
  std::optional<double> geometric;  // E[N], where V = M + Y1 + .. + YN
  double servers = 1;               // c of M and Y
};

/// How much longer a request takes under processor sharing than alone: T(x) = x (1 + E) where E
/// has this mean and, over a short x, this variance; over a long x it averages out with the
/// correlation time `memory_s` of attained service.
struct SlowdownShape {
  double excess_mean = 0;
  double excess_variance = 0;
  double memory_s = 0;
};

double queue_ratio(const GiGc& q);       // sigma
double wait_probability(const GiGc& q);  // P(wait), exponential service
WaitShape wait_shape(const GiGc& q, const ServiceShape& service);
/// The same with service.first_end(q.servers) known.
WaitShape wait_shape(const GiGc& q, const ServiceShape& service, const Moments& first_end);
double wait_mean_s(const GiGc& q, const ServiceShape& service);
double allen_cunneen_wait_mean_s(const GiGc& q, double service_mean_s, double service_cv2);
SlowdownShape slowdown_shape(const GiGc& q, double service_mean_s, double service_cv2);
double ps_sojourn_mean_s(const GiGc& q, double service_mean_s, double service_cv2);

}  // namespace hyperdc::queueing
