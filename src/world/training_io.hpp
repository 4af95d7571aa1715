// What training runs write to and read from together with others: checkpoints and data.
//
// Computes: when a checkpoint that is written into a store or a storage system is there, and how
// long the gang stands still for it, for the one that it begins from, and for data.
//   checkpoints: once a step is done after which one is due, each server of the gang writes its
//     part. Blocking: the gang stands still until the last byte is written. Else for `stall`; one
//     that is due while the one before it is still being written is left out (late). The last of a
//     run is waited for. What is under way when the gang hangs or leaves its servers never counts.
//   load: after `start` the gang stands still until each server has read its part.
//   data: read in chunks of steps, one after the other, while fewer than `ahead` steps are read and
//     not yet begun; the gang stands still where the next step has none. What is read is lost when
//     the gang leaves, and read again with the steps.
// Units: bytes, ns. Source: definition; rates: world/stores.hpp, world/storage_objects.hpp. Cost:
// an event or two a checkpoint or chunk in a store; in a storage system one for each server and
// stripe. A checkpoint that cannot be read any more is given up for an older one; data that cannot
// be read is asked for again after a minute. Leaves out: parts that differ, compression, what
// writing takes of the hosts, data that is kept on the servers after it was read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world/metric_values.hpp"
#include "world/world.hpp"

namespace hyperdc {

enum class TrainingIoEvent : std::uint32_t {
  due,          // a checkpoint of the tier
  copied,       // one that is not blocking may be written
  leaves,       // the first byte of a transfer
  part,         // of a transfer has ended
  part_failed,  // it cannot be read or written
  load,         // the gang has started
  room,         // for more data
  empty,        // the step after this one has no data
  again,        // asks for data that could not be read
};
inline constexpr std::uint32_t kTrainingIoEvents = 9;

/// After the storage systems. Call once.
void build_training_io(World& world);
/// The gang begins a segment: its work can be marked.
void training_io_starts(World& world, const PoolState& pool, TrainingState& training,
                        Engine& engine);
/// It hangs, leaves its servers or has ended: what is under way is forgotten.
void training_io_stops(World& world, TrainingState& training, Engine& engine);
void training_io_event(World& world, TrainingState& training, TrainingIoEvent event,
                       std::uint64_t arg, Engine& engine);
/// Of the tier of that index, if it is shared; and of data.
void read_training_io(const TrainingState& training, std::size_t tier, const std::string& prefix,
                      std::vector<MetricValue>& values);

}  // namespace hyperdc
