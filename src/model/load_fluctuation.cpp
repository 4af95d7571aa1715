#include "model/load_fluctuation.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace hyperdc {

double LoadFluctuation::step(const FluctuationInput& input, double first, double second) {
  const double some_free = std::max(1e-6, 1 - input.all_busy);
  const double time_s = input.service_s * input.variation / (2 * some_free);
  if (time_s <= 0 || input.busy <= 0) return 0;
  const double h = input.step_s / time_s;
  const double kept = math::exp(-h);
  const double moved = -math::expm1(-h);
  // Of the mean over the step, given the state before it, and with the state after it.
  const double variance =
      h < 0.02 ? h * (2.0 / 3 - h / 2) : (2 * h - 2 * moved - moved * moved) / (h * h);
  const double joint = moved * moved / h;
  const double sigma = std::sqrt(variance);
  const double mean = state_ * moved / h + sigma * first;
  const double rest = moved * (1 + kept) - joint * joint / variance;
  state_ = state_ * kept + joint / sigma * first + std::sqrt(std::max(0.0, rest)) * second;
  return std::sqrt(input.busy * some_free) * mean;
}

}  // namespace hyperdc
