// Karpenter step by step, worked out by hand from its published rules.
#include "unit/policy/fake_nodes.hpp"

namespace hyperdc::testing {
TEST_CASE("a batch ends a second after its last job") {
  FakeNodes pool("karpenter");
  pool.wait(ask(2, 6), 1);
  CHECK(pool.at(100, 1).empty());
  CHECK(*pool.wish == at_s(101));
  pool.wait(ask(2, 6), 1);
  CHECK(pool.at(100.5, 1).empty());
  CHECK(*pool.wish == at_s(101.5));
  // Until then it need not look at the servers, but for disruption every ten seconds (100, 110).
  CHECK_FALSE(pool.policy->needs_servers(at_s(101.4), 0));
  CHECK_FALSE(pool.policy->needs_servers(at_s(101.6), 1));
  CHECK(pool.policy->needs_servers(at_s(101.5), 0));
  CHECK(pool.policy->needs_servers(at_s(110), 1));
  CHECK(pool.at(101).empty());
  CHECK(pool.at(101.5) == "boot 1 small");  // both fit on the cheapest
  CHECK(pool.why == "jobs wait for a server");
}

TEST_CASE("a batch ends ten seconds after its first job") {
  FakeNodes pool("karpenter");
  pool.wait(ask(2, 6), 1);
  for (int i = 0; i < 12; ++i) CHECK(pool.at(100 + 0.8 * i, 1).empty());
  CHECK(*pool.wish == at_s(109.8));  // 108.8 + 1
  CHECK(pool.at(109.6, 1).empty());
  CHECK(*pool.wish == at_s(110));  // and not 110.6
  CHECK(pool.at(110) == "boot 1 small");
}

TEST_CASE("a claim takes what any type still holds, and is then of the cheapest") {
  FakeNodes pool("karpenter");
  // The fifth job of 2 cores makes the claim too large for a small one.
  pool.wait(ask(2, 6), 5);
  pool.at(100, 1);
  CHECK(pool.at(101) == "boot 1 large");
  // 18 jobs: 5 have room on the one that boots with 11 more (32/2 = 16); the last two need a claim.
  pool.pending.clear();
  pool.wait(ask(2, 6), 18);
  pool.at(102, 1);
  CHECK(pool.at(103) == "boot 1 small");
}

TEST_CASE("largest first") {
  FakeNodes pool("karpenter");
  pool.groups[1].off = 0;
  pool.wait(ask(3), 2);
  pool.wait(ask(5), 2);
  pool.at(100, 1);
  CHECK(pool.at(101) == "boot 1 small, boot 1 small");  // (5, 3), (5, 3)
}

TEST_CASE("a type out of stock gives way to the next, and is left alone for three minutes") {
  FakeNodes pool("karpenter");
  pool.out_of_stock = {0};
  pool.wait(ask(2), 1);
  pool.at(100, 1);
  CHECK(pool.at(101) == "refused small, boot 1 large");
  pool.servers.clear();
  pool.at(200, 1);
  CHECK(pool.at(201) == "boot 1 large");
  pool.servers.clear();
  pool.out_of_stock.clear();
  pool.at(280, 1);
  CHECK(pool.at(281) == "boot 1 small");  // 101 + 180
}

TEST_CASE("what found no server is tried again after ten seconds") {
  FakeNodes pool("karpenter", node_params("unavailable_time", 0.0));
  pool.out_of_stock = {0, 1};
  pool.wait(ask(2), 1);
  pool.at(100, 1);
  CHECK(pool.at(101) == "refused small, refused large");
  CHECK(*pool.wish == at_s(110));  // the next look at disruption
  CHECK(pool.at(110).empty());
  CHECK(*pool.wish == at_s(111));
  pool.out_of_stock.clear();
  CHECK(pool.at(111) == "boot 1 small");
}

TEST_CASE("empty servers go after a second look, within the budget") {
  FakeNodes pool("karpenter");
  for (int i = 0; i < 12; ++i) pool.add(0, {});
  CHECK(pool.at(0).empty());
  CHECK(*pool.wish == at_s(15));
  CHECK(pool.at(15) == "remove 0, remove 1");  // ceil(0.1 * 12)
  CHECK(pool.why == "it is empty");
  CHECK(*pool.wish == at_s(16));
  CHECK(pool.at(16).empty());  // two drain: none is allowed
  FakeNodes none("karpenter", node_params("budget", 0.0));
  none.add(0, {});
  CHECK(none.until_done(0, 100, 5) == "nothing");
}

TEST_CASE("a plan that no longer holds at the second look is dropped") {
  FakeNodes pool("karpenter");
  pool.add(0, {});
  CHECK(pool.at(0).empty());
  pool.servers.at(0).residents = {{ask(2), 1, true}};
  CHECK(pool.at(15).empty());
}

TEST_CASE("consolidate_after waits for a quiet server") {
  FakeNodes pool("karpenter", node_params("consolidate_after", 60.0));
  pool.add(0, {});
  pool.servers.at(0).changed = at_s(12);
  // Quiet since 12: at the look of 80 it is a candidate (70 < 72), and goes 15 s later.
  CHECK(pool.until_done(0, 200, 5) == "95 s: remove 0");
}

TEST_CASE("a server whose jobs fit elsewhere goes, unless only empty ones may") {
  FakeNodes pool("karpenter");
  pool.add(0, {ask(2, 6)});
  pool.add(0, {ask(3, 6)});
  CHECK(pool.until_done(0, 100, 5) == "15 s: remove 0");
  CHECK(pool.why == "its jobs fit elsewhere");
  FakeNodes empty("karpenter", node_params("consolidation", std::string("when-empty")));
  empty.add(0, {ask(2, 6)});
  empty.add(0, {ask(3, 6)});
  CHECK(empty.until_done(0, 100, 5) == "nothing");
  FakeNodes stays("karpenter");
  stays.add(0, {ask(2, 6)}, false);
  stays.add(0, {ask(3, 6)}, false);
  CHECK(stays.until_done(0, 100, 5) == "nothing");
}

TEST_CASE("of equal servers those with fewer residents and less life left go first") {
  FakeNodes pool("karpenter");
  pool.add(0, {ask(1), ask(1)});
  pool.add(0, {ask(1)});
  pool.add(0, {ask(1)});
  // Younger servers cost more to disrupt: of two with one resident the older goes.
  pool.servers.at(1).asked_for = at_s(2);
  CHECK(pool.until_done(5, 100, 5) == "20 s: remove 2");
}

TEST_CASE("as many as possible go together") {
  FakeNodes pool("karpenter", node_params("budget", 1.0));
  for (int i = 0; i < 4; ++i) pool.add(0, {ask(2, 6)});
  // Three fit on the fourth (8 cores, 24 GiB). All four would need a new small one, which is not
  // cheaper than one of its own type.
  CHECK(pool.until_done(0, 100, 5) == "15 s: remove 0, remove 1, remove 2");
}

TEST_CASE("a dear server is replaced by a cheaper one, once that is up") {
  FakeNodes pool("karpenter");
  pool.add(1, {ask(2, 6), ask(2, 6)});
  CHECK(pool.at(0).empty());
  CHECK(pool.at(15) == "boot 1 small");
  CHECK(pool.why == "it replaces dearer servers");
  CHECK(pool.at(25).empty());
  pool.set_state(1, NodeState::up, 26);
  pool.servers.at(1).changed = at_s(26);
  CHECK(pool.at(35) == "remove 0");
  CHECK(pool.why == "a cheaper server takes its place");
}

TEST_CASE("a server stays when its replacement is lost") {
  FakeNodes pool("karpenter");
  pool.add(1, {ask(2, 6)});
  pool.at(0);
  CHECK(pool.at(15) == "boot 1 small");
  pool.servers.erase(1);
  pool.out_of_stock = {0};
  CHECK(pool.at(25).empty());
  CHECK(pool.servers.at(0).state == NodeState::up);
}

TEST_CASE("servers expire whatever the budget says, and late ones are given up") {
  Params set = node_params("budget", 0.0);
  set.set("expire_after", 3600.0);
  FakeNodes pool("karpenter", set);
  pool.add(0, {ask(8)}, false);
  CHECK(pool.until_done(0, 5000) == "3600 s: remove 0");
  FakeNodes late("karpenter");
  late.wait(ask(8), 1);
  late.at(100, 1);
  CHECK(late.at(101) == "boot 1 small");
  late.pending.clear();
  CHECK(late.until_done(110, 2000) == "1010 s: give up 0");  // 101 + 900 < 1010
}

}  // namespace hyperdc::testing
