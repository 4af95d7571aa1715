#include "scenario/fluid.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

std::optional<queueing::Split> fluid_split(const PolicyChoice& router) {
  using queueing::Split;
  if (router.policy == "random") return Split::random;
  if (router.policy == "round-robin") return Split::round_robin;
  const bool two = router.policy == "power-of-two";
  if (!two && router.policy != "least-loaded") return std::nullopt;
  if (router.params.duration("refresh").ns > 0) return std::nullopt;  // old loads
  if (!two) return Split::least_loaded;
  const std::int64_t choices = router.params.integer("choices");
  if (choices == 1) return Split::random;
  return choices == 2 ? std::optional(Split::power_of_two) : std::nullopt;
}

std::optional<double> fluid_arrivals_cv2(const RequestArrivalSpec& arrivals) {
  if (std::holds_alternative<PoissonRequests>(arrivals)) return 1.0;
  if (const auto* gamma = std::get_if<GammaRequests>(&arrivals)) return gamma->cv * gamma->cv;
  if (const auto* weibull = std::get_if<WeibullRequests>(&arrivals)) {
    return weibull->cv * weibull->cv;
  }
  return std::nullopt;
}

FluidService fluid_service(const ServiceWorkload& service) {
  const auto split = fluid_split(service.router);
  const auto cv2 = fluid_arrivals_cv2(service.arrivals);
  HYPERDC_CHECK(split && cv2 && service.classes.size() == 1, "a fluid service was not checked");
  FluidService station;
  station.service = service.classes[0].service_s;
  station.concurrency = service.instance.concurrency;
  if (service.instance.discipline == Discipline::ps) station.discipline = FluidDiscipline::sharing;
  station.split = *split;
  station.arrivals_cv2 = *cv2;
  station.queue_limit = service.instance.queue_limit;
  return station;
}

}  // namespace hyperdc
