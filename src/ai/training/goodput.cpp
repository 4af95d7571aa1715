#include "ai/training/goodput.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {
namespace {

constexpr double kLeast = 1e-8;  // s: nothing, where a logarithm is taken
constexpr double kRound = 1e-8;  // of whole numbers that were divided
constexpr double kLeastOverlap = 1, kMostOverlap = 10;
constexpr double kLeastRms = 1e-4;  // an error of 0.01 % is none
constexpr std::size_t kBatches = 50;

enum Parameter : std::size_t { kAlphaC, kBetaC, kAlphaN, kBetaN, kAlphaR, kBetaR, kOverlap, kAll };
using Values = std::array<double, kAll>;  // logarithms, but of the overlap

ThroughputModel model_of(const Values& v) {
  const auto e = [&](std::size_t i) { return math::exp(v[i]); };
  return {e(kAlphaC), e(kBetaC), e(kAlphaN), e(kBetaN), e(kAlphaR), e(kBetaR), v[kOverlap]};
}

/// Shares of a p-norm, its logarithm, and what that changes by with the exponent.
struct Norm {
  double log = 0, of_compute = 1, of_network = 0, by_overlap = 0;
};

Norm norm_of(double compute_s, double network_s, double overlap) {
  const double a = math::log(compute_s);
  const double b = math::log(network_s);
  const double top = std::max(a, b);
  const double ea = math::exp(overlap * (a - top));
  const double eb = math::exp(overlap * (b - top));
  Norm out;
  const double sum = math::log(ea + eb);
  out.log = top + sum / overlap;
  out.of_compute = ea / (ea + eb);
  out.of_network = eb / (ea + eb);
  out.by_overlap =
      (out.of_compute * (a - top) + out.of_network * (b - top)) / overlap - sum / overlap / overlap;
  return out;
}

/// One term of the sum of squares: its value and what it changes by with each parameter.
struct Residual {
  double value = 0;
  Values slope{};
};

struct Terms {
  std::vector<Residual> compute, step, rules;

  static double rms(const std::vector<Residual>& terms) {
    double sum = 0;
    for (const Residual& r : terms) sum += r.value * r.value;
    return std::sqrt(sum / static_cast<double>(terms.size()));
  }
  double objective() const {
    double out = rms(compute) + rms(step);
    for (const Residual& r : rules) out += r.value * r.value;
    return out;
  }
};

class Fit {
 public:
  explicit Fit(std::span<const StepObserved> observed) : observed_(observed) { start(); }

  ThroughputModel run() {
    Terms now = terms(values_);
    double best = now.objective();
    double damping = 1e-3;
    for (int pass = 0; pass < 60 && damping < 1e8; ++pass) {
      const Values next = moved(now, damping);
      Terms there = terms(next);
      const double objective = there.objective();
      if (!(objective < best)) {
        damping *= 8;
        continue;
      }
      const bool done = best - objective < 1e-7 * (best + 1e-3);
      best = objective;
      values_ = next;
      now = std::move(there);
      damping = std::max(1e-9, damping / 8);
      if (done) break;
    }
    ThroughputModel out = model_of(values_);
    if (!between_servers_) {
      out.alpha_n = std::max(out.alpha_n, 1.1 * out.alpha_r);
      out.beta_n = std::max(out.beta_n, 1.1 * out.beta_r);
    }
    return out;
  }

 private:
  void start() {
    const double nothing = math::log(kLeast);
    values_ = {math::log(0.1), math::log(0.01), math::log(0.1), math::log(0.01),
               math::log(0.1), math::log(0.01), 1.001};
    free_.fill(true);
    bool one_batch = true;
    bool within_server = false;
    bool several = false;
    double compute_s = 0;
    for (const StepObserved& o : observed_) {
      compute_s += o.compute_s / static_cast<double>(observed_.size());
      one_batch = one_batch && o.local == observed_.front().local;
      between_servers_ = between_servers_ || o.servers > 1;
      within_server = within_server || (o.servers == 1 && o.accelerators > 1);
      several = several || o.accelerators > 2;
    }
    const auto fix = [&](std::size_t parameter, double value) {
      free_[parameter] = false;
      values_[parameter] = value;
    };
    if (one_batch) fix(kAlphaC, math::log(std::max(kLeast, compute_s / 2)));
    if (!between_servers_) fix(kAlphaN, nothing);
    if (!within_server) fix(kAlphaR, nothing);
    if (!between_servers_ || !several) fix(kBetaN, nothing);
    if (!within_server || !several) fix(kBetaR, nothing);
  }

