// What is at a fluid deployment, by when it was admitted; the oldest leave first.
//
// Computes: batches of expected requests, one a step, with the latencies of their step. So what is
// answered late is told late, and what a lost replica takes was never answered. A rest of less than
// a tenth of the next batch joins it, and is told with its latencies. Units: requests, seconds.
// Source: definition. Valid range: any; beyond 2,048 batches (an overload of as many steps) two
// neighbours are told as one. Leaves out: which requests of a batch leave first; processor sharing,
// where a short request overtakes a long one.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "model/fluid_station.hpp"

namespace hyperdc {

/// Requests of one origin with as many failed attempts before.
struct FluidPart {
  double number = 0;    // of attempts there
  double prompt = 0;    // of those, answered before their client gives up
  double good = 0;      // of those, within the slo
  double measured = 0;  // share of each, of requests that arrived after the warm-up
  double spent_s = 0;   // by each of their requests, before
};

struct FluidBatch {
  queueing::Strata latency_s{}, wait_s{};  // samples of the step in which they were admitted
  std::vector<FluidPart> parts;            // by origin and failed attempts before

  double number() const;
};

class FluidQueue {
 public:
  void add(FluidBatch batch);
  /// Calls told(batch, share) for the oldest until `number` of them have left.
  template <class Told>
  void take(double number, Told told) {
    while (!batches_.empty()) {
      FluidBatch& oldest = batches_.front();
      const double there = oldest.number();
      if (there > number) {
        if (number > 0) leave(oldest, number / there, told);
        return;
      }
      told(oldest, 1.0);
      number -= there;
      batches_.pop_front();
    }
  }
  /// A share of all is gone: calls lost(part, share) for the parts of each batch, by their index.
  template <class Lost>
  void drop(double share, Lost lost) {
    for (FluidBatch& batch : batches_) {
      for (std::size_t i = 0; i < batch.parts.size(); ++i) lost(i, batch.parts[i], share);
      shrink(batch, 1 - share);
    }
    if (share >= 1) batches_.clear();
  }
  /// Requests that are there and will be answered in time.
  double prompt() const;

 private:
  template <class Told>
  static void leave(FluidBatch& batch, double share, Told told) {
    told(batch, share);
    shrink(batch, 1 - share);
  }
  static void shrink(FluidBatch& batch, double factor);
  void join_neighbours();

  std::deque<FluidBatch> batches_;
};

}  // namespace hyperdc
