#include "scenario/study_design.hpp"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/rng.hpp"

namespace hyperdc {
namespace {

using Points = std::vector<std::vector<DesignPoint>>;

Points grid_points(const std::vector<DesignKnob>& knobs) {
  Points points(1);
  for (const DesignKnob& knob : knobs) {
    Points more;
    for (const auto& point : points) {
      for (std::size_t value = 0; value < knob.values; ++value) {
        more.push_back(point);
        more.back().push_back({value, 0});
      }
    }
    points = std::move(more);
  }
  return points;
}

Points points_together(const std::vector<DesignKnob>& knobs) {
  Points points;
  for (std::size_t i = 0; !knobs.empty() && i < knobs.front().values; ++i) {
    points.emplace_back(knobs.size(), DesignPoint{i, 0});
  }
  return points;
}

/// A share in [0, 1) as the point of a knob.
DesignPoint point_of(const DesignKnob& knob, double share) {
  const auto values = static_cast<double>(knob.values);
  const auto value = static_cast<std::size_t>(std::floor(share * values));
  return {std::min(value, knob.values == 0 ? 0 : knob.values - 1), share};
}

/// 0 .. n-1 in random order.
std::vector<std::size_t> shuffled(const RandomStream& draws, std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[draws.below(i, i, 1)]);
  return order;
}

std::vector<double> sampled_shares(const DesignKnob& knob, Design design, std::size_t samples,
                                   std::uint64_t seed) {
  const RandomStream draws(seed, fmt::format("study.{}", knob.name));
  std::vector<double> shares(samples);
  for (std::size_t i = 0; i < samples; ++i) shares[i] = draws.uniform(i);
  if (design == Design::random) return shares;
  const std::vector<std::size_t> part = shuffled(draws, samples);
  for (std::size_t i = 0; i < samples; ++i) {
    shares[i] = (static_cast<double>(part[i]) + shares[i]) / static_cast<double>(samples);
  }
  return shares;
}

/// The first point of a Sobol sequence is a corner, without which 2^m points are not balanced; the
/// shift, the same bits of a knob flipped in all points, takes it from there.
Points sobol_points(const std::vector<DesignKnob>& knobs, std::size_t samples, std::uint64_t seed) {
  boost::random::sobol sequence(knobs.size());  // begins after the corner
  std::vector<std::uint64_t> shifts;
  for (const DesignKnob& knob : knobs) {
    shifts.push_back(RandomStream(seed, fmt::format("study.{}", knob.name)).u64(0));
  }
  Points points(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      const std::uint64_t bits = (i == 0 ? 0 : sequence()) ^ shifts[k];
      points[i].push_back(point_of(knobs[k], static_cast<double>(bits >> 11U) * 0x1p-53));
    }
  }
  return points;
}

}  // namespace

std::vector<std::vector<DesignPoint>> design_points(const std::vector<DesignKnob>& knobs,
                                                    Design design, std::size_t samples,
                                                    std::uint64_t seed) {
  const bool listed = design == Design::grid || design == Design::together;
  for (const DesignKnob& knob : knobs) {
    HYPERDC_CHECK(!listed || knob.values > 0, "a grid is made of values");
  }
  if (design == Design::grid) return grid_points(knobs);
  if (design == Design::together) return points_together(knobs);
  if (design == Design::sobol) return sobol_points(knobs, samples, seed);
  Points points(samples);
  for (const DesignKnob& knob : knobs) {
    const std::vector<double> shares = sampled_shares(knob, design, samples, seed);
    for (std::size_t i = 0; i < samples; ++i) points[i].push_back(point_of(knob, shares[i]));
  }
  return points;
}

}  // namespace hyperdc
