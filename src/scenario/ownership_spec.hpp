// OwnershipSpec: who owns how much AI compute, resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/distribution.hpp"

namespace hyperdc {

struct OwnerSpec {
  std::string name;
  DistributionSpec accelerators;  // reference accelerators
  double factor = 1;              // of them that it keeps: below 1 under an export limit
  double rented_out = 0;          // share that others may rent
  double largest_site = 1;        // share that can work together
  std::uint32_t group = 0;        // owners of one group are one owner
};

/// A training run that is asked for.
struct FrontierRun {
  double flop = 0, days = 0, mfu = 0, peak_flops = 0;  // FLOP/s of a reference accelerator
};

struct OwnershipSpec {
  std::vector<OwnerSpec> owners;
  std::uint32_t groups = 0;
  DistributionSpec others;  // held by many that nobody counted
  std::optional<FrontierRun> run;
};

}  // namespace hyperdc
