#include "world/score_board.hpp"

#include <algorithm>
#include <limits>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr std::int32_t kUnfit = std::numeric_limits<std::int32_t>::min();
constexpr std::size_t kMostKinds = 512;
constexpr std::size_t kTable = 4 * kMostKinds;
constexpr std::size_t kMetOnce = 8192;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
  return hash ^ (hash >> 32);
}

std::uint64_t hash_of(const Request& r) {
  const std::uint64_t devices = (static_cast<std::uint64_t>(r.accelerators) << 32) |
                                static_cast<std::uint32_t>(r.accelerator_milli);
  return mix(mix(mix(0, static_cast<std::uint64_t>(r.cores_milli)), devices),
             r.models ^ std::uint64_t{r.zones} << 32);
}

}  // namespace

ScoreBoard::ScoreBoard(const ServerGroups& groups, const Placement& policy, std::size_t most_known)
    : groups_(groups),
      policy_(policy),
      most_known_(most_known),
      table_(kTable, 0),
      met_once_(kMetOnce, 0) {}

std::uint32_t ScoreBoard::best(const Request& request) {
  ++decisions_;
  Kind* kind = kind_of(request);
  if (kind == nullptr) {
    return by_scan(request.memory_bytes, [&](GroupId group) { return evaluate(request, group); });
  }
  const std::uint64_t missed = groups_.changes() - kind->seen;
  const std::size_t live = groups_.live().size();
  kind->heap_valid =
      kind->heap_valid && missed <= live && kind->seen >= groups_.changes_kept_from();
  if (kind->heap_valid) {
    catch_up(*kind);
  } else if (4 * missed <= live) {
    fill_heap(*kind);  // decisions for this kind come often enough to keep a heap
  }
  kind->seen = groups_.changes();
  kind->used = decisions_;
  if (kind->heap_valid) return from_heap(*kind, request.memory_bytes);
  return by_scan(request.memory_bytes, [&](GroupId group) { return score(*kind, group); });
}

/// The kind of a request; null when it is met for the first time, as far as is remembered:
/// requests that never recur are not worth the memory.
ScoreBoard::Kind* ScoreBoard::kind_of(const Request& request) {
  Request key = request;
  key.memory_bytes = 0;
  const std::uint64_t hash = hash_of(key);
  for (std::size_t at = hash % kTable; table_[at] != 0; at = (at + 1) % kTable) {
    Kind& kind = kinds_[table_[at] - 1];
    if (kind.request == key) return &kind;
  }
  std::uint64_t& met = met_once_[(hash >> 40) % kMetOnce];
  if (met != hash) {
    met = hash;
    return nullptr;
  }
  return &add_kind(key, hash);
}

ScoreBoard::Kind& ScoreBoard::add_kind(const Request& request, std::uint64_t hash) {
  if (kinds_.size() == kMostKinds) {
    const auto oldest = std::min_element(
        kinds_.begin(), kinds_.end(), [](const Kind& a, const Kind& b) { return a.used < b.used; });
    *oldest = Kind{};
    oldest->request = request;
    rebuild_table();
    return *oldest;
  }
  kinds_.emplace_back();
  kinds_.back().request = request;
  std::size_t at = hash % kTable;
  while (table_[at] != 0) at = (at + 1) % kTable;
  table_[at] = static_cast<std::uint32_t>(kinds_.size());
  return kinds_.back();
}

void ScoreBoard::rebuild_table() {
  std::fill(table_.begin(), table_.end(), 0u);
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    std::size_t at = hash_of(kinds_[k].request) % kTable;
    while (table_[at] != 0) at = (at + 1) % kTable;
    table_[at] = static_cast<std::uint32_t>(k + 1);
  }
}

std::int32_t ScoreBoard::evaluate(const Request& request, GroupId group) const {
  const ServerGroups::State state = groups_.state(group);
  const NodeView view{state.shape, state.cores_left_milli, state.accelerators_left_milli,
                      state.holds};
  if (!fits(request, view)) return kUnfit;
  const std::int64_t score = policy_.score(request, view);
  HYPERDC_CHECK(score > kUnfit && score <= std::numeric_limits<std::int32_t>::max(),
                "scores must lie within 32 bits");
  return static_cast<std::int32_t>(score);
}

std::int32_t ScoreBoard::score(Kind& kind, GroupId group) {
  if (group.value >= most_known_) return evaluate(kind.request, group);
  if (group.value >= kind.known.size()) {
    kind.known.resize(std::min<std::size_t>(groups_.id_end(), most_known_));
  }
  Known& known = kind.known[group.value];
  const std::uint32_t version = groups_.standing(group).version;
  if (known.version != version) known = {version, evaluate(kind.request, group), 0, 0};
  return known.score;
}

