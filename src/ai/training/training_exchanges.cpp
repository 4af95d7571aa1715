#include "ai/training/training_exchanges.hpp"

#include <algorithm>
#include <cmath>

#include "ai/training/training_layer.hpp"

namespace hyperdc {
namespace {

/// Of all copies of a model: groups of `ranks`, `stride` apart, in one stage or two.
struct Groups {
  std::uint64_t ranks = 1, stride = 1, stages = 1;
};

std::uint64_t in_domain(const Groups& groups, const TrainingPlan& plan, const TrainingChip& chip) {
  const std::uint64_t apart = groups.stride * plan.tensor;
  return std::clamp<std::uint64_t>(chip.scale_up_domain / apart, 1, groups.ranks);
}

class Exchanges {
 public:
  Exchanges(const TrainingPlan& plan, const TrainingChip& chip) : plan_(plan), chip_(chip) {}

  /// `times` halves of an all-reduce of `bytes`.
  void ring(std::string_view part, const Groups& groups, double bytes, double times,
            double exposed) {
    const std::uint64_t inside = in_domain(groups, plan_, chip_);
    const std::uint64_t domains = (groups.ranks + inside - 1) / inside;
    if (domains < 2 || bytes <= 0 || times <= 0) return;
    TrainingExchange out = of(part, TrainingExchange::Shape::ring, groups, inside);
    const double steps = as_real(domains - 1);
    out.bytes = times * steps / as_real(domains) * bytes / as_real(inside);
    out.latency_s = times * steps * chip_.network_latency_s;
    out.spec_s = out.latency_s + out.bytes / chip_.network_Bps;
    out.exposed = exposed;
    list.push_back(out);
  }

  /// `bytes` of a rank go to ranks of other domains, if none is in its own, and `within` to all.
  void all_to_all(std::string_view part, const Groups& groups, double bytes, double within,
                  double times, double exposed) {
    const std::uint64_t inside = in_domain(groups, plan_, chip_);
    if (groups.ranks <= inside || bytes <= 0 || times <= 0) return;
    TrainingExchange out = of(part, TrainingExchange::Shape::all_to_all, groups, inside);
    const double n = as_real(groups.ranks);
    const double outside_s =
        chip_.network_latency_s + (n - as_real(inside)) / n * bytes / chip_.network_Bps;
    const double inside_s = inside < 2 ? 0
                                       : chip_.scale_up_latency_s + (as_real(inside) - 1) / n *
                                                                        within / chip_.scale_up_Bps;
    out.bytes = times * bytes / n;
    out.latency_s = times * chip_.network_latency_s;
    out.spec_s = times * std::max(outside_s, inside_s);
    out.exposed = exposed;
    list.push_back(out);
  }

  void sends(TrainingExchange::Shape shape, double bytes, double times, double exposed) {
    TrainingExchange out = of("sends", shape, {plan_.pipeline, 1}, 1);
    out.bytes = times * bytes;
    out.latency_s = times * chip_.network_latency_s;
    out.spec_s = out.latency_s + out.bytes / chip_.network_Bps;
    out.exposed = exposed;
    list.push_back(out);
  }

  std::vector<TrainingExchange> list;

 private:
  static TrainingExchange of(std::string_view part, TrainingExchange::Shape shape,
                             const Groups& groups, std::uint64_t inside) {
    TrainingExchange out;
    out.part = part;
    out.shape = shape;
    out.ranks = groups.ranks;
    out.stages = groups.stages;
    out.stride = groups.stride;
    out.inside = inside;
    return out;
  }

