// The built-in purchasing policies, one a file; builtin.cpp lists them. And what they share.
#pragma once

#include <algorithm>
#include <string>

#include <hyperdc/policy/purchasing.hpp>

namespace hyperdc {

const PurchasingEntry& commit_purchasing();
const PurchasingEntry& spot_first_purchasing();

inline constexpr ParamSpec kTermParam = {
    .name = "term",
    .kind = ParamKind::text,
    .doc = "Name of the reservation that is taken; without it the first.",
    .fallback = "\"\"",
    .example = "\"1y\""};

/// Reserves up to a quantile of demand over the term, and gives up what is above it if asked to.
inline Commitment commit_up_to(const PurchasingView& view, double quantile, const std::string& term,
                               bool release) {
  Commitment out;
  if (view.terms.empty()) return out;
  for (std::uint32_t i = 0; i < view.terms.size(); ++i) {
    if (view.terms[i].name == term) out.term = i;
  }
  const double level =
      quantile <= 0 ? 0 : view.outlook->demand_quantile(view.terms[out.term].term, quantile);
  const double wanted = std::max(0.0, level - view.owned);
  out.reserve = std::max(0.0, wanted - view.reserved);
  if (release) out.release = std::max(0.0, view.reserved - wanted);
  return out;
}

}  // namespace hyperdc
