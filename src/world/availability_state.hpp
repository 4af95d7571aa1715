// AvailabilityState: which servers of a pool are in service, and who waits for them. What changes
// it is in availability.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <hyperdc/core/id.hpp>

#include "core/large_pages.hpp"
#include "engine/engine.hpp"
#include "model/residents.hpp"
#include "world/accounts.hpp"

namespace hyperdc {

/// up: takes jobs. draining: keeps its jobs, takes none. booting: on its way up. down: failed or
/// in maintenance, draws nothing. off: switched off on purpose.
enum class ServerStatus : std::uint8_t { up, draining, booting, down, off };
inline constexpr std::size_t kServerStatuses = 5;

/// Whom the pool tells, by an event at phase control, that a draining server is empty.
struct DrainWaiter {
  ProcessId owner;
  std::uint32_t kind = 0;
  std::uint64_t arg = 0;
};

struct AvailabilityState {
  explicit AvailabilityState(const Fleet& fleet) : residents(fleet.servers()) {
    status.assign(fleet.servers(), ServerStatus::up);
    holds.assign(fleet.servers(), 0);
    for (const FleetBlock& block : fleet.blocks()) {
      in_status.emplace_back();
      in_status.back()[0].set(SimTime{}, block.count);
    }
  }

  LargeVector<ServerStatus> status;  // by server
  /// By server: reasons for which it is down (its own failure, its rack's, ...): it comes back when
  /// the last is gone.
  LargeVector<std::uint8_t> holds;
  /// The same for devices, (server, device), those with any.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> device_holds;
  Residents residents;
  struct Drain {
    DrainWaiter waiter;
    EventId deadline = kNoEvent;
    bool told = false;
  };
  std::map<std::uint32_t, Drain> drains;   // by server
  std::map<std::uint32_t, EventId> boots;  // by server: the end of its boot
  std::vector<ServerId> emptied;           // of their last job since the last pass, perhaps
  std::vector<std::array<LevelAccount, kServerStatuses>> in_status;  // servers, by block
  std::uint64_t down = 0;                                            // servers, now
  std::vector<JobId> scratch;
};

}  // namespace hyperdc
