// FragmentationMeter: the fragmentation of all servers of a pool, kept up to date.
//
// Computes: sum over servers of F (policy/placement/fragmentation.hpp), in 1/1000 accelerator,
// against the kinds that make 95 % of the mix. Source: Weng et al. (FGD), USENIX ATC'23, figure 7.
// Each F is rounded to 10^-6 of 1/1000 accelerator and summed as an integer, so that the total
// does not depend on the order of changes.
// Cost: a change costs one bit; a reading costs one F for each server changed since the last.
// Valid range: fewer than 2^28 servers of 32 accelerators. Leaves out: memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/fleet.hpp"
#include "policy/placement/fragmentation.hpp"

namespace hyperdc {

class FragmentationMeter {
 public:
  /// `mix`: all kinds of jobs, most frequent first.
  FragmentationMeter(const Fleet& fleet, std::span<const JobMixEntry> mix,
                     double typical_share = 0.95);

  /// A share of this server was taken or given back.
  void changed(ServerId server) {
    std::uint64_t& word = dirty_[server.value / 64];
    const std::uint64_t bit = std::uint64_t{1} << (server.value % 64);
    if ((word & bit) != 0) return;
    word |= bit;
    changed_.push_back(server);
  }
  /// 1/1000 accelerator, over all servers.
  double total_milli();

 private:
  std::int64_t micro_milli(ServerId server) const;

  const Fleet& fleet_;
  Fragmentation fragmentation_;
  std::vector<std::int64_t> counted_;  // by server: its part of sum_
  std::int64_t sum_ = 0;               // 10^-6 of 1/1000 accelerator
  std::vector<std::uint64_t> dirty_;   // a bit a server
  std::vector<ServerId> changed_;      // the servers of these bits
};

}  // namespace hyperdc
