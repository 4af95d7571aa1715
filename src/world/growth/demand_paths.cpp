#include "world/growth/demand_paths.hpp"

#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kRate = 0;  // attribute of the growth; steps follow

double normal(const RandomStream& stream, std::uint64_t entity, std::uint64_t attribute) {
  return math::normal_quantile(stream.uniform(entity, attribute));
}

/// Standard deviation of the logarithm of the factor a year.
double rate_deviation(const GrowthClass& of) {
  return std::sqrt(math::log1p(of.growth_cv * of.growth_cv));
}

double mean_factor(const GrowthClass& of, double years) {
  const double s = rate_deviation(of);
  return math::exp((math::log(of.growth) - s * s / 2) * years + s * s * years * years / 2);
}

}  // namespace

DemandPaths::DemandPaths(const GrowthPlanSpec& plan, std::uint64_t seed)
    : plan_(plan),
      common_(seed, "growth.demand"),
      branches_(seed, "growth.branches"),
      on_common_(std::sqrt(plan.demand_correlation)),
      on_own_(std::sqrt(1 - plan.demand_correlation)) {
  for (const GrowthClass& of : plan.classes) {
    draws_.emplace_back(seed, "growth.demand." + of.name);
  }
}

DemandState DemandPaths::begin(std::uint32_t future) const {
  DemandState state;
  const double common = normal(common_, future, kRate);
  for (std::size_t c = 0; c < draws_.size(); ++c) {
    const GrowthClass& of = plan_.classes[c];
    const double s = rate_deviation(of);
    const double own = normal(draws_[c], future, kRate);
    state.log_level.push_back(0);
    state.log_rate.push_back(math::log(of.growth) - s * s / 2 +
                             s * (on_common_ * common + on_own_ * own));
  }
  double sum = 0;
  for (const GrowthBranch& branch : plan_.branches) sum += branch.weight;
  double left = branches_.uniform(future) * sum;
  for (std::uint32_t b = 0; b < plan_.branches.size(); ++b) {
    if (plan_.branches[b].weight <= 0) continue;
    state.branch = b;
    left -= plan_.branches[b].weight;
    if (left < 0) break;
  }
  set_branch_factor(state, 0);
  return state;
}

void DemandPaths::set_branch_factor(DemandState& state, std::uint32_t step) const {
  if (plan_.branches.empty()) return;
  const GrowthBranch& branch = plan_.branches[state.branch];
  state.factor = plan_.step.ns * step >= branch.at.ns ? branch.factor : 1;
}

void DemandPaths::advance(DemandState& state, std::uint32_t future, std::uint32_t to) const {
  const double years = plan_.step_years();
  const double root = std::sqrt(years);
  const double common = normal(common_, future, kRate + to);
  for (std::size_t c = 0; c < draws_.size(); ++c) {
    const double sigma = plan_.classes[c].volatility;
    state.log_level[c] += state.log_rate[c] * years;
    if (sigma <= 0) continue;
    const double own = normal(draws_[c], future, kRate + to);
    state.log_level[c] +=
        sigma * root * (on_common_ * common + on_own_ * own) - sigma * sigma * years / 2;
  }
  set_branch_factor(state, to);
}

double DemandPaths::level(const DemandState& state, std::size_t of_class) const {
  return plan_.classes[of_class].start * math::exp(state.log_level[of_class]) * state.factor;
}

double DemandPaths::total(const DemandState& state) const {
  double sum = 0;
  for (std::size_t c = 0; c < draws_.size(); ++c) sum += level(state, c);
  return sum;
}

double DemandPaths::mean(const DemandState& state, double years) const {
  double sum = 0;
  for (std::size_t c = 0; c < draws_.size(); ++c) {
    sum += level(state, c) * mean_factor(plan_.classes[c], years);
  }
  return sum;
}

double DemandPaths::mean_of_repurposed(const DemandState& state, double years) const {
  double sum = 0;
  for (std::size_t c = 0; c < draws_.size(); ++c) {
    const GrowthClass& of = plan_.classes[c];
    if (of.takes_repurposed) sum += level(state, c) * mean_factor(of, years);
  }
  return sum;
}

double DemandPaths::quantile(const DemandState& state, double years, double p) const {
  std::vector<double> means;
  double sum = 0;
  for (std::size_t c = 0; c < draws_.size(); ++c) {
    means.push_back(level(state, c) * mean_factor(plan_.classes[c], years));
    sum += means.back();
  }
  if (sum <= 0) return 0;
  double variance = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    for (std::size_t j = 0; j < means.size(); ++j) {
      const GrowthClass& a = plan_.classes[i];
      const GrowthClass& b = plan_.classes[j];
      const double of_logs = rate_deviation(a) * rate_deviation(b) * years * years +
                             a.volatility * b.volatility * years;
      const double rho = i == j ? 1 : plan_.demand_correlation;
      variance += means[i] * means[j] * math::expm1(rho * of_logs);
    }
  }
  const double of_log = math::log1p(variance / (sum * sum));
  return sum * math::exp(std::sqrt(of_log) * math::normal_quantile(p) - of_log / 2);
}

}  // namespace hyperdc
