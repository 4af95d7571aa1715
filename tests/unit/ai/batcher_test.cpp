// Continuous batching by hand.
#include "ai/inference/batcher.hpp"

#include <catch2/catch.hpp>

#include "support/batch_drive.hpp"

namespace hyperdc {
namespace {

using test::Requests;
using test::serve;
using test::TestTime;

/// Two sequences, three tokens an iteration, three blocks of two tokens.
BatchRules tiny_rules() {
  BatchRules rules;
  rules.max_sequences = 2;
  rules.max_tokens = 3;
  rules.block_tokens = 2;
  rules.blocks = 3;
  return rules;
}

TEST_CASE("batching by hand: a chunk, a decode, a preemption") {
  // Ten ns an iteration, one more each token of a prompt; blocks of two tokens, three of them.
  const TestTime time({10, 1, 0, 0});
  BatchRules rules = tiny_rules();
  Batcher batcher(rules, time);
  Requests requests = {{0, 4, 3}, {0, 1, 2}};
  serve(batcher, rules, requests);
  // 0-13: three of four tokens of the first. 13-25: its fourth, first token at 25, and the one
  // token of the second, whose first token is there at 25 too; three blocks are in use.
  CHECK(requests[0].first_ns == 25);
  CHECK(requests[1].first_ns == 25);
  // 25-35: the first needs a third block: the second gives way, then the first decodes alone.
  // 35-45: the first ends at three tokens. The second waits: it knows two tokens, which are one
  // block, and the first has all three. 45-57: it is computed anew, which gives its last token.
  CHECK(requests[0].done_ns == 45);
  CHECK(requests[1].done_ns == 57);
  CHECK(requests[1].preemptions == 1);
  CHECK(batcher.blocks_used() == 0);
}

TEST_CASE("decoding goes on for long in one stretch, and who comes ends it") {
  const TestTime time({100, 0, 0, 1});
  BatchRules rules;
  rules.blocks = 1000;
  Batcher batcher(rules, time);
  // Prompt of 10: first token at 100 ns. Then k = 11, 12, ...: 111, 112, ... ns an iteration.
  Requests requests = {{0, 10, 1000}, {500, 10, 1}};
  const std::uint64_t calls = serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 100);
  // 100 + 111 + 112 + 113 + 114 = 550 is the first end after 500; 115 more with the second in it.
  CHECK(requests[1].first_ns == 550 + 115);
  std::int64_t done = 100;
  for (int k = 11; k < 11 + 999; ++k) done += 100 + k;
  CHECK(requests[0].done_ns == done);
  CHECK(calls == 4);  // the first prompt, 4 iterations, the second's, the other 994
  CHECK(batcher.iterations() == 1000);
}

TEST_CASE("asynchronous scheduling: who arrives during iteration i runs in i + 2") {
  const TestTime time({100, 0, 0, 0});
  BatchRules rules;
  rules.asynchronous = true;
  rules.max_sequences = 2;
  rules.blocks = 100;
  Batcher batcher(rules, time);
  // The second comes during 100-200: it is computed in the iteration after the next, 300-400. The
  // third comes when the engine idles: at once.
  Requests requests = {{0, 10, 5},   {130, 10, 1}, {600, 10, 1},
                       {1000, 9, 2}, {1000, 9, 1}, {1000, 9, 1}};
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 100);
  CHECK(requests[1].first_ns == 400);
  CHECK(requests[0].done_ns == 500);
  CHECK(requests[2].first_ns == 700);
  // Two places, and one is free from 1100 on: it is given away from 1200 on.
  CHECK(requests[4].done_ns == 1100);
  CHECK(requests[3].done_ns == 1200);
  CHECK(requests[5].done_ns == 1300);
}

TEST_CASE("a prompt that blocks hold is not computed again, but for its last token") {
  const TestTime time({10, 1, 0, 0});
  BatchRules rules;
  rules.block_tokens = 4;
  rules.blocks = 10;
  rules.max_tokens = 128;
  rules.prefix_caching = true;
  Batcher batcher(rules, time);
  const std::vector<std::uint64_t> ids{1, 2, 3};
  const PrefixIds prefix{ids, 4, 12};
  // 12 tokens in 22 ns. The second comes later and has 8 of them; the third has them too, at once.
  Requests requests = {{0, 12, 1, prefix}, {30, 12, 1, prefix}, {30, 13, 2, prefix}};
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 22);
  CHECK(requests[1].first_ns == 30 + 10 + 4 + 1);
  CHECK(requests[2].first_ns == requests[1].first_ns);
  CHECK(requests[0].cached == 0);
  CHECK(requests[1].cached == 8);
  CHECK(requests[2].cached == 12);
  CHECK(batcher.blocks_used() == 0);
  CHECK(batcher.tokens_in_cache(prefix, 12, SimTime{100}) == 8);
  CHECK(batcher.tokens_in_cache(prefix, 13, SimTime{100}) == 12);
  CHECK(batcher.tokens_in_cache({}, 13, SimTime{100}) == 0);
}

