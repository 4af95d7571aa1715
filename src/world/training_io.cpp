#include "world/training_io.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"
#include "world/fabrics.hpp"
#include "world/held.hpp"
#include "world/storage_objects.hpp"
#include "world/stores.hpp"
#include "world/training.hpp"
#include "world/training_io_state.hpp"
#include "world/work_marks.hpp"

namespace hyperdc {
namespace {

constexpr Duration kAgain = whole_seconds(60);  // until data is asked for again
constexpr unsigned kPartBits = 24, kTransferBits = 8;
constexpr unsigned kObjectBits = 20;  // parts of what begins with one step

struct Io {
  World& world;
  PoolState& pool;
  TrainingState& training;
  TrainingIo& io;
  Engine& engine;
};

std::uint32_t kind_of(TrainingIoEvent event) {
  return static_cast<std::uint32_t>(event);
}

std::uint64_t part_arg(const TrainingTransfer& transfer, std::size_t index, std::uint64_t part) {
  return part | std::uint64_t{index} << kPartBits |
         std::uint64_t{transfer.generation} << (kPartBits + kTransferBits);
}

void mark(const Io& c, Duration at, TrainingIoEvent event, std::uint64_t arg) {
  mark_work(c.pool, c.training.job, at, {c.io.process, kind_of(event), arg}, c.engine);
}

const TrainingPlace& place_of(const Io& c, std::size_t index) {
  if (index == c.io.data_transfer()) return c.training.spec->data->place;
  return c.io.tiers[index == c.io.load_transfer() ? c.io.loads : index].spec->place;
}

/// The first byte is on its way.
void leave(const Io& c, std::size_t index) {
  TrainingTransfer& transfer = c.io.transfers[index];
  transfer.leaves = kNoEvent;
  transfer.reader = begin_access(
      c.world, *place_of(c, index).store, transfer.access,
      {c.io.process, kind_of(TrainingIoEvent::part), part_arg(transfer, index, 0)}, c.engine);
}

/// Each server of the gang has an object of its own.
void start_objects(const Io& c, std::size_t index, double bytes, bool write, std::uint32_t stream,
                   std::uint64_t step) {
  TrainingTransfer& transfer = c.io.transfers[index];
  const TrainingPlace& place = place_of(c, index);
  const auto shares = shares_of(c.pool, c.training.job);
  const auto parts = static_cast<std::uint32_t>(shares.size());
  ObjectAccess access;
  access.system = *place.system;
  access.stream = stream;
  access.bytes = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(bytes / parts)));
  access.read = !write;
  access.stripe_bytes = place.stripe_bytes;
  access.at_once = place.at_once;
  access.around_cache = true;  // read once, and large
  transfer.left = parts;
  transfer.objects.assign(parts, 0);
  for (std::uint32_t part = 0; part < parts; ++part) {
    access.object = (step << kObjectBits) + part;
    access.number = transfer.generation;
    if (place.fabric) access.client = first_endpoint(c.pool, shares[part].server, place.endpoints);
    const ObjectOwner owner{c.io.process, kind_of(TrainingIoEvent::part),
                            kind_of(TrainingIoEvent::part_failed), part_arg(transfer, index, part)};
    transfer.objects[part] = start_object(c.world, access, owner, c.engine);
  }
}

/// `step`: names the objects.
void start_transfer(const Io& c, std::size_t index, double bytes, bool write, std::uint32_t stream,
                    std::uint64_t step) {
  TrainingTransfer& transfer = c.io.transfers[index];
  HYPERDC_CHECK(!transfer.under_way, "a transfer of a training run began twice");
  ++transfer.generation;
  transfer.under_way = true;
  transfer.failed = false;
  transfer.since = c.engine.now();
  const TrainingPlace& place = place_of(c, index);
  if (place.system) return start_objects(c, index, bytes, write, stream, step);
  transfer.left = 1;
  const auto clients = static_cast<std::uint32_t>(shares_of(c.pool, c.training.job).size());
  transfer.access = {bytes, clients, place.server_Bps, write};
  const Duration latency = c.world.stores[*place.store].spec->latency;
  if (latency.ns == 0) return leave(c, index);
  transfer.leaves = c.engine.schedule(c.engine.now() + latency, Phase::physics, c.io.process,
                                      kind_of(TrainingIoEvent::leaves), index);
}

