// The Cluster Autoscaler step by step, worked out by hand from its published rules.
#include "unit/policy/fake_nodes.hpp"

namespace hyperdc::testing {
TEST_CASE("what waits gets servers of the group that wastes least") {
  FakeNodes pool("cluster-autoscaler");
  pool.wait(ask(2, 6), 5);
  // small: 4 on a server (8/2 cores, 32/6 memory), so 2 servers; unused 6/16 + 34/64 = 0.906.
  // large: 1 server; unused 22/32 + 98/128 = 1.453.
  CHECK(pool.at(0) == "boot 2 small");
  CHECK(pool.why == "jobs wait for a server");
  CHECK(*pool.wish == at_s(10));
  CHECK(pool.at(10).empty());  // there is room on those that boot
  pool.wait(ask(16, 6), 1);    // larger than a small one
  CHECK(pool.at(20) == "boot 1 large");
}

TEST_CASE("each expander chooses by its own rule") {
  const auto first = [](const std::string& expander, std::uint32_t jobs, std::int64_t cores) {
    FakeNodes pool("cluster-autoscaler", node_params("expander", expander));
    pool.groups[0].off = 2;
    pool.wait(ask(cores, 6), jobs);
    return pool.at(0);
  };
  // 12 jobs of 2 cores: two small servers hold 8 of them, one large all 12.
  CHECK(first("most-pods", 12, 2) == "boot 1 large");
  CHECK(first("least-waste", 12, 2) == "boot 2 small");  // 0 + 16/64 against 8/32 + 56/128
  CHECK(first("least-nodes", 5, 2) == "boot 1 large");
  // 5 jobs: 0.8 USD/h for 10 cores against 1.6 USD/h for 10 cores.
  CHECK(first("price", 5, 2) == "boot 2 small");
  // 1 job of 8 cores either way; a fair lot takes each sometimes.
  CHECK(first("random", 1, 8).starts_with("boot 1 "));
}

TEST_CASE("the largest jobs by their share of a server are packed first") {
  FakeNodes pool("cluster-autoscaler");
  pool.groups[1].off = 0;
  // In order of arrival 3 servers: (3,3), (5,..), (5,..). First fit decreasing: (5,3), (5,3).
  pool.wait(ask(3), 2);
  pool.wait(ask(5), 2);
  CHECK(pool.at(0) == "boot 2 small");
}

TEST_CASE("a server goes after it was unneeded for longer than the unneeded time") {
  FakeNodes pool("cluster-autoscaler");
  pool.min = 1;
  pool.add(0, {ask(2, 6)});
  pool.add(0, {ask(3, 6)});
  // 2/8 and 3/8 are below 0.5, and either fits on the other. The first is unneeded since the scan
  // at 0; at 600 that is not more than 600 s, at 610 it is. The second must hold what the first
  // had.
  CHECK(pool.until_done(0, 2000) == "610 s: remove 0");
  CHECK(pool.why == "it is not needed");
  pool.servers.erase(0);
  CHECK(pool.until_done(620, 3000) == "nothing");
}

TEST_CASE("a server that is half used, or has a job that may not move, is needed") {
  FakeNodes half("cluster-autoscaler");
  half.add(0, {ask(4, 6)});  // 4/8 is not below 0.5
  half.add(0, {ask(4, 6)});
  CHECK(half.until_done(0, 1500) == "nothing");
  FakeNodes memory("cluster-autoscaler");
  memory.add(0, {ask(1, 16)});  // 16/32 of the memory
  memory.add(0, {ask(1, 16)});
  CHECK(memory.until_done(0, 1500) == "nothing");
  FakeNodes stays("cluster-autoscaler");
  stays.add(0, {ask(1)}, false);
  stays.add(0, {ask(4)}, false);
  CHECK(stays.until_done(0, 1500) == "nothing");
}

TEST_CASE("a server that cannot go leaves no trace on those that were to take its jobs") {
  FakeNodes pool("cluster-autoscaler");
  pool.min = 1;
  pool.add(1, {ask(2, 6), ask(12, 6)});
  pool.add(0, {ask(3, 6)});
  // Of the large one (14/32) the 2 cores fit on the small one, the 12 nowhere: it stays, and the
  // small one still is as it was, so that its job fits on the large one.
  CHECK(pool.until_done(0, 2000) == "610 s: remove 1");
  FakeNodes rest("cluster-autoscaler");
  rest.min = 1;
  rest.groups[0].shape.memory_bytes = 256 * kGiB;
  rest.add(1, {ask(2, 6), ask(12, 50)});  // 72 GiB left
  rest.add(0, {ask(5, 20)}, false);       // 3 cores left
  rest.add(0, {ask(3, 80)});  // has room on the second, but for the 2 cores of the first
  CHECK(rest.until_done(0, 2000) == "610 s: remove 2");
}

TEST_CASE("the time unneeded begins anew when the server was needed in between") {
  FakeNodes pool("cluster-autoscaler");
  pool.min = 1;
  pool.add(0, {});
  pool.add(0, {ask(6)}, false);
  for (double s = 0; s < 300; s += 10) CHECK(pool.at(s).empty());
  pool.wait(ask(8), 1);  // it is to go to the empty server
  CHECK(pool.at(300).empty());
  pool.pending.clear();
  CHECK(pool.until_done(310, 2000) == "920 s: remove 0");  // 310 + 600 < 920
}

TEST_CASE("nothing is removed for a while after servers were added") {
  FakeNodes pool("cluster-autoscaler");
  pool.min = 1;
  pool.add(0, {});
  pool.add(0, {ask(8)}, false);
  for (double s = 0; s < 300; s += 10) CHECK(pool.at(s).empty());
  pool.wait(ask(32), 1);
  CHECK(pool.at(300) == "boot 1 large");
  pool.pending.clear();
  pool.set_state(2, NodeState::up, 310);
  pool.servers.at(2).residents = {{ask(32), 1, false}};
  // Unneeded since 0, but until 300 + 600 nothing is removed.
  CHECK(pool.until_done(310, 2000) == "900 s: remove 0");
}

TEST_CASE("ten servers are removed at a time, one of them with residents") {
  FakeNodes pool("cluster-autoscaler");
  for (int i = 0; i < 12; ++i) pool.add(0, {});
  CHECK(pool.until_done(0, 610) ==
        "610 s: remove 0, remove 1, remove 2, remove 3, remove 4, remove 5, remove 6, remove 7, "
        "remove 8, remove 9");
  CHECK(pool.at(620).empty());  // ten are under way
  FakeNodes full("cluster-autoscaler");
  for (int i = 0; i < 3; ++i) full.add(0, {ask(1)});
  full.add(1, {ask(16)}, false);
  CHECK(full.until_done(0, 610) == "610 s: remove 0");
  CHECK(full.at(620).empty());  // it still drains
  full.servers.erase(0);
  CHECK(full.at(630) == "remove 2");  // the second had to have room for what the others had
}

TEST_CASE("the minimum and the maximum hold") {
  FakeNodes pool("cluster-autoscaler");
  pool.max = 1;
  pool.groups[1].off = 0;
  pool.wait(ask(8), 3);
  CHECK(pool.at(0) == "boot 1 small");
  CHECK(pool.at(10).empty());
}

TEST_CASE(
    "a server that boots for too long is given up and its group paused, twice as long again") {
  FakeNodes pool("cluster-autoscaler");
  pool.wait(ask(8, 32), 1);
  CHECK(pool.at(0) == "boot 1 small");
  CHECK(pool.until_done(10, 2000) == "910 s: give up 0, boot 1 large");  // more than 900 s
  pool.servers.clear();
  CHECK(pool.at(1200) == "boot 1 large");  // small is paused until 910 + 300
  pool.servers.clear();
  CHECK(pool.at(1210) == "boot 1 small");
}

TEST_CASE("a group out of stock is paused for 5, 10, 20, 30 minutes, and forgotten after 3 hours") {
  FakeNodes pool("cluster-autoscaler");
  pool.groups[1].off = 0;
  pool.out_of_stock = {0};
  pool.wait(ask(8), 1);
  CHECK(pool.at(0) == "refused small");
  CHECK(pool.until_done(10, 9000) == "300 s: refused small");  // an end of the pause is its end
  CHECK(pool.until_done(310, 9000) == "600 s: refused small");
  // At 600 the pause from 300 had just ended and not before: its length stays. Scans that are late
  // double it: 20 min, 30 min, and no more.
  CHECK(pool.at(905) == "refused small");
  CHECK(pool.at(1500).empty());
  CHECK(pool.at(1506) == "refused small");
  CHECK(pool.at(2700).empty());
  CHECK(pool.at(2707) == "refused small");
  CHECK(pool.at(4500).empty());
  CHECK(pool.at(4508) == "refused small");
  CHECK(pool.at(6300).empty());
  CHECK(pool.at(15400) == "refused small");  // 4508 + 10800 < 15400: forgotten
  CHECK(pool.at(15690).empty());
  CHECK(pool.at(15700) == "refused small");
}

TEST_CASE("too many servers down stop everything") {
  FakeNodes pool("cluster-autoscaler");
  for (int i = 0; i < 8; ++i) pool.add(0, {ask(8)}, false);
  for (std::uint32_t i = 0; i < 4; ++i) pool.set_state(i, NodeState::down, 0);
  pool.wait(ask(8), 1);
  CHECK(pool.at(0).empty());  // 4 > 3 and 4 > 0.45 * 8
  pool.set_state(3, NodeState::up, 0);
  CHECK(pool.at(10).starts_with("boot 1 "));
}

TEST_CASE("a server that is down for more than 20 minutes is given up") {
  FakeNodes pool("cluster-autoscaler");
  pool.min = 1;
  pool.add(0, {ask(8)}, false);
  pool.add(0, {ask(8)}, false);
  pool.set_state(1, NodeState::down, 100);
  CHECK(pool.until_done(0, 3000) == "1310 s: give up 1");  // 100 + 1200 < 1310
}

TEST_CASE("a server that boots after its repair has all of its time") {
  FakeNodes pool("cluster-autoscaler");
  pool.add(0, {});  // asked for at 0
  pool.set_state(0, NodeState::booting, 5000);
  CHECK(pool.until_done(5000, 5900) == "nothing");
  CHECK(pool.at(5910) == "give up 0");
}

TEST_CASE("the members of a gang are added for together or not at all") {
  FakeNodes pool("cluster-autoscaler");
  pool.groups[1].off = 0;
  pool.groups[0].off = 3;
  pool.wait(ask(8), 1, 4);
  CHECK(pool.at(0).empty());  // 3 servers would not do
  pool.groups[0].off = 4;
  CHECK(pool.at(10) == "boot 4 small");
}

}  // namespace hyperdc::testing
