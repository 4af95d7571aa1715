// What an auction reads: the bids of a product in a zone, with one that is not in the book yet.
#pragma once

#include <optional>

#include <hyperdc/policy/pricing.hpp>

#include "world/market/market.hpp"

namespace hyperdc {

class ZoneBids final : public Bids {
 public:
  /// Bids for more than `heard` accelerators are not.
  explicit ZoneBids(const BidBook& book, const RentalRequest* with = nullptr,
                    std::uint64_t heard = BidBook::kAll)
      : book_(book),
        with_(with != nullptr && with->accelerators <= heard ? with : nullptr),
        heard_(heard) {}

  std::optional<double> first_beyond(std::uint64_t supply) const override {
    const std::optional<double> without = book_.first_beyond(supply, heard_);
    if (with_ == nullptr || (without && *without > with_->bid)) return without;
    const std::uint64_t k = with_->accelerators;
    if (k > supply || book_.at_least(with_->bid, heard_) > supply - k) return with_->bid;
    return book_.first_beyond(supply - k, heard_);
  }

 private:
  const BidBook& book_;
  const RentalRequest* const with_;
  const std::uint64_t heard_;
};

}  // namespace hyperdc
