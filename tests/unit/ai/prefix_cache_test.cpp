// The cache of prefixes: by hand, against plain lists and maps, and on Mooncake's trace.
#include "ai/inference/prefix_cache.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/rng.hpp"
#include "support/slow_prefix_cache.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {
namespace {

constexpr SimTime kStart{};

/// The hit of a sequence, which takes what it lacks of `blocks`, all of them full.
std::uint64_t admit(PrefixCache& cache, const BlockKeys& keys, std::uint64_t blocks,
                    PrefixCache::Held& held, SimTime now = kStart) {
  const std::uint64_t hit = cache.find(keys, blocks, now).blocks;
  cache.share(keys, hit, now, held);
  cache.take(blocks - hit);
  cache.extend(keys, blocks, blocks, held);
  return hit;
}

TEST_CASE("a prefix is shared, stays when nobody uses it, and is lost from its end") {
  const std::vector<std::uint64_t> a{1, 2, 3}, b{1, 2, 9};
  const BlockKeys one({a, 4, 12}, 1, 4), other({b, 4, 12}, 2, 4);
  PrefixCache cache(6, std::nullopt);
  PrefixCache::Held first, second, third;
  CHECK(admit(cache, one, 3, first) == 0);
  CHECK(admit(cache, other, 3, second) == 2);
  CHECK(cache.used() == 4);
  CHECK(cache.free() == 2);
  CHECK(cache.release(kStart, first) == 1);  // the other one still has the first two
  CHECK(cache.release(kStart, second) == 3);
  CHECK(cache.used() == 0);
  // Two blocks were never used; then the third of `one` goes, then that of `other`.
  const BlockKeys own({}, 3, 4);
  CHECK(admit(cache, own, 3, third) == 0);
  CHECK(cache.find(one, 3, kStart).blocks == 2);
  CHECK(cache.find(one, 3, kStart).idle == 2);
  CHECK(cache.find(other, 3, kStart).blocks == 3);
  cache.take(1);
  CHECK(cache.find(other, 3, kStart).blocks == 2);
  cache.take(1);
  CHECK(cache.find(other, 3, kStart).blocks == 1);
  CHECK(cache.count(other, 3, kStart) == 1);
}

TEST_CASE("what was used last is lost last") {
  PrefixCache cache(2, std::nullopt);
  const BlockKeys one({}, 1, 16), two({}, 2, 16), three({}, 3, 16);
  PrefixCache::Held held;
  for (const BlockKeys* keys : {&one, &two, &one}) {
    admit(cache, *keys, 1, held);
    cache.release(kStart, held);
  }
  admit(cache, three, 1, held);
  CHECK(cache.find(one, 1, kStart).blocks == 1);
  CHECK(cache.find(two, 1, kStart).blocks == 0);
}

TEST_CASE("a block counts where its last token is in the common prefix") {
  const std::vector<std::uint64_t> ids{7, 8};
  // Six tokens in common, of ids of four; blocks of three: both are common, the next is not.
  const BlockKeys one({ids, 4, 6}, 1, 3), other({ids, 4, 6}, 2, 3);
  CHECK(one(0) == other(0));
  CHECK(one(1) == other(1));
  CHECK(one(2) != other(2));
  const std::vector<std::uint64_t> later{7, 9};
  const BlockKeys third({later, 4, 6}, 3, 3);
  CHECK(third(0) == one(0));
  CHECK(third(1) != one(1));  // its second token is of the second id
}

TEST_CASE("a block that was not used for the time to live is no hit") {
  const std::vector<std::uint64_t> ids{1, 2};
  const BlockKeys keys({ids, 16, 32}, 1, 16);
  PrefixCache cache(std::nullopt, Duration{100});
  PrefixCache::Held first, second;
  admit(cache, keys, 2, first);
  CHECK(cache.find(keys, 2, SimTime{5000}).blocks == 2);  // in use
  cache.release(SimTime{5000}, first);
  CHECK(cache.find(keys, 2, SimTime{5099}).blocks == 2);
  CHECK(cache.find(keys, 2, SimTime{5100}).blocks == 0);
  CHECK(admit(cache, keys, 1, first, SimTime{5099}) == 1);
  CHECK(cache.find(keys, 2, SimTime{5200}).blocks == 1);
}

struct Live {
  BlockKeys keys;
  std::uint64_t blocks = 0, full = 0;
  PrefixCache::Held fast;
  std::vector<std::size_t> slow;
};

struct Choice {
  std::vector<std::vector<std::uint64_t>> chains;
  std::uint32_t block_tokens = 1, tokens_each = 1;
};

/// A tree of prefixes, from which sequences come.
Choice draw_chains(const RandomStream& draws) {
  Choice out;
  out.block_tokens = static_cast<std::uint32_t>(1 + draws.below(4, 0));
  out.tokens_each = static_cast<std::uint32_t>(1 + draws.below(4, 1));
  std::uint64_t id = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    std::vector<std::uint64_t> chain;
    if (i > 0) {
      chain = out.chains[draws.below(i, 100 + 3 * i)];
      chain.resize(draws.below(chain.size() + 1, 101 + 3 * i));
    }
    for (std::uint64_t n = draws.below(6, 102 + 3 * i); n > 0 || chain.empty(); n -= n > 0) {
      chain.push_back(++id);
    }
    out.chains.push_back(chain);
  }
  return out;
}

