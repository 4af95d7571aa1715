// The built-in autoscalers, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/autoscaler.hpp>

namespace hyperdc {

const AutoscalerEntry& none_autoscaler();
const AutoscalerEntry& scheduled_autoscaler();
const AutoscalerEntry& hpa_autoscaler();
const AutoscalerEntry& keda_autoscaler();
const AutoscalerEntry& knative_autoscaler();
const AutoscalerEntry& target_tracking_autoscaler();
const AutoscalerEntry& step_autoscaler();
const AutoscalerEntry& predictive_autoscaler();
const AutoscalerEntry& gcp_autoscaler();
const AutoscalerEntry& azure_monitor_autoscaler();
const AutoscalerEntry& erlang_autoscaler();
const AutoscalerEntry& seasonal_autoscaler();
const AutoscalerEntry& pid_autoscaler();
const AutoscalerEntry& vertical_autoscaler();
const AutoscalerEntry& sla_planner_autoscaler();

}  // namespace hyperdc
