// The built-in policies, listed by hand in the order of the reference.
#include <array>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/allocator.hpp>
#include <hyperdc/policy/autoscaler.hpp>
#include <hyperdc/policy/node_autoscaler.hpp>
#include <hyperdc/policy/placement.hpp>
#include <hyperdc/policy/pricing.hpp>
#include <hyperdc/policy/procurement.hpp>
#include <hyperdc/policy/purchasing.hpp>
#include <hyperdc/policy/router.hpp>
#include <hyperdc/policy/scheduler.hpp>

#include "policy/admission/admissions.hpp"
#include "policy/allocator/allocators.hpp"
#include "policy/autoscaler/autoscalers.hpp"
#include "policy/node_autoscaler/node_autoscalers.hpp"
#include "policy/placement/placements.hpp"
#include "policy/pricing/pricings.hpp"
#include "policy/procurement/procurements.hpp"
#include "policy/purchasing/purchasings.hpp"
#include "policy/region_router/region_routers.hpp"
#include "policy/router/routers.hpp"
#include "policy/scheduler/schedulers.hpp"

namespace hyperdc {

std::span<const PlacementEntry> placements() {
  static const std::array<PlacementEntry, 9> entries = {
      first_fit_placement(),      random_placement(),      best_fit_placement(),
      worst_fit_placement(),      dot_product_placement(), gpu_packing_placement(),
      gpu_clustering_placement(), fgd_placement(),         lowest_carbon_placement(),
  };
  return entries;
}

std::span<const SchedulerEntry> schedulers() {
  static const std::array<SchedulerEntry, 13> entries = {
      fifo_scheduler(),
      sjf_scheduler(),
      qssf_scheduler(),
      easy_scheduler(),
      conservative_scheduler(),
      priority_scheduler(),
      drf_scheduler(),
      fair_share_scheduler(),
      quota_scheduler(),
      las_scheduler(),
      gang_scheduler(),
      max_min_scheduler(),
      lowest_carbon_window_scheduler(),
  };
  return entries;
}

std::span<const AllocatorEntry> allocators() {
  static const std::array<AllocatorEntry, 4> entries = {
      sia_allocator(),
      pollux_allocator(),
      optimus_allocator(),
      tiresias_allocator(),
  };
  return entries;
}

std::span<const RouterEntry> routers() {
  static const std::array<RouterEntry, 8> entries = {
      random_router(),       round_robin_router(),     least_loaded_router(),
      power_of_two_router(), consistent_hash_router(), prefix_aware_router(),
      least_kv_router(),     variant_aware_router(),
  };
  return entries;
}

std::span<const RegionRouterEntry> region_routers() {
  static const std::array<RegionRouterEntry, 4> entries = {
      nearest_region_router(),
      spill_over_region_router(),
      weighted_region_router(),
      lowest_carbon_region_router(),
  };
  return entries;
}

std::span<const AdmissionEntry> admissions() {
  static const std::array<AdmissionEntry, 9> entries = {
      always_admission(),     queue_limit_admission(),    deadline_admission(),
      priority_admission(),   codel_admission(),          adaptive_lifo_admission(),
      aimd_limit_admission(), gradient_limit_admission(), token_deadline_admission(),
  };
  return entries;
}

std::span<const AutoscalerEntry> autoscalers() {
  static const std::array<AutoscalerEntry, 15> entries = {
      none_autoscaler(),     scheduled_autoscaler(),   hpa_autoscaler(),
      keda_autoscaler(),     knative_autoscaler(),     target_tracking_autoscaler(),
      step_autoscaler(),     predictive_autoscaler(),  gcp_autoscaler(),
      erlang_autoscaler(),   seasonal_autoscaler(),    pid_autoscaler(),
      vertical_autoscaler(), sla_planner_autoscaler(), azure_monitor_autoscaler(),
  };
  return entries;
}

std::span<const NodeAutoscalerEntry> node_autoscalers() {
  static const std::array<NodeAutoscalerEntry, 3> entries = {
      none_node_autoscaler(),
      cluster_autoscaler(),
      karpenter_node_autoscaler(),
  };
  return entries;
}

std::span<const ProcurementEntry> procurements() {
  static const std::array<ProcurementEntry, 7> entries = {
      just_in_time_procurement(), buffer_procurement(),      quantile_procurement(),
      hedge_procurement(),        reservation_procurement(), build_or_lease_procurement(),
      portfolio_procurement(),
  };
  return entries;
}

std::span<const PricingEntry> pricings() {
  static const std::array<PricingEntry, 3> entries = {
      posted_pricing(),
      utilization_pricing(),
      auction_pricing(),
  };
  return entries;
}

std::span<const PurchasingEntry> purchasings() {
  static const std::array<PurchasingEntry, 2> entries = {
      commit_purchasing(),
      spot_first_purchasing(),
  };
  return entries;
}

}  // namespace hyperdc
