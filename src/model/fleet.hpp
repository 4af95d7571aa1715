// Fleet: the servers and accelerators of one pool, as arrays.
//
// Computes: what is left on each server and device after jobs take and return their shares, and
// what of it is out of service.
// Equation: left = capacity - sum of the shares held, in each dimension and on each device; what a
// closed server or device has left is `down` and not free: capacity = held + free + down.
// Units: 1/1000 core, byte, 1/1000 accelerator. Source: definition; exact integer arithmetic.
// Valid range: up to 2^32 - 2 servers, 32 accelerators a server; amounts below 2^63.
// Leaves out: NUMA, core pinning, memory bandwidth, MIG geometry (any 1/1000 is allowed).
//
// The fleet knows nothing of how servers are searched: ServerGroups (equal states) and OrderTree
// (first in order) are indexes over it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/request.hpp>

#include "core/large_pages.hpp"

namespace hyperdc {

/// `count` servers of one shape, side by side in the fleet.
struct FleetBlock {
  ServerShape shape;
  std::uint32_t count = 0;
};

/// Where one member of a job runs: a server and the devices it holds there.
struct Share {
  ServerId server;
  std::uint32_t devices = 0;  // bit mask
  bool operator==(const Share&) const = default;
};

class Fleet {
 public:
  /// `tie_order[i]` is the server that comes i-th among equals; empty: listed order. It must be a
  /// permutation of the servers. `track_holds`: count what kinds of jobs each server holds.
  Fleet(std::span<const FleetBlock> blocks, std::vector<std::uint32_t> tie_order, bool track_holds);

  std::uint32_t servers() const { return static_cast<std::uint32_t>(servers_.size()); }
  std::span<const FleetBlock> blocks() const { return blocks_; }
  std::uint32_t block_of(ServerId server) const { return servers_[server.value].block; }
  const ServerShape& shape(ServerId server) const { return blocks_[block_of(server)].shape; }
  std::int64_t cores_left_milli(ServerId server) const { return servers_[server.value].cores_left; }
  std::int64_t memory_left(ServerId server) const { return servers_[server.value].memory_left; }
  std::span<const std::uint16_t> accelerators_left_milli(ServerId server) const {
    const Base& base = base_[block_of(server)];
    const std::size_t per = blocks_[block_of(server)].shape.accelerators;
    return {devices_left_.data() + base.device + (server.value - base.server) * per, per};
  }
  /// Bit k: a job of k whole accelerators runs here; bit 0: one that shares a device. 0 when holds
  /// are not tracked.
  std::uint64_t holds(ServerId server) const { return track_holds_ ? holds_[server.value] : 0; }

  /// Place of a server in the tie order, and the server at a place.
  std::uint32_t order_of(ServerId server) const {
    return order_of_.empty() ? server.value : order_of_[server.value];
  }
  ServerId server_at(std::uint32_t order) const {
    return ServerId{tie_order_.empty() ? order : tie_order_[order]};
  }

  /// Takes the share of one member; the caller has checked that it fits (InvariantError if not).
  void take(const Request& request, const Share& share);
  void give_back(const Request& request, const Share& share);

  /// Takes a server out of service: nothing fits on it (its cores left read -1, its devices 0),
  /// and what it has left, or is given back later, is down. Jobs on it keep their shares.
  void close(ServerId server);
  /// Brings it back with what it has left by now.
  void open(ServerId server);
  /// The same for one device of a server, which may itself be closed.
  void close_device(ServerId server, std::uint32_t device);
  void open_device(ServerId server, std::uint32_t device);
  bool is_closed(ServerId server) const;
  /// What jobs hold on `count` servers of one block from `first` on, be they closed or not; the
  /// memory is left out.
  Resources used(ServerId first, std::uint32_t count) const;
  /// Bit mask of the devices that were closed one by one.
  std::uint32_t closed_devices(ServerId server) const;
  /// Takes a share again that was given back a moment ago, be its server closed or not.
  void take_again(const Request& request, const Share& share);

  const Resources& capacity() const { return capacity_; }
  const Resources& free() const { return free_; }
  /// Left on closed servers and devices.
  const Resources& down() const { return down_; }
  /// Used amounts by block: for power, which differs by server type.
  const Resources& used_in_block(std::uint32_t block) const { return used_in_block_[block]; }

  /// Bytes of heap held, for the memory targets.
  std::size_t memory_used() const;

 private:
  struct Base {
    std::uint32_t server = 0;  // first server of the block
    std::size_t device = 0;    // its first device
    std::size_t kind = 0;      // its first counter in kinds_held_
  };

  /// What every change of a server touches, in one cache line.
  struct Server {
    std::int64_t cores_left = 0;
    std::int64_t memory_left = 0;
    std::uint32_t block = 0;
    std::uint32_t closed = kOpen;  // entry of closed_, if the server or a device of it is closed
  };
  /// What is really left where the server's own numbers say that nothing fits.
  struct Closed {
    bool whole = false;         // the server itself
    std::uint32_t devices = 0;  // bit mask
    std::int64_t cores_left = 0;
    std::int64_t memory_left = 0;
    std::array<std::uint16_t, kMaxAcceleratorsPerServer> devices_left = {};
    bool hides(std::uint32_t device) const { return whole || (devices >> device & 1) != 0; }
  };
  static constexpr std::uint32_t kOpen = std::numeric_limits<std::uint32_t>::max();

  Closed& closed_entry(ServerId server);
  void drop_closed_entry(ServerId server);
  void hide_device(ServerId server, Closed& closed, std::uint32_t device);
  void show_device(ServerId server, Closed& closed, std::uint32_t device);
  void change_closed(const Request& request, const Share& share, int sign);
  void set_order(std::vector<std::uint32_t> tie_order);
  void add_block(const FleetBlock& block);
  void check_share(const Request& request, const Share& share) const;
  std::uint16_t* devices(ServerId server);
  void hold(const Request& request, ServerId server, int sign);
  void account(const Request& request, ServerId server, int sign);

  std::vector<FleetBlock> blocks_;
  std::vector<Base> base_;  // by block
  std::vector<Resources> used_in_block_;
  LargeVector<Server> servers_;
  LargeVector<std::uint16_t> devices_left_;  // by server, then device
  bool track_holds_ = false;
  std::vector<std::uint64_t> holds_;
  std::vector<std::uint16_t> kinds_held_;  // by server, then kind 0..accelerators
  std::vector<std::uint32_t> tie_order_;   // empty: listed order
  std::vector<std::uint32_t> order_of_;
  Resources capacity_;
  Resources free_;
  Resources down_;
  std::vector<Closed> closed_;
  std::vector<std::uint32_t> closed_spare_;  // unused entries of closed_
};

}  // namespace hyperdc