/// What has ended is not told any more, and what is under way neither.
void forget_transfer(const Io& c, std::size_t index) {
  TrainingTransfer& transfer = c.io.transfers[index];
  if (!transfer.under_way) return;
  transfer.under_way = false;
  if (transfer.leaves != kNoEvent) c.engine.cancel(transfer.leaves);
  transfer.leaves = kNoEvent;
  const TrainingPlace& place = place_of(c, index);
  if (transfer.reader != kNoReader) {
    leave_store(c.world, *place.store, transfer.reader, c.engine);
    transfer.reader = kNoReader;
  }
  for (const ObjectName object : transfer.objects) forget_object(c.world, *place.system, object);
  transfer.objects.clear();
  ++transfer.generation;
}

// Checkpoints.

/// A tier stands still, or does not any more.
void hold(const Io& c, SharedTierState& tier, bool holds) {
  if (tier.holds == holds) return;
  tier.holds = holds;
  if (holds && c.io.holding++ == 0) {
    stall_training(c.world, c.training, TrainingStall::checkpoint, c.engine);
  } else if (!holds && --c.io.holding == 0) {
    resume_training(c.world, c.training, TrainingStall::checkpoint, c.engine);
  }
}

void mark_next(const Io& c, std::size_t index) {
  const SharedTierState& tier = c.io.tiers[index];
  const auto next = c.training.run.next_write(tier.spec->tier, tier.seen);
  if (next) mark(c, next->at, TrainingIoEvent::due, index);
}

void write(const Io& c, std::size_t index) {
  const SharedTierState& tier = c.io.tiers[index];
  start_transfer(c, index, tier.spec->bytes, true, tier.stream, tier.step);
}

void checkpoint_due(const Io& c, std::size_t index) {
  SharedTierState& tier = c.io.tiers[index];
  const auto due = c.training.run.next_write(tier.spec->tier, tier.seen);
  HYPERDC_CHECK(due.has_value(), "a checkpoint is due that is none");
  tier.seen = due->step;
  if (c.io.transfers[index].under_way || tier.copied != kNoEvent) {
    if (!due->last) {
      ++tier.late;
      return mark_next(c, index);
    }
    tier.waits = true;
    tier.due_since = c.engine.now();
    return hold(c, tier, true);
  }
  tier.step = due->step;
  tier.since = c.engine.now();
  tier.last = due->last;
  if (tier.spec->blocking || (due->last && tier.spec->stall.ns == 0)) {
    hold(c, tier, true);
    write(c, index);
  } else if (tier.spec->stall.ns > 0) {
    hold(c, tier, true);
    tier.copied = c.engine.schedule(c.engine.now() + tier.spec->stall, Phase::physics, c.io.process,
                                    kind_of(TrainingIoEvent::copied), index);
  } else {
    write(c, index);
  }
  mark_next(c, index);
}

void checkpoint_copied(const Io& c, std::size_t index) {
  SharedTierState& tier = c.io.tiers[index];
  tier.copied = kNoEvent;
  if (!tier.last) hold(c, tier, false);
  write(c, index);
}

void note_time(TransferTimes& times, bool failed, Duration took) {
  if (failed) {
    ++times.failed;
    return;
  }
  ++times.ended;
  times.all = times.all + took;
}

void checkpoint_written(const Io& c, std::size_t index) {
  SharedTierState& tier = c.io.tiers[index];
  const TrainingTransfer& transfer = c.io.transfers[index];
  note_time(tier.writes, transfer.failed, c.engine.now() - tier.since);
  if (!transfer.failed) c.training.run.written(tier.spec->tier, tier.step);
  if (tier.waits) {
    tier.waits = false;
    tier.step = tier.seen;
    tier.since = tier.due_since;
    tier.last = true;
    // It is copied meanwhile, as others are.
    const Duration stall = tier.spec->blocking ? Duration{} : tier.spec->stall;
    const SimTime copied = tier.due_since + stall;
    if (copied <= c.engine.now()) return write(c, index);
    tier.copied = c.engine.schedule(copied, Phase::physics, c.io.process,
                                    kind_of(TrainingIoEvent::copied), index);
    return;
  }
  hold(c, tier, false);
}

