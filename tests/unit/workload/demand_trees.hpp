// Random demand curves for property tests: every kind of term, nested a few levels deep.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "workload/demand/demand_spec.hpp"

namespace hyperdc::testing {

class RandomDemand {
 public:
  RandomDemand(std::uint64_t seed, std::uint64_t number)
      : stream_(seed, "trees"), entity_(number) {}

  /// A rate: times range over about a week.
  DemandSpec rate(int depth) {
    switch (depth > 0 ? below(8) : below(4)) {
      case 0:
        return {DemandConstant{real(0, 100)}};
      case 1:
        return {DemandDiurnal{real(1, 100), real(1, 2), seconds(real(0, 86400))}};
      case 2:
        return table(100);
      case 3:
        return {DemandFlash{0, real(0, 500), {at()}, span(0), span(0), span(0)}};
      case 4:
        return modulated_sum(rates(depth), modulations(depth));
      case 5: {
        DemandProduct product;
        product.factors.push_back(rate(depth - 1));
        for (DemandSpec& spec : modulations(depth)) product.factors.push_back(std::move(spec));
        return {std::move(product)};
      }
      case 6:
        return shifted(rate(depth - 1), seconds(real(-1e5, 1e5)));
      default:
        return {DemandClip{real(0, 20), real(20, 90),
                           std::make_shared<const DemandSpec>(rate(depth - 1))}};
    }
  }

 private:
  std::vector<DemandSpec> rates(int depth) {
    std::vector<DemandSpec> out;
    for (std::uint64_t n = 1 + below(2); n > 0; --n) out.push_back(rate(depth - 1));
    return out;
  }
  std::vector<DemandSpec> modulations(int depth) {
    std::vector<DemandSpec> out;
    for (std::uint64_t n = below(3); n > 0; --n) out.push_back(modulation(depth));
    return out;
  }
  DemandSpec modulation(int depth) {
    using Form = DemandGrowth::Form;
    switch (below(depth > 1 ? 8 : 7)) {
      case 0:
        return {DemandGrowth{Form::linear, real(-1, 1), seconds(real(1e5, 1e6)), {}}};
      case 1:
        return {DemandGrowth{Form::exponential, real(0.2, 3), seconds(real(1e5, 1e6)), {}}};
      case 2:
        return {DemandGrowth{Form::logistic, real(0, 5), seconds(real(1e3, 1e5)), span(0)}};
      case 3:
        return {DemandFlash{1, real(0, 6), {at()}, span(0), span(0), span(0)}};
      case 4: {
        const Duration lasts = span(1);
        return {DemandEvent{1, real(0, 4), {at()}, lasts, lasts + span(0)}};
      }
      case 5: {
        std::array<double, 7> factors{};
        for (double& factor : factors) factor = real(0.2, 1.5);
        return weekly(factors, static_cast<int>(below(7)), below(2) == 0);
      }
      case 6:
        return {DemandNoise{real(0.01, 1), seconds(real(600, 20000)),
                            "noise" + std::to_string(attribute_)}};
      default:
        return modulated_sum({}, {modulation(depth - 1), modulation(depth - 1)});
    }
  }
  DemandSpec table(double high) {
    DemandPoints points;
    std::int64_t t = at();
    for (std::uint64_t n = 1 + below(100); n > 0; --n) {
      points.at.push_back({t});
      points.value.push_back(real(0, high));
      t += span(1).ns;
    }
    DemandTable out{nullptr, below(2) == 0, std::nullopt};
    if (below(2) == 0) out.period = Duration{t - points.at.front().ns};
    out.points = std::make_shared<const DemandPoints>(std::move(points));
    return {std::move(out)};
  }

  /// Sometimes 0 where `least` is.
  Duration span(std::int64_t least) {
    if (least == 0 && below(3) == 0) return {};
    return Duration{least} + seconds(real(10, 40000));
  }
  std::int64_t at() { return seconds(real(-1e5, 5e5)).ns; }
  double real(double low, double high) {
    return low + (high - low) * stream_.uniform(entity_, attribute_++);
  }
  std::uint64_t below(std::uint64_t n) { return stream_.below(n, entity_, attribute_++); }

  RandomStream stream_;
  std::uint64_t entity_;
  std::uint64_t attribute_ = 0;
};

}  // namespace hyperdc::testing
