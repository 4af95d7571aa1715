#include "workload/arrivals.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

Arrivals::Arrivals(const ArrivalSpec& spec, std::string_view workload, std::uint64_t seed)
    : stream_(seed, fmt::format("workloads.{}.arrivals", workload)) {
  const double mean = spec.mean_interval_s;
  HYPERDC_CHECK(mean > 0, "the mean interval between arrivals is not above 0");
  switch (spec.kind) {
    case ArrivalSpec::Kind::every:
      constant_ = seconds(mean);
      last_ = SimTime{} + seconds(spec.first_s);
      break;
    case ArrivalSpec::Kind::poisson:
      interval_.emplace(Exponential{mean});
      break;
    case ArrivalSpec::Kind::gamma:
      interval_.emplace(Gamma{mean, spec.cv});
      break;
    case ArrivalSpec::Kind::weibull:
      interval_.emplace(Weibull{mean, spec.cv});
      break;
  }
}

SimTime Arrivals::next() {
  const std::uint64_t k = count_++;
  if (interval_) {
    last_ = last_ + seconds(std::max(0.0, interval_->draw(stream_, k)));
  } else if (k > 0) {
    last_ = last_ + constant_;
  }
  return last_;
}

}  // namespace hyperdc
