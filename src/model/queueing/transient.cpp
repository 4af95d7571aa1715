#include "model/queueing/transient.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hyperdc::queueing {

namespace {
constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double capacity_per_s(const Flow& flow) {
  return flow.servers / flow.service_mean_s;
}
}  // namespace

double fluid_backlog(const Flow& flow, double backlog, double elapsed_s) {
  return std::max(0.0, backlog + (flow.rate_per_s - capacity_per_s(flow)) * elapsed_s);
}

double drain_time_s(const Flow& flow, double backlog) {
  if (backlog <= 0) return 0;
  const double spare = capacity_per_s(flow) - flow.rate_per_s;
  return spare > 0 ? backlog / spare : kInfinity;
}

double backlog_wait_s(const Flow& flow, double backlog) {
  return backlog / capacity_per_s(flow);
}

double critical_backlog(const Flow& flow, double variation, double elapsed_s) {
  return std::sqrt(2 * flow.rate_per_s * variation * elapsed_s / kPi);
}

double relaxation_time_s(const Flow& flow, double variation) {
  const double rest = 1 - flow.rate_per_s / capacity_per_s(flow);
  if (rest == 0) return kInfinity;
  return flow.service_mean_s * variation / (flow.servers * rest * rest);
}

}  // namespace hyperdc::queueing
