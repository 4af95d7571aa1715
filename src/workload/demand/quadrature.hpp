// Gauss-Legendre quadrature: four and seven points, exact for polynomials of degree 7 and 13.
// Abramowitz and Stegun, Handbook of Mathematical Functions, table 25.4.
#pragma once

#include <cmath>
#include <limits>

namespace hyperdc::demand_nodes {

/// Integral of f over [a, b] with seven points.
template <class F>
double gauss7(const F& f, double a, double b) {
  const double m = 0.5 * (a + b);
  const double h = 0.5 * (b - a);
  const auto pair = [&](double x) { return f(m - h * x) + f(m + h * x); };
  return h *
         (0.41795918367346938776 * f(m) + 0.38183005050511894495 * pair(0.40584515137739716691) +
          0.27970539148927666790 * pair(0.74153118559939443986) +
          0.12948496616886969327 * pair(0.94910791234275852453));
}

template <class F>
double gauss4(const F& f, double a, double b) {
  const double m = 0.5 * (a + b);
  const double h = 0.5 * (b - a);
  const auto pair = [&](double x) { return f(m - h * x) + f(m + h * x); };
  return h * (0.65214515486254614263 * pair(0.33998104358485626480) +
              0.34785484513745385737 * pair(0.86113631159405257522));
}

/// Halves [a, b] until both orders agree to `share` of the integral, or to what rounding the places
/// of f to `grain` costs; the error of what is returned is that of the higher order, far smaller.
template <class F>
double adaptive(const F& f, double a, double b, double share, double grain) {
  struct Halver {
    const F& f;
    double share, grain;
    /// `tolerance` below 0: that of the first call.
    double operator()(double from, double to, double tolerance, int depth) const {
      double low = std::numeric_limits<double>::infinity();
      double high = -low;
      const auto noted = [&](double x) {
        const double y = f(x);
        low = std::fmin(low, y);
        high = std::fmax(high, y);
        return y;
      };
      const double coarse = gauss4(noted, from, to);
      const double fine = gauss7(noted, from, to);
      if (tolerance < 0) tolerance = share * std::fabs(fine);
      const double enough = std::fmax(tolerance, grain * (high - low));
      if (depth == 0 || std::fabs(fine - coarse) <= enough) return fine;
      const double middle = 0.5 * (from + to);
      return (*this)(from, middle, 0.5 * tolerance, depth - 1) +
             (*this)(middle, to, 0.5 * tolerance, depth - 1);
    }
  };
  return Halver{f, share, grain}(a, b, -1, 20);
}

}  // namespace hyperdc::demand_nodes