void begin_load(const Io& c) {
  const std::size_t from = *c.training.run.loads_from();
  const auto tier =
      std::find_if(c.io.tiers.begin(), c.io.tiers.end(),
                   [&](const SharedTierState& one) { return one.spec->tier == from; });
  c.io.loads = static_cast<std::size_t>(tier - c.io.tiers.begin());
  stall_training(c.world, c.training, TrainingStall::load, c.engine);
  start_transfer(c, c.io.load_transfer(), tier->spec->bytes, false, tier->stream,
                 c.training.run.base());
}

void loaded(const Io& c) {
  SharedTierState& tier = c.io.tiers[c.io.loads];
  const TrainingTransfer& transfer = c.io.transfers[c.io.load_transfer()];
  note_time(tier.loads, transfer.failed, c.engine.now() - transfer.since);
  if (!transfer.failed) {
    return resume_training(c.world, c.training, TrainingStall::load, c.engine);
  }
  c.training.run.unreadable(tier.spec->tier, c.training.run.base());
  c.training.failed = true;
  training_gives_way(c.world, c.pool, c.training, TrainingLoss::none, c.engine);
  stop_by_failure(c.world, c.pool, c.training.job, c.engine, "its checkpoint could not be read");
}

// Data.

void read_chunk(const Io& c) {
  TrainingDataState& data = c.io.data;
  start_transfer(c, c.io.data_transfer(),
                 c.training.spec->data->step_bytes * static_cast<double>(data.chunk), false,
                 data.stream, data.there);
}

/// Now, or once enough steps have begun.
void read_on(const Io& c) {
  const TrainingData& spec = *c.training.spec->data;
  TrainingDataState& data = c.io.data;
  const std::uint64_t steps = c.training.spec->course.steps;
  if (data.there >= steps) return;
  data.chunk = std::min(spec.chunk, steps - data.there);
  const std::uint64_t read = data.there + data.chunk;
  if (read <= c.training.run.base() + spec.ahead) return read_chunk(c);
  const Duration begins = c.training.run.done_at(read - spec.ahead - 1);
  mark(c, begins + nanoseconds(TrainingRun::kTold), TrainingIoEvent::room, 0);
}

void mark_empty(const Io& c) {
  const std::uint64_t there = c.io.data.there;
  if (there >= c.training.spec->course.steps) return;
  const Duration begins = c.training.run.done_at(there);
  mark(c, begins + nanoseconds(TrainingRun::kTold), TrainingIoEvent::empty, there);
}

void chunk_read(const Io& c) {
  TrainingDataState& data = c.io.data;
  if (c.io.transfers[c.io.data_transfer()].failed) {
    data.again = c.engine.schedule(c.engine.now() + kAgain, Phase::physics, c.io.process,
                                   kind_of(TrainingIoEvent::again), 0);
    return;
  }
  data.bytes += c.training.spec->data->step_bytes * static_cast<double>(data.chunk);
  data.there += data.chunk;
  resume_training(c.world, c.training, TrainingStall::data, c.engine);
  mark_empty(c);
  read_on(c);
}

void part_ended(const Io& c, std::uint64_t arg, bool failed) {
  const std::uint64_t part = arg & ((1U << kPartBits) - 1);
  const std::size_t index = arg >> kPartBits & ((1U << kTransferBits) - 1);
  TrainingTransfer& transfer = c.io.transfers[index];
  if (!transfer.under_way || arg != part_arg(transfer, index, part)) return;
  if (transfer.reader != kNoReader) {
    leave_store(c.world, *place_of(c, index).store, transfer.reader, c.engine);
    transfer.reader = kNoReader;
  }
  transfer.failed = transfer.failed || failed;
  if (--transfer.left > 0) return;
  transfer.under_way = false;
  transfer.objects.clear();
  if (index == c.io.data_transfer()) return chunk_read(c);
  if (index == c.io.load_transfer()) return loaded(c);
  checkpoint_written(c, index);
}

}  // namespace

