// What procurement policies share: which offer, how many racks, and what is too much.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include <hyperdc/core/assert.hpp>
#include <hyperdc/policy/procurement.hpp>

namespace hyperdc {

constexpr std::string_view kOfferChoices[] = {"cheapest", "newest"};

/// Which of the generations on sale is bought.
constexpr ParamSpec kChooseParam = {
    .name = "choose",
    .kind = ParamKind::choice,
    .doc =
        "Which generation is bought: the one of least cost a unit-hour, price over its life and "
        "energy, or the one that came last.",
    .fallback = R"("cheapest")",
    .choices = kOfferChoices,
    .example = R"("newest")"};

constexpr ParamSpec kFractileParam = {
    .name = "fractile",
    .kind = ParamKind::number,
    .doc = "Probability that what is ordered suffices when it arrives, as of the policy quantile.",
    .fallback = "0.8",
    .min = 0.001,
    .max = 0.999,
    .example = "0.8"};

constexpr ParamSpec kCancelParam = {
    .name = "cancel",
    .kind = ParamKind::boolean,
    .doc = "Whether orders above what the policy aims at are given up, at their breakage.",
    .fallback = "false",
    .example = "true"};

/// Index of the best offer, of vendors other than `but` if that is given; nothing on sale: nothing.
inline std::optional<std::uint32_t> best_offer(const ProcurementView& view, std::string_view choose,
                                               std::optional<std::string_view> but = {}) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t i = 0; i < view.offers.size(); ++i) {
    const OfferView& offer = view.offers[i];
    if (but && offer.vendor == *but) continue;
    if (!best) {
      best = i;
      continue;
    }
    const OfferView& other = view.offers[*best];
    const bool better = choose == "newest" ? offer.on_sale > other.on_sale
                                           : offer.cost_usd_per_h < other.cost_usd_per_h;
    if (better) best = i;
  }
  return best;
}

/// Whole racks that bring at least so many units; the run stops where that is no number of racks.
inline std::uint64_t racks_for(double units, const OfferView& offer) {
  if (units <= 0) return 0;
  constexpr double kRounding = 1e-9;  // sums of units are not exact
  constexpr double kMostRacks = 1e12;
  const double racks = std::ceil(units / offer.units_per_rack * (1 - kRounding));
  HYPERDC_CHECK(racks <= kMostRacks, "a procurement policy wants more than 1e12 racks");
  return static_cast<std::uint64_t>(racks);
}

/// Orders `offer` up to `target` units, once supply is below `below`.
inline ProcurementDecision order_up_to(const ProcurementView& view, std::uint32_t offer,
                                       double below, double target, bool cancel) {
  ProcurementDecision out;
  const OfferView& chosen = view.offers[offer];
  const double supply = view.outlook->supply(chosen.lead);
  if (supply < below) {
    const std::uint64_t racks = racks_for(target - supply, chosen);
    if (racks > 0) out.buy.push_back({offer, racks});
  } else if (cancel && supply > target) {
    out.cancel = supply - target;
  }
  return out;
}

}  // namespace hyperdc
