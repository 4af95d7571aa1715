// Servers and devices of a fleet that are out of service. What they have left is kept beside the
// arrays that the indexes read, so that servers in service pay nothing for it.
#include <bit>

#include <hyperdc/core/assert.hpp>

#include "model/fleet.hpp"

namespace hyperdc {
namespace {

/// Cores left of a closed server, as the indexes see it: less than any request asks for.
constexpr std::int64_t kNothingFits = -1;

}  // namespace

bool Fleet::is_closed(ServerId server) const {
  const std::uint32_t entry = servers_[server.value].closed;
  return entry != kOpen && closed_[entry].whole;
}

std::uint32_t Fleet::closed_devices(ServerId server) const {
  const std::uint32_t entry = servers_[server.value].closed;
  return entry == kOpen ? 0 : closed_[entry].devices;
}

Resources Fleet::used(ServerId first, std::uint32_t count) const {
  if (count == 0) return {};
  const std::uint32_t block = block_of(first);
  const ServerShape& each = blocks_[block].shape;
  HYPERDC_CHECK(first.value - base_[block].server + count <= blocks_[block].count,
                "the servers are not of one block");
  Resources left;
  for (std::uint32_t i = first.value; i < first.value + count; ++i) {
    const Server& server = servers_[i];
    const Closed* closed = server.closed == kOpen ? nullptr : &closed_[server.closed];
    left.cores_milli += closed != nullptr && closed->whole ? closed->cores_left : server.cores_left;
    for (std::uint32_t d = 0; closed != nullptr && d < each.accelerators; ++d) {
      if (closed->hides(d)) left.accelerator_milli += closed->devices_left[d];
    }
  }
  const std::size_t device =
      base_[block].device + std::size_t{first.value - base_[block].server} * each.accelerators;
  std::uint32_t shown = 0;  // of hidden devices 0 is left
  for (std::size_t d = 0; d < std::size_t{count} * each.accelerators; ++d) {
    shown += devices_left_[device + d];
  }
  left.accelerator_milli += shown;
  return {each.cores_milli * count - left.cores_milli, 0,
          std::int64_t{kWholeAccelerator} * each.accelerators * count - left.accelerator_milli};
}

Fleet::Closed& Fleet::closed_entry(ServerId server) {
  std::uint32_t& entry = servers_[server.value].closed;
  if (entry == kOpen) {
    if (closed_spare_.empty()) {
      entry = static_cast<std::uint32_t>(closed_.size());
      closed_.emplace_back();
    } else {
      entry = closed_spare_.back();
      closed_spare_.pop_back();
      closed_[entry] = Closed{};
    }
  }
  return closed_[entry];
}

void Fleet::drop_closed_entry(ServerId server) {
  std::uint32_t& entry = servers_[server.value].closed;
  if (closed_[entry].whole || closed_[entry].devices != 0) return;
  closed_spare_.push_back(entry);
  entry = kOpen;
}

void Fleet::hide_device(ServerId server, Closed& closed, std::uint32_t device) {
  std::uint16_t& left = devices(server)[device];
  closed.devices_left[device] = left;
  free_.accelerator_milli -= left;
  down_.accelerator_milli += left;
  left = 0;
}

void Fleet::show_device(ServerId server, Closed& closed, std::uint32_t device) {
  const std::uint16_t left = closed.devices_left[device];
  devices(server)[device] = left;
  free_.accelerator_milli += left;
  down_.accelerator_milli -= left;
}

void Fleet::close(ServerId server) {
  HYPERDC_CHECK(server.value < servers(), "no such server");
  HYPERDC_CHECK(!is_closed(server), "the server is closed already");
  Closed& closed = closed_entry(server);
  Server& s = servers_[server.value];
  for (std::uint32_t device = 0; device < shape(server).accelerators; ++device) {
    if (!closed.hides(device)) hide_device(server, closed, device);
  }
  closed.whole = true;
  closed.cores_left = s.cores_left;
  closed.memory_left = s.memory_left;
  const Resources hidden{s.cores_left, s.memory_left, 0};
  free_ -= hidden;
  down_ += hidden;
  s.cores_left = kNothingFits;
  s.memory_left = 0;
}

void Fleet::open(ServerId server) {
  HYPERDC_CHECK(server.value < servers() && is_closed(server), "the server is not closed");
  Closed& closed = closed_entry(server);
  Server& s = servers_[server.value];
  closed.whole = false;
  for (std::uint32_t device = 0; device < shape(server).accelerators; ++device) {
    if (!closed.hides(device)) show_device(server, closed, device);
  }
  s.cores_left = closed.cores_left;
  s.memory_left = closed.memory_left;
  const Resources shown{s.cores_left, s.memory_left, 0};
  free_ += shown;
  down_ -= shown;
  drop_closed_entry(server);
}

void Fleet::close_device(ServerId server, std::uint32_t device) {
  HYPERDC_CHECK(server.value < servers() && device < shape(server).accelerators, "no such device");
  Closed& closed = closed_entry(server);
  const std::uint32_t bit = std::uint32_t{1} << device;
  HYPERDC_CHECK((closed.devices & bit) == 0, "the device is closed already");
  if (!closed.whole) hide_device(server, closed, device);
  closed.devices |= bit;
}

void Fleet::open_device(ServerId server, std::uint32_t device) {
  HYPERDC_CHECK(server.value < servers() && device < shape(server).accelerators, "no such device");
  const std::uint32_t bit = std::uint32_t{1} << device;
  HYPERDC_CHECK((closed_devices(server) & bit) != 0, "the device is not closed");
  Closed& closed = closed_entry(server);
  closed.devices &= ~bit;
  if (!closed.whole) show_device(server, closed, device);
  drop_closed_entry(server);
}

/// A share on a server of which something is closed is taken (sign +1) or given back (-1): each
/// amount is booked where it is kept now.
void Fleet::change_closed(const Request& request, const Share& share, int sign) {
  Server& server = servers_[share.server.value];
  Closed& closed = closed_[server.closed];
  const ServerShape& full = shape(share.server);
  const Resources amount = total_of(request, sign);
  std::int64_t& cores = closed.whole ? closed.cores_left : server.cores_left;
  std::int64_t& memory = closed.whole ? closed.memory_left : server.memory_left;
  const auto within = [](std::int64_t value, std::int64_t most) {
    return value >= 0 && value <= most;
  };
  HYPERDC_CHECK(within(cores - amount.cores_milli, full.cores_milli) &&
                    within(memory - amount.memory_bytes, full.memory_bytes),
                "more is taken or given back than there is");
  std::uint16_t* visible = devices(share.server);
  const auto left_of = [&](std::uint32_t device) -> std::uint16_t& {
    return closed.hides(device) ? closed.devices_left[device] : visible[device];
  };
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    const auto device = static_cast<std::uint32_t>(std::countr_zero(mask));
    HYPERDC_CHECK(within(left_of(device) - sign * request.accelerator_milli, kWholeAccelerator),
                  "more of a device is taken or given back than there is");
  }
  Resources hidden;
  if (closed.whole) hidden = {amount.cores_milli, amount.memory_bytes, 0};
  for (std::uint32_t mask = share.devices; mask != 0; mask &= mask - 1) {
    const auto device = static_cast<std::uint32_t>(std::countr_zero(mask));
    std::uint16_t& left = left_of(device);
    left = static_cast<std::uint16_t>(left - sign * request.accelerator_milli);
    if (closed.hides(device)) hidden.accelerator_milli += sign * request.accelerator_milli;
  }
  cores -= amount.cores_milli;
  memory -= amount.memory_bytes;
  free_ -= amount;
  free_ += hidden;
  down_ -= hidden;
  used_in_block_[server.block] += amount;
  if (track_holds_ && request.accelerators > 0) hold(request, share.server, sign);
}

void Fleet::take_again(const Request& request, const Share& share) {
  check_share(request, share);
  if (servers_[share.server.value].closed == kOpen) return take(request, share);
  change_closed(request, share, +1);
}

}  // namespace hyperdc
