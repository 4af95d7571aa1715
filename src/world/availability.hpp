// Availability: servers and accelerators that come and go. Faults, maintenance, autoscalers of
// servers and power trips all call these; several of them may hold one server down at a time.
//
// Computes: the state machine of a server
//   up -> draining -> up | down | off;  up, draining, booting -> down (the first reason)
//   down -> booting -> up (the last reason is gone; at once where the type boots in no time)
//   up, draining -> off -> booting -> up;  a server that is off stays off while it is repaired.
// Jobs on a server that goes down or off are stopped. Source: definition.
// Cost: that of a change of the server, O(log of those that drain or boot) and its jobs; flat in
// the size of the fleet. Leaves out: migration of running jobs, hibernation, firmware of devices.
//
// Requires PoolState::availability (enable_availability at build).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Before anything runs: servers of this pool may come and go.
void enable_availability(World& world, PoolState& pool);

ServerStatus status_of(const PoolState& pool, ServerId server);

/// One more reason to be down; `because` is a constant that is shown as the fate of its jobs.
void take_down(World& world, PoolState& pool, ServerId server, Engine& engine,
               std::string_view because);
/// One reason less. InvariantError when there is none.
void bring_up(World& world, PoolState& pool, ServerId server, Engine& engine);
/// The same for one device: the jobs that hold a share of it are stopped, the server stays up.
void take_down_device(World& world, PoolState& pool, ServerId server, std::uint32_t device,
                      Engine& engine, std::string_view because);
void bring_up_device(World& world, PoolState& pool, ServerId server, std::uint32_t device,
                     Engine& engine);

/// No new jobs; `waiter` is told once when the server is empty (at once if it is, or is not up).
/// Jobs that still run at the deadline are stopped. A server that drains already stays with its
/// first deadline, and its new waiter is told in place of the old one, who is told now.
void start_drain(World& world, PoolState& pool, ServerId server, Engine& engine,
                 std::optional<SimTime> deadline, const DrainWaiter& waiter);
/// Jobs that hold a share of the server (of one of `devices`, unless 0), each once, oldest first.
void list_residents(const PoolState& pool, ServerId server, std::uint32_t devices,
                    std::vector<JobId>& jobs);
/// Replicas of services on the server shall end, and their services may start others elsewhere.
void evict_replicas(const World& world, PoolState& pool, ServerId server, Engine& engine);
/// Back in service; nobody is told. No effect on a server that does not drain.
void cancel_drain(World& world, PoolState& pool, ServerId server, Engine& engine);

/// Switches an up or draining server off (jobs on it are stopped), or one that boots.
void power_off(World& world, PoolState& pool, ServerId server, Engine& engine,
               std::string_view because);
/// Of a server that is off: it boots for `boot` and is then up, or down while a reason holds it.
void power_on(World& world, PoolState& pool, ServerId server, Engine& engine, Duration boot);

/// A running job loses a server or a device. WHERE OWNERS MEET FAILURES: a batch job goes back to
/// the queue or is given up, as its pool's on_failure says; a job with an owner is to leave here,
/// and its owner to be told.
void stop_by_failure(World& world, PoolState& pool, JobId job, Engine& engine,
                     std::string_view because);

/// Servers of a block take nothing new (`barred`), or do again: what they have free is down in the
/// books and up in their status. A server that fails meanwhile stays closed when it comes back.
void bar_block(PoolState& pool, std::uint32_t block, bool barred, Engine& engine);

// For the pool itself.
/// The job's shares are taken or given back.
void note_residents(PoolState& pool, JobId job, bool there, SimTime now);
/// At the end of a pass: tells the waiters of servers that have become empty.
void tell_emptied(PoolState& pool, Engine& engine);
/// Events of the pool's process.
void boot_ended(World& world, PoolState& pool, ServerId server, Engine& engine);
void drain_expired(World& world, PoolState& pool, ServerId server, Engine& engine);

}  // namespace hyperdc
