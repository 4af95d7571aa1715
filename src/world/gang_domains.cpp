#include "world/gang_domains.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "world/fabrics.hpp"
#include "world/placer.hpp"
#include "world/world.hpp"

namespace hyperdc {
namespace {

constexpr std::uint32_t kHostChips = 4;
constexpr std::uint32_t kCubeServers = 16;

}  // namespace

std::int64_t members_in(const Request& request, std::int64_t cores_milli, std::int64_t memory_bytes,
                        std::span<const std::uint16_t> devices_milli, std::int64_t most) {
  if (request.cores_milli > 0) most = std::min(most, cores_milli / request.cores_milli);
  if (request.memory_bytes > 0) most = std::min(most, memory_bytes / request.memory_bytes);
  if (request.accelerators == 0) return most;
  std::int64_t pieces = 0;  // of one device or of a part of it
  for (const std::uint16_t left : devices_milli) pieces += left / request.accelerator_milli;
  return std::min(most, pieces / request.accelerators);
}

std::uint32_t room_on(const Request& request, const Fleet& fleet, ServerId server,
                      std::uint32_t most) {
  const std::int64_t cores = fleet.cores_left_milli(server);
  if (cores < request.cores_milli || cores < 0) return 0;  // closed servers read -1
  const ServerShape& shape = fleet.shape(server);
  if (request.zones != 0 && (request.zones & shape.zone) == 0) return 0;
  const bool wrong = request.models != 0 && (request.models & shape.model) == 0;
  if (request.accelerators > 0 && wrong) return 0;
  return static_cast<std::uint32_t>(members_in(request, cores, fleet.memory_left(server),
                                               fleet.accelerators_left_milli(server), most));
}

GangDomains::GangDomains(const TopologySpec& spec, const Fleet& fleet, std::vector<Rack> racks)
    : spec_(spec), fleet_(fleet), racks_(std::move(racks)) {
  for (std::uint32_t r = 0; r < racks_.size(); ++r) {
    rack_of_.insert(rack_of_.end(), racks_[r].count, r);
    pods_ = std::max(pods_, racks_[r].pod + 1);
  }
}

bool GangDomains::places(std::uint32_t members) const {
  return spec_.largest_slice || (members > 1 && spec_.rank != DomainRank::none);
}

/// Room of servers, racks and pods now, or of empty ones.
void GangDomains::measure(const Request& request, std::uint32_t members, bool empty) const {
  room_.assign(rack_of_.size(), 0);
  rack_room_.assign(racks_.size(), 0);
  pod_room_.assign(pods_, 0);
  const auto add = [](std::uint32_t& sum, std::uint32_t more) {
    sum = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::uint64_t{sum} + more, std::numeric_limits<int>::max()));
  };
  for (std::uint32_t s = 0; s < room_.size(); ++s) {
    const ServerId server{s};
    room_[s] = empty ? static_cast<std::uint32_t>(std::min<std::uint64_t>(
                           members, members_on(request, fleet_.shape(server))))
                     : room_on(request, fleet_, server, members);
    add(rack_room_[rack_of_[s]], room_[s]);
    add(pod_room_[racks_[rack_of_[s]].pod], room_[s]);
  }
}

/// Of those that hold all members the one that the ranking says.
std::optional<std::size_t> GangDomains::pick(std::span<const Child> all,
                                             std::uint32_t members) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].room < members) continue;
    const bool better = !best ||
                        (spec_.rank == DomainRank::best_fit && all[i].room < all[*best].room) ||
                        (spec_.rank == DomainRank::worst_fit && all[i].room > all[*best].room);
    if (better) best = i;
  }
  return best;
}

/// That one, or else the one with the most room.
std::size_t GangDomains::next_of(std::span<const Child> all, std::uint32_t members) const {
  if (const auto holds = pick(all, members)) return *holds;
  const auto most = std::max_element(
      all.begin(), all.end(), [](const Child& a, const Child& b) { return a.room < b.room; });
  return static_cast<std::size_t>(most - all.begin());
}

void GangDomains::take_servers(std::vector<Child> servers, std::uint32_t members,
                               std::vector<ServerId>& out) const {
  while (members > 0) {
    const std::size_t at = next_of(servers, members);
    const std::uint32_t here = std::min(members, servers[at].room);
    out.insert(out.end(), here, ServerId{servers[at].id});
    servers[at].room = 0;
    members -= here;
  }
}

