#include "policy/scheduler/waiting.hpp"

namespace hyperdc {

void WaitingQueue::push(JobId job, std::uint64_t number) {
  if (count_ > 2 * slots_.live() + 64) compact();
  if (count_ == ring_.size()) grow();
  slots_.put(job, number);
  std::size_t place = count_;
  if (place == 0 || at(place - 1).number < number) {
    ++count_;
    at(place) = {number, job};
    return;
  }
  // A job that comes back. Its old entry may still be here, dead until this moment.
  const std::size_t next = after(number);
  if (next > 0 && at(next - 1).number == number) {
    at(next - 1).job = job;
    ++layout_;
    return;
  }
  // It is older than most: make room by moving the entries before it forward.
  ++count_;
  ++layout_;
  head_ = (head_ + ring_.size() - 1) & (ring_.size() - 1);
  place = 0;
  while (place + 1 < count_ && at(place + 1).number < number) {
    at(place) = at(place + 1);
    ++place;
  }
  at(place) = {number, job};
}

JobId WaitingQueue::front() {
  HYPERDC_CHECK(!empty(), "no job waits");
  while (!alive(0)) {
    head_ = (head_ + 1) & (ring_.size() - 1);
    --count_;
  }
  return at(0).job;
}

std::size_t WaitingQueue::after(std::uint64_t number) const {
  std::size_t low = 0;
  std::size_t high = count_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle).number > number) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

void WaitingQueue::grow() {
  ++layout_;
  std::vector<Entry> bigger(std::max(kBlock, 2 * ring_.size()));
  for (std::size_t place = 0; place < count_; ++place) bigger[place] = at(place);
  ring_ = std::move(bigger);
  head_ = 0;
}

void WaitingQueue::compact() {
  ++layout_;
  std::size_t kept = 0;
  for (std::size_t place = 0; place < count_; ++place) {
    if (alive(place)) at(kept++) = at(place);
  }
  count_ = kept;
}

}  // namespace hyperdc
