#include "world/placer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/gang_domains.hpp"

namespace hyperdc {
namespace {

/// Random draws of one member of a job: attempts to find a server, then the others.
constexpr std::uint64_t kAttempts = 62;
constexpr std::uint64_t kListDraw = 62;
constexpr std::uint64_t kDeviceDraw = 63;
constexpr std::uint64_t kDrawsPerMember = 64;

}  // namespace

std::uint64_t members_on(const Request& request, const ServerShape& shape) {
  std::uint64_t most = std::numeric_limits<std::uint32_t>::max();  // members are 32 bits
  const auto limit = [&most](std::int64_t has, std::int64_t asks) {
    if (asks > 0) most = std::min(most, static_cast<std::uint64_t>(has / asks));
  };
  limit(shape.cores_milli, request.cores_milli);
  limit(shape.memory_bytes, request.memory_bytes);
  if (request.zones != 0 && (request.zones & shape.zone) == 0) return 0;
  if (request.accelerators > 0) {
    if (request.models != 0 && (request.models & shape.model) == 0) return 0;
    if (request.accelerators == 1) {
      limit(std::int64_t{shape.accelerators} * (kWholeAccelerator / request.accelerator_milli), 1);
    } else {
      limit(shape.accelerators, request.accelerators);
    }
  }
  return most;
}

Placer::Placer(Fleet& fleet, std::unique_ptr<Placement> policy, RandomStream draws)
    : fleet_(fleet), policy_(std::move(policy)), draws_(draws) {
  for (const FleetBlock& block : fleet.blocks()) {
    const auto it = std::find_if(shapes_.begin(), shapes_.end(),
                                 [&](const FleetBlock& b) { return b.shape == block.shape; });
    if (it == shapes_.end()) {
      shapes_.push_back(block);
    } else {
      it->count += block.count;
    }
  }
  if (policy_->choice() == Placement::Choice::best_score) {
    groups_.emplace(fleet_);
    board_.emplace(*groups_, *policy_);
  } else {
    fits_.emplace(fleet_);
  }
}

NodeView Placer::view(ServerId server) const {
  return {&fleet_.shape(server), fleet_.cores_left_milli(server),
          fleet_.accelerators_left_milli(server), fleet_.holds(server)};
}

std::optional<ServerId> Placer::find(const Request& request, std::uint64_t job_number,
                                     std::uint64_t member) {
  std::uint32_t place = OrderSet::kNone;
  switch (policy_->choice()) {
    case Placement::Choice::best_score:
      place = board_->best(request);
      break;
    case Placement::Choice::first_in_order:
      place = fits_->first(request);
      break;
    case Placement::Choice::uniform_random:
      place = find_random(request, job_number, member);
      break;
  }
  if (place == OrderSet::kNone) return std::nullopt;
  return fleet_.server_at(place);
}

/// Uniform over the servers on which the request fits: any server is drawn until one fits, and
/// where few fit, one is drawn from their list.
std::uint32_t Placer::find_random(const Request& request, std::uint64_t job_number,
                                  std::uint64_t member) {
  for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
    const auto place = static_cast<std::uint32_t>(
        draws_.below(fleet_.servers(), job_number, member * kDrawsPerMember + attempt));
    if (fits_->fits(request, place)) return place;
  }
  candidates_.clear();
  fits_->all(request, candidates_);
  if (candidates_.empty()) return OrderSet::kNone;
  return candidates_[draws_.below(candidates_.size(), job_number,
                                  member * kDrawsPerMember + kListDraw)];
}

bool Placer::take_one(const Request& request, std::uint64_t job_number, std::uint64_t member,
                      std::vector<Share>& shares) {
  const std::optional<ServerId> server = find(request, job_number, member);
  if (server) take_at(request, *server, job_number, member, shares);
  return server.has_value();
}

void Placer::take_at(const Request& request, ServerId server, std::uint64_t job_number,
                     std::uint64_t member, std::vector<Share>& shares) {
  Share share{server, 0};
  if (request.accelerators > 0) {
    const std::uint64_t draw = policy_->choice() == Placement::Choice::uniform_random
                                   ? draws_.u64(job_number, member * kDrawsPerMember + kDeviceDraw)
                                   : 0;
    share.devices = policy_->devices(request, view(server), draw);
  }
  take(request, share);
  shares.push_back(share);
}

