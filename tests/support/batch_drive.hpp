// Drives a batcher as the world does, and draws engines and requests at random.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "ai/inference/batcher.hpp"
#include "core/rng.hpp"
#include "support/slow_batcher.hpp"

namespace hyperdc::test {

/// floor((base + sum of coefficients) / parts) ns, at least 1.
class TestTime final : public IterationTime {
 public:
  struct Parts {
    std::int64_t base = 0, per_prompt = 0, per_decoding = 0, per_cached = 0;
    std::int64_t per_chunk = 0, per_attended = 0, parts = 1, per_adapter = 0;
  };
  explicit TestTime(const Parts& ns, bool sums = true) : ns_(ns), sums_(sums) {}
  Duration of(const IterationLoad& load) const override {
    const std::int64_t parts = in_parts(sum(load)) + growing(load, load.fraction);
    return {std::max<std::int64_t>(1, parts / in_parts(ns_.parts))};
  }
  std::optional<StretchTime> stretch(const IterationLoad& first) const override {
    // Valid for five: a stretch has to stop there.
    const std::int64_t begins = sum(first);
    if (!sums_ || begins < ns_.parts) return std::nullopt;
    return {{in_parts(begins) + growing(first, first.fraction), growing(first, first.growth),
             in_parts(ns_.parts), ns_.parts == 7 ? 5 : ~std::uint64_t{0}}};
  }

 private:
  static std::int64_t in_parts(std::int64_t x) {
    return x * static_cast<std::int64_t>(kTokenParts);
  }
  /// For so many parts of a token more in each cache.
  std::int64_t growing(const IterationLoad& load, std::uint64_t parts) const {
    return ns_.per_cached * static_cast<std::int64_t>(load.decoding * parts);
  }
  std::int64_t sum(const IterationLoad& load) const {
    const auto n = [](std::uint64_t x) { return static_cast<std::int64_t>(x); };
    return ns_.base + ns_.per_prompt * n(load.prompt) + ns_.per_decoding * n(load.decoding) +
           ns_.per_cached * n(load.cached) + ns_.per_chunk * n(load.chunks) +
           ns_.per_attended * n(load.attended) + ns_.per_adapter * n(load.adapters);
  }

  Parts ns_;
  bool sums_;
};

/// One number after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(seed, "batcher") {}
  double uniform() { return stream_.uniform(next_++); }

