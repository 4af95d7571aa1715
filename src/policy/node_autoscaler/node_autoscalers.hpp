// The built-in node autoscalers, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/node_autoscaler.hpp>

namespace hyperdc {

const NodeAutoscalerEntry& none_node_autoscaler();
const NodeAutoscalerEntry& cluster_autoscaler();
const NodeAutoscalerEntry& karpenter_node_autoscaler();

}  // namespace hyperdc