bool Placer::place_in_domain(const Request& request, std::uint32_t members,
                             std::uint64_t job_number, std::vector<Share>& shares) {
  std::vector<ServerId> servers;
  if (!domains_->choose(request, members, servers)) return false;
  for (std::uint32_t member = 0; member < members; ++member) {
    take_at(request, servers[member], job_number, member, shares);
  }
  return true;
}

/// Tries the zones of one region after another that the request allows.
template <class Place>
bool Placer::in_some_region(const Request& request, Place&& place) {
  for (const ZoneSet zones : regions_->at(now_, *policy_)) {
    Request there = request;
    there.zones = request.zones == 0 ? zones : request.zones & zones;
    if (there.zones != 0 && place(there)) return true;
  }
  return false;
}

bool Placer::place(const Request& request, std::uint32_t members, std::uint64_t job_number,
                   std::vector<Share>& shares) {
  if (!fleet_.free().covers(total_of(request, members))) return false;
  if (regions_) return place_by_region(request, members, job_number, shares);
  return place_anywhere(request, members, job_number, shares);
}

/// Whole in one region, and else as its members find room.
bool Placer::place_by_region(const Request& request, std::uint32_t members,
                             std::uint64_t job_number, std::vector<Share>& shares) {
  const bool whole = in_some_region(request, [&](const Request& there) {
    return place_anywhere(there, members, job_number, shares);
  });
  if (whole || members == 1) return whole;
  if (domains_ != nullptr && domains_->places(members)) {
    return place_in_domain(request, members, job_number, shares);
  }
  const std::size_t before = shares.size();
  for (std::uint32_t member = 0; member < members; ++member) {
    if (in_some_region(request, [&](const Request& there) {
          return take_one(there, job_number, member, shares);
        })) {
      continue;
    }
    give_back_from(request, before, shares);
    return false;
  }
  return true;
}

bool Placer::place_anywhere(const Request& request, std::uint32_t members, std::uint64_t job_number,
                            std::vector<Share>& shares) {
  if (domains_ != nullptr && domains_->places(members)) {
    return place_in_domain(request, members, job_number, shares);
  }
  const std::size_t before = shares.size();
  for (std::uint32_t member = 0; member < members; ++member) {
    if (take_one(request, job_number, member, shares)) continue;
    give_back_from(request, before, shares);
    return false;
  }
  return true;
}

void Placer::give_back_from(const Request& request, std::size_t first, std::vector<Share>& shares) {
  while (shares.size() > first) {
    give_back(request, shares.back());
    shares.pop_back();
  }
}

void Placer::release(const Request& request, std::span<const Share> shares) {
  for (const Share& share : shares) give_back(request, share);
}

bool Placer::possible(const Request& request, std::uint32_t members) const {
  if (domains_ != nullptr && !domains_->possible(request, members)) return false;
  std::uint64_t room = 0;
  for (const FleetBlock& block : shapes_) {
    room += members_on(request, block.shape) * block.count;
    if (room >= members) return true;
  }
  return false;
}

bool Placer::would_fit(const Request& request, std::uint32_t members, std::uint64_t job_number,
                       std::span<const Held> without) {
  for (const Held& held : without) release(held.request, held.shares);
  trial_.clear();
  const bool fits = place(request, members, job_number, trial_);
  if (fits) release(request, trial_);
  take_again(without);
  return fits;
}

void Placer::take_again(std::span<const Held> held) {
  for (const Held& one : held) {
    for (const Share& share : one.shares) {
      fleet_.take_again(one.request, share);
      changed(share.server);
    }
  }
}

bool Placer::would_move(const Request& request, std::uint32_t members, std::uint64_t job_number,
                        std::span<const Held> others) {
  for (const Held& held : others) release(held.request, held.shares);
  trial_.clear();
  bool fits = place(request, members, job_number, trial_);
  std::vector<std::size_t> ends;  // in trial_, of those that were placed
  ends.push_back(trial_.size());
  for (std::size_t i = 0; fits && i < others.size(); ++i) {
    const auto count = static_cast<std::uint32_t>(others[i].shares.size());
    fits = place(others[i].request, count, others[i].number, trial_);
    if (fits) ends.push_back(trial_.size());
  }
  const std::span<const Share> placed = trial_;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    release(i == 0 ? request : others[i - 1].request, placed.subspan(begin, ends[i] - begin));
  }
  take_again(others);
  return fits;
}

