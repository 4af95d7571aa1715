// Books of storage systems at the end of a run: fragments, bytes of repairs and moves, and data.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "world/checkers.hpp"
#include "world/storage.hpp"
#include "world/storage_fill.hpp"

namespace hyperdc {
namespace {

/// Bytes of each drive by the groups that have a fragment there and by what is on its way; of moves
/// by fragments and by bytes; of data by the groups and by the rate of growth.
StorageCheck check_fill(const StorageState& state) {
  const StorageFill& fill = state.fill;
  std::vector<std::uint64_t> held(state.drives.size(), 0);
  double data = 0;
  for (std::uint32_t g = 0; g < state.groups.size(); ++g) {
    if (state.groups[g].gone) continue;
    const std::uint64_t bytes = reserved_bytes(state, g);
    for (const std::uint32_t drive : state.members_of(g)) held[drive] += bytes;
    data += static_cast<double>(fragment_bytes(state, g, fill.at)) * state.spec->code.data();
  }
  double sum = 0;
  bool alike = true;
  for (std::size_t d = 0; d < held.size(); ++d) {
    const DriveFill& drive = state.drives[d].fill;
    alike = alike && held[d] + drive.coming == drive.bytes;
    sum += static_cast<double>(drive.bytes);
  }
  const double moved =
      static_cast<double>(fill.moved_fragments) * static_cast<double>(state.spec->fragment_bytes) +
      static_cast<double>(fill.moved_partial);
  const double error =
      std::max({relative_error(sum, fill.bytes), relative_error(moved, fill.moved_bytes),
                relative_error(data, fill.data)});
  // Growth is booked to the byte of each fragment.
  const double tolerance =
      std::max(kRoundingTolerance, static_cast<double>(fill.open.size() * state.spec->code.data()) /
                                       std::max(1.0, data));
  return {"fill storage." + state.spec->name,
          fmt::format("on drives {:.9g}, counted {:.9g}; moved {:.9g}, counted {:.9g}; data of "
                      "groups {:.9g}, by its growth {:.9g}",
                      sum, fill.bytes, moved, fill.moved_bytes, data, fill.data),
          error, alike && error <= tolerance};
}

}  // namespace

/// Fragments by the groups, and as they were counted; bytes by repair, and by what each moved.
std::vector<StorageCheck> check_storage(const StorageState& state) {
  const StorageCounts by_group = count_fragments(state);
  const StorageCounts& c = state.counts;
  const std::int64_t all = c.healthy + c.away + c.lost + c.rebuilding + c.gone;
  const auto known = static_cast<std::int64_t>(state.members.size());
  std::int64_t on_drives = c.gone;
  for (std::uint32_t drive = 0; drive < state.drives.size(); ++drive) {
    on_drives += static_cast<std::int64_t>(groups_on(state, drive).size());
  }
  StorageCheck fragments{
      "fragments storage." + state.spec->name,
      fmt::format("{} = healthy {} + away {} + lost {} + rebuilding {} + gone {}", known, c.healthy,
                  c.away, c.lost, c.rebuilding, c.gone),
      relative_error(static_cast<double>(known), static_cast<double>(all)),
      all == known && on_drives == known && by_group == c};
  double read = 0, written = 0;
  for (const auto& [moved, bytes] : state.repairs_of) {
    read += static_cast<double>(bytes) * moved.first;
    written += static_cast<double>(bytes) * moved.second;
  }
  const double error = std::max(relative_error(state.read_bytes, read),
                                relative_error(state.written_bytes, written));
  StorageCheck bytes{
      "bytes storage." + state.spec->name,
      fmt::format("read {:.9g}, by fragments {:.9g}, written {:.9g}, by fragments {:.9g}",
                  state.read_bytes, read, state.written_bytes, written),
      error, error <= kRoundingTolerance};
  return {std::move(fragments), std::move(bytes), check_fill(state)};
}

}  // namespace hyperdc
