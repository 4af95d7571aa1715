# The library of policies; paths are from src.
hyperdc_library(policy JOIN 12
  LINK hyperdc_core
  SOURCES
    policy/admission/adaptive_lifo.cpp
    policy/admission/aimd_limit.cpp
    policy/admission/always.cpp
    policy/admission/codel.cpp
    policy/admission/deadline.cpp
    policy/admission/gradient_limit.cpp
    policy/admission/priority.cpp
    policy/admission/queue_limit.cpp
    policy/admission/token_deadline.cpp
    policy/allocator/optimus.cpp
    policy/allocator/pollux.cpp
    policy/allocator/sia.cpp
    policy/allocator/tiresias.cpp
    policy/autoscaler/azure_monitor.cpp
    policy/autoscaler/erlang.cpp
    policy/autoscaler/gcp.cpp
    policy/autoscaler/hourly_forecast.cpp
    policy/autoscaler/hpa.cpp
    policy/autoscaler/hpa_behavior.cpp
    policy/autoscaler/hpa_replicas.cpp
    policy/autoscaler/keda.cpp
    policy/autoscaler/knative.cpp
    policy/autoscaler/none.cpp
    policy/autoscaler/pid.cpp
    policy/autoscaler/predictive.cpp
    policy/autoscaler/readings.cpp
    policy/autoscaler/scheduled.cpp
    policy/autoscaler/seasonal.cpp
    policy/autoscaler/sla_planner.cpp
    policy/autoscaler/step.cpp
    policy/autoscaler/target_tracking.cpp
    policy/autoscaler/usage_histogram.cpp
    policy/autoscaler/vertical.cpp
    policy/builtin.cpp
    policy/node_autoscaler/cluster_autoscaler.cpp
    policy/node_autoscaler/karpenter.cpp
    policy/node_autoscaler/node_bins.cpp
    policy/node_autoscaler/node_claims.cpp
    policy/node_autoscaler/none.cpp
    policy/node_autoscaler/packing.cpp
    policy/placement/best_fit.cpp
    policy/placement/dot_product.cpp
    policy/placement/fgd.cpp
    policy/placement/first_fit.cpp
    policy/placement/fragmentation.cpp
    policy/placement/gpu_clustering.cpp
    policy/placement/gpu_packing.cpp
    policy/placement/lowest_carbon.cpp
    policy/placement/placement.cpp
    policy/placement/random.cpp
    policy/placement/worst_fit.cpp
    policy/region_router/lowest_carbon.cpp
    policy/region_router/nearest.cpp
    policy/region_router/spill_over.cpp
    policy/region_router/weighted.cpp
    policy/router/consistent_hash.cpp
    policy/router/hash_ring.cpp
    policy/router/least_kv.cpp
    policy/router/least_loaded.cpp
    policy/router/load_index.cpp
    policy/router/power_of_two.cpp
    policy/router/prefix_aware.cpp
    policy/router/variant_aware.cpp
    policy/router/random.cpp
    policy/router/round_robin.cpp
    policy/scheduler/conservative.cpp
    policy/scheduler/drf.cpp
    policy/scheduler/easy.cpp
    policy/scheduler/fair_share.cpp
    policy/scheduler/fifo.cpp
    policy/scheduler/gang.cpp
    policy/scheduler/las.cpp
    policy/scheduler/lowest_carbon_window.cpp
    policy/scheduler/max_min.cpp
    policy/scheduler/priority.cpp
    policy/scheduler/qssf.cpp
    policy/scheduler/quota.cpp
    policy/scheduler/reservation.cpp
    policy/scheduler/running.cpp
    policy/scheduler/sjf.cpp
    policy/scheduler/timetable.cpp
    policy/scheduler/waiting.cpp
    policy/pricing/auction.cpp
    policy/pricing/posted.cpp
    policy/pricing/utilization.cpp
    policy/procurement/buffer.cpp
    policy/procurement/build_or_lease.cpp
    policy/procurement/hedge.cpp
    policy/procurement/just_in_time.cpp
    policy/procurement/portfolio.cpp
    policy/procurement/quantile.cpp
    policy/procurement/reservation.cpp
    policy/purchasing/commit.cpp
    policy/purchasing/spot_first.cpp
)

# Every policy names its entry and its parameters alike, also where several are compiled as one.
set_target_properties(hyperdc_policy PROPERTIES
  UNITY_BUILD_UNIQUE_ID HYPERDC_FILE_ID
  UNITY_BUILD_CODE_BEFORE_INCLUDE "
#define HYPERDC_PASTE_(a, b) a##b
#define HYPERDC_PASTE(a, b) HYPERDC_PASTE_(a, b)
#define kEntry HYPERDC_PASTE(kEntry_, HYPERDC_FILE_ID)
#define kParams HYPERDC_PASTE(kParams_, HYPERDC_FILE_ID)"
  UNITY_BUILD_CODE_AFTER_INCLUDE "
#undef HYPERDC_PASTE_
#undef HYPERDC_PASTE
#undef kEntry
#undef kParams")
# These name their options and records alike too.
set_source_files_properties(policy/autoscaler/gcp.cpp policy/autoscaler/hpa.cpp
  policy/autoscaler/hpa_behavior.cpp policy/autoscaler/hpa_replicas.cpp
  policy/autoscaler/keda.cpp policy/autoscaler/knative.cpp policy/autoscaler/pid.cpp
  policy/autoscaler/predictive.cpp policy/autoscaler/scheduled.cpp policy/autoscaler/seasonal.cpp
  policy/autoscaler/sla_planner.cpp policy/autoscaler/step.cpp policy/autoscaler/target_tracking.cpp
  policy/autoscaler/usage_histogram.cpp policy/autoscaler/vertical.cpp
  policy/scheduler/las.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
