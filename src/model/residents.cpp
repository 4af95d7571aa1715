#include "model/residents.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void Residents::add(JobId job, const Share& share) {
  std::uint32_t at = spare_;
  if (at == kNone) {
    at = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    spare_ = nodes_[at].next;
  }
  nodes_[at] = {job, share.devices, first_[share.server.value]};
  first_[share.server.value] = at;
}

void Residents::remove(JobId job, const Share& share) {
  std::uint32_t* link = &first_[share.server.value];
  while (*link != kNone && !(nodes_[*link].job == job && nodes_[*link].devices == share.devices)) {
    link = &nodes_[*link].next;
  }
  HYPERDC_CHECK(*link != kNone, "the job does not hold this share");
  const std::uint32_t at = *link;
  *link = nodes_[at].next;
  nodes_[at].next = spare_;
  spare_ = at;
}

void Residents::list(ServerId server, std::uint32_t devices, std::vector<JobId>& jobs) const {
  for (std::uint32_t at = first_[server.value]; at != kNone; at = nodes_[at].next) {
    const Node& node = nodes_[at];
    if (devices == 0 || (node.devices & devices) != 0) jobs.push_back(node.job);
  }
}

std::size_t Residents::memory_used() const {
  return first_.capacity() * sizeof(std::uint32_t) + nodes_.capacity() * sizeof(Node);
}

}  // namespace hyperdc