void GangDomains::take_rack(std::uint32_t rack, std::uint32_t members,
                            std::vector<ServerId>& out) const {
  std::vector<Child> servers;
  for (std::uint32_t i = 0; i < racks_[rack].count; ++i) {
    const std::uint32_t server = racks_[rack].first + i;
    if (room_[server] > 0) servers.push_back({server, room_[server]});
  }
  take_servers(std::move(servers), members, out);
}

void GangDomains::take_racks(std::vector<Child> racks, std::uint32_t members,
                             std::vector<ServerId>& out) const {
  while (members > 0) {
    const std::size_t at = next_of(racks, members);
    const std::uint32_t here = std::min(members, racks[at].room);
    take_rack(racks[at].id, here, out);
    racks[at].room = 0;
    members -= here;
  }
}

std::vector<GangDomains::Child> GangDomains::racks_of(std::optional<std::uint32_t> pod) const {
  std::vector<Child> racks;
  for (std::uint32_t r = 0; r < racks_.size(); ++r) {
    if (pod && racks_[r].pod != *pod) continue;
    if (rack_room_[r] > 0) racks.push_back({r, rack_room_[r]});
  }
  return racks;
}

/// In the smallest domain that holds the members; false: none of those that are allowed does.
bool GangDomains::take_domain(std::uint32_t members, std::vector<ServerId>& out) const {
  std::vector<Child> servers;
  for (std::uint32_t s = 0; s < room_.size(); ++s) servers.push_back({s, room_[s]});
  if (const auto server = pick(servers, members)) {
    out.assign(members, ServerId{servers[*server].id});
    return true;
  }
  const std::vector<Child> racks = racks_of(std::nullopt);
  if (const auto rack = pick(racks, members)) {
    take_rack(racks[*rack].id, members, out);
    return true;
  }
  if (spec_.required == DomainNeed::rack) return false;
  std::vector<Child> pods;
  std::uint64_t all = 0;
  for (std::uint32_t p = 0; p < pods_; ++p) {
    pods.push_back({p, pod_room_[p]});
    all += pod_room_[p];
  }
  if (const auto pod = pick(pods, members)) {
    take_racks(racks_of(pods[*pod].id), members, out);
    return true;
  }
  if (spec_.required == DomainNeed::pod || all < members) return false;
  while (members > 0) {  // few pods: the last by the ranking, others by their room
    const std::size_t at = next_of(pods, members);
    const std::uint32_t here = std::min(members, pods[at].room);
    take_racks(racks_of(pods[at].id), here, out);
    pods[at].room = 0;
    members -= here;
  }
  return true;
}

bool GangDomains::choose(const Request& request, std::uint32_t members,
                         std::vector<ServerId>& servers) const {
  if (spec_.largest_slice) return choose_slice(request, members, servers, false);
  measure(request, members, false);
  servers.clear();
  if (!take_domain(members, servers)) return false;
  std::sort(servers.begin(), servers.end());
  return true;
}

std::uint32_t GangDomains::most_in_one() const {
  const std::vector<std::uint32_t>& rooms =
      spec_.required == DomainNeed::rack ? rack_room_ : pod_room_;
  return *std::max_element(rooms.begin(), rooms.end());
}

bool GangDomains::possible(const Request& request, std::uint32_t members) const {
  if (!binds(members)) return true;
  const auto [at, is_new] = possible_.try_emplace({request, members}, false);
  if (!is_new) return at->second;
  if (slices()) {
    std::vector<ServerId> servers;
    return at->second = choose_slice(request, members, servers, true);
  }
  measure(request, members, true);
  return at->second = most_in_one() >= members;
}

std::optional<std::uint32_t> GangDomains::slice_servers(const Request& request,
                                                        std::uint32_t members) const {
  if (request.accelerators != static_cast<std::int32_t>(kHostChips)) return std::nullopt;
  if (members <= kCubeServers) {
    return std::has_single_bit(members) ? std::optional(members) : std::nullopt;
  }
  const bool whole = members % kCubeServers == 0 && members / kCubeServers <= *spec_.largest_slice;
  return whole ? std::optional(members) : std::nullopt;
}

