// The built-in routers, one a file; listed in policy/builtin.cpp.
#pragma once

#include <hyperdc/policy/router.hpp>

namespace hyperdc {

const RouterEntry& random_router();
const RouterEntry& round_robin_router();
const RouterEntry& least_loaded_router();
const RouterEntry& power_of_two_router();
const RouterEntry& consistent_hash_router();
const RouterEntry& prefix_aware_router();
const RouterEntry& least_kv_router();
const RouterEntry& variant_aware_router();

}  // namespace hyperdc