TEST_CASE("the cache agrees with plain lists and maps", "[property]") {
  std::uint64_t hits = 0, lost = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomStream draws(seed, "prefix");
    std::uint64_t drawn = 1000;
    const auto below = [&](std::uint64_t n) { return draws.below(n, drawn++); };
    const Choice choice = draw_chains(draws);
    const std::uint64_t capacity = 8 + below(60);
    std::optional<Duration> time_to_live;
    if (below(3) == 0) time_to_live = Duration{static_cast<std::int64_t>(1 + below(200))};
    PrefixCache fast(capacity, time_to_live);
    test::SlowPrefixCache slow(capacity, time_to_live);
    std::vector<Live> live;
    SimTime now;
    for (std::uint64_t step = 0; step < 400; ++step) {
      now.ns += static_cast<std::int64_t>(below(10));
      INFO("seed " << seed << " step " << step);
      const std::uint64_t what = below(3);
      if (what == 0 && !live.empty()) {  // one ends
        Live& one = live[below(live.size())];
        const std::uint64_t before = slow.free();
        slow.release(one.slow, now);
        REQUIRE(fast.release(now, one.fast) == slow.free() - before);
        std::swap(one, live.back());
        live.pop_back();
      } else if (what == 1 && !live.empty()) {  // one grows
        Live& one = live[below(live.size())];
        if (slow.free() == 0) continue;
        fast.take(1);
        fast.extend(one.keys, one.blocks + 1, one.blocks, one.fast);
        one.slow.push_back(slow.take());
        for (std::uint64_t i = 0; i < one.blocks; ++i) slow.name(one.slow[i], one.keys(i));
        ++one.blocks;
      } else {  // one comes
        const auto& ids = choice.chains[below(choice.chains.size())];
        Live one;
        const std::uint64_t each = choice.tokens_each;
        one.keys = BlockKeys({ids, each, below(ids.size() * each + 1)}, step, choice.block_tokens);
        const std::uint64_t all = 1 + below(10);
        const auto hit = slow.find(one.keys, all - 1, now);
        const PrefixCache::Run run = fast.find(one.keys, all - 1, now);
        REQUIRE(run.blocks == hit.size());
        REQUIRE(run.idle == slow.idle(hit));
        REQUIRE(fast.count(one.keys, all - 1, now) == hit.size());
        if (all - run.blocks + run.idle > slow.free()) continue;
        fast.share(one.keys, run.blocks, now, one.fast);
        fast.take(all - run.blocks);
        one.blocks = all;
        fast.extend(one.keys, all, all - 1, one.fast);
        slow.share(hit);
        one.slow = hit;
        while (one.slow.size() < all) one.slow.push_back(slow.take());
        for (std::uint64_t i = 0; i + 1 < all; ++i) slow.name(one.slow[i], one.keys(i));
        hits += hit.size();
        lost += all - 1 - hit.size();
        live.push_back(std::move(one));
      }
      REQUIRE(fast.free() == slow.free());
    }
  }
  CHECK(hits > 10'000);
  CHECK(lost > 10'000);
}

TEST_CASE("Mooncake's conversations hit 34.09 % of their blocks in a cache without end") {
  LineReader lines(HYPERDC_SOURCE_DIR
                   "/scenarios/examples/data/llm-mooncake/"
                   "conversation_trace.first1800s.jsonl.gz");
  std::uint64_t requests = 0, blocks = 0, hits = 0, hits_of_vllm = 0;
  PrefixCache cache(std::nullopt, std::nullopt);
  PrefixCache::Held held;
  std::string_view line;
  while (lines.next_filled(line)) {
    const auto row = nlohmann::json::parse(line);
    const auto ids = row["hash_ids"].get<std::vector<std::uint64_t>>();
    const auto tokens = row["input_length"].get<std::uint64_t>();
    const BlockKeys keys({ids, 512, ids.size() * 512}, ++requests, 512);
    blocks += ids.size();
    hits += cache.find(keys, ids.size(), kStart).blocks;
    // The engine computes the last token at least.
    hits_of_vllm += cache.count(keys, (tokens - 1) / 512, kStart);
    admit(cache, keys, ids.size(), held);
    cache.release(kStart, held);
  }
  REQUIRE_FALSE(lines.failure());
  CHECK(requests == 5'719);
  CHECK(blocks == 146'464);
  CHECK(hits == 49'930);  // .3409
  CHECK(hits_of_vllm == 49'889);
  CHECK(cache.used() == 0);
}

}  // namespace
}  // namespace hyperdc
