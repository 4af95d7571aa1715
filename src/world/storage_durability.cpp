#include "world/storage_durability.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"
#include "core/normal.hpp"
#include "model/storage/burst.hpp"
#include "model/storage/loss_splitting.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {
namespace {

constexpr double kYear_s = 365 * 86'400.0;
constexpr double kTwoSided95 = 1.959963984540054;  // of the normal distribution
/// Of a repair, which takes as long as any other, drawn: what is drawn may not take no time.
constexpr double kDrawnPart = 1e-6;

double lost_in(double years, double rate_per_s) {
  return -math::expm1(-years * kYear_s * rate_per_s);
}

double bytes_of_group(const StorageSpec& spec) {
  return static_cast<double>(spec.fragment_bytes) * spec.code.data();
}

LossSimulation simulation_of(const StorageSpec& spec) {
  const StorageDurability& asked = *spec.durability;
  const double repair_s = spec.repair_s();
  LossSimulation of;
  of.code = spec.code;
  of.life = {Distribution(spec.time_to_failure).mean(), asked.life_shape};
  of.wait = repair_s * (1 - kDrawnPart);
  of.repair = {repair_s * kDrawnPart, 1};
  of.effort = asked.effort;
  return of;
}

void read_losses(const World& world, const StorageState& state, const std::string& prefix,
                 std::vector<MetricValue>& values) {
  const StorageSpec& spec = *state.spec;
  const StorageDurability& asked = *spec.durability;
  const LossSimulation of = simulation_of(spec);
  const RandomStream stream(world.seed, prefix + "losses");
  double sum = 0, squares = 0;
  for (std::uint64_t i = 0; i < asked.replications; ++i) {
    const double rate = simulated_loss_rate(of, stream, i);
    sum += rate;
    squares += rate * rate;
  }
  const double n = asked.replications;
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(0.0, squares / n - mean * mean) / (n - 1));
  const double half = math::expanded_student_quantile(kTwoSided95, n - 1) * deviation;
  const auto sets = static_cast<double>(state.distinct_sets);
  put(values, prefix + "mttdl", "s", 1 / (sets * mean));
  put(values, prefix + "mttdl_low", "s", 1 / (sets * (mean + half)));
  if (half < mean) {
    put(values, prefix + "mttdl_high", "s", 1 / (sets * (mean - half)));
  } else {
    put_missing(values, prefix + "mttdl_high", "s", "the interval is too wide: more \"effort\"");
  }
  put(values, prefix + "loss", "1", lost_in(1, sets * mean));
  put(values, prefix + "bytes_lost", "B",
      static_cast<double>(state.groups.size()) * lost_in(1, mean) * bytes_of_group(spec));
}

void read_burst(const World& world, const StorageState& state, const std::string& prefix,
                std::vector<MetricValue>& values) {
  const StorageSpec& spec = *state.spec;
  const StorageBurst& asked = *spec.durability->burst;
  std::vector<std::uint32_t> number(state.servers.size());  // of those that have joined
  Burst burst;
  burst.servers = 0;
  for (std::uint32_t d = 0; d < state.drives.size(); d += spec.drives_per_server) {
    if (state.drives[d].fill.joined) number[state.server_of(d)] = burst.servers++;
  }
  std::vector<std::uint32_t> servers;
  servers.reserve(state.members.size());
  for (std::uint32_t g = 0; g < state.groups.size(); ++g) {
    if (state.groups[g].gone) continue;
    for (const std::uint32_t drive : state.members_of(g)) {
      servers.push_back(number[state.server_of(drive)]);
    }
  }
  burst.failed =
      std::max(1U, static_cast<std::uint32_t>(std::lround(asked.servers * burst.servers)));
  put(values, prefix + "servers", "servers", burst.failed);
  const std::size_t whole_groups = servers.size() / spec.code.fragments();
  const auto groups = static_cast<double>(whole_groups);
  put(values, prefix + "bytes_lost", "B",
      groups * burst_loss_of_group(spec.code, burst) * bytes_of_group(spec));
  const BurstLoss loss = simulated_burst_loss(spec.code, burst, servers, asked.trials,
                                              RandomStream(world.seed, prefix + "losses"));
  put(values, prefix + "loss", "1", loss.any);
  put(values, prefix + "loss_error", "1", loss.error);
}

}  // namespace

void read_durability(const World& world, const StorageState& state,
                     std::vector<MetricValue>& values) {
  if (!state.spec->durability) return;
  const std::string prefix = "storage." + state.spec->name + ".durability.";
  read_losses(world, state, prefix, values);
  if (state.spec->durability->burst) read_burst(world, state, prefix + "burst.", values);
}

}  // namespace hyperdc
