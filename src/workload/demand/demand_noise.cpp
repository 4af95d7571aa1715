// Noise with a correlation time: a multiplier m(t) of mean 1 that an instance of demand carries on
// top of its shape.
//
//   m(t) = exp(s X(t) - s^2 / 2), s^2 = log(1 + cv^2), X a stationary Ornstein-Uhlenbeck process
//   with mean 0, variance 1 and correlation exp(-|u - t| / T).
// X is drawn on a grid of T/16, exactly: of an AR(1) process with coefficient exp(-1/16), and m
// runs straight between grid points, so mean and integral are exact and the mean is 1 everywhere.
// The variance between two points is up to 3 % below that at them. A grid point is a pure function
// of (seed, stream, index), whoever asks in which order: every 1024th point is drawn on its own (64
// T apart their correlation, 2e-28, is less than a double resolves), those between by bisection
// with the bridge of the process: between two points at distance 2d, mean r (a + b) / (1 + r^2) and
// variance (1 - r^2) / (1 + r^2), r = exp(-d / T) (Uhlenbeck and Ornstein, Phys. Rev. 36, 1930; the
// bridge is the conditional normal law). Units: s. Range: cv up to 10, T from 1 ms. Leaves out
// heavier tails, and correlation between curves.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "workload/demand/demand_node.hpp"

namespace hyperdc::demand_nodes {
namespace {

constexpr std::int64_t kPerTime = 16;  // grid points a correlation time
constexpr std::int64_t kBlock = 1024;  // grid points between independent ones

class NoiseNode final : public Node {
 public:
  NoiseNode(const DemandNoise& spec, std::uint64_t seed)
      : step_(spec.correlation_time.ns / kPerTime),
        sigma_(std::sqrt(math::log1p(spec.cv * spec.cv))),
        stream_(seed, spec.stream) {
    HYPERDC_CHECK(step_ > 0, "a correlation time below 16 ns");
    HYPERDC_CHECK(!spec.stream.empty(), "noise without a stream");
    for (Block& block : blocks_) block.value.resize(kBlock);
  }

  double value(SimTime t) const override {
    const Phase at = phase_of(t, step_);
    return between(at.cycle, static_cast<double>(at.ns) / static_cast<double>(step_));
  }

  double integral(SimTime from, SimTime to) const override {
    if (from == to) return 0;
    const double step_s = to_seconds(Duration{step_});
    const Phase a = phase_of(from, step_);
    const Phase b = phase_of(to, step_);
    const double begin = static_cast<double>(a.ns) / static_cast<double>(step_);
    const double end = static_cast<double>(b.ns) / static_cast<double>(step_);
    if (a.cycle == b.cycle) {
      return seconds_between(from, to) * 0.5 * (between(a.cycle, begin) + between(b.cycle, end));
    }
    double area = 0.5 * (1 - begin) * (between(a.cycle, begin) + at(a.cycle + 1));
    for (std::int64_t k = a.cycle + 1; k < b.cycle; ++k) area += 0.5 * (at(k) + at(k + 1));
    if (b.ns > 0) area += 0.5 * end * (at(b.cycle) + between(b.cycle, end));
    return area * step_s;
  }

  Bounds bounds(SimTime from, SimTime to) const override {
    const double a = value(from);
    const double b = value(to);
    Bounds out{std::min(a, b), std::max(a, b)};
    const std::int64_t last = phase_of(to, step_).cycle;
    for (std::int64_t k = phase_of(from, step_).cycle + 1; k <= last; ++k) {
      out = {std::min(out.low, at(k)), std::max(out.high, at(k))};
    }
    return out;
  }

  std::optional<SimTime> next_break(SimTime t) const override {
    return SimTime{t.ns + (step_ - phase_of(t, step_).ns)};
  }
  double smooth_s() const override { return kSmoothForever; }

 private:
  struct Block {
    std::optional<std::int64_t> number;
    std::vector<double> value;
  };

  double between(std::int64_t k, double share) const {
    return share == 0 ? at(k) : at(k) * (1 - share) + at(k + 1) * share;
  }

  double at(std::int64_t k) const {
    const Phase place = phase_of({k}, kBlock);
    Block& block = blocks_[static_cast<std::size_t>(place.cycle & 1)];
    if (block.number != place.cycle) fill(block, place.cycle);
    return block.value[static_cast<std::size_t>(place.ns)];
  }

  /// The normal variate that belongs to grid point k alone.
  double draw(std::int64_t k) const {
    return math::normal_quantile(stream_.uniform(static_cast<std::uint64_t>(k)));
  }

  void fill(Block& block, std::int64_t number) const {
    const std::int64_t base = number * kBlock;
    std::vector<double>& x = block.value;
    const double after = draw(base + kBlock);
    x[0] = draw(base);
    for (std::int64_t d = kBlock / 2; d > 0; d /= 2) {
      const double r = math::exp(-static_cast<double>(d) / kPerTime);
      const double weight = r / (1 + r * r);
      const double deviation = std::sqrt((1 - r * r) / (1 + r * r));
      for (std::int64_t j = d; j < kBlock; j += 2 * d) {
        const double left = x[static_cast<std::size_t>(j - d)];
        const double right = j + d == kBlock ? after : x[static_cast<std::size_t>(j + d)];
        x[static_cast<std::size_t>(j)] = weight * (left + right) + deviation * draw(base + j);
      }
    }
    for (double& each : x) each = math::exp(sigma_ * each - 0.5 * sigma_ * sigma_);
    block.number = number;
  }

  std::int64_t step_;
  double sigma_;
  RandomStream stream_;
  mutable std::array<Block, 2> blocks_;  // by parity: a curve is asked along time
};

}  // namespace

NodeRef make_noise(const DemandNoise& spec, std::uint64_t seed) {
  return std::make_unique<NoiseNode>(spec, seed);
}

}  // namespace hyperdc::demand_nodes
