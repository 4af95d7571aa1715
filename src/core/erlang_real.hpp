// Erlang's formulas for servers without and with a queue (Erlang 1917; Jagerman, "Some properties
// of the Erlang loss function", Bell System Technical Journal 53, 1974).
//
//   loss        1 / B(n, a) = a * integral over t >= 0 of e^(-a t) (1 + t)^n
//               1 / B(n, a) = 1 + (n / a) / B(n - 1, a)
//   delay       C(n, a) = B / (1 - (a / n) (1 - B)) for a < n, and 1 from a = n on
// n: servers, any real number >= 0 (the integral continues Erlang's B between the integers);
// a: offered load in servers = arrival rate * mean service time. Both dimensionless.
// Valid for n from 0 to 1e9 and a from 0 to 1e9, relative error below 1e-11 for integer n and 1e-9
// between them; B below 1e-300 is 0. C holds for exponential service and integer n; between the
// integers it is the continuation through B. The number of terms is about the distance from a to n
// plus a few square roots of n, and 1e3 where B is 0.
#pragma once

namespace hyperdc {

/// Share of arrivals that are lost when `servers` servers have no queue (any service distribution).
double erlang_b_real(double servers, double offered);

/// Share of arrivals that must wait when they queue without limit (exponential service).
double erlang_c_real(double servers, double offered);

}  // namespace hyperdc
