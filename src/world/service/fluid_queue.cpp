#include "world/service/fluid_queue.hpp"

#include <utility>

namespace hyperdc {

namespace {

constexpr std::size_t kMostBatches = 2048;
constexpr double kSmallRest = 0.1;

void join(FluidPart& to, const FluidPart& from) {
  const double number = to.number + from.number;
  if (number > 0) {
    const double share = from.number / number;
    to.spent_s += share * (from.spent_s - to.spent_s);
    to.measured += share * (from.measured - to.measured);
  }
  to.number = number;
  to.prompt += from.prompt;
  to.good += from.good;
}

void join(FluidBatch& to, const FluidBatch& from) {
  for (std::size_t i = 0; i < to.parts.size(); ++i) join(to.parts[i], from.parts[i]);
}

}  // namespace

double FluidBatch::number() const {
  double sum = 0;
  for (const FluidPart& part : parts) sum += part.number;
  return sum;
}

void FluidQueue::add(FluidBatch batch) {
  const double number = batch.number();
  if (number <= 0) return;
  if (batches_.size() == 1 && batches_[0].number() < kSmallRest * number) {
    join(batch, batches_[0]);
    batches_.clear();
  }
  batches_.push_back(std::move(batch));
  if (batches_.size() > kMostBatches) join_neighbours();
}

double FluidQueue::prompt() const {
  double sum = 0;
  for (const FluidBatch& batch : batches_) {
    for (const FluidPart& part : batch.parts) sum += part.prompt;
  }
  return sum;
}

void FluidQueue::shrink(FluidBatch& batch, double factor) {
  for (FluidPart& part : batch.parts) {
    part.number *= factor;
    part.prompt *= factor;
    part.good *= factor;
  }
}

/// Latencies of two batches are weighted by their numbers, stratum by stratum.
void FluidQueue::join_neighbours() {
  std::deque<FluidBatch> joined;
  bool alone = false;  // the last of `joined` is yet of one batch
  for (FluidBatch& batch : batches_) {
    if (!alone) {
      joined.push_back(std::move(batch));
      alone = true;
      continue;
    }
    alone = false;
    FluidBatch& first = joined.back();
    const double share = batch.number() / (first.number() + batch.number());
    for (std::size_t i = 0; i < queueing::kStrata; ++i) {
      first.latency_s[i] += share * (batch.latency_s[i] - first.latency_s[i]);
      first.wait_s[i] += share * (batch.wait_s[i] - first.wait_s[i]);
    }
    join(first, batch);
  }
  batches_ = std::move(joined);
}

}  // namespace hyperdc