void build_training_io(World& world) {
  for (WorkloadState& workload : world.workloads) {
    if (workload.training == nullptr || !workload.training->spec->uses_storage()) continue;
    const TrainingSpec& spec = *workload.training->spec;
    const std::string name = "workloads." + workload.spec->name + ".";
    const auto stream_of = [&](const TrainingPlace& place, const std::string& of) {
      return place.system ? add_object_stream(world, *place.system, name + of) : 0;
    };
    auto io = std::make_unique<TrainingIo>();
    for (const SharedCheckpoints& shared : spec.shared) {
      SharedTierState& tier = io->tiers.emplace_back();
      tier.spec = &shared;
      tier.stream = stream_of(shared.place, "checkpoints." + spec.course.tiers[shared.tier].name);
    }
    if (spec.data) io->data.stream = stream_of(spec.data->place, "dataset");
    io->transfers.resize(io->tiers.size() + 2);
    workload.training->io = std::move(io);
  }
}

void training_io_starts(World& world, const PoolState& pool, TrainingState& training,
                        Engine& engine) {
  if (training.io == nullptr) return;
  const Io c{world, world.pools[pool.index], training, *training.io, engine};
  for (std::size_t i = 0; i < c.io.tiers.size(); ++i) {
    c.io.tiers[i].seen = training.run.base();
    mark_next(c, i);
  }
  if (training.run.loads_from()) mark(c, training.run.load_at(), TrainingIoEvent::load, 0);
  if (!training.spec->data) return;
  c.io.data.there = training.run.base();
  mark_empty(c);
  read_on(c);
}

void training_io_stops(World& world, TrainingState& training, Engine& engine) {
  if (training.io == nullptr) return;
  const Io c{world, world.pools[training.pool], training, *training.io, engine};
  for (std::size_t i = 0; i < c.io.transfers.size(); ++i) forget_transfer(c, i);
  for (SharedTierState& tier : c.io.tiers) {
    if (tier.copied != kNoEvent) engine.cancel(tier.copied);
    tier.copied = kNoEvent;
    tier.holds = tier.waits = false;
  }
  c.io.holding = 0;
  if (c.io.data.again != kNoEvent) engine.cancel(c.io.data.again);
  c.io.data.again = kNoEvent;
}

void training_io_event(World& world, TrainingState& training, TrainingIoEvent event,
                       std::uint64_t arg, Engine& engine) {
  const Io c{world, world.pools[training.pool], training, *training.io, engine};
  switch (event) {
    case TrainingIoEvent::due:
      return checkpoint_due(c, arg);
    case TrainingIoEvent::copied:
      return checkpoint_copied(c, arg);
    case TrainingIoEvent::leaves:
      return leave(c, arg);
    case TrainingIoEvent::part:
      return part_ended(c, arg, false);
    case TrainingIoEvent::part_failed:
      return part_ended(c, arg, true);
    case TrainingIoEvent::load:
      return begin_load(c);
    case TrainingIoEvent::room:
      return read_chunk(c);
    case TrainingIoEvent::again:
      c.io.data.again = kNoEvent;
      return read_chunk(c);
    case TrainingIoEvent::empty:
      if (arg == c.io.data.there) {
        stall_training(world, training, TrainingStall::data, engine);
      }
  }
}

void read_training_io(const TrainingState& training, std::size_t tier, const std::string& prefix,
                      std::vector<MetricValue>& values) {
  if (training.io == nullptr) return;
  for (const SharedTierState& one : training.io->tiers) {
    if (one.spec->tier != tier) continue;
    const auto mean = [&](const char* name, const TransferTimes& times, const char* why) {
      if (times.ended > 0) {
        put(values, prefix + name, "s", to_seconds(times.all) / static_cast<double>(times.ended));
      } else {
        put_missing(values, prefix + name, "s", why);
      }
    };
    mean("write", one.writes, "none was written");
    mean("load", one.loads, "none was loaded");
    const Duration stall = one.spec->blocking ? Duration{} : one.spec->stall;
    put(values, prefix + "alone", "s", to_seconds(stall + one.spec->alone));
    put(values, prefix + "late", "checkpoints", static_cast<double>(one.late));
    put(values, prefix + "failed", "checkpoints",
        static_cast<double>(one.writes.failed + one.loads.failed));
  }
}

}  // namespace hyperdc
