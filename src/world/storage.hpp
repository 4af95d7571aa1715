// Storage systems in the world: drives and servers that fail, and fragments that are rebuilt.
//
// Computes: which fragments of each placement group are healthy, away (the server is down), lost
// (the drive failed) or being rebuilt; the repairs, and the bytes that they read and write.
// Rules: a failed drive is acted on after `detect`, a server that stays down after `after`; then
// one repair of a group rebuilds all its fragments that are acted on, from as many others as the
// code reads (model/storage/code.hpp), each onto a drive drawn at random among those that keep the
// spread, of some draws the one with the least to do. A drive takes part in `streams` repairs at a
// time. As Ceph reserves backfills (osd_max_backfills) a group reserves locally, then remotely: it
// waits for one of the `streams` turns of its first target, those with most fragments missing
// first, and then until no drive that it reads or writes is busy. A repair takes fragment / rate,
// as all its drives read and write at the throttle at once; or, as flows on the fabric, from each
// source to the server of the first target, which decodes, and from there to the other targets,
// each at most at the throttle. A repair whose drive or server goes is broken off and begins anew;
// its bytes do not count. When what is lost is not decodable, the group is gone: its data is lost,
// once. Cost: that of the fragments of the drive or server that fails, and of the draws of their
// repairs; flat in the size of the fleet. Memory: 4 bytes a fragment and a record a group.
// A target has room for the fragment (storage_fill.hpp); moves of fragments that even the fill give
// way to repairs (storage_rebalance.hpp).
// Leaves out: what clients read and write, decoding time, latent sector errors; failures of a
// fabric's switches stop flows and do not count as servers that are down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// After the pools and the fabrics. Call once.
void build_storage(World& world);

/// A drive that has not failed fails.
void drive_fails(World& world, StorageState& state, std::uint32_t drive, Engine& engine);
// What the other events do.
void drive_detected(World& world, StorageState& state, std::uint32_t drive, std::uint32_t life,
                    Engine& engine);
void drive_replaced(StorageState& state, std::uint32_t drive, Engine& engine);
void server_declared(World& world, StorageState& state, std::uint32_t server, Engine& engine);
void repair_ended(World& world, StorageState& state, std::uint32_t repair, Engine& engine);
void storage_settles(World& world, StorageState& state, Engine& engine);

/// A server of a pool goes out of service or comes back: its drives are away, or there again.
void storage_server_changed(World& world, std::uint32_t pool, ServerId server, bool there,
                            Engine& engine);

/// Groups of StorageState::again look for their repairs, and those that wait for drives of `freed`
/// or servers of `back`, when all that fails or is back at this moment has: a rack goes server by
/// server, and no repair shall begin on one that is about to go.
void settle_later(StorageState& state, Engine& engine);

/// Brings the data of all systems up to date; before read_storage.
void close_storage(World& world, SimTime end);
/// What must hold of a system at any time.
struct StorageCheck {
  std::string name, text;
  double error = 0;
  bool holds = false;
};
std::vector<StorageCheck> check_storage(const StorageState& state);
/// Numbers of a run that need the whole state.
void read_storage(const World& world, SimTime end, std::vector<MetricValue>& values);
/// Fragments by state, counted from the groups: the other side of StorageState::counts.
StorageCounts count_fragments(const StorageState& state);
/// Groups that have a fragment on the drive, in order.
std::vector<std::uint32_t> groups_on(const StorageState& state, std::uint32_t drive);

}  // namespace hyperdc
