#include "model/queueing/closed.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc::queueing {

ClosedState equilibrium(const MachineRepair& q) {
  HYPERDC_CHECK(q.users > 0 && q.servers > 0, "a closed station needs users and servers");
  HYPERDC_CHECK(q.users <= 10'000'000, "a closed station has at most 1e7 users here");
  HYPERDC_CHECK(q.think_mean_s > 0 && q.service_mean_s > 0, "a closed station needs times above 0");
  // One pass over the states; whenever a weight is large everything is scaled down.
  double weight = 1;
  double all = 1;
  double number = 0;
  double busy = 0;
  const double ratio = q.service_mean_s / q.think_mean_s;
  for (std::uint64_t n = 1; n <= q.users; ++n) {
    const auto working = static_cast<double>(std::min(n, q.servers));
    weight *= static_cast<double>(q.users - n + 1) * ratio / working;
    all += weight;
    number += weight * static_cast<double>(n);
    busy += weight * working;
    if (weight > 1e100) {
      weight *= 1e-100;
      all *= 1e-100;
      number *= 1e-100;
      busy *= 1e-100;
    }
  }
  ClosedState state;
  state.busy = busy / all;
  state.at_station = number / all;
  state.throughput_per_s = state.busy / q.service_mean_s;
  state.response_mean_s = state.at_station / state.throughput_per_s;  // Little
  return state;
}

MvaState mean_value_analysis(std::span<const ClosedCentre> centres, std::uint64_t users,
                             double think_mean_s) {
  HYPERDC_CHECK(users > 0, "mean value analysis needs users");
  MvaState state;
  state.response_s.assign(centres.size(), 0);
  state.at_centre.assign(centres.size(), 0);
  for (std::uint64_t n = 1; n <= users; ++n) {
    double cycle_s = think_mean_s;
    for (std::size_t k = 0; k < centres.size(); ++k) {
      const double ahead = centres[k].delay ? 0 : state.at_centre[k];
      state.response_s[k] = centres[k].demand_s * (1 + ahead);
      cycle_s += state.response_s[k];
    }
    HYPERDC_CHECK(cycle_s > 0, "mean value analysis needs a demand or a think time above 0");
    state.throughput_per_s = static_cast<double>(n) / cycle_s;
    for (std::size_t k = 0; k < centres.size(); ++k) {
      state.at_centre[k] = state.throughput_per_s * state.response_s[k];
    }
  }
  return state;
}

}  // namespace hyperdc::queueing
