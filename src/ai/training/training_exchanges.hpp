// TrainingExchanges: what the ranks of a training step send each other between scale-up domains.
//
// Computes, for the step of training_step.hpp (its letters), of each kind of exchange the messages
// of all ranks and what the step counts for it. A group of n ranks lies in N = ceil(n / g) domains,
// g of it in one. Rank r of t x c x d x p: place r mod t in its tensor group, then q = r / t mod
// (c d) among copies, then the stage.
//   context    groups of c neighbours in q: rings
//   experts    groups of e neighbours in q: all to all
//   sends      from each stage to the next (ahead) and to the one before (back)
//   gradients  all q (shared), and every e-th q (experts): rings; of DualPipe those of a stage and
//              then those of the one as far from the other end, as both hold the same two
// A ring sends (N - 1) / N x S / g from each rank to the one g places on, N - 1 steps; all to all
// sends S / n to each rank of another domain, or as much in all to `most` shifts, evenly over n; a
// stage sends what it sends. S is of all micro-batches of a step, latencies add up.
// The step counts (latency + time of the messages) x exposed: for what is in a stage 1 + bubble /
// what the stage does in all (the bubble is a share of that), times what nothing hides of experts
// and sends; 1 - overlap for gradients. By the spec of
// a rank the messages take bytes / B1 each after each, and all to all is no faster than its part
// inside of a domain. Units: bytes, s. Source: definition; docs/models/training.md.
// Valid: as training_step.hpp; tensor groups lie in a domain, and of DualPipe the copies of a stage
// fill one. Leaves out: exchanges inside of a domain, which keep the time of the step; that stages
// may have fewer layers than the fullest.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "ai/training/training_step.hpp"

namespace hyperdc {

struct TrainingExchange {
  enum class Shape : std::uint8_t { ring, all_to_all, ahead, back };
  std::string_view part;  // "gradients": of TrainingTime
  Shape shape = Shape::ring;
  std::uint64_t ranks = 1;   // of a group; of a pipeline its stages
  std::uint64_t stages = 1;  // in which they lie, as many in each: 2 of DualPipe
  std::uint64_t stride = 1;  // of these among copies
  std::uint64_t inside = 1;  // in one domain
  double bytes = 0;          // of one message, of all micro-batches of a step
  double latency_s = 0;
  double spec_s = 0;   // latency and messages by the network of a rank
  double exposed = 1;  // of this the step counts so much
};

/// Those that leave a domain. Empty: all ranks are in one.
std::vector<TrainingExchange> training_exchanges(const ModelCard& model, const TrainingPlan& plan,
                                                 const TrainingChip& chip,
                                                 const TrainingSoftware& software);

/// One message: ranks, bytes.
using TrainingMessage = std::function<void(std::uint64_t from, std::uint64_t to, double bytes)>;

/// Calls back for each message of a step, in order of ranks. All to all among more than `most`
/// ranks is drawn by so many shifts.
void each_message(const TrainingExchange& exchange, const TrainingPlan& plan, std::uint64_t most,
                  const TrainingMessage& message);

/// How much longer than by its spec the step is when the messages take `messages_s`.
double longer_by_s(const TrainingExchange& exchange, double messages_s);

}  // namespace hyperdc
