// Continuous batching against the engine that does one iteration after the other, at random.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "ai/inference/batcher.hpp"
#include "support/batch_drive.hpp"

namespace hyperdc {
namespace {

using namespace hyperdc::test;

TEST_CASE("without a cache batches are as with one that is never short", "[property]") {
  Draws stream(11);
  std::uint64_t refused = 0;
  for (int i = 0; i < 200; ++i) {
    BatchRules rules = draw_rules(stream);
    rules.mode = BatchMode::whole_batches;
    rules.asynchronous = rules.prefix_caching = false;
    rules.blocks = 1'000'000;
    Requests drawn = draw_requests(stream, 60);
    BatchRules without = rules;
    without.keeps_cache = false;
    without.blocks = 0;
    without.max_prompt = 20;
    Requests with;
    for (test::ServedRequest& request : drawn) {
      CHECK(can_finish(without, request.prompt, 2) == false);
      request.output = 1;
      if (can_finish(without, request.prompt, 1)) {
        with.push_back(request);
      } else {
        CHECK((request.prompt > 20 || request.prompt > rules.max_tokens));
        ++refused;
      }
    }
    Requests none = with;
    const TestTime time({100, 3, 0, 0, 7, 1});
    Batcher keeps(rules, time), forgets(without, time);
    serve(keeps, rules, with);
    serve(forgets, without, none);
    for (std::size_t n = 0; n < with.size(); ++n) CHECK(none[n].done_ns == with[n].done_ns);
    CHECK(forgets.blocks_used() == 0);
    CHECK(forgets.preemptions() == 0);
  }
  CHECK(refused > 1000);
}

/// Each token is computed once, but for those that were cached, the last output, and what who was
/// preempted had computed.
void check_tokens(const Batcher& batcher, const BatchRules& rules, const Requests& requests) {
  std::uint64_t once = 0, again = 0;
  for (const test::ServedRequest& request : requests) {
    if (request.refused) continue;
    once += request.output - 1;
    if (!request.brings_cache) once += request.prompt - request.cached;
    again += request.preemptions * (request.prompt + request.output - 1) + rules.drafts;
  }
  REQUIRE(batcher.computed_tokens() >= once);
  REQUIRE(batcher.computed_tokens() <= once + again);
}

/// As many, of the same sum, and in order as long as those of the slow engine, within 1/128 and
/// the floors of ns.
void check_gaps(std::vector<TokenGap> gaps, const std::map<std::int64_t, std::uint64_t>& slow) {
  std::ranges::sort(gaps, {}, &TokenGap::ns);
  auto other = slow.begin();
  std::uint64_t used = 0;
  double sum = 0, slow_sum = 0, farthest = 0;
  for (const TokenGap& gap : gaps) {
    sum += gap.ns * static_cast<double>(gap.times);
    for (std::uint64_t left = gap.times; left > 0;) {
      if (other == slow.end()) FAIL("more gaps than the slow engine has");
      const auto ns = static_cast<double>(other->first);
      farthest = std::max(farthest, std::fabs(ns - gap.ns) / (gap.ns / 128 + 1.5));
      const std::uint64_t now = std::min(left, other->second - used);
      slow_sum += ns * static_cast<double>(now);
      left -= now;
      used += now;
      if (used == other->second) {
        ++other;
        used = 0;
      }
    }
  }
  REQUIRE(other == slow.end());
  REQUIRE(farthest <= 1);
  REQUIRE(sum == Approx(slow_sum));
}

TEST_CASE("batching agrees with the slow engine to the nanosecond", "[property]") {
  std::uint64_t preemptions = 0, refused = 0, calls = 0, iterations = 0;
  std::uint64_t cached = 0, from_host = 0, loads = 0, in_turns = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Draws stream(seed);
    const BatchRules rules = draw_rules(stream);
    const auto coefficient = [&](double n) {
      return static_cast<std::int64_t>(stream.uniform() * n);
    };
    const TestTime time({coefficient(50), coefficient(5), coefficient(20), coefficient(3),
                         coefficient(9), coefficient(2), 1 + coefficient(9), coefficient(30)},
                        stream.uniform() < 0.5);
    Requests fast = draw_requests(stream, 60);
    const Prefixes prefixes = draw_prefixes(stream);
    if (rules.prefix_caching) draw_prefixes_of(fast, prefixes, stream);
    if (stream.uniform() < 0.4) {  // from another engine, some or all of them
      const double share = stream.uniform() < 0.5 ? 1 : 0.5;
      for (test::ServedRequest& request : fast) {
        request.brings_cache = request.output > 1 && stream.uniform() < share;
      }
    }
    if (stream.uniform() < 0.4) {
      for (test::ServedRequest& request : fast) {
        request.priority = static_cast<std::int32_t>(stream.uniform() * 3) - 1;
      }
    }
    if (rules.variants.any()) draw_variants_of(fast, stream);
    Requests slow = fast;
    Batcher batcher(rules, time);
    std::vector<TokenGap> gaps;
    calls += serve(batcher, rules, fast, &gaps);
    iterations += batcher.iterations();
    from_host += batcher.host_tokens();
    SlowBatcher one_by_one(rules, time);
    one_by_one.serve(slow);
    check_gaps(gaps, one_by_one.gaps);
    INFO("seed " << seed);
    REQUIRE(batcher.variant_use().loads == one_by_one.loads());
    REQUIRE(batcher.variant_use().loading.ns == one_by_one.loading_ns);
    loads += one_by_one.loads();
    in_turns += rules.variants.in_turns() ? one_by_one.loads() : 0;
    for (std::size_t i = 0; i < fast.size(); ++i) {
      INFO("request " << i);
      REQUIRE(fast[i].refused == slow[i].refused);
      REQUIRE(fast[i].first_ns == slow[i].first_ns);
      REQUIRE(fast[i].done_ns == slow[i].done_ns);
      REQUIRE(fast[i].preemptions == slow[i].preemptions);
      REQUIRE(fast[i].cached == slow[i].cached);
      REQUIRE((fast[i].refused || fast[i].done_ns > 0));
      preemptions += fast[i].preemptions;
      cached += fast[i].cached;
      refused += fast[i].refused ? 1 : 0;
    }
    check_tokens(batcher, rules, fast);
    REQUIRE(batcher.blocks_used() == 0);
    REQUIRE(batcher.running() + batcher.waiting() == 0);
    REQUIRE(batcher.backlog_tokens() == 0);
  }
  CHECK(preemptions > 10'000);
  CHECK(refused > 1000);
  CHECK(calls < iterations);
  CHECK(cached > 100'000);
  CHECK(from_host > 50'000);
  CHECK(loads > 10'000);
  CHECK(in_turns > 3000);
}

}  // namespace
}  // namespace hyperdc
