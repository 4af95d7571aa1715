// The built-in procurement policies, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/procurement.hpp>

namespace hyperdc {

const ProcurementEntry& just_in_time_procurement();
const ProcurementEntry& buffer_procurement();
const ProcurementEntry& quantile_procurement();
const ProcurementEntry& hedge_procurement();
const ProcurementEntry& reservation_procurement();
const ProcurementEntry& build_or_lease_procurement();
const ProcurementEntry& portfolio_procurement();

}  // namespace hyperdc