std::string_view GangDomains::illegal_size(const Request& request, std::uint32_t members) {
  if (!spec_.largest_slice || slice_servers(request, members)) return {};
  const std::uint64_t chips =
      std::uint64_t{members} * static_cast<std::uint32_t>(request.accelerators);
  std::string& text = illegal_[{request.accelerators, members}];
  if (!text.empty()) return text;
  constexpr std::uint64_t kCube = kHostChips * kCubeServers;
  const std::uint64_t most = *spec_.largest_slice * kCube;
  if (request.accelerators != static_cast<std::int32_t>(kHostChips)) {
    text = fmt::format("members of a slice are whole servers of {} chips, not {}", kHostChips,
                       request.accelerators);
  } else if (chips > most) {
    text = fmt::format("no slice has {} chips; the largest has {}", chips, most);
  } else {
    const std::uint64_t below = chips < kCube ? std::bit_floor(chips) : chips / kCube * kCube;
    text = fmt::format("no slice has {} chips; legal: {} and {}", chips, below,
                       chips < kCube ? 2 * below : below + kCube);
  }
  return text;
}

/// The free aligned block whose split leaves the least.
bool GangDomains::choose_block(std::uint32_t servers, std::uint32_t& first) const {
  std::pair<std::uint32_t, std::uint32_t> least{std::numeric_limits<std::uint32_t>::max(), 0};
  bool found = false;
  for (std::uint32_t r = 0; r < racks_.size(); ++r) {
    const auto is_free = [&](std::uint32_t from, std::uint32_t count) {
      return std::all_of(room_.begin() + from, room_.begin() + from + count,
                         [](std::uint32_t room) { return room > 0; });
    };
    for (std::uint32_t at = 0; at < kCubeServers; at += servers) {
      if (!is_free(racks_[r].first + at, servers)) continue;
      std::uint32_t around = servers;  // the largest free block that it splits
      while (around < kCubeServers &&
             is_free(racks_[r].first + at / (2 * around) * (2 * around), 2 * around)) {
        around *= 2;
      }
      const std::pair key{around, rack_room_[r]};
      if (found && !(key < least)) continue;
      found = true;
      least = key;
      first = racks_[r].first + at;
    }
  }
  return found;
}

bool GangDomains::choose_slice(const Request& request, std::uint32_t members,
                               std::vector<ServerId>& servers, bool empty) const {
  if (!slice_servers(request, members)) return false;
  measure(request, 1, empty);
  servers.clear();
  const auto take = [&](std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) servers.push_back(ServerId{first + i});
  };
  if (members <= kCubeServers) {
    std::uint32_t first = 0;
    if (!choose_block(members, first)) return false;
    take(first, members);
    return true;
  }
  for (std::uint32_t r = 0; r < racks_.size() && servers.size() < members; ++r) {
    if (rack_room_[r] == kCubeServers) take(racks_[r].first, kCubeServers);
  }
  return servers.size() == members;
}

std::vector<std::vector<ServerId>> GangDomains::candidates(const Request& request,
                                                           std::uint32_t members) const {
  std::vector<std::vector<ServerId>> all;
  const auto add = [&](std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) all.back().push_back(ServerId{first + i});
  };
  const bool slices = spec_.largest_slice.has_value();
  if (slices && (!slice_servers(request, members) || members > kCubeServers)) return all;
  if (!slices && (!places(members) || spec_.required == DomainNeed::any)) return all;
  if (!slices && spec_.required == DomainNeed::pod) all.resize(pods_);
  for (const Rack& rack : racks_) {
    if (slices) {
      for (std::uint32_t at = 0; at < kCubeServers; at += members) {
        all.emplace_back();
        add(rack.first + at, members);
      }
    } else if (spec_.required == DomainNeed::rack) {
      all.emplace_back();
      add(rack.first, rack.count);
    } else {
      for (std::uint32_t i = 0; i < rack.count; ++i) {
        all[rack.pod].push_back(ServerId{rack.first + i});
      }
    }
  }
  return all;
}

void GangDomains::count_start(std::span<const Share> shares) {
  if (shares.size() < 2) return;
  std::vector<std::uint32_t> racks, pods;
  for (const Share& share : shares) {
    racks.push_back(rack_of_[share.server.value]);
    pods.push_back(racks_[racks.back()].pod);
  }
  const auto distinct = [](std::vector<std::uint32_t>& of) {
    std::sort(of.begin(), of.end());
    return static_cast<std::uint64_t>(std::unique(of.begin(), of.end()) - of.begin());
  };
  const std::uint64_t in_racks = distinct(racks);
  const std::uint64_t in_pods = distinct(pods);
  ++books_.gangs;
  books_.racks += in_racks;
  books_.pods += in_pods;
  books_.in_rack += in_racks == 1 ? 1 : 0;
  books_.in_pod += in_pods == 1 ? 1 : 0;
}

