// Statistics of replications: intervals of a mean, paired tests, correction for many comparisons,
// and how many replications would decide. docs/models/statistics.md has the measured coverage.
//
// Units: those of the values. Valid: values of different seeds are independent; each function says
// what else it needs. Bits: core/math and named random streams only, so the same on all machines.
// Leaves out: replications that depend on each other (batch means, windows of a trace), and
// weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hyperdc {

/// P(|T| > t) of Student's T, t >= 0, `degrees` >= 1:
///   I_x(v / 2, 1 / 2), x = v / (v + t^2), the regularised incomplete beta function
/// by its continued fraction. Source: NIST DLMF 8.17.5, 8.17.22; A&S 26.7.1.
/// Relative error below 1e-11 down to 1e-300.
double student_t_beyond(double t, std::size_t degrees);

/// The t with P(|T| <= t) = `confidence`, 0 < confidence < 1: the factor of a two-sided interval.
/// By bisection of the above; beyond 1,000 degrees by Fisher's expansion around the normal
/// quantile, A&S 26.7.5. Relative error below 1e-9 for confidence 0.01 to 1 - 1e-6; farther out it
/// is limited by the resolution of 1 - confidence.
double student_t_quantile(double confidence, std::size_t degrees);

struct Moments {
  std::size_t n = 0;
  double mean = 0;
  double deviation = 0;            // sample standard deviation, n - 1; 0 for one value
  std::optional<double> skewness;  // g1 = m3 / m2^1.5; nothing when all values are equal
};
/// `values` must not be empty. The mean is taken around the first value, so that equal values have
/// exactly that mean and no deviation. |g1| <= (n - 2) / sqrt(n - 1): few values cannot look
/// skewed.
Moments moments_of(std::span<const double> values);

struct Interval {
  double low = 0, high = 0;
};

/// Half width of the t interval, t(confidence, n - 1) s / sqrt(n); at least two values. Source: W.
/// S. Gosset 1908; A. Law, Simulation Modeling and Analysis, 5th ed., eq. 4.12. Exact for normal
/// values, and close for others once n is some ten times the squared skewness (coverage measured in
/// the docs).
double half_width_of(const Moments& moments, double confidence);
/// mean - half width to mean + half width.
Interval t_interval(const Moments& moments, double confidence);

/// From as many values on a bootstrap interval is about as wide as it should be.
inline constexpr std::size_t kBootstrapFrom = 20;

/// The same resamples for whatever is looked at: a table of indices, drawn once.
///
/// interval(): bias-corrected and accelerated (BCa) bootstrap interval of a mean, the quantiles
///   Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the means of `resamples` samples with replacement,
///   z0 = Phi^-1(share of them below the mean, ties by half), a = sum d^3 / (6 (sum d^2)^1.5),
/// d the deviations from the mean (for a mean the jackknife gives the same). Source: B. Efron,
/// Better bootstrap confidence intervals, JASA 82 (1987); Efron & Tibshirani 1993, section 14.3.
/// Valid from about 20 values on; below it is too narrow, even for normal values. Its ends can be
/// no farther out than the smallest and the largest value.
class Bootstrap {
 public:
  Bootstrap(std::size_t values, std::size_t resamples, std::uint64_t seed);
  /// As many values as were told to the constructor; 0 < confidence < 1.
  Interval interval(std::span<const double> values, double confidence) const;
  std::size_t values() const { return values_; }
  std::size_t resamples() const { return resamples_; }

 private:
  std::size_t values_, resamples_;
  std::vector<std::uint32_t> index_;
};

/// Two measurements a seed, b - a: everything that is said about their difference.
struct PairedStatistics {
  Moments a, b, difference;
  /// Paired t test of "no difference": P(|T| > |mean| sqrt(n) / s), n - 1 degrees. 0 when all
  /// differences are equal and not 0; 1 when all are 0.
  double p = 1;
  /// Cohen's d_z = mean / s of the differences (Cohen, Statistical Power Analysis, 2nd ed., 1988,
  /// eq. 2.3.5): how often a difference stands out of its own noise. Nothing without noise.
  std::optional<double> effect;
  /// Var(b - a) / (Var a + Var b): below 1, common random numbers pay; 1 is what independent runs
  /// would have. Nothing when neither varies. Source: Law, section 11.2.
  std::optional<double> variance_ratio;
};
/// Equally many of both, at least two; the same place is the same seed.
PairedStatistics paired_statistics(std::span<const double> a, std::span<const double> b);

/// Adjusted p-values in the order given: sorted upwards, max over j <= i of min(1, (m - j + 1)
/// p_j). Rejecting what is at most alpha declares something false with probability alpha at most,
/// however the tests depend on each other. Source: S. Holm, Scand. J. Statistics 6 (1979) 65-70.
std::vector<double> holm_adjusted(std::span<const double> p);

/// How many replications would do; beyond this many nothing is said.
inline constexpr std::size_t kMostReplications = 1'000'000;

/// The least n >= 2 with t(confidence, n - 1) s / sqrt(n) <= `half_width`: what it takes to know a
/// mean that well, if s stays as it is. Law, section 9.4.1. Nothing for more than a million.
std::optional<std::size_t> replications_for_width(double deviation, double half_width,
                                                  double confidence);

/// The least n >= 2 with (t(confidence, n - 1) + t'(power, n - 1)) s / sqrt(n) <= |effect|, t' the
/// one-sided quantile: that many show a difference of this size with probability `power` (0.5 to
/// below 1). At 0.5 it is where the half width is the effect. Source: J. H. Zar, Biostatistical
/// Analysis, 5th ed., eq. 7.10; the noncentral t is approximated by a shift, which errs by one or
/// two replications below n = 10. The effect is taken as known; as measured it is often too large.
std::optional<std::size_t> replications_for_effect(double deviation, double effect,
                                                   double confidence, double power);

/// What a 95 % t interval covers of the mean of values that look this skewed, measured: the
/// coverage for the lognormal distribution of which half of the samples of this size have a larger
/// |g1|. By the table in docs/models/statistics.md, straight in between; n above 500 as 500.
/// Nothing below 10 values, which look skewed too often (a third of normal samples of 5 would
/// warn). A sign, no proof: a sample that missed a rare large value looks harmless.
std::optional<double> coverage_of_skewed(std::size_t n, double skewness);

/// Below this coverage of 95 % intervals comparisons warn.
inline constexpr double kCoverageWarning = 0.90;
/// With fewer values skewness cannot be seen.
inline constexpr std::size_t kSkewnessFrom = 10;

}  // namespace hyperdc
