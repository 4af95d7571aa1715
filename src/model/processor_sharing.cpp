#include "model/processor_sharing.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

/// Heap order: the least (done_at, order) on top.
bool ProcessorSharing::later(const Entry& a, const Entry& b) {
  return a.done_at != b.done_at ? a.done_at > b.done_at : a.order > b.order;
}

double ProcessorSharing::rate(const Capacity& capacity) const {
  const auto n = static_cast<double>(clients_);
  return n <= capacity.places ? capacity.each : capacity.each * capacity.places / n;
}

void ProcessorSharing::advance(SimTime now, const Capacity& capacity) {
  if (!heap_.empty()) progress_ += static_cast<double>((now - at_).ns) * rate(capacity);
  at_ = now;
}

void ProcessorSharing::add(double work, std::uint32_t id, std::uint32_t clients) {
  heap_.push_back({progress_ + work, entered_++, id, clients});
  clients_ += clients;
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::uint32_t ProcessorSharing::take_first() {
  HYPERDC_CHECK(!heap_.empty(), "nobody shares it");
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const std::uint32_t id = heap_.back().id;
  clients_ -= heap_.back().clients;
  heap_.pop_back();
  if (heap_.empty()) progress_ = 0;
  return id;
}

double ProcessorSharing::take(std::uint32_t id) {
  const auto at =
      std::find_if(heap_.begin(), heap_.end(), [id](const Entry& entry) { return entry.id == id; });
  HYPERDC_CHECK(at != heap_.end(), "one left that did not share");
  const double left = std::max(0.0, at->done_at - progress_);
  clients_ -= at->clients;
  *at = heap_.back();
  heap_.pop_back();
  std::make_heap(heap_.begin(), heap_.end(), later);
  if (heap_.empty()) progress_ = 0;
  return left;
}

void ProcessorSharing::clear() {
  heap_.clear();
  clients_ = 0;
  progress_ = 0;
}

Duration ProcessorSharing::until_first(const Capacity& capacity) const {
  HYPERDC_CHECK(!heap_.empty(), "nobody shares it");
  const double left = std::max(0.0, heap_.front().done_at - progress_);
  return whole_ns_above(left / rate(capacity));
}

}  // namespace hyperdc
