// lgamma and normal_quantile.
//
// lgamma(x), x > 0, from classical expansions (Abramowitz and Stegun, 6.1.33 and 6.1.41):
//   near 2   lgamma(2 + z) = (1 - gamma) z + sum_{k>=2} (-1)^k (zeta(k) - 1) z^k / k, |z| <= 1/2;
//   below    lgamma(x) = lgamma(1 + x) - log x; between 2.5 and 8 the recurrence upwards;
//   from 8   Stirling's series to the term of x^-13.
// Error: below 1e-15 relative or absolute, the larger (measured; docs/models/math.md). x = 0 gives
// infinity, x < 0 NaN: the reflected branch is left out.
//
// normal_quantile(p): algorithm AS 241, routine PPND16, of M. J. Wichura, "The percentage points of
// the normal distribution", Applied Statistics 37 (1988): rational functions in three ranges of p.
// Error: about 1 part in 1e16 by its author plus rounding. p = 0 and 1 give infinities, p outside
// [0, 1] NaN.
#include <array>
#include <cmath>

#include "core/math.hpp"
#include "core/math_bits.hpp"

namespace hyperdc::math {

using namespace detail;

namespace {

/// Horner's rule; coefficients from the constant upwards.
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  double sum = c[N - 1];
  for (std::size_t i = N - 1; i > 0; --i) sum = sum * x + c[i - 1];
  return sum;
}

/// lgamma(2 + z), |z| <= 1/2.
double lgamma_near_two(double z) {
  // (zeta(k) - 1) / k for k = 2, 3, ...; the last term is below 2^-57 at z = 1/2.
  constexpr std::array<double, 27> kZeta = {
      0x1.4a34cc4a60fa6p-2,  0x1.13e001a557607p-4,  0x1.51322ac7d8483p-6,  0x1.e404fc218f5f2p-8,
      0x1.7add6eadb6c30p-9,  0x1.38ac5c2bf8e08p-10, 0x1.0b36af86396e9p-11, 0x1.d3fd4c76d2fc8p-13,
      0x1.a127b0f17d65ap-14, 0x1.78de5bd7c81efp-15, 0x1.580dcee66eb02p-16, 0x1.3cbc963ce2243p-17,
      0x1.2597a39f34aacp-18, 0x1.11b2eb7679541p-19, 0x1.0064cdeb22f0fp-20, 0x1.e2600d93cfd2fp-22,
      0x1.c76bbb3f07a4dp-23, 0x1.af5a6cbbf8a97p-24, 0x1.99b93c2070b0fp-25, 0x1.862c734df3eacp-26,
      0x1.7469daccfadcdp-27, 0x1.6434a8447aeadp-28, 0x1.555a877ffd2c3p-29, 0x1.47b1679258d0ep-30,
      0x1.3b15d2b2fc10cp-31, 0x1.2f69a9fabe3e0p-32, 0x1.24932a337434cp-33};
  constexpr double kOneMinusEuler = 0x1.b0ee6072093cep-2;
  return z * (kOneMinusEuler + z * polynomial(kZeta, -z));
}

/// x >= 8.
double lgamma_stirling(double x) {
  // B_2k / (2k (2k - 1)): Bernoulli numbers.
  constexpr std::array<double, 7> kSeries = {1.0 / 12.0,    -1.0 / 360.0, 1.0 / 1260.0,
                                             -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360360.0,
                                             1.0 / 156.0};
  constexpr double kConstant = 0.41893853320467274178;  // (log(2 pi) - 1) / 2
  const double inverse = 1.0 / x;
  const double series = inverse * polynomial(kSeries, inverse * inverse);
  return (x - 0.5) * (log(x) - 1.0) + (kConstant + series);
}

}  // namespace

double lgamma(double x) {
  if (is_nan(x) || x == kInfinity) return x;
  if (x == 0) return kInfinity;
  if (x < 0) return kNaN;
  if (x < 0.5) return lgamma_near_two(x) - log1p(x) - log(x);
  if (x <= 1.5) return lgamma_near_two(x - 1.0) - log1p(x - 1.0);
  if (x <= 2.5) return lgamma_near_two(x - 2.0);
  if (x >= 8.0) return lgamma_stirling(x);
  double product = 1.0;
  while (x > 2.5) {
    x -= 1.0;
    product *= x;
  }
  return log(product) + lgamma_near_two(x - 2.0);
}

double normal_quantile(double p) {
  constexpr std::array<double, 8> kA = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                        1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                        4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                        3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr std::array<double, 8> kB = {1.0,
                                        4.2313330701600911252e+1,
                                        6.8718700749205790830e+2,
                                        5.3941960214247511077e+3,
                                        2.1213794301586595867e+4,
                                        3.9307895800092710610e+4,
                                        2.8729085735721942674e+4,
                                        5.2264952788528545610e+3};
  constexpr std::array<double, 8> kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                        5.76949722146069140550e0,  3.64784832476320460504e0,
                                        1.27045825245236838258e0,  2.41780725177450611770e-1,
                                        2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr std::array<double, 8> kD = {1.0,
                                        2.05319162663775882187e0,
                                        1.67638483018380384940e0,
                                        6.89767334985100004550e-1,
                                        1.48103976427480074590e-1,
                                        1.51986665636164571966e-2,
                                        5.47593808499534494600e-4,
                                        1.05075007164441684324e-9};
  constexpr std::array<double, 8> kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr std::array<double, 8> kF = {1.0,
                                        5.99832206555887937690e-1,
                                        1.36929880922735805310e-1,
                                        1.48753612908506148525e-2,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};
  if (!(p >= 0.0 && p <= 1.0)) return kNaN;
  if (p == 0.0) return -kInfinity;
  if (p == 1.0) return kInfinity;
  const double q = p - 0.5;
  if (magnitude(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  const double r = std::sqrt(-log(q < 0 ? p : 1.0 - p));
  const double size = r <= 5.0 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                               : polynomial(kE, r - 5.0) / polynomial(kF, r - 5.0);
  return q < 0 ? -size : size;
}

}  // namespace hyperdc::math
