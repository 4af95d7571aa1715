// The entry of each placement policy, for the list in policy/builtin.cpp.
#pragma once

#include <hyperdc/policy/placement.hpp>

namespace hyperdc {

PlacementEntry first_fit_placement();
PlacementEntry random_placement();
PlacementEntry best_fit_placement();
PlacementEntry worst_fit_placement();
PlacementEntry dot_product_placement();
PlacementEntry gpu_packing_placement();
PlacementEntry gpu_clustering_placement();
PlacementEntry fgd_placement();
PlacementEntry lowest_carbon_placement();

}  // namespace hyperdc
