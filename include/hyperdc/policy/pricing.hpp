// Pricing: what an accelerator of a product costs in a zone of a rental market, from now on.
//
// A pricing policy sees how full the zone is and what is bid, and answers with a price. It knows no
// engine, no clock, no metrics and no files. Prices are in USD per second and accelerator.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <hyperdc/core/params.hpp>

namespace hyperdc {

/// What rentals of a product, and requests that have none yet, pay at most.
class Bids {
 public:
  virtual ~Bids() = default;
  /// The first, from the highest down, that does not fit whole into the supply beside those above
  /// it; nothing where all of them fit. Infinite: whatever it costs.
  virtual std::optional<double> first_beyond(std::uint64_t supply) const = 0;
};

struct PricingView {
  std::uint64_t capacity = 0;  // accelerators of the zone
  std::uint64_t in_use = 0;    // of them, by every product
  std::uint64_t supply = 0;    // that this product may have: what it has now and what is free
  const Bids* bids = nullptr;  // of this product, where it is auctioned
  /// The price until now; nothing at the beginning.
  std::optional<double> usd_per_s = {};
};

class Pricing {
 public:
  virtual ~Pricing() = default;
  virtual double usd_per_s(const PricingView& view) const = 0;
  /// Whether the highest bids take what lower ones have: the price is then asked for at each
  /// request.
  virtual bool auctions() const { return false; }
};

struct PricingContext {};
using PricingEntry = Entry<Pricing, PricingContext>;
/// Every pricing policy, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const PricingEntry> pricings();

}  // namespace hyperdc