TEST_CASE("static batching by hand, and a delay that lets more come") {
  const TestTime time({100, 1, 0, 0});
  BatchRules rules;
  rules.mode = BatchMode::whole_batches;
  rules.max_sequences = 3;
  rules.blocks = 100;
  rules.delay = Duration{50};
  Batcher batcher(rules, time);
  // The first waits for others until 50. The third comes while they run, and waits for both; then
  // it has waited long enough. Three fill a batch, which begins at once.
  Requests requests = {{0, 10, 3},   {40, 10, 1},  {60, 10, 1},
                       {1000, 5, 1}, {1010, 5, 1}, {1020, 5, 1}};
  serve(batcher, rules, requests);
  CHECK(requests[1].done_ns == 50 + 120);
  CHECK(requests[0].done_ns == 170 + 200);
  CHECK(requests[2].done_ns == 370 + 110);
  CHECK(requests[3].done_ns == 1020 + 115);
  CHECK(requests[5].done_ns == 1020 + 115);
}

TEST_CASE("a sequence that brings its cache decodes from its second token on") {
  const TestTime time({100, 10, 0, 1});
  BatchRules rules;
  rules.block_tokens = 4;
  rules.blocks = 4;
  Batcher batcher(rules, time);
  // Its prompt of 11 is there: it needs three blocks, for 12 tokens, and computes one of them with
  // 12 tokens cached. 112, then 113 for its third token.
  Requests requests = {{0, 11, 3}, {10, 5, 1}};
  requests[0].brings_cache = true;
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == -1);  // it had that before
  CHECK(requests[0].done_ns == 112 + 113);
  // The other needs two blocks where one is left.
  CHECK(requests[1].first_ns == 225 + 150);
}

TEST_CASE("the most urgent one is admitted first, and the least urgent one gives way") {
  const TestTime time({10, 1, 0, 0});
  BatchRules rules;
  rules.max_sequences = 2;
  rules.max_tokens = 8;
  rules.block_tokens = 2;
  rules.blocks = 4;
  Batcher batcher(rules, time);
  // 0-14: the urgent third and the first, of two tokens each; the second waits for a place.
  // 14-24: each needs a second block, and there are two. 24-34: their second blocks get full.
  // 34-44: the urgent one, admitted first, asks for a third block: the first gives way, though it
  // came before, and the second, as urgent and behind it, waits on.
  Requests requests = {{0, 2, 6}, {0, 2, 1}, {0, 2, 5}};
  requests[2].priority = 1;
  serve(batcher, rules, requests);
  CHECK(requests[2].first_ns == 14);
  CHECK(requests[0].first_ns == 14);
  CHECK(requests[0].preemptions == 1);
  CHECK(requests[2].preemptions == 0);
  // 44-54: it ends with its fifth token. The first knows five tokens, three blocks, and has waited
  // for them; one block is left for the second: 54-71, seven tokens.
  CHECK(requests[2].done_ns == 54);
  CHECK(requests[1].first_ns == 54 + 10 + 5 + 2);
  CHECK(requests[0].done_ns == 71 + 2 * 10);
}

TEST_CASE("who gives way keeps its cache on the host, and comes back with it") {
  // 3.5 ns to move a block; ten ns an iteration, one more each token of a prompt.
  const TestTime time({10, 1, 0, 0});
  BatchRules rules = tiny_rules();
  rules.host_blocks = 1;
  rules.host_block_parts = kNsParts * 7 / 2;
  Batcher batcher(rules, time);
  Requests requests = {{0, 4, 3}, {0, 1, 2}};
  serve(batcher, rules, requests);
  // As without the host until 25. 25-38: the second gives way: its block is moved, then the first
  // decodes alone. 38-48: its last. 48-61: the block comes back, and one token is a decode.
  CHECK(requests[0].done_ns == 25 + 13 + 10);
  CHECK(requests[1].done_ns == 48 + 13);
  CHECK(requests[1].preemptions == 1);
  CHECK(batcher.host_tokens() == 1);
  // Where it has no room there it is computed anew, as ever.
  rules.host_blocks = 0;
  Batcher without(rules, time);
  serve(without, rules, requests);
  CHECK(requests[1].done_ns == 57);
}

TEST_CASE("drafts give a sequence more than a token an iteration, on average") {
  const TestTime time({1000, 0, 0, 1});
  BatchRules rules;
  rules.block_tokens = 4;
  rules.blocks = 8;
  rules.drafts = 3;
  rules.growth = 2 * kTokenParts + kTokenParts / 2;
  Batcher batcher(rules, time);
  // Of ten tokens the first comes with the prompt of 6. Then 2, 3, 2 and the last 2 of 3, which is
  // cut: four iterations with 7, 9.5, 12 and 14.5 tokens cached, in whole ns.
  Requests requests = {{0, 6, 10}};
  serve(batcher, rules, requests);
  CHECK(requests[0].first_ns == 1000);
  CHECK(requests[0].done_ns == 1000 + 1007 + 1009 + 1012 + 1014);
  CHECK(batcher.iterations() == 5);
  CHECK(batcher.blocks_used() == 0);
  // Its last iteration begins with 13 tokens, and needs blocks for 14 and three drafts more.
  CHECK(can_finish(rules, 6, 10));
  rules.blocks = 4;
  CHECK_FALSE(can_finish(rules, 6, 10));
}