namespace {

/// Racks of the pool side by side, and the region of each.
std::vector<GangDomains::Rack> racks_of_pool(const World& world, const PoolState& pool,
                                             std::vector<std::uint32_t>& regions) {
  std::vector<GangDomains::Rack> racks;
  std::uint32_t in_group = 0;
  for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
    const std::uint32_t group = pool.block_racks[block];
    if (block == 0 || pool.block_racks[block - 1] != group) in_group = 0;
    const std::uint32_t each = world.scenario->racks[group].servers_per_rack;
    for (std::uint32_t i = 0; i < pool.blocks[block].count; ++i, ++in_group) {
      if (in_group % each == 0) {
        racks.push_back({pool.block_first[block] + i, 0, 0});
        regions.push_back(pool.block_region[block]);
      }
      ++racks.back().count;
    }
  }
  return racks;
}

/// Numbers of pods, from `next` on, of racks on one fabric whose first endpoints are these.
std::vector<std::uint32_t> pods_on(const Topology& net, const std::vector<EndpointId>& first,
                                   std::uint32_t& next) {
  const bool torus = !net.torus_extents().empty();
  const auto far = [&](EndpointId a, EndpointId b) {
    LinkPath path;
    if (a.value != b.value) net.path(a, b, 0, path);
    return path.links().size();
  };
  std::size_t farthest = 0;
  for (const EndpointId endpoint : first) {
    farthest = std::max(farthest, far(first.front(), endpoint));
  }
  std::vector<EndpointId> heads;
  std::vector<std::uint32_t> pods;
  bool near = torus;  // whether there is any structure
  for (const EndpointId endpoint : first) {
    const auto same = [&](EndpointId head) {
      return torus ? net.rack(head) == net.rack(endpoint) : far(head, endpoint) < farthest;
    };
    const auto at = std::find_if(heads.begin(), heads.end(), same);
    pods.push_back(next + static_cast<std::uint32_t>(at - heads.begin()));
    if (at == heads.end()) {
      heads.push_back(endpoint);
    } else {
      near = true;
    }
  }
  if (!near) {  // all racks are equally far from each other: one pod
    std::fill(pods.begin(), pods.end(), next);
    heads.resize(1);
  }
  next += static_cast<std::uint32_t>(heads.size());
  return pods;
}

}  // namespace

void enable_domains(World& world, PoolState& pool) {
  if (!pool.spec->topology) return;
  std::vector<std::uint32_t> regions;
  std::vector<GangDomains::Rack> racks = racks_of_pool(world, pool, regions);
  const std::uint32_t per_pod = pool.spec->topology->racks_per_pod;
  std::uint32_t next = 0;
  for (std::uint32_t region = 0; region < world.scenario->regions.size(); ++region) {
    std::vector<std::size_t> here;
    for (std::size_t r = 0; r < racks.size(); ++r) {
      if (regions[r] == region) here.push_back(r);
    }
    if (here.empty()) continue;
    const auto fabric = fabric_of_region(world.scenario->fabrics, region);
    std::vector<std::uint32_t> pods(here.size(), next);
    if (per_pod > 0) {
      for (std::size_t i = 0; i < here.size(); ++i) {
        pods[i] = next + static_cast<std::uint32_t>(i) / per_pod;
      }
      next = pods.back() + 1;
    } else if (fabric) {
      const Topology& net = *world.scenario->fabrics[*fabric].topology;
      std::vector<EndpointId> first;
      for (const std::size_t r : here) {
        first.push_back(
            {first_endpoint(pool, ServerId{racks[r].first}, net.endpoints_per_server())});
      }
      pods = pods_on(net, first, next);
    } else {
      ++next;
    }
    for (std::size_t i = 0; i < here.size(); ++i) racks[here[i]].pod = pods[i];
  }
  pool.domains = std::make_unique<GangDomains>(*pool.spec->topology, *pool.fleet, std::move(racks));
  pool.placer->arrange(pool.domains.get());
}

}  // namespace hyperdc
