// The built-in pricing policies, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/pricing.hpp>

namespace hyperdc {

const PricingEntry& posted_pricing();
const PricingEntry& utilization_pricing();
const PricingEntry& auction_pricing();

}  // namespace hyperdc