  const TrainingPlan& plan_;
  const TrainingChip& chip_;
};

/// What is left of the exchanges of experts where products hide them.
double exposed_experts(const ModelCard& model, const TrainingPlan& plan, const TrainingChip& chip,
                       const TrainingSoftware& software, const TrainingLayer& layer) {
  TrainingSoftware bare = software;
  bare.overlap_tensor = bare.overlap_experts = 0;
  const TrainingLayer all(model, plan, chip, bare);
  const double whole = all.experts + all.experts_back;
  return whole > 0 ? (layer.experts + layer.experts_back) / whole : 1;
}

/// What is in a stage, of all its layers and micro-batches.
void add_stage(Exchanges& out, const ModelCard& model, const TrainingPlan& plan,
               const TrainingChip& chip, const TrainingSoftware& software) {
  const TrainingLayer layer(model, plan, chip, software);
  const TrainingTime time = training_time(model, plan, chip, software);
  const double in_stage = time.step() - time.bubble - time.gradients - time.optimizer;
  const double exposed = 1 + time.bubble / in_stage;
  const double micro = as_real(plan.micro_batches());
  const double again = plan.recompute == Recompute::full ? 1 : 0;
  const double layers = std::ceil(as_real(model.layers) / plan.pipeline) * micro;
  out.ring("context", {plan.context, 1}, layer.context_bytes(), (3 + again) * layers, exposed);
  if (model.moe) {
    const double share = as_real(model.moe->layers) / as_real(model.layers);
    const auto each = as_real(model.moe->per_token);
    // A token goes once to each domain that has one of its experts, and no further than some.
    const double outside =
        plan.expert_domains > 0 ? std::min(each, as_real(plan.expert_domains)) : each;
    out.all_to_all("experts", {plan.expert, 1}, layer.expert_bytes(outside) / 2,
                   layer.expert_bytes(each) / 2, (2 + again) * 2 * share * layers,
                   exposed * exposed_experts(model, plan, chip, software, layer));
  }
  if (plan.pipeline == 1) return;
  const double bytes = kActivationBytes * layer.tokens() * layer.hidden() / plan.tensor;
  const double times = plan.interleave * micro;
  const double open = exposed * (1 - software.overlap_sends);
  out.sends(TrainingExchange::Shape::ahead, bytes, times, open);
  out.sends(TrainingExchange::Shape::back, bytes, times, open);
}

/// Rank k of a group, for all groups of all stages and tensor places.
template <class Visit>
void each_member(const TrainingExchange& exchange, const TrainingPlan& plan, const Visit& visit) {
  const std::uint64_t copies = std::uint64_t{plan.data} * plan.context;
  const std::uint64_t of_stage = exchange.ranks / exchange.stages;
  const std::uint64_t block = of_stage * exchange.stride;
  for (std::uint64_t stage = 0; stage < plan.pipeline; ++stage) {
    // The two that share a group are as far from either end of the pipeline.
    const std::uint64_t mirror = plan.pipeline - 1 - stage;
    const std::uint64_t first = exchange.stages > 1 ? std::min(stage, mirror) : stage;
    for (std::uint64_t q = 0; q < copies; ++q) {
      const std::uint64_t base = q / block * block + q % exchange.stride;
      const std::uint64_t k = (stage == first ? 0 : of_stage) + q % block / exchange.stride;
      for (std::uint64_t t = 0; t < plan.tensor; ++t) {
        const auto rank = [&](std::uint64_t member) {
          const std::uint64_t in = member < of_stage ? first : plan.pipeline - 1 - first;
          return (in * copies + base + member % of_stage * exchange.stride) * plan.tensor + t;
        };
        visit(k, rank);
      }
    }
  }
}

void each_send(const TrainingExchange& exchange, const TrainingPlan& plan,
               const TrainingMessage& message) {
  const std::uint64_t all = plan.accelerators();
  const std::uint64_t stage = all / plan.pipeline;
  const bool ahead = exchange.shape == TrainingExchange::Shape::ahead;
  for (std::uint64_t rank = 0; rank < all; ++rank) {
    // Around, from the last stage to the first, go chunks but the last.
    const bool around = ahead ? rank + stage >= all : rank < stage;
    const double share = around ? (plan.interleave - 1.0) / plan.interleave : 1;
    if (share == 0) continue;
    message(rank, (rank + (ahead ? stage : all - stage)) % all, exchange.bytes * share);
  }
}

}  // namespace

std::vector<TrainingExchange> training_exchanges(const ModelCard& model, const TrainingPlan& plan,
                                                 const TrainingChip& chip,
                                                 const TrainingSoftware& software) {
  if (plan.accelerators() <= chip.scale_up_domain) return {};
  Exchanges out(plan, chip);
  add_stage(out, model, plan, chip, software);
  const RankParameters parameters = parameters_of_rank(model, plan);
  const std::uint64_t copies = std::uint64_t{plan.data} * plan.context;
  const double micro = as_real(plan.micro_batches());
  const double times = (plan.zero >= 2 ? micro : 1) + (plan.zero >= 3 ? 2 * micro : 1);
  const double exposed = 1 - software.overlap;
  const std::uint64_t stages = copies_of_stages(plan.schedule);
  out.ring("gradients", {stages * copies, 1, stages}, kActivationBytes * parameters.shared, times,
           exposed);
  out.ring("gradients", {stages * copies / plan.expert, plan.expert, stages},
           kActivationBytes * parameters.experts, times, exposed);
  return std::move(out.list);
}

void each_message(const TrainingExchange& exchange, const TrainingPlan& plan, std::uint64_t most,
                  const TrainingMessage& message) {
  using Shape = TrainingExchange::Shape;
  if (exchange.shape == Shape::ahead || exchange.shape == Shape::back) {
    return each_send(exchange, plan, message);
  }
  const std::uint64_t n = exchange.ranks, inside = exchange.inside;
  if (exchange.shape == Shape::ring) {
    each_member(exchange, plan, [&](std::uint64_t k, const auto& rank) {
      const std::uint64_t next = k + inside < n ? k + inside : k % inside;
      if (next != k) message(rank(k), rank(next), exchange.bytes);
    });
    return;
  }
  const std::uint64_t shifts = std::min(n - 1, std::max<std::uint64_t>(most, 1));
  each_member(exchange, plan, [&](std::uint64_t k, const auto& rank) {
    const std::uint64_t first = k / inside * inside;  // of its domain
    const std::uint64_t here = std::min(inside, n - first);
    std::uint64_t leave = 0;
    const auto peer = [&](std::uint64_t i) { return (k + 1 + i * (n - 1) / shifts) % n; };
    const auto leaves = [&](std::uint64_t to) { return to / inside != k / inside; };
    for (std::uint64_t i = 0; i < shifts; ++i) leave += leaves(peer(i)) ? 1 : 0;
    if (leave == 0) return;
    const double each = exchange.bytes * as_real(n - here) / as_real(leave);
    for (std::uint64_t i = 0; i < shifts; ++i) {
      if (leaves(peer(i))) message(rank(k), rank(peer(i)), each);
    }
  });
}

double longer_by_s(const TrainingExchange& exchange, double messages_s) {
  return exchange.exposed * std::max(0.0, exchange.latency_s + messages_s - exchange.spec_s);
}

}  // namespace hyperdc
