#include "ai/inference/roofline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "core/math.hpp"

namespace hyperdc {
namespace {

WideNs parts_of_s(double s) {
  return parts_of(s * 1e9);
}

void check_shares(const ChipRates& chip, const Parallelism& parallel) {
  HYPERDC_CHECK(chip.bf16_flops > 0 && chip.memory_Bps > 0, "a chip without a data sheet");
  HYPERDC_CHECK(parallel.accelerators() > 0, "nobody computes");
  HYPERDC_CHECK(parallel.data == 1 || parallel.pipeline == 1, "groups of pipelines");
  HYPERDC_CHECK(chip.link_Bps > 0 || parallel.accelerators() == 1, "parallel, unlinked");
}

/// Of iterations that another has scheduled.
Efficiencies unscheduled(Efficiencies software) {
  software.iteration_s = 0;
  return software;
}

}  // namespace

double peak_flops(const ChipRates& chip, Precision precision) {
  const double fp8 = chip.fp8_flops > 0 ? chip.fp8_flops : chip.bf16_flops;
  switch (precision) {
    case Precision::bf16:
      return chip.bf16_flops;
    case Precision::fp8:
      return fp8;
    case Precision::fp4:
      return chip.fp4_flops > 0 ? chip.fp4_flops : fp8;
  }
  return chip.bf16_flops;
}

RooflineTime::RooflineTime(const ModelWork& model, const ChipRates& chip,
                           const Efficiencies& software, const Parallelism& parallel,
                           const Drafts& drafts, const AdapterWork& adapter)
    : model_(model), adapter_(adapter), drafts_(drafts.tokens), draft_token_s_(drafts.token_s) {
  check_shares(chip, parallel);
  const double tensor = parallel.tensor;
  const double layers = static_cast<double>(model.layers);
  const double moe_layers = static_cast<double>(model.moe_layers);
  const double reads = tensor * software.memory * chip.memory_Bps;
  const auto rate = [&](Precision p) { return tensor * software.compute * peak_flops(chip, p); };
  const double wide = model.linear_wide_parameters;
  linear_token_s_ =
      (2 * (model.linear_parameters - wide) + model.further_flops) / rate(model.linear_precision) +
      2 * wide / rate(Precision::bf16);
  head_token_s_ = 2 * model.head_parameters / rate(Precision::bf16);
  adapter_token_s_ = 2 * adapter.parameters / rate(Precision::bf16);
  adapter_s_ = adapter.bytes / reads;
  const bool shared_tables = model.table_bytes > 0;
  matrices_s_ = (model.linear_bytes + model.head_bytes) / reads * (shared_tables ? tensor : 1);
  gather_token_s_ = model.gathered_bytes / (tensor * software.gather * chip.memory_Bps);
  const double per_token = static_cast<double>(model.experts_per_token);
  stages_ = parallel.pipeline > 1;
  groups_ = std::uint64_t{parallel.data} * parallel.pipeline;
  const double groups = parallel.data;
  expert_token_s_ = 2 * model.expert_parameters * per_token * moe_layers /
                    (groups * rate(model.expert_precision));
  expert_s_ = model.expert_bytes * moe_layers / (groups * reads);
  attended_s_ = (model.attention_flops + model.window_attention_flops) / rate(Precision::bf16);
  fixed_s_ =
      software.iteration_s + layers * software.layer_s + moe_layers * software.expert_layer_s;
  set_exchanges(chip, software, parallel);
  const double split = std::min(tensor, static_cast<double>(model.kv_heads));
  const auto cached = [&](double bytes, double flops) {
    return parts_of_s(std::max(bytes / (split * software.cache * chip.memory_Bps),
                               (1 + drafts_) * flops / rate(Precision::bf16)) /
                      groups);
  };
  if (drafts.model) {
    drafter_ = std::make_unique<RooflineTime>(*drafts.model, chip, unscheduled(software), parallel);
  }
  cached_parts_ = cached(model.kv_bytes - model.window_kv_bytes, model.attention_flops);
  window_parts_ = cached(model.window_kv_bytes, model.window_attention_flops);
}

/// What goes from accelerator to accelerator, and whole experts on each.
void RooflineTime::set_exchanges(const ChipRates& chip, const Efficiencies& software,
                                 const Parallelism& parallel) {
  const double tensor = parallel.tensor, groups = parallel.data;
  const double layers = static_cast<double>(model_.layers);
  const double moe_layers = static_cast<double>(model_.moe_layers);
  const double per_token = static_cast<double>(model_.experts_per_token);
  const bool shared_tables = model_.table_bytes > 0;
  const double token_s = static_cast<double>(model_.hidden) * model_.activation_bytes /
                         (software.link * chip.link_Bps);
  if (parallel.tensor > 1 && shared_tables) {
    fixed_s_ += software.sum_s;
    sum_token_s_ =
        (tensor - 1) / (tensor * tensor) * model_.pooled_bytes / (software.link * chip.link_Bps);
  } else if (parallel.tensor > 1) {
    fixed_s_ += 2 * layers * software.sum_s;
    sum_token_s_ = 2 * layers * 2 * (tensor - 1) / tensor * token_s;
  }
  if (parallel.data > 1) {
    fixed_s_ += 2 * moe_layers * software.sum_s;
    move_token_s_ = 2 * moe_layers * (groups - 1) / groups * token_s;
  }
  if (parallel.expert && model_.experts > 0) {
    const std::uint64_t accelerators = std::uint64_t{parallel.tensor} * parallel.data;
    whole_experts_.emplace(static_cast<double>(model_.experts), accelerators);
    const double share = 1 / static_cast<double>(accelerators);
    if (parallel.data > 1) {
      move_token_s_ = 2 * moe_layers * whole_experts_->others(per_token) * share * token_s;
    }
    // From all accelerators together to each on its own.
    expert_token_s_ /= share * per_token;
    expert_s_ /= share;
  }
  if (stages_) {
    const double sends = parallel.pipeline - 1.0;
    fixed_s_ += sends * software.sum_s;
    sum_token_s_ += sends * token_s;
  }
}

/// Over the tokens of prompts, those that each attends to. `load` counts those up to the token
/// itself, p (p + 1) / 2 of a prompt of p that is computed whole: p^2 is twice that less p.
double RooflineTime::attended(const IterationLoad& load) const {
  const double until_itself = static_cast<double>(load.attended);
  return model_.one_pass ? 2 * until_itself - static_cast<double>(load.prompt) : until_itself;
}

/// Of the experts of a layer, how many some token asks for.
double RooflineTime::experts_hit(double tokens) const {
  if (model_.experts == 0) return 0;
  const double experts = static_cast<double>(model_.experts);
  const double per_token = static_cast<double>(model_.experts_per_token);
  return experts * (1 - math::pow(1 - per_token / experts, tokens));
}

/// Of the experts, without what each of their layers takes anyhow.
double RooflineTime::expert_s(double tokens) const {
  if (whole_experts_) {
    const double per_token = static_cast<double>(model_.experts_per_token);
    return std::max(expert_token_s_ * whole_experts_->most(per_token, tokens),
                    expert_s_ * whole_experts_->most(experts_hit(tokens), 1));
  }
  return std::max(expert_token_s_ * tokens, expert_s_ * experts_hit(tokens));
}

/// Of a group with so many tokens, whose sequences have an adapter each.
double RooflineTime::adapters_s(const IterationLoad& load, double tokens) const {
  if (load.adapters == 0) return 0;
  const double sequences = most_of(load.chunks) + most_of(load.decoding);
  const double different = std::min(static_cast<double>(load.adapters), sequences);
  return std::max(adapter_token_s_ * tokens, adapter_s_ * different);
}

/// Of things that are spread evenly: those of the group that has the most.
double RooflineTime::most_of(std::uint64_t count) const {
  const std::uint64_t most = (count + groups_ - 1) / groups_;
  return static_cast<double>(most);
}

WideNs RooflineTime::without_caches(const IterationLoad& load) const {
  const double chunks = most_of(load.chunks);
  const double decodes = (1 + drafts_) * most_of(load.decoding);
  const double share = load.chunks > 0 ? chunks / static_cast<double>(load.chunks) : 0;
  const double tokens = share * static_cast<double>(load.prompt) + decodes;
  // Groups share the experts; micro-batches meet theirs one after the other.
  const double all = stages_ ? tokens
                             : static_cast<double>(load.prompt) +
                                   (1 + drafts_) * static_cast<double>(load.decoding);
  const double dense =
      std::max(linear_token_s_ * tokens + head_token_s_ * (chunks + decodes), matrices_s_);
  return parts_of_s(fixed_s_ + dense + gather_token_s_ * tokens + adapters_s(load, tokens) +
                    expert_s(all) + sum_token_s_ * tokens + move_token_s_ * all +
                    attended_s_ * share * attended(load));
}

/// What the drafter adds, in whole tokens.
WideNs RooflineTime::drafts_of(const IterationLoad& load) const {
  WideNs sum = load.decoding > 0 ? parts_of_s(drafts_ * draft_token_s_) : 0;
  if (!drafter_) return sum;
  const auto steps = static_cast<WideNs>(drafts_);
  if (load.decoding > 0) sum += steps * drafter_->parts_of({0, load.decoding, load.cached});
  if (load.prompt > 0) sum += drafter_->parts_of({load.prompt, 0, 0, load.chunks, load.attended});
  return sum;
}

/// Of what all caches take, that of the micro-batch with the most.
WideNs RooflineTime::of_largest(WideNs parts, const IterationLoad& load) const {
  if (!stages_ || load.decoding == 0) return parts;
  const std::uint64_t most = (load.decoding + groups_ - 1) / groups_;
  return parts * static_cast<WideNs>(most) / static_cast<WideNs>(load.decoding);
}

WideNs RooflineTime::parts_of(const IterationLoad& load) const {
  const std::uint64_t in_window = std::min(load.cached, load.decoding * model_.window);
  const WideNs caches = cached_parts_ * static_cast<WideNs>(load.cached) +
                        window_parts_ * static_cast<WideNs>(in_window);
  const WideNs sum = without_caches(load) + of_largest(caches, load) + drafts_of(load);
  return std::max<WideNs>(sum, kNsParts);
}

/// What one token more of each sequence adds.
WideNs RooflineTime::step_of(const IterationLoad& load) const {
  WideNs each = cached_parts_;
  if (load.cached < load.decoding * model_.window) each += window_parts_;
  WideNs sum = of_largest(each * static_cast<WideNs>(load.decoding), load);
  if (drafter_) {
    sum += static_cast<WideNs>(drafts_) * drafter_->step_of({0, load.decoding, load.cached});
  }
  return sum;
}

Duration RooflineTime::of(const IterationLoad& load) const {
  return time_of_first(in_token_parts({parts_of(load), step_of(load), kNsParts}, load));
}

IterationWork RooflineTime::work(const IterationLoad& first, std::uint64_t iterations) const {
  const auto real = [](std::uint64_t x) { return static_cast<double>(x); };
  const double n = real(iterations), decodes = (1 + drafts_) * real(first.decoding);
  const double tokens = real(first.prompt) + decodes;
  const double moe_layers = real(model_.moe_layers);
  const double active = model_.linear_parameters +
                        moe_layers * real(model_.experts_per_token) * model_.expert_parameters;
  // Tokens that decodes attend to, over the iterations; in a window as of the first of them.
  const double growth = real(first.growth) / real(kTokenParts);
  const double decoded = n * cached_tokens(first) + growth * real(first.decoding) * n * (n - 1) / 2;
  const double in_window = n * real(std::min(first.cached, first.decoding * model_.window));
  IterationWork out;
  out.flops = n * ((2 * active + model_.further_flops) * tokens +
                   2 * model_.head_parameters * (real(first.chunks) + decodes)) +
              model_.attention_flops * ((1 + drafts_) * decoded + n * attended(first)) +
              model_.window_attention_flops * ((1 + drafts_) * in_window + n * attended(first));
  if (first.adapters > 0) out.flops += n * 2 * adapter_.parameters * tokens;
  // Each micro-batch of a pipeline reads the weights, and the adapters of its sequences.
  const double batches = stages_ ? real(std::min(groups_, first.chunks + first.decoding)) : 1;
  const double sequences = real(first.chunks + first.decoding);
  out.bytes = n * std::min(batches * real(first.adapters), sequences) * adapter_.bytes;
  out.bytes +=
      n * (batches * (model_.linear_bytes + model_.head_bytes) + model_.gathered_bytes * tokens +
           batches * moe_layers * experts_hit(tokens / batches) * model_.expert_bytes) +
      (model_.kv_bytes - model_.window_kv_bytes) * decoded + model_.window_kv_bytes * in_window;
  return out;
}

std::optional<StretchTime> RooflineTime::stretch(const IterationLoad& first) const {
  if (first.decoding == 0 || first.prompt > 0) return std::nullopt;
  StretchTime whole{parts_of(first), step_of(first), kNsParts};
  const auto until = [&](std::uint64_t window) {
    const std::uint64_t most = first.decoding * window;
    if (first.cached >= most) return;
    // Full to the token it is still on the line; with a part of a token more it is not.
    const std::uint64_t full = (most - first.cached) / first.decoding;
    const bool in_parts = first.growth != kTokenParts || first.fraction > 0;
    const bool to_the_token = (most - first.cached) % first.decoding == 0;
    whole.valid = std::min(whole.valid, in_parts && to_the_token ? full : full + 1);
  };
  until(model_.window);
  if (drafter_) until(drafter_->model_.window);
  return in_token_parts(whole, first);
}

}  // namespace hyperdc
