// Demand over years: what each class asks for in each future, and what a planner expects of it.
//
//   D_c(t) = D_c(0) exp(g_c t + sigma_c W_c(t) - sigma_c^2 t / 2) f(t)
// ln of the factor a year: g_c = ln(growth) - s^2/2 + s Z_c, s^2 = ln(1 + growth_cv^2), so that the
// factor has mean `growth`; W_c a Brownian motion. Z_c, and the steps of W_c, of two classes
// correlate by rho through one common factor. f: factor of the branch of the scenario tree that the
// future follows, from its time on. t in years of 365 d, D in units (accelerators of performance
// 1). A planner knows D now and these parameters, not g_c, and no branch to come:
//   E[D_c(t+h)] = D_c(t) exp((ln growth - s^2/2) h + s^2 h^2 / 2)
//   Cov(ln D_i, ln D_j) = rho_ij (s_i s_j h^2 + sigma_i sigma_j h)
// and takes the sum of classes as lognormal with its exact mean and variance (Fenton 1960); exact
// with one class. Source: Dixit, Pindyck, Investment under Uncertainty, 1994, chapter 3.
// Leaves out: what a planner learns of g_c as it goes, seasons, and demand that answers to prices.
#pragma once

#include <cstdint>
#include <vector>

#include "core/rng.hpp"
#include "scenario/growth_spec.hpp"

namespace hyperdc {

/// Of one future.
struct DemandState {
  std::vector<double> log_level;  // by class, without the branch
  std::vector<double> log_rate;   // a year
  std::uint32_t branch = 0;       // meaningless without branches
  double factor = 1;              // of the branch, now
};

class DemandPaths {
 public:
  DemandPaths(const GrowthPlanSpec& plan, std::uint64_t seed);

  DemandState begin(std::uint32_t future) const;
  /// From the level of one step to that of step `to`, the next one.
  void advance(DemandState& state, std::uint32_t future, std::uint32_t to) const;
  double level(const DemandState& state, std::size_t of_class) const;
  double total(const DemandState& state) const;

  double mean(const DemandState& state, double years) const;
  /// Of the classes that take repurposed hardware.
  double mean_of_repurposed(const DemandState& state, double years) const;
  double quantile(const DemandState& state, double years, double p) const;

 private:
  void set_branch_factor(DemandState& state, std::uint32_t step) const;

  const GrowthPlanSpec& plan_;
  std::vector<RandomStream> draws_;  // by class
  RandomStream common_, branches_;
  double on_common_, on_own_;  // weights of the factors
};

}  // namespace hyperdc