 private:
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

using Requests = std::vector<ServedRequest>;

/// As the world would drive it: at each moment ends first, then arrivals, then beginnings.
inline std::uint64_t serve(Batcher& batcher, const BatchRules& rules, Requests& requests,
                           std::vector<TokenGap>* gaps = nullptr) {
  std::size_t next = 0;
  std::uint64_t calls = 0;
  std::vector<BatchProgress> progress;
  for (;;) {
    std::optional<SimTime> now = batcher.end();
    if (next < requests.size()) {
      const SimTime arrival{requests[next].arrival_ns};
      if (!now || arrival < *now) now = arrival;
    }
    if (batcher.due() && (!now || *batcher.due() < *now)) now = batcher.due();
    if (!now) return calls;
    if (batcher.end() == now) {
      progress.clear();
      batcher.finish(progress);
      if (gaps != nullptr) {
        gaps->insert(gaps->end(), batcher.token_gaps().begin(), batcher.token_gaps().end());
      }
      ++calls;
      for (const BatchProgress& one : progress) {
        ServedRequest& request = requests[one.tag];
        const bool first = one.what == BatchProgress::What::first_token;
        (first ? request.first_ns : request.done_ns) = now->ns;
        request.preemptions = one.preemptions;
        request.cached = one.cached;
      }
    }
    for (; next < requests.size() && requests[next].arrival_ns == now->ns; ++next) {
      ServedRequest& request = requests[next];
      request.refused = !can_finish(rules, request.prompt, request.output);
      if (!request.refused) {
        batcher.arrive(next, request.prompt, request.output, *now, request.prefix,
                       request.brings_cache ? Batcher::Brings::cache : Batcher::Brings::prompt,
                       request.priority, request.variant);
      }
    }
    if (batcher.idle()) batcher.begin(*now);
  }
}

inline Requests draw_requests(Draws& stream, std::size_t count) {
  const auto below = [&](double n) { return static_cast<std::uint64_t>(stream.uniform() * n); };
  const double gap = std::pow(10.0, 1 + 4 * stream.uniform());
  const double longest = std::pow(10.0, 1 + 1.5 * stream.uniform());
  Requests out(count);
  std::int64_t now = 0;
  for (ServedRequest& request : out) {
    if (stream.uniform() < 0.8) now += static_cast<std::int64_t>(below(gap));
    request.arrival_ns = now;
    request.prompt = 1 + below(longest);
    request.output = 1 + below(longest);
  }
  return out;
}

inline BatchRules draw_rules(Draws& stream) {
  const auto below = [&](double n) { return static_cast<std::uint32_t>(stream.uniform() * n); };
  BatchRules rules;
  rules.mode = stream.uniform() < 0.6   ? BatchMode::chunked
               : stream.uniform() < 0.6 ? BatchMode::prefill_first
                                        : BatchMode::whole_batches;
  if (stream.uniform() < 0.25) rules.delay = Duration{below(2000)};
  rules.chunked_prefill = stream.uniform() < 0.8;
  rules.asynchronous = rules.mode == BatchMode::chunked && stream.uniform() < 0.5;
  rules.max_sequences = 1 + below(12);
  rules.max_tokens = rules.max_sequences + below(stream.uniform() < 0.5 ? 8 : 300);
  rules.block_tokens = 1 + below(20);
  rules.blocks = 1 + below(stream.uniform() < 0.7 ? 60 : 500);
  rules.prefix_caching = stream.uniform() < 0.5;
  if (stream.uniform() < 0.3) rules.prefix_time_to_live = Duration{1 + below(5000)};
  if (stream.uniform() < 0.3) {
    rules.drafts = 1 + below(6);
    rules.growth = kTokenParts + 1 + below(rules.drafts * static_cast<double>(kTokenParts));
    rules.max_tokens += rules.drafts * rules.max_sequences;
  }
  if (stream.uniform() < 0.4) {
    rules.host_blocks = 1 + below(stream.uniform() < 0.5 ? 10 : 200);
    rules.host_block_parts = below(4 * static_cast<double>(kNsParts));
  }
  if (stream.uniform() < 0.5) {
    VariantRules& variants = rules.variants;
    if (stream.uniform() < 0.4) variants.share = VariantRules::Share::in_turns;
    variants.max_loaded = 1 + below(5);
    variants.load = Duration{below(300)};
    variants.fetch = Duration{below(1000)};
    if (stream.uniform() < 0.5) variants.host = variants.max_loaded + below(5);
  }
  return rules;
}

/// A tree of prefixes: what they are called, and how many tokens each name stands for.
struct Prefixes {
  std::vector<std::vector<std::uint64_t>> chains;
  std::uint64_t tokens_each = 1;
};

inline Prefixes draw_prefixes(Draws& stream) {
  const auto below = [&](double n) { return static_cast<std::size_t>(stream.uniform() * n); };
  Prefixes out;
  out.tokens_each = 1 + below(30);
  std::uint64_t name = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::vector<std::uint64_t> chain;
    if (i > 0) chain = out.chains[below(static_cast<double>(i))];
    chain.resize(below(static_cast<double>(chain.size() + 1)));
    for (std::size_t n = 1 + below(5); n > 0; --n) chain.push_back(++name);
    out.chains.push_back(std::move(chain));
  }
  return out;
}

/// Most requests begin with one of them.
inline void draw_prefixes_of(Requests& requests, const Prefixes& prefixes, Draws& stream) {
  for (ServedRequest& request : requests) {
    const auto& ids = prefixes.chains[static_cast<std::size_t>(stream.uniform() * 8)];
    const double share = stream.uniform() < 0.5 ? 1 : stream.uniform();
    const std::uint64_t most = std::min(request.prompt, ids.size() * prefixes.tokens_each);
    request.prefix = {ids, prefixes.tokens_each,
                      static_cast<std::uint64_t>(share * static_cast<double>(most))};
  }
}

/// Each asks for one of up to twelve.
inline void draw_variants_of(Requests& requests, Draws& stream) {
  const double different = 1 + 12 * stream.uniform();
  for (ServedRequest& request : requests) {
    request.variant = static_cast<std::uint32_t>(stream.uniform() * different);
  }
}

}  // namespace hyperdc::test