void ScoreBoard::push(Kind& kind, GroupId group) {
  const ServerGroups::Standing standing = groups_.standing(group);
  if (standing.first == OrderSet::kNone) return;
  const std::int32_t s = score(kind, group);
  if (s == kUnfit) return;
  if (group.value < most_known_) {
    Known& known = kind.known[group.value];
    if (on_heap(kind, known, standing.first)) return;
    known.heap = kind.heap_number;
    known.place = standing.first;
  }
  kind.heap.push_back({s, standing.first, group, standing.version});
  std::push_heap(kind.heap.begin(), kind.heap.end());
}

void ScoreBoard::catch_up(Kind& kind) {
  if (kind.heap.size() > 64 + 4 * groups_.live().size()) return fill_heap(kind);  // mostly stale
  for (std::uint64_t i = kind.seen; i < groups_.changes(); ++i) push(kind, groups_.changed(i));
}

void ScoreBoard::fill_heap(Kind& kind) {
  kind.heap.clear();
  ++kind.heap_number;
  for (const GroupId group : groups_.live()) {
    const std::int32_t s = score(kind, group);
    if (s == kUnfit) continue;
    const ServerGroups::Standing standing = groups_.standing(group);
    if (group.value < most_known_) {
      Known& known = kind.known[group.value];
      known.heap = kind.heap_number;
      known.place = standing.first;
    }
    kind.heap.push_back({s, standing.first, group, standing.version});
  }
  std::make_heap(kind.heap.begin(), kind.heap.end());
  kind.heap_valid = true;
}

/// Entries are put right as they surface: a group on the heap has an entry with its first place or
/// a lower one, that it once had. So changes that make a group less attractive cost nothing until
/// they matter.
void ScoreBoard::correct_top(Kind& kind) {
  const Entry top = kind.heap.front();
  std::pop_heap(kind.heap.begin(), kind.heap.end());
  const ServerGroups::Standing standing = groups_.standing(top.group);
  const bool same_state = standing.version == top.version && standing.first != OrderSet::kNone;
  Known* known = top.group.value < kind.known.size() ? &kind.known[top.group.value] : nullptr;
  if (known != nullptr && known->version == top.version && known->heap == kind.heap_number) {
    // A lower entry of the same group is on the heap too: this one is not needed.
    const bool newest = known->place == top.place;
    if (newest) known->heap = 0;
    if (!newest || !same_state) return kind.heap.pop_back();
    known->heap = kind.heap_number;
    known->place = standing.first;
  } else if (!same_state) {
    return kind.heap.pop_back();
  }
  kind.heap.back().place = standing.first;
  std::push_heap(kind.heap.begin(), kind.heap.end());
}

std::uint32_t ScoreBoard::from_heap(Kind& kind, std::int64_t memory) {
  std::vector<Entry>& heap = kind.heap;
  std::uint32_t found = OrderSet::kNone;
  std::int32_t found_score = 0;
  aside_.clear();
  while (!heap.empty()) {
    const Entry top = heap.front();
    if (found != OrderSet::kNone && (top.score < found_score || top.place > found)) break;
    if (groups_.standing(top.group) != ServerGroups::Standing{top.version, top.place}) {
      correct_top(kind);
      continue;
    }
    const std::uint32_t place = groups_.first_with_memory(top.group, memory);
    if (place == top.place) {
      found = place;  // nothing else with this score comes before it
      break;
    }
    if (place < found) {
      found = place;
      found_score = top.score;
    }
    aside_.push_back(top);
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
  }
  for (const Entry& entry : aside_) {
    heap.push_back(entry);
    std::push_heap(heap.begin(), heap.end());
  }
  return found;
}

template <class Score>
std::uint32_t ScoreBoard::by_scan(std::int64_t memory, Score&& score_of) const {
  std::uint32_t found = OrderSet::kNone;
  std::int32_t found_score = kUnfit;
  for (const GroupId group : groups_.live()) {
    const std::int32_t s = score_of(group);
    if (s == kUnfit || s < found_score) continue;
    if (s == found_score && groups_.standing(group).first > found) continue;
    const std::uint32_t place = groups_.first_with_memory(group, memory);
    if (place == OrderSet::kNone) continue;
    if (s > found_score || place < found) {
      found = place;
      found_score = s;
    }
  }
  return found;
}

std::size_t ScoreBoard::memory_used() const {
  std::size_t bytes = kinds_.capacity() * sizeof(Kind) + table_.capacity() * sizeof(table_[0]) +
                      met_once_.capacity() * sizeof(met_once_[0]) +
                      aside_.capacity() * sizeof(Entry);
  for (const Kind& kind : kinds_) {
    bytes += kind.known.capacity() * sizeof(Known) + kind.heap.capacity() * sizeof(Entry);
  }
  return bytes;
}

}  // namespace hyperdc
