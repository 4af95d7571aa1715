// The built-in policies, listed by hand in the order of the reference.
#include <array>

#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "policy/placement/placements.hpp"
#include "policy/scheduler/schedulers.hpp"

namespace hyperdc {

std::span<const PlacementEntry> placements() {
  static const std::array<PlacementEntry, 8> entries = {
      first_fit_placement(),      random_placement(),      best_fit_placement(),
      worst_fit_placement(),      dot_product_placement(), gpu_packing_placement(),
      gpu_clustering_placement(), fgd_placement(),
  };
  return entries;
}

std::span<const SchedulerEntry> schedulers() {
  static const std::array<SchedulerEntry, 8> entries = {
      fifo_scheduler(),     sjf_scheduler(), easy_scheduler(), conservative_scheduler(),
      priority_scheduler(), drf_scheduler(), las_scheduler(),  gang_scheduler(),
  };
  return entries;
}

}  // namespace hyperdc
