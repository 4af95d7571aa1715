// One server with Poisson arrivals and any service time: M/G/1, first come, first served, and
// M/G/1-PS, processor sharing.
//
//   FCFS  Wq = rho S (1 + cv^2) / (2 (1 - rho))                      Pollaczek (1930), Khinchine
//   (1932)
//         E[W^2] = 2 Wq^2 + lambda E[S^3] / (3 (1 - rho))            Takacs (1962)
//   PS    E[T] = S / (1 - rho), whatever the distribution; E[T(x)] = x / (1 - rho) for a request
//         of size x                                    Sakata, Noguchi and Oizumi (1971); Yashkov
//         (1983); Kleinrock, Queueing Systems II (1976), 4.4
//         Var[T(x)] = 2 rho S^2 (u - 1 + e^-u) / (1 - rho)^4, u = (1 - rho) x / S, for exponential
//         sizes of the others                          Ott, J. Appl. Prob. 21 (1984)
// Units: seconds. Valid for load in [0, 1). The variance under PS holds for exponential sizes and
// is used for others. Leaves out arrivals that are not Poisson (gigc.hpp) and limits on the number
// in service. Quantiles of the sojourn under PS are those of sojourn.hpp.
#pragma once

namespace hyperdc::queueing {

struct Mg1 {
  double load = 0;  // below 1
  double service_mean_s = 1;
  double service_cv = 1;
};

double wait_mean_s(const Mg1& q);
/// `service_third` is E[S^3] in s^3.
double wait_second_moment_s2(const Mg1& q, double service_third_s3);

double ps_sojourn_mean_s(double load, double service_mean_s);
double ps_sojourn_mean_of_size_s(double load, double size_s);
double ps_sojourn_variance_of_size_s2(double load, double service_mean_s, double size_s);

}  // namespace hyperdc::queueing