bool Placer::would_fit_apart(const Request& request, std::uint32_t members,
                             std::uint64_t job_number) {
  const GangDomains* const domains = std::exchange(domains_, nullptr);
  const bool fits = would_fit(request, members, job_number, {});
  domains_ = domains;
  return fits;
}

void Placer::take(const Request& request, const Share& share) {
  fleet_.take(request, share);
  changed(share.server);
}

void Placer::give_back(const Request& request, const Share& share) {
  fleet_.give_back(request, share);
  changed(share.server);
}

Share Placer::take_on(const Request& request, ServerId server) {
  Share share{server, 0};
  const auto left = fleet_.accelerators_left_milli(server);
  std::int32_t wanted = request.accelerators;
  for (std::uint32_t device = 0; device < left.size() && wanted > 0; ++device) {
    if (left[device] < kWholeAccelerator) continue;
    share.devices |= 1U << device;
    --wanted;
  }
  HYPERDC_CHECK(wanted == 0, "a share was asked of a server that has not so much free");
  take(request, share);
  return share;
}

void Placer::close(ServerId server) {
  fleet_.close(server);
  changed(server);
}

void Placer::open(ServerId server) {
  fleet_.open(server);
  changed(server);
}

void Placer::close_device(ServerId server, std::uint32_t device) {
  fleet_.close_device(server, device);
  changed(server);
}

void Placer::open_device(ServerId server, std::uint32_t device) {
  fleet_.open_device(server, device);
  changed(server);
}

void Placer::changed(ServerId server) {
  if (groups_) groups_->update(server);
  if (fits_) fits_->update(server);
  if (meter_ != nullptr) meter_->changed(server);
}

std::string Placer::why_refused(const Request& request) const {
  std::int64_t cores = -1;
  std::int64_t memory = -1;
  std::int32_t devices = -1;
  bool model = false;
  for (std::uint32_t s = 0; s < fleet_.servers(); ++s) {
    const ServerId server{s};
    const ModelSet has = fleet_.shape(server).model;
    if (request.zones != 0 && (request.zones & fleet_.shape(server).zone) == 0) continue;
    if (request.accelerators > 0 && request.models != 0 && (request.models & has) == 0) continue;
    model = true;
    std::int32_t enough = 0;
    for (const std::uint16_t left : fleet_.accelerators_left_milli(server)) {
      enough += left >= request.accelerator_milli;
    }
    devices = std::max(devices, enough);
    if (enough < request.accelerators) continue;
    cores = std::max(cores, fleet_.cores_left_milli(server));
    if (fleet_.cores_left_milli(server) < request.cores_milli) continue;
    memory = std::max(memory, fleet_.memory_left(server));
  }
  const std::string with = request.accelerators > 0 ? " and the devices" : "";
  if (!model) return "no server has an allowed accelerator model";
  if (devices < request.accelerators) {
    return request.shares_device()
               ? fmt::format("no device has {}/1000 left", request.accelerator_milli)
               : fmt::format("no server has {} devices free (largest: {})", request.accelerators,
                             devices);
  }
  if (cores < request.cores_milli) {
    return fmt::format("no server has {:g} cores free{} (largest: {:g})",
                       static_cast<double>(request.cores_milli) / 1000, with,
                       static_cast<double>(cores) / 1000);
  }
  if (memory < request.memory_bytes) {
    return fmt::format("no server has {} bytes of memory free with the cores{} (largest: {})",
                       request.memory_bytes, with, memory);
  }
  return "not all members fit at the same time";
}

std::size_t Placer::memory_used() const {
  return fleet_.memory_used() + (groups_ ? groups_->memory_used() : 0) +
         (board_ ? board_->memory_used() : 0) + (fits_ ? fits_->memory_used() : 0);
}

}  // namespace hyperdc