  Terms terms(const Values& v) const {
    const ThroughputModel model = model_of(v);
    Terms out;
    for (const StepObserved& o : observed_) {
      const auto local = static_cast<double>(o.local);
      const double c = model.compute_s(local);
      const double n = model.network_s(o.servers, o.accelerators);
      Residual compute;
      compute.value = math::log(c) - math::log(std::max(kLeast, o.compute_s));
      compute.slope[kAlphaC] = model.alpha_c / c;
      compute.slope[kBetaC] = model.beta_c * local / c;
      const Norm norm = norm_of(c, n, model.overlap);
      Residual step;
      step.value = norm.log - math::log(o.step_s);
      step.slope[kAlphaC] = norm.of_compute * compute.slope[kAlphaC];
      step.slope[kBetaC] = norm.of_compute * compute.slope[kBetaC];
      if (o.accelerators > 1) {
        const bool far = o.servers > 1;
        const double alpha = far ? model.alpha_n : model.alpha_r;
        step.slope[far ? kAlphaN : kAlphaR] = norm.of_network * alpha / n;
        step.slope[far ? kBetaN : kBetaR] = norm.of_network * (n - alpha) / n;
      }
      step.slope[kOverlap] = norm.by_overlap;
      out.compute.push_back(compute);
      out.step.push_back(step);
    }
    Residual overlap;
    overlap.value = std::sqrt(1e-3) * (model.overlap - 1);
    overlap.slope[kOverlap] = std::sqrt(1e-3);
    out.rules.push_back(overlap);
    const auto rising = [&](std::size_t alpha, std::size_t beta, double ratio) {
      Residual rule;
      rule.value = 0.1 * ratio;
      rule.slope[beta] = rule.value;
      rule.slope[alpha] = -rule.value;
      out.rules.push_back(rule);
    };
    rising(kAlphaN, kBetaN, model.beta_n / model.alpha_n);
    rising(kAlphaR, kBetaR, model.beta_r / model.alpha_r);
    return out;
  }

  /// Normal equations of the weighted squares, with `damping` of their diagonal added.
  Values moved(const Terms& now, double damping) const {
    std::array<Values, kAll> matrix{};
    Values right{};
    const auto add = [&](const std::vector<Residual>& terms, double weight) {
      for (const Residual& r : terms) {
        for (std::size_t i = 0; i < kAll; ++i) {
          right[i] -= weight * r.slope[i] * r.value;
          for (std::size_t j = 0; j < kAll; ++j) matrix[i][j] += weight * r.slope[i] * r.slope[j];
        }
      }
    };
    const auto count = static_cast<double>(now.compute.size());
    add(now.compute, 0.5 / (count * std::max(kLeastRms, Terms::rms(now.compute))));
    add(now.step, 0.5 / (count * std::max(kLeastRms, Terms::rms(now.step))));
    add(now.rules, 1);
    for (std::size_t i = 0; i < kAll; ++i) {
      matrix[i][i] += damping * matrix[i][i] + 1e-9;
      if (free_[i]) continue;
      for (std::size_t j = 0; j < kAll; ++j) matrix[i][j] = matrix[j][i] = 0;
      matrix[i][i] = 1;
      right[i] = 0;
    }
    const Values change = solved(matrix, right);
    Values out = values_;
    for (std::size_t i = 0; i < kOverlap; ++i) {
      if (!free_[i]) continue;
      out[i] = std::clamp(out[i] + std::clamp(change[i], -3.0, 3.0), math::log(kLeast), 12.0);
    }
    out[kOverlap] = std::clamp(out[kOverlap] + change[kOverlap], kLeastOverlap, kMostOverlap);
    return out;
  }

  /// Elimination of a symmetric matrix that is positive by its damping.
  static Values solved(std::array<Values, kAll> a, Values b) {
    for (std::size_t i = 0; i < kAll; ++i) {
      for (std::size_t k = i + 1; k < kAll; ++k) {
        const double factor = a[k][i] / a[i][i];
        for (std::size_t j = i; j < kAll; ++j) a[k][j] -= factor * a[i][j];
        b[k] -= factor * b[i];
      }
    }
    for (std::size_t i = kAll; i-- > 0;) {
      for (std::size_t j = i + 1; j < kAll; ++j) b[i] -= a[i][j] * b[j];
      b[i] /= a[i][i];
    }
    return b;
  }