TEST_CASE("a prefix that the accelerator has lost comes from the host") {
  const TestTime time({10, 1, 0, 0});
  BatchRules rules;
  rules.block_tokens = 4;
  rules.blocks = 4;
  rules.max_tokens = 128;
  rules.prefix_caching = true;
  rules.host_blocks = 3;
  rules.host_block_parts = 2 * kNsParts;
  Batcher batcher(rules, time);
  const std::vector<std::uint64_t> ids{1, 2, 3}, others{7, 8, 9, 10};
  const PrefixIds prefix{ids, 4, 12}, other{others, 4, 16};
  // Each of the two takes what the other had, and there is room for three blocks on the host: the
  // second leaves its first three there, the third its three, and so on. Nobody finds anything.
  Requests requests = {{0, 12, 1, prefix},
                       {50, 16, 1, other},
                       {100, 12, 1, prefix},
                       {150, 16, 1, other},
                       {200, 12, 1, prefix}};
  serve(batcher, rules, requests);
  CHECK(requests[1].first_ns == 50 + 26);
  CHECK(requests[2].first_ns == 100 + 22);
  CHECK(requests[2].cached == 0);
  CHECK(requests[4].cached == 0);
  rules.host_blocks = 10;
  Batcher roomy(rules, time);
  serve(roomy, rules, requests);
  // Both of its full blocks before its last token: two moves of 2 ns, four tokens.
  CHECK(requests[2].cached == 8);
  CHECK(requests[2].first_ns == 100 + 4 + 10 + 4);
  // Of the second sixteen tokens one block is left on the accelerator, two more on the host.
  CHECK(requests[3].cached == 12);
  CHECK(roomy.tokens_in_cache(other, 17, SimTime{300}) == 16);
}

TEST_CASE("what waits is told in tokens, and whether nobody more gets in") {
  const TestTime time({10, 1, 0, 0});
  BatchRules rules = tiny_rules();
  Batcher batcher(rules, time);
  std::vector<BatchProgress> progress;
  batcher.arrive(0, 4, 3, SimTime{0});
  batcher.arrive(1, 1, 2, SimTime{0});
  CHECK(batcher.backlog_tokens() == 5);
  CHECK(batcher.oldest_arrival() == SimTime{0});
  batcher.begin(SimTime{0});  // three of the four tokens of the first
  CHECK(batcher.backlog_tokens() == 2);
  CHECK(batcher.drained_tokens() == 3);
  CHECK_FALSE(batcher.full());  // it waits for a place in an iteration
  batcher.finish(progress);
  batcher.begin(SimTime{13});
  CHECK(batcher.backlog_tokens() == 0);
  CHECK_FALSE(batcher.oldest_arrival());
  batcher.finish(progress);
  batcher.begin(SimTime{25});  // the second gives way: its prompt and its output are to be computed
  CHECK(batcher.full());
  CHECK(batcher.backlog_tokens() == 2);
  CHECK(batcher.drained_tokens() == 5);
}

TEST_CASE("a stretch that is cut ends with the iteration on its way") {
  const TestTime time({100, 0, 0, 1});
  BatchRules rules;
  rules.blocks = 1000;
  Batcher batcher(rules, time);
  std::vector<BatchProgress> progress;
  batcher.arrive(7, 10, 1000, SimTime{});
  batcher.begin(SimTime{});
  batcher.finish(progress);
  batcher.begin(SimTime{100});
  REQUIRE(batcher.end());
  CHECK(batcher.end()->ns > 100'000);
  // 211, 323, 436, 550: the iteration at 500 ends at 550; nothing makes that earlier.
  CHECK(batcher.cut(SimTime{500}));
  CHECK(batcher.end()->ns == 550);
  CHECK_FALSE(batcher.cut(SimTime{520}));
  CHECK_FALSE(batcher.arrive(8, 5, 5, SimTime{530}));
  CHECK(batcher.end()->ns == 550);
  batcher.finish(progress);
  CHECK(batcher.iterations() == 5);
  batcher.begin(SimTime{550});
  CHECK(batcher.end()->ns == 550 + 115);  // with the prompt of the second
}

TEST_CASE("a stretch in parts of ns is the sum of its iterations") {
  for (const std::int64_t parts : {1, 3, 7, 1000}) {
    for (const std::int64_t step : {0, 1, 2, 999, 1000, 5003}) {
      for (const std::int64_t first : {parts, parts + 5, 40'000 * parts + 17}) {
        std::int64_t sum = 0;
        for (std::int64_t n = 0; n <= 50; ++n) {
          const StretchTime stretch{first, step, parts};
          REQUIRE(sum_of(stretch, static_cast<std::uint64_t>(n)).ns == sum);
          sum += (first + n * step) / parts;
        }
      }
    }
  }
  // Beyond what fits: 2^40 iterations of 2^40 ns.
  REQUIRE_THROWS(sum_of({WideNs{1} << 40, 0, 1}, std::uint64_t{1} << 40));
}

}  // namespace
}  // namespace hyperdc
