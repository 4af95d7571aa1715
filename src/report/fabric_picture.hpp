// A fabric on a screen: its tiers of switches, what joins them, and what follows from that.
#pragma once

#include <optional>
#include <string>

#include "network/topology/topology.hpp"
#include "network/topology/tpu_slices.hpp"
#include "report/terminal.hpp"

namespace hyperdc {

struct FabricFacts {
  std::string name, family;
  double efficiency = 1;
  std::optional<double> power_w;    // of switches and optics; nothing: not stated
  std::optional<double> price_usd;  // to buy them
  std::optional<TpuPod> pod = {};   // of a torus: what it is a slice of
};

std::string fabric_picture(const Topology& topology, const FabricFacts& facts,
                           const TextStyle& style);

}  // namespace hyperdc
