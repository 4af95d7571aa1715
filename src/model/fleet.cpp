#include "model/fleet.hpp"

#include <limits>
#include <utility>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

Fleet::Fleet(std::span<const FleetBlock> blocks, std::vector<std::uint32_t> tie_order,
             bool track_holds)
    : track_holds_(track_holds) {
  std::uint64_t servers = 0;
  std::size_t accelerators = 0;
  std::size_t kinds = 0;
  for (const FleetBlock& block : blocks) {
    HYPERDC_CHECK(block.shape.accelerators <= kMaxAcceleratorsPerServer,
                  "too many accelerators in one server");
    servers += block.count;
    accelerators += std::size_t{block.count} * block.shape.accelerators;
    kinds += std::size_t{block.count} * (block.shape.accelerators + 1);
  }
  HYPERDC_CHECK(servers < std::numeric_limits<std::uint32_t>::max(), "too many servers");
  servers_.reserve(servers);
  devices_left_.assign(accelerators, kWholeAccelerator);
  if (track_holds_) {
    holds_.assign(servers, 0);
    kinds_held_.assign(kinds, 0);
  }
  Base next;
  for (const FleetBlock& block : blocks) {
    base_.push_back(next);
    add_block(block);
    next.server += block.count;
    next.device += std::size_t{block.count} * block.shape.accelerators;
    next.kind += std::size_t{block.count} * (block.shape.accelerators + 1);
  }
  free_ = capacity_;
  set_order(std::move(tie_order));
}

void Fleet::add_block(const FleetBlock& block) {
  const auto index = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back(block);
  used_in_block_.emplace_back();
  servers_.resize(servers_.size() + block.count,
                  {block.shape.cores_milli, block.shape.memory_bytes, index, kOpen});
  capacity_ += {block.shape.cores_milli * block.count, block.shape.memory_bytes * block.count,
                std::int64_t{block.shape.accelerators} * kWholeAccelerator * block.count};
}

void Fleet::set_order(std::vector<std::uint32_t> tie_order) {
  if (tie_order.empty()) return;
  HYPERDC_CHECK(tie_order.size() == servers(), "the tie order must list every server");
  constexpr auto kUnset = std::numeric_limits<std::uint32_t>::max();
  order_of_.assign(servers(), kUnset);
  for (std::uint32_t place = 0; place < tie_order.size(); ++place) {
    const std::uint32_t server = tie_order[place];
    HYPERDC_CHECK(server < servers() && order_of_[server] == kUnset,
                  "the tie order must list every server once");
    order_of_[server] = place;
  }
  tie_order_ = std::move(tie_order);
}

std::uint16_t* Fleet::devices(ServerId server) {
  const std::uint32_t block = block_of(server);
  return devices_left_.data() + base_[block].device +
         std::size_t{server.value - base_[block].server} * blocks_[block].shape.accelerators;
}

void Fleet::check_share(const Request& request, const Share& share) const {
  HYPERDC_CHECK(share.server.value < servers(), "no such server");
  HYPERDC_CHECK(std::popcount(share.devices) == request.accelerators,
                "as many devices as were asked for");
  HYPERDC_CHECK(std::bit_width(share.devices) <= shape(share.server).accelerators,
                "the server has these devices");
}

void Fleet::take(const Request& request, const Share& share) {
  check_share(request, share);
  const Server& server = servers_[share.server.value];
  HYPERDC_CHECK(server.cores_left >= request.cores_milli, "not enough cores left");
  HYPERDC_CHECK(server.memory_left >= request.memory_bytes, "not enough memory left");
  HYPERDC_CHECK(request.zones == 0 || (request.zones & shape(share.server).zone) != 0,
                "the zone is not allowed");
  HYPERDC_CHECK(request.accelerators == 0 || request.models == 0 ||
                    (request.models & shape(share.server).model) != 0,
                "the accelerator model is not allowed");
  std::uint16_t* left = devices(share.server);
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    HYPERDC_CHECK(left[std::countr_zero(mask)] >= request.accelerator_milli,
                  "not enough of the device left");
  }
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    std::uint16_t& device = left[std::countr_zero(mask)];
    device = static_cast<std::uint16_t>(device - request.accelerator_milli);
  }
  account(request, share.server, +1);
}

void Fleet::give_back(const Request& request, const Share& share) {
  check_share(request, share);
  const Server& server = servers_[share.server.value];
  if (server.closed != kOpen) return change_closed(request, share, -1);
  const ServerShape& full = shape(share.server);
  HYPERDC_CHECK(server.cores_left + request.cores_milli <= full.cores_milli &&
                    server.memory_left + request.memory_bytes <= full.memory_bytes,
                "more is given back than was taken");
  std::uint16_t* left = devices(share.server);
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    HYPERDC_CHECK(left[std::countr_zero(mask)] + request.accelerator_milli <= kWholeAccelerator,
                  "more of a device is given back than was taken");
  }
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    std::uint16_t& device = left[std::countr_zero(mask)];
    device = static_cast<std::uint16_t>(device + request.accelerator_milli);
  }
  account(request, share.server, -1);
}

void Fleet::account(const Request& request, ServerId server, int sign) {
  const Resources amount = total_of(request, sign);
  servers_[server.value].cores_left -= amount.cores_milli;
  servers_[server.value].memory_left -= amount.memory_bytes;
  free_ -= amount;
  used_in_block_[block_of(server)] += amount;
  if (track_holds_ && request.accelerators > 0) hold(request, server, sign);
}

void Fleet::hold(const Request& request, ServerId server, int sign) {
  const std::uint32_t block = block_of(server);
  const std::size_t kinds = blocks_[block].shape.accelerators + 1;
  const std::size_t kind = request.shares_device() ? 0 : std::size_t(request.accelerators);
  std::uint16_t& count =
      kinds_held_[base_[block].kind + (server.value - base_[block].server) * kinds + kind];
  HYPERDC_CHECK(sign > 0 || count > 0, "a job is given back that the server does not hold");
  count = static_cast<std::uint16_t>(count + sign);
  const std::uint64_t bit = std::uint64_t{1} << kind;
  holds_[server.value] = count > 0 ? holds_[server.value] | bit : holds_[server.value] & ~bit;
}

std::size_t Fleet::memory_used() const {
  const auto bytes = [](const auto& v) { return v.capacity() * sizeof(v[0]); };
  return bytes(blocks_) + bytes(base_) + bytes(used_in_block_) + bytes(servers_) +
         bytes(devices_left_) + bytes(holds_) + bytes(kinds_held_) + bytes(tie_order_) +
         bytes(order_of_) + bytes(closed_) + bytes(closed_spare_);
}

}  // namespace hyperdc
