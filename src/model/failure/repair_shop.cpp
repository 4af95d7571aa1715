#include "model/failure/repair_shop.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

std::optional<std::uint32_t> RepairShop::begin() {
  if (waiting_.empty() || (technicians_ && busy_ >= *technicians_) || (parts_ && *parts_ == 0)) {
    return std::nullopt;
  }
  const std::uint32_t item = waiting_.front();
  waiting_.pop_front();
  ++busy_;
  if (parts_) --*parts_;
  return item;
}

void RepairShop::finished() {
  HYPERDC_CHECK(busy_ > 0, "a repair ended that had not begun");
  --busy_;
}

void RepairShop::part_arrived() {
  HYPERDC_CHECK(parts_.has_value(), "parts are not limited");
  ++*parts_;
}

}  // namespace hyperdc
