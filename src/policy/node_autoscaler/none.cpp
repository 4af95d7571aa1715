// None: the servers that are on at the start stay on, the others off.
//
// Computes: nothing. Units: none. Source: definition. Valid always. Leaves out: everything; a
// server that fails comes back by its repair.
#include "policy/node_autoscaler/node_autoscalers.hpp"

namespace hyperdc {
namespace {

class NoNodeAutoscaler final : public NodeAutoscaler {
 public:
  void decide(const NodesView&, NodeActions&) override {}
};

constexpr NodeAutoscalerEntry kNoNodeAutoscaler = {
    "none",
    "The servers that are on at the start stay on, the others off.",
    {},
    [](const Params&, const NodeAutoscalerContext&) -> std::unique_ptr<NodeAutoscaler> {
      return std::make_unique<NoNodeAutoscaler>();
    }};

}  // namespace

const NodeAutoscalerEntry& none_node_autoscaler() {
  return kNoNodeAutoscaler;
}

}  // namespace hyperdc
