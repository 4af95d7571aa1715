#include "policy/node_autoscaler/node_bins.hpp"

#include <algorithm>
#include <bit>

namespace hyperdc {

bool NodeBin::fits(const Request& ask) const {
  if (cores_milli < ask.cores_milli || memory_bytes < ask.memory_bytes) return false;
  if (ask.accelerators == 0) return true;
  if (ask.models != 0 && (ask.models & model) == 0) return false;
  std::int32_t enough = 0;
  for (std::uint32_t d = 0; d < accelerators; ++d) enough += devices[d] >= ask.accelerator_milli;
  return enough >= ask.accelerators;
}

void NodeBin::take(const Request& ask) {
  cores_milli -= ask.cores_milli;
  memory_bytes -= ask.memory_bytes;
  std::int32_t wanted = ask.accelerators;
  for (std::uint32_t d = 0; d < accelerators && wanted > 0; ++d) {
    if (devices[d] < ask.accelerator_milli) continue;
    devices[d] = static_cast<std::uint16_t>(devices[d] - ask.accelerator_milli);
    --wanted;
  }
}

NodeBin empty_bin(const ServerShape& shape) {
  NodeBin bin;
  bin.cores_milli = shape.cores_milli;
  bin.memory_bytes = shape.memory_bytes;
  bin.accelerators = shape.accelerators;
  bin.model = shape.model;
  std::fill_n(bin.devices.begin(), shape.accelerators, kWholeAccelerator);
  return bin;
}

NodeBin bin_of(const NodeServer& server, const ServerShape& shape) {
  NodeBin bin;
  bin.cores_milli = server.cores_left_milli;
  bin.memory_bytes = server.memory_left;
  bin.accelerators = shape.accelerators;
  bin.model = shape.model;
  std::copy(server.accelerators_left_milli.begin(), server.accelerators_left_milli.end(),
            bin.devices.begin());
  return bin;
}

NodeBins::NodeBins(std::vector<NodeBin> bins) : bins_(std::move(bins)) {
  grow();
}

NodeBins::Room NodeBins::room_of(const NodeBin& bin) {
  Room room{bin.cores_milli, bin.memory_bytes, 0};
  for (std::uint32_t d = 0; d < bin.accelerators; ++d) room.accelerator_milli += bin.devices[d];
  return room;
}

NodeBins::Room NodeBins::most(const Room& a, const Room& b) {
  return {std::max(a.cores_milli, b.cores_milli), std::max(a.memory_bytes, b.memory_bytes),
          std::max(a.accelerator_milli, b.accelerator_milli)};
}

/// A tree with room for all bins; closed ones must stay so.
void NodeBins::grow() {
  const std::vector<Room> old = std::move(rooms_);
  const std::size_t old_leaves = leaves_;
  leaves_ = std::bit_ceil(bins_.size());
  rooms_.assign(2 * leaves_, Room{});
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    rooms_[leaves_ + bin] = bin < old_leaves ? old[old_leaves + bin] : room_of(bins_[bin]);
  }
  for (std::size_t node = leaves_ - 1; node > 0; --node) {
    rooms_[node] = most(rooms_[2 * node], rooms_[2 * node + 1]);
  }
}

void NodeBins::set_room(std::size_t bin, const Room& room) {
  std::size_t node = leaves_ + bin;
  rooms_[node] = room;
  while ((node /= 2) > 0) rooms_[node] = most(rooms_[2 * node], rooms_[2 * node + 1]);
}

void NodeBins::note(std::size_t bin) {
  const bool open = rooms_[leaves_ + bin].accelerator_milli >= 0;
  journal_.push_back({bin, open, bins_[bin]});
}

void NodeBins::add(const NodeBin& bin) {
  journal_.push_back({bins_.size(), false, std::nullopt});
  bins_.push_back(bin);
  if (bins_.size() > leaves_) {
    grow();
  } else {
    set_room(bins_.size() - 1, room_of(bin));
  }
}

void NodeBins::close(std::size_t bin) {
  note(bin);
  set_room(bin, Room{});
}

/// The first bin from `from` on where it fits; size() if there is none.
std::size_t NodeBins::first(const Request& each, std::size_t from) const {
  if (from >= size()) return size();
  const std::int64_t accelerator_milli = each.total_accelerator_milli();
  std::size_t node = leaves_ + from;
  while (node > 0) {
    const Room& room = rooms_[node];
    const bool may = room.cores_milli >= each.cores_milli &&
                     room.memory_bytes >= each.memory_bytes &&
                     room.accelerator_milli >= accelerator_milli;
    if (may && node < leaves_) {
      node *= 2;
      continue;
    }
    if (may && bins_[node - leaves_].fits(each)) return node - leaves_;
    while (node % 2 == 1) node /= 2;  // all to the right of it is done too; 0 above the root
    if (node > 0) ++node;
  }
  return size();
}

std::uint32_t NodeBins::take(const Request& each, std::uint32_t count, std::size_t& from) {
  std::uint32_t taken = 0;
  while (taken < count) {
    from = first(each, from);
    if (from == size()) break;
    note(from);
    NodeBin& bin = bins_[from];
    while (taken < count && bin.fits(each)) {
      bin.take(each);
      ++taken;
    }
    set_room(from, room_of(bin));
  }
  return taken;
}

void NodeBins::undo(std::size_t mark) {
  while (journal_.size() > mark) {
    const Change& change = journal_.back();
    if (change.before) {
      bins_[change.bin] = *change.before;
      set_room(change.bin, change.open ? room_of(*change.before) : Room{});
    } else {
      bins_.pop_back();
      set_room(change.bin, Room{});
    }
    journal_.pop_back();
  }
}

}  // namespace hyperdc
