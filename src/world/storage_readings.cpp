// Numbers of a run of storage systems that need the whole state.
#include <algorithm>

#include "model/storage/durability.hpp"
#include "world/metric_values.hpp"
#include "world/storage.hpp"
#include "world/storage_durability.hpp"
#include "world/storage_fill.hpp"

namespace hyperdc {
namespace {

/// What the drives of a system cost after the warm-up, and so for each 10^15 B of data and month.
void read_drive_cost(const World& world, const StorageState& state, SimTime end,
                     std::vector<MetricValue>& values) {
  const StorageSpec& spec = *state.spec;
  if (!spec.drive_price) return;
  constexpr double kMonth_s = 730 * 3600.0;
  const std::string prefix = "storage." + spec.name + ".";
  const double from_s = to_seconds(world.scenario->warmup);
  const double to_s = std::max(from_s, to_seconds(end));
  const double usd = spec.drive_charge(from_s, to_s) + spec.drive_upkeep(from_s, to_s);
  put(values, prefix + "cost", "USD", usd);
  const std::string per = prefix + "cost_per_pb_month";
  if (state.fill.data_seconds > 0) {
    put(values, per, "USD", usd / (state.fill.data_seconds * 1e-15 / kMonth_s));
  } else {
    put_missing(values, per, "USD", "the warm-up is the whole run");
  }
}

}  // namespace

void close_storage(World& world, SimTime end) {
  for (StorageState& state : world.storage) advance_data(world, state, end);
}

void read_storage(const World& world, SimTime end, std::vector<MetricValue>& values) {
  for (const StorageState& state : world.storage) {
    const StorageSpec& spec = *state.spec;
    const std::string prefix = "storage." + spec.name + ".";
    const double raw = spec.drive_bytes * state.fill.joined;
    put(values, prefix + "overhead", "1", spec.code.overhead());
    put(values, prefix + "capacity", "B", raw / spec.code.overhead());
    put(values, prefix + "data", "B", state.fill.data);
    read_fill(state, end, values);
    read_drive_cost(world, state, end, values);
    const double life_s = Distribution(spec.time_to_failure).mean();
    put(values, prefix + "mttdl", "s",
        group_mttdl(spec.code, 1 / life_s, 1 / spec.repair_s(), RepairOrder::each) /
            static_cast<double>(state.distinct_sets));
    read_durability(world, state, values);
    const double written = world.recorder->total(state.metrics.written);
    if (written > 0) {
      put(values, prefix + "repair.reads", "1",
          world.recorder->total(state.metrics.read) / written);
    } else {
      put_missing(values, prefix + "repair.reads", "1", "no repair ended after the warm-up");
    }
  }
}

}  // namespace hyperdc
