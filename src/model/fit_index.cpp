#include "model/fit_index.hpp"

#include <algorithm>
#include <utility>

namespace hyperdc {
namespace {

constexpr std::size_t kBuckets = 256;
constexpr std::size_t kPerBucket = 4;
constexpr std::size_t kMostSets = 64;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
  return hash ^ (hash >> 32);
}

std::uint64_t hash_of(const Request& r) {
  const std::uint64_t devices = (static_cast<std::uint64_t>(r.accelerators) << 32) |
                                static_cast<std::uint32_t>(r.accelerator_milli);
  return mix(mix(mix(mix(0, static_cast<std::uint64_t>(r.cores_milli)),
                     static_cast<std::uint64_t>(r.memory_bytes)),
                 devices),
             r.models ^ std::uint64_t{r.zones} << 32);
}

}  // namespace

FitIndex::FitIndex(const Fleet& fleet)
    : fleet_(fleet), tree_(fleet), candidates_(kBuckets * kPerBucket) {}

void FitIndex::update(ServerId server) {
  const std::uint32_t place = fleet_.order_of(server);
  ++changes_;
  if (sets_.empty()) return tree_.update(server);
  const OrderTree::Most before = tree_.at(place);
  tree_.update(server);
  const OrderTree::Most& after = tree_.at(place);
  for (Set& set : sets_) {
    const bool fitted = OrderTree::can_hold(before, set.request);
    const bool fits = OrderTree::can_hold(after, set.request);
    if (fitted == fits) continue;
    fits ? set.places.set(place) : set.places.reset(place);
  }
  if (changes_ >= sweep_at_) drop_idle_sets();
}

/// The set of a request, if it has one that has paid for itself since the last question.
FitIndex::Set* FitIndex::set_of(const Request& request) {
  const auto it = std::find_if(sets_.begin(), sets_.end(),
                               [&](const Set& set) { return set.request == request; });
  if (it == sets_.end()) return nullptr;
  const std::uint64_t upkeep = changes_ - it->asked_at;
  it->asked_at = changes_;
  if (upkeep > it->credit) {
    std::swap(*it, sets_.back());
    sets_.pop_back();
    return nullptr;
  }
  it->credit = std::min<std::uint64_t>(it->credit - upkeep + it->looks, 4 * fleet_.servers());
  return &*it;
}

std::uint32_t FitIndex::first(const Request& request) {
  if (const Set* set = set_of(request)) return set->places.first();
  std::uint64_t looks = 0;
  const std::uint32_t place = tree_.first(request, looks);
  charge(request, looks);
  return place;
}

void FitIndex::all(const Request& request, std::vector<std::uint32_t>& places) {
  if (const Set* set = set_of(request)) {
    set->places.for_each([&](std::uint32_t place) { places.push_back(place); });
    return;
  }
  std::uint64_t looks = 0;
  tree_.all(request, places, looks);
  charge(request, looks);
}

/// The candidate of a request; where its bucket is full, in place of the least deserving one.
FitIndex::Candidate& FitIndex::candidate_of(const Request& request) {
  const auto bucket = candidates_.begin() +
                      static_cast<std::ptrdiff_t>((hash_of(request) >> 40) % kBuckets * kPerBucket);
  const auto end = bucket + kPerBucket;
  const auto it = std::find_if(
      bucket, end, [&](const Candidate& candidate) { return candidate.request == request; });
  if (it != end) return *it;
  Candidate& least = *std::min_element(
      bucket, end, [](const Candidate& a, const Candidate& b) { return a.saved < b.saved; });
  least = {request, changes_, 0, 0, 0};
  return least;
}

/// A set costs as many looks to make as there are servers, so it is made once the tree has cost
/// as much: never more than twice the cost of what would have been right in hindsight.
void FitIndex::charge(const Request& request, std::uint64_t looks) {
  Candidate& candidate = candidate_of(request);
  const std::uint64_t upkeep = changes_ - candidate.asked_at;
  candidate.asked_at = changes_;
  candidate.questions += 1;
  candidate.looks += looks;
  candidate.saved += looks;
  candidate.saved -= std::min(candidate.saved, upkeep);
  if (candidate.saved > fleet_.servers()) add_set(candidate);
}

void FitIndex::add_set(Candidate& candidate) {
  if (sets_.size() == kMostSets) {
    const auto oldest =
        std::min_element(sets_.begin(), sets_.end(),
                         [](const Set& a, const Set& b) { return a.asked_at < b.asked_at; });
    std::swap(*oldest, sets_.back());
    sets_.pop_back();
  }
  Set set{candidate.request, changes_, candidate.looks / candidate.questions, candidate.saved,
          PlaceBits(fleet_.servers())};
  for (std::uint32_t place = 0; place < fleet_.servers(); ++place) {
    if (tree_.fits(set.request, place)) set.places.set(place);
  }
  sets_.push_back(std::move(set));
  candidate = Candidate{};
}

/// Sets whose request does not come any more.
void FitIndex::drop_idle_sets() {
  std::erase_if(sets_, [&](const Set& set) { return changes_ - set.asked_at > set.credit; });
  sweep_at_ = changes_ + fleet_.servers() + 1024;
}

std::size_t FitIndex::memory_used() const {
  std::size_t bytes = tree_.memory_used() + candidates_.capacity() * sizeof(Candidate) +
                      sets_.capacity() * sizeof(Set);
  for (const Set& set : sets_) bytes += set.places.memory_used();
  return bytes;
}

}  // namespace hyperdc
