// Residents: which jobs hold a share of each server, so that those of a lost server are found
// without a look at all jobs that run.
//
// Computes: a multiset of (server, job, devices). Exact. Cost: 4 bytes a server and 16 a share;
// add() O(1); remove() and list() O(shares on the server). Valid range: fewer than 2^32 - 1 shares.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <hyperdc/core/id.hpp>

#include "core/large_pages.hpp"
#include "model/fleet.hpp"

namespace hyperdc {

class Residents {
 public:
  explicit Residents(std::uint32_t servers) { first_.assign(servers, kNone); }

  void add(JobId job, const Share& share);
  /// InvariantError when the job has no such share.
  void remove(JobId job, const Share& share);
  bool any(ServerId server) const { return first_[server.value] != kNone; }
  /// Appends the jobs with a share of the server that holds one of `devices` (0: any share), each
  /// as often as it has such shares, in no meaningful order.
  void list(ServerId server, std::uint32_t devices, std::vector<JobId>& jobs) const;
  std::size_t memory_used() const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  struct Node {
    JobId job;
    std::uint32_t devices = 0;
    std::uint32_t next = kNone;
  };

  LargeVector<std::uint32_t> first_;  // by server: its newest node
  LargeVector<Node> nodes_;
  std::uint32_t spare_ = kNone;  // list of unused nodes
};

}  // namespace hyperdc
