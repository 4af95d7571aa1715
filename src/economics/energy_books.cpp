#include "economics/energy_books.hpp"

#include <algorithm>

namespace hyperdc {

EnergyBooks::EnergyBooks(const EnergyTerms& terms) : terms_(&terms) {
  if (terms.demand) peaks_.emplace(terms.demand->window, terms.demand->period);
  if (terms.price && !terms.price->is_constant()) price_walk_.emplace(*terms.price);
  for (std::size_t i = 0; i < kCarbonMethods; ++i) {
    const auto& rate = terms.carbon[i];
    if (rate && !rate->is_constant()) carbon_walks_[i].emplace(*rate);
  }
}

void EnergyBooks::add(SimTime from, SimTime to, double facility_w, double it_w, double outside_c) {
  if (to <= from) return;
  if (terms_->price) energy_usd_ += facility_w * terms_->price->integral(from, to);
  if (price_walk_) price_walk_->add(from, to, facility_w);
  if (peaks_) peaks_->add(from, to, facility_w);
  for (std::size_t i = 0; i < kCarbonMethods; ++i) {
    const auto& intensity = terms_->carbon[i];
    if (intensity) carbon_g_[i] += facility_w * intensity->integral(from, to);
    if (carbon_walks_[i]) carbon_walks_[i]->add(from, to, facility_w);
  }
  if (const auto& water = terms_->water) {
    const double warm = std::max(0.0, outside_c - water->from_c);
    water_m3_ += it_w * to_seconds(to - from) * (water->m3_per_j + water->m3_per_j_kelvin * warm);
  }
}

void EnergyBooks::close() {
  if (peaks_) peaks_->close();
}

double EnergyBooks::demand_usd() const {
  return peaks_ ? peaks_->charged_w() * terms_->demand->usd_per_w : 0;
}

}  // namespace hyperdc
