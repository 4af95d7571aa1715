// What a topology without longer paths answers.
#include "network/topology/topology.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void Topology::detour(EndpointId, EndpointId, std::uint32_t, LinkPath&) const {
  HYPERDC_CHECK(false, "a topology without detours was asked for one");
}

}  // namespace hyperdc