  std::span<const StepObserved> observed_;
  Values values_{};
  std::array<bool, kAll> free_{};
  bool between_servers_ = false;
};

double rounded_up(double value) {
  return std::ceil(value - kRound);
}

}  // namespace

double ThroughputModel::network_s(std::uint32_t servers, std::uint32_t accelerators) const {
  if (accelerators <= 1) return kLeast;
  const double more = accelerators > 2 ? accelerators - 2.0 : kLeast;
  return servers > 1 ? alpha_n + beta_n * more : alpha_r + beta_r * more;
}

double ThroughputModel::step_s(std::uint32_t servers, std::uint32_t accelerators,
                               double local) const {
  return math::exp(norm_of(compute_s(local), network_s(servers, accelerators), overlap).log);
}

ThroughputModel fit_throughput(std::span<const StepObserved> observed) {
  return Fit(observed).run();
}

double batch_gain(const GradientNoise& noise, double scale) {
  const double below = noise.var / scale + noise.sqr;
  return below > 0 ? (noise.var + noise.sqr) / below : 1;
}

BatchPlan bounded(BatchPlan plan, std::uint32_t accelerators, const BatchLimits& limits) {
  const std::uint64_t parts = accelerators * (plan.accumulation + 1);
  plan.local = std::min(plan.local, limits.last / parts);
  plan.local = std::max(plan.local, (limits.first + parts - 1) / parts);
  return plan;
}

double goodput_of(const ThroughputModel& model, const GradientNoise& noise,
                  const BatchLimits& limits, std::uint32_t servers, std::uint32_t accelerators,
                  const BatchPlan& plan) {
  const auto first = static_cast<double>(limits.first);
  const auto whole = static_cast<double>(plan.batch(accelerators));
  const auto each = static_cast<double>(plan.local);
  const double time = static_cast<double>(plan.accumulation) * model.compute_s(each) +
                      model.step_s(servers, accelerators, each);
  return first * batch_gain(noise, whole / first) / time;
}

BatchPlan spread_batch(double batch, std::uint32_t accelerators, const BatchLimits& limits) {
  const double local = rounded_up(batch / accelerators);
  double more = rounded_up(local / static_cast<double>(limits.most_local)) - 1;
  // One batch alone tells nothing of the noise of its gradient.
  if (accelerators == 1 && batch > static_cast<double>(limits.first)) more = std::max(more, 1.0);
  BatchPlan out;
  out.accumulation = static_cast<std::uint64_t>(more);
  out.local = static_cast<std::uint64_t>(rounded_up(local / (more + 1)));
  return bounded(out, accelerators, limits);
}

BatchPlan best_batch(const ThroughputModel& model, const GradientNoise& noise,
                     const BatchLimits& limits, std::uint32_t servers, std::uint32_t accelerators) {
  const auto first = static_cast<double>(limits.first);
  const auto last = static_cast<double>(limits.last);
  const double least =
      std::max(first, static_cast<double>(limits.least_local) * static_cast<double>(accelerators));
  if (least > last) return {};
  const auto worth = [&](const BatchPlan& plan) {
    return goodput_of(model, noise, limits, servers, accelerators, plan);
  };
  const double ratio = math::log(last / least) / static_cast<double>(kBatches - 1);
  BatchPlan best;
  for (std::size_t i = 0; i < kBatches; ++i) {
    const double batch =
        i + 1 == kBatches ? last : least * math::exp(ratio * static_cast<double>(i));
    const double local = batch / accelerators;
    double more = rounded_up(local / static_cast<double>(limits.most_local)) - 1;
    if (accelerators == 1 && local > first + kRound) more = std::max(more, 1.0);
    BatchPlan plan;
    plan.accumulation = static_cast<std::uint64_t>(more);
    plan.local = static_cast<std::uint64_t>(rounded_up(local / (more + 1)));
    if (plan.local < limits.least_local || plan.local > limits.most_local) continue;
    plan.goodput = worth(plan);
    if (plan.goodput > best.goodput) best = plan;
  }
  if (best.goodput > 0) return best;
  best = spread_batch(least, accelerators, limits);  // smaller at a time than was measured
  best.goodput = worth(best);
  return best;
}

}  // namespace hyperdc
