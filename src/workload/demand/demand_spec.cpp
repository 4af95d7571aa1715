#include "workload/demand/demand_spec.hpp"

#include <algorithm>
#include <utility>

// g++ 12 takes the move of a variant for a read of uninitialised memory.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace hyperdc {
namespace {

DemandRef held(DemandSpec spec) {
  return std::make_shared<const DemandSpec>(std::move(spec));
}

DemandSpec sum_of(std::vector<DemandSpec> terms) {
  if (terms.size() == 1) return std::move(terms.front());
  return {DemandSum{std::move(terms)}};
}

}  // namespace

DemandSpec scaled(DemandSpec of, double by) {
  if (by == 1) return of;
  DemandProduct product;
  product.factors.push_back({DemandConstant{by}});
  product.factors.push_back(std::move(of));
  return {std::move(product)};
}

DemandSpec shifted(DemandSpec of, Duration by) {
  if (by.ns == 0) return of;
  return {DemandShift{by, held(std::move(of))}};
}

DemandSpec modulated_sum(std::vector<DemandSpec> rates, std::vector<DemandSpec> modulations) {
  if (modulations.empty()) return sum_of(std::move(rates));
  DemandSpec modulation;
  if (modulations.size() == 1) {
    modulation = std::move(modulations.front());
  } else {
    modulations.push_back({DemandConstant{1 - static_cast<double>(modulations.size())}});
    modulation = {DemandClip{0.0, std::nullopt, held({DemandSum{std::move(modulations)}})}};
  }
  if (rates.empty()) return modulation;
  DemandProduct product;
  product.factors.push_back(sum_of(std::move(rates)));
  product.factors.push_back(std::move(modulation));
  return {std::move(product)};
}

DemandSpec weekly(const std::array<double, 7>& factors, int first_day, bool linear) {
  constexpr std::int64_t kHour = 3600 * kNsPerSecond;
  DemandPoints points;
  for (int day = 0; day < 7; ++day) {
    points.at.push_back({(24 * day + (linear ? 12 : 0)) * kHour});
    points.value.push_back(factors[static_cast<std::size_t>((first_day + day) % 7)]);
  }
  return {DemandTable{std::make_shared<const DemandPoints>(std::move(points)), linear,
                      Duration{7 * 24 * kHour}}};
}

std::size_t term_count(const DemandSpec& spec) {
  std::size_t count = 1;
  const auto add = [&](const std::vector<DemandSpec>& terms) {
    for (const DemandSpec& term : terms) count += term_count(term);
  };
  if (const auto* sum = std::get_if<DemandSum>(&spec.term)) add(sum->terms);
  if (const auto* product = std::get_if<DemandProduct>(&spec.term)) add(product->factors);
  if (const auto* shift = std::get_if<DemandShift>(&spec.term)) count += term_count(*shift->of);
  if (const auto* clip = std::get_if<DemandClip>(&spec.term)) count += term_count(*clip->of);
  return count;
}

bool has_noise(const DemandSpec& spec) {
  const auto any = [](const std::vector<DemandSpec>& terms) {
    return std::any_of(terms.begin(), terms.end(), has_noise);
  };
  if (const auto* sum = std::get_if<DemandSum>(&spec.term)) return any(sum->terms);
  if (const auto* product = std::get_if<DemandProduct>(&spec.term)) return any(product->factors);
  if (const auto* shift = std::get_if<DemandShift>(&spec.term)) return has_noise(*shift->of);
  if (const auto* clip = std::get_if<DemandClip>(&spec.term)) return has_noise(*clip->of);
  return std::holds_alternative<DemandNoise>(spec.term);
}

}  // namespace hyperdc
