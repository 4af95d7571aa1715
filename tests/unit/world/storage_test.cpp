// Storage systems: failures and repairs, by hand.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "unit/world/storage_run.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using test::storage_run;

/// Racks "a", "b", ... of one server each with one drive of 10 GB.
json racks(const std::string& names, json system) {
  json text = {
      {"name", "s"},
      {"duration", "10 d"},
      {"drive_types", {{"d", {{"capacity", "10 GB"}, {"bandwidth", "1 MB/s"}, {"afr", 1e-6}}}}},
      {"server_types",
       {{"box",
         {{"cores", 1}, {"memory", "1 GiB"}, {"host_power", {{"idle", "1 W"}, {"full", "2 W"}}}}}}},
      {"pools", {{"p", json::object()}}}};
  for (const char name : names) {
    text["regions"]["r"]["racks"][std::string(1, name)] = {{"server", "box"}, {"count", 1}};
  }
  system.merge_patch({{"drive", "d"}, {"drives_per_server", 1}});
  text["regions"]["r"]["storage"]["s"] = std::move(system);
  return text;
}

/// Rack a is out from 1 h on.
void lose_a(json& text, const char* lasts) {
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "1 h"}, {"for", lasts}};
}

double storage(const Simulation& run, const std::string& metric) {
  return test::value(run, "storage.r.s." + metric);
}

TEST_CASE("drives with a price cost rent after the warm-up, by data, and stand in the bill") {
  json text = racks("abc", {{"code", "replication-3"}});
  text["drive_types"]["d"]["price"] = "2 USD/h";
  text["warmup"] = "5 d";
  const Simulation rented = storage_run(text);
  CHECK(test::value(rented, "cost.known") == Approx(3 * 2 * 120));  // nothing else has a price
  CHECK(storage(rented, "cost") == Approx(3 * 2 * 120));
  CHECK(storage(rented, "cost_per_pb_month") ==
        Approx(3 * 2 * 730 / (storage(rented, "data") * 1e-15)));

  text["server_types"]["box"]["price"] = "1 USD/h";
  text["drive_types"]["d"]["price"] = {
      {"purchase", {{"usd", "730 USD"}, {"life", "2 y"}, {"upkeep", "73 USD/y"}}}};
  const Simulation bought = storage_run(text);
  CHECK(storage(bought, "cost") == Approx(3 * (365 + 73) * 5.0 / 365));
  CHECK(test::value(bought, "cost.servers") == Approx(3 * 120 + 3 * 5).epsilon(1e-6));
  CHECK(test::value(bought, "cost.upkeep") == Approx(3 * 73 * 5.0 / 365).epsilon(1e-6));
}

TEST_CASE("what a lost rack had is rebuilt elsewhere after the wait, at the throttle") {
  // Three of four racks have the one group; a fragment of 10 GB takes 1,000 s at 10 MB/s.
  json text = racks("abcd", {{"code", "replication-3"}, {"groups", 1}, {"used", 0.75}});
  text["drive_types"]["d"]["bandwidth"] = "10 MB/s";
  lose_a(text, "5 d");
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Simulation run = storage_run(text, seed);
    if (storage(run, "degraded.max") == 0) continue;  // rack a had none
    ++lost;
    CHECK(storage(run, "degraded.max") == 1);
    CHECK(storage(run, "degraded.mean") == Approx(1900.0 / (10 * 86'400)).epsilon(1e-9));
    CHECK(storage(run, "repair.time.mean") == Approx(900 + 1000).epsilon(1e-9));
    CHECK(storage(run, "repair.read") == 1e10);
    CHECK(storage(run, "repair.written") == 1e10);
    CHECK(storage(run, "repair.reads") == 1);
    CHECK(storage(run, "unreadable.max") == 0);
    CHECK(storage(run, "groups.lost") == 0);
  }
  CHECK(lost > 4);
}

TEST_CASE("a rack that is back before the wait is over costs no repair") {
  json text = racks("abcd", {{"code", "replication-3"}, {"groups", 40}});
  lose_a(text, "14 min");
  const Simulation run = storage_run(text);
  CHECK(storage(run, "repair.written") == 0);
  CHECK(storage(run, "degraded.max") > 0.5);
  CHECK(storage(run, "degraded.mean") ==
        Approx(storage(run, "degraded.max") * 840 / 864'000).epsilon(1e-9));
}

TEST_CASE("where no drive may take a fragment the group waits until its server is back") {
  json text = racks("abc", {{"code", "replication-3"}, {"groups", 7}});
  lose_a(text, "5 d");
  const Simulation run = storage_run(text);
  CHECK(storage(run, "degraded.max") == 1);
  CHECK(storage(run, "degraded.mean") == Approx(0.5).epsilon(1e-9));
  CHECK(storage(run, "repair.waiting.max") == 7);
  CHECK(storage(run, "repair.written") == 0);
}

TEST_CASE("a group of which too much is away cannot be read, and is not lost") {
  json text = racks("abc", {{"code", "rs-2-1"}, {"groups", 4}});
  lose_a(text, "2 d");
  text["failures"]["also"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.b"}}, {"at", "2 h"}, {"for", "1 d"}};
  const Simulation run = storage_run(text);
  CHECK(storage(run, "unreadable.max") == 1);
  CHECK(storage(run, "unreadable.mean") == Approx(0.1).epsilon(1e-9));
  CHECK(storage(run, "groups.lost") == 0);
}

TEST_CASE("a rack goes at once: no repair begins on those of its servers that are next") {
  // Two racks of 8 drives; once a is gone each repair has two drives of b, of which it has 8.
  json text = racks("ab", {{"code", "replication-2"}, {"groups", 60}});
  for (const char* rack : {"a", "b"}) {
    text["regions"]["r"]["racks"][rack]["servers_per_rack"] = 8;
  }
  lose_a(text, "5 d");
  text["failures"]["also"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.b"}}, {"at", "80 min"}, {"for", "1 d"}};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Simulation run = storage_run(text, seed);
    CHECK(storage(run, "repair.active.max") >= 3);
    CHECK(storage(run, "repair.aborted") <= 4);
  }
}

TEST_CASE(
    "a fragment that came back while it was rebuilt needs no repair when that is broken off") {
  // Rack a is back within its repair of 2,000 s; then b goes, from or to which some repairs went.
  json text = racks("abc", {{"code", "replication-2"}, {"groups", 3}, {"used", 0.6}});
  text["drive_types"]["d"]["bandwidth"] = "3 MB/s";
  lose_a(text, "16 min");
  text["failures"]["also"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.b"}}, {"at", "77 min"}, {"for", "1 h"}};
  double aborted = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Simulation run = storage_run(text, seed);
    aborted += storage(run, "repair.aborted");
    CHECK(storage(run, "groups.lost") == 0);
    // All is there from 137 min on, or when the last repair after that has ended.
    CHECK(storage(run, "degraded.mean") < 0.05);
  }
  CHECK(aborted > 3);
}

TEST_CASE("drives that all fail at once lose all data, once") {
  json text = racks("abcd", {{"code", "replication-3"},
                             {"groups", 8},
                             {"time_to_failure", "4 d"},
                             {"repair", {{"detect", "1 h"}}}});
  const Simulation run = storage_run(text);
  CHECK(storage(run, "drives.failed") == 8);  // and again at 9 d, those that came at 5 d
  CHECK(storage(run, "groups.lost") == 8);
  CHECK(storage(run, "degraded.max") <= 1);
  CHECK(storage(run, "repair.written") == 0);
}

TEST_CASE("a drive takes part in so many repairs at a time, those most at risk first") {
  // All groups of the failed drive read from or write to few others, one after the other.
  json text = racks("abcdefgh", {{"code", "replication-2"}, {"groups", 40}, {"used", 0.5}});
  text["drive_types"]["d"]["bandwidth"] = "10 MB/s";
  lose_a(text, "9 d");
  const Simulation one = storage_run(text);
  CHECK(storage(one, "repair.active.max") <= 3);  // 7 drives, two to a repair
  text["regions"]["r"]["storage"]["s"]["repair"] = {{"streams", 4}, {"rate", "2.5 MB/s"}};
  const Simulation four = storage_run(text);
  CHECK(storage(four, "repair.active.max") > 4);
  CHECK(storage(four, "repair.read") == storage(one, "repair.read"));
}

TEST_CASE("repairs read what the code says: 6.75 fragments of LRC(12,2,2), 10 of RS(10,4)") {
  for (const auto& [code, reads] : {std::pair{"lrc-12-2-2", 6.75}, std::pair{"rs-10-4", 10.0}}) {
    json text = racks(
        "abcdefghijklmnopqrst",
        {{"code", code}, {"groups", 4000}, {"used", 0.5}, {"placement", {{"policy", "random"}}}});
    text["duration"] = "365 d";
    text["regions"]["r"]["storage"]["s"]["drives_per_server"] = 8;
    text["drive_types"]["d"] = {{"capacity", "1 TB"}, {"bandwidth", "1 GB/s"}, {"afr", 0.3}};
    const Simulation run = storage_run(text);
    CHECK(storage(run, "drives.failed") > 20);
    CHECK(storage(run, "repair.reads") == Approx(reads).epsilon(reads == 10 ? 1e-3 : 0.01));
    CHECK(storage(run, "groups.lost") == 0);
  }
}

TEST_CASE("the first loss is as far off as few sets of drives make it") {
  // 12 drives, 1,000 groups of 3: of 220 sets nearly all are used at random; 4 with one
  // permutation.
  json text = racks("abcdefghijkl", {{"code", "replication-3"}, {"groups", 1000}});
  const double random = storage(storage_run(text), "mttdl");
  text["regions"]["r"]["storage"]["s"]["placement"] = {{"policy", "copysets"},
                                                       {"scatter_width", 2}};
  const double few = storage(storage_run(text), "mttdl");
  text["regions"]["r"]["storage"]["s"]["groups"] = 2;
  text["regions"]["r"]["storage"]["s"]["used"] = 0.7 / 500;  // fragments of the same size
  const double two = storage(storage_run(text), "mttdl");
  CHECK(few / random == Approx(218.0 / 4).epsilon(0.02));
  CHECK(two / few == Approx(2).epsilon(1e-6));
}

TEST_CASE("the fabric carries what repairs read and write, and slows them") {
  json text = racks("abcd", {{"code", "rs-2-1"}, {"groups", 30}, {"used", 0.5}});
  text["drive_types"]["d"]["bandwidth"] = "10 MB/s";
  text["fabric_types"]["f"] = {{"family", "leaf-spine"},
                               {"leaves", 4},
                               {"hosts", 1},
                               {"spines", 1},
                               {"host_bandwidth", "40 Mbit/s"},
                               {"leaf_bandwidth", "40 Mbit/s"},
                               {"latency", "1 us"}};
  text["regions"]["r"]["fabric"] = "f";
  lose_a(text, "9 d");
  const Simulation apart = storage_run(text);
  text["regions"]["r"]["storage"]["s"]["repair"] = {{"on_fabric", true}};
  const Simulation shared = storage_run(text);
  CHECK(test::value(apart, "fabrics.r.delivered") == 0);
  CHECK(test::value(shared, "fabrics.r.delivered") == storage(shared, "repair.read"));
  CHECK(storage(shared, "repair.read") == storage(apart, "repair.read"));
  // Two sources over a link of 5 MB/s into the target: each gets a quarter of the throttle.
  CHECK(storage(shared, "repair.time.max") > 2 * storage(apart, "repair.time.max"));
}

TEST_CASE("a repair storm slows an exchange on its fabric, and a throttle trades the two") {
  json text = racks("abcdef", {{"code", "rs-2-1"}, {"groups", 60}, {"used", 0.5}});
  text["drive_types"]["d"]["bandwidth"] = "100 MB/s";
  text["duration"] = "2 h";
  text["fabric_types"]["hall"] = {{"family", "leaf-spine"},
                                  {"leaves", 6},
                                  {"hosts", 1},
                                  {"spines", 1},
                                  {"host_bandwidth", "800 Mbit/s"},
                                  {"leaf_bandwidth", "800 Mbit/s"},
                                  {"latency", "1 us"}};
  text["regions"]["r"]["fabric"] = "hall";
  text["workloads"]["x"] = {
      {"kind", "collectives"}, {"ranks", 5}, {"first", 1}, {"bytes", "1 GB"}, {"compute", "5 s"}};
  json& repair = text["regions"]["r"]["storage"]["s"]["repair"];
  repair["on_fabric"] = true;
  const auto exchange = [&] { return test::value(storage_run(text), "workloads.x.exchange.max"); };
  const double alone = exchange();
  lose_a(text, "5 d");
  repair["rate"] = "10 MB/s";
  const double throttled = exchange();
  const double slow = storage(storage_run(text), "repair.time.max");
  repair["rate"] = "100 MB/s";
  const double open = exchange();
  const double fast = storage(storage_run(text), "repair.time.max");
  // A ring of five: 1.6 GB over each link; a repair brings 10 MB/s from each of two sources.
  CHECK(alone == Approx(16).epsilon(0.001));
  CHECK(throttled > 1.05 * alone);
  CHECK(throttled < 1.3 * alone);
  CHECK(open > 1.3 * throttled);
  CHECK(slow - 900 > 3 * (fast - 900));  // after the wait of 15 min
}

/// Racks e to h of the same kind, which join at `at`.
void join_more(json& text, const char* at) {
  for (const char* name : {"e", "f", "g", "h"}) {
    text["regions"]["r"]["racks"][name] = {{"server", "box"}, {"count", 1}};
  }
  text["regions"]["r"]["storage"]["s"]["expansion"] = {
      {{"at", at}, {"racks", {"e", "f", "g", "h"}}}};
}

TEST_CASE("drives that join take their share of the data from the others, and no more") {
  // Four drives of 100 fragments of 50 MB; four more: a mean of 50. A move takes 50 s.
  json text = racks("abcd", {{"code", "rs-2-2"}, {"groups", 100}, {"used", 0.5}});
  join_more(text, "1 d");
  json& system = text["regions"]["r"]["storage"]["s"];
  CHECK(storage(storage_run(text), "fill.max") == Approx(0.5));
  CHECK(storage(storage_run(text), "fullest.mean") == Approx(0.5));
  system["rebalance"] = {{"tolerance", 0}};  // one fragment
  const Simulation even = storage_run(text);
  CHECK(storage(even, "rebalance.least") == Approx(4 * 49 * 50e6));
  CHECK(storage(even, "rebalance.moved") == 4 * 49 * 50e6);
  CHECK(storage(even, "rebalance.time.max") == Approx(49 * 50).epsilon(1e-6));
  CHECK(storage(even, "rebalance.active.max") == 4);
  CHECK(storage(even, "rebalance.aborted") == 0);
  CHECK(storage(even, "degraded.max") == 0);
  CHECK(storage(even, "capacity") == Approx(40e9));
  system["rebalance"] = {{"tolerance", 0.2}, {"rate", "0.5 MB/s"}};
  const Simulation about = storage_run(text);
  CHECK(storage(about, "rebalance.moved") == 4 * 40 * 50e6);
  CHECK(storage(about, "rebalance.moved") >= storage(about, "rebalance.least") * (1 - 1e-9));
  CHECK(storage(about, "rebalance.time.max") == Approx(40 * 100).epsilon(1e-6));
  // Two streams at half the rate each move as much in the same time.
  system["repair"] = {{"streams", 2}, {"rate", "0.5 MB/s"}};
  system["rebalance"]["streams"] = 2;
  CHECK(storage(storage_run(text), "rebalance.active.max") == 8);
  CHECK(storage(storage_run(text), "rebalance.time.max") == Approx(20 * 100).epsilon(1e-6));
}

TEST_CASE("moves are flows on the fabric of the region, and give way to repairs") {
  json text = racks("abcd", {{"code", "rs-2-1"}, {"groups", 200}, {"used", 0.5}});
  join_more(text, "30 min");
  text["fabric_types"]["f"] = {{"family", "leaf-spine"},
                               {"leaves", 8},
                               {"hosts", 1},
                               {"spines", 1},
                               {"host_bandwidth", "40 Mbit/s"},
                               {"leaf_bandwidth", "40 Mbit/s"},
                               {"latency", "1 us"}};
  text["regions"]["r"]["fabric"] = "f";
  json& system = text["regions"]["r"]["storage"]["s"];
  system["repair"] = {{"on_fabric", true}};
  system["rebalance"] = {{"tolerance", 0.1}};
  const Simulation quiet = storage_run(text);
  CHECK(storage(quiet, "rebalance.moved") > 0);
  CHECK(test::value(quiet, "fabrics.r.delivered") == storage(quiet, "rebalance.moved"));
  lose_a(text, "9 d");
  const Simulation storm = storage_run(text);
  CHECK(storage(storm, "rebalance.aborted") > 0);
  CHECK(storage(storm, "groups.lost") == 0);
  CHECK(storage(storm, "repair.written") > 0);
  CHECK(storage(storm, "degraded.mean") < 0.05);
  system["rebalance"]["rate"] = "0.1 MB/s";  // repairs do not wait for slow moves; a holds more
  const Simulation slow = storage_run(text);
  CHECK(storage(slow, "repair.time.max") < 2 * storage(storm, "repair.time.max"));
}

TEST_CASE("a system grows group by group until no drive has room, and on as drives join") {
  // Fragments of 1 GB at 0.5 MB/s: a group each 2,000 s, the first half full; ten on each drive.
  json text = racks("abcd", {{"code", "rs-2-2"}, {"groups", 4}, {"used", 0.4}});
  json& system = text["regions"]["r"]["storage"]["s"];
  system["growth"] = {{"rate", "1 MB/s"}, {"open", 1}};
  const double day = 86'400;
  const Simulation full = storage_run(text);
  CHECK(storage(full, "growth.full_after") == Approx(13'000).epsilon(1e-6));
  CHECK(storage(full, "growth.written") == Approx(13e9).epsilon(1e-6));
  CHECK(storage(full, "growth.refused") == Approx((10 * day - 13'000) * 1e6).epsilon(1e-6));
  CHECK(storage(full, "data") == Approx(20e9).epsilon(1e-6));
  CHECK(storage(full, "raw") == Approx(40e9));
  CHECK(storage(full, "fill.max") == Approx(1));
  CHECK(storage(full, "fullest.max") == Approx(1));
  system["full_ratio"] = 0.75;  // seven on each: three groups less
  CHECK(storage(storage_run(text), "growth.full_after") == Approx(7'000).epsilon(1e-6));
  system["full_ratio"] = 1;
  join_more(text, "5 h");  // room for ten more groups, all of it on the new drives
  const Simulation more = storage_run(text);
  CHECK(storage(more, "growth.refused") == Approx((10 * day - 33'000) * 1e6).epsilon(1e-6));
  CHECK(storage(more, "data") == Approx(40e9).epsilon(1e-6));
  text["warmup"] = "1 d";
  CHECK(storage(storage_run(text), "growth.written") == 0);
}

TEST_CASE("a repair moves what a fragment holds, of a group that was closed as it lost one") {
  // The one group is half full, and grows 1 kB/s for each copy until rack a is lost.
  json text = racks("abcd", {{"code", "replication-3"}, {"groups", 1}, {"used", 0.75}});
  text["drive_types"]["d"]["bandwidth"] = "10 MB/s";
  text["regions"]["r"]["storage"]["s"]["growth"] = {{"rate", "1 kB/s"}};
  lose_a(text, "5 d");
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Simulation run = storage_run(text, seed);
    if (storage(run, "degraded.max") == 0) continue;
    ++lost;
    CHECK(storage(run, "repair.written") == Approx(5e9 + 3.6e6).epsilon(1e-9));
    CHECK(storage(run, "repair.time.max") == Approx(900 + 500.36).epsilon(1e-9));
    CHECK(storage(run, "data") == Approx(5e9 + 3.6e6).epsilon(1e-9));
  }
  CHECK(lost > 2);
}

TEST_CASE("repairs that wait for a drive do not fill it beyond what it holds") {
  // Thirteen fragments fit on a drive; after a is lost a mean of 11.4 is on each.
  json text = racks("abcdefgh", {{"code", "replication-2"}, {"groups", 40}, {"used", 0.75}});
  lose_a(text, "9 d");
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Simulation run = storage_run(text, seed);
    CHECK(storage(run, "repair.written") > 0);
    CHECK(storage(run, "fullest.max") <= 1);
  }
}

TEST_CASE("what is lost is not rebuilt where no drive has room for it") {
  json text = racks("abcd", {{"code", "replication-2"}, {"groups", 20}, {"used", 1}});
  lose_a(text, "5 d");
  const Simulation full = storage_run(text);
  CHECK(storage(full, "repair.written") == 0);
  CHECK(storage(full, "repair.waiting.max") > 5);
  text["regions"]["r"]["storage"]["s"]["used"] = 0.5;
  CHECK(storage(storage_run(text), "repair.written") > 0);
}

TEST_CASE("durability by simulation is that by the chain, and a burst is beside it") {
  for (const char* code : {"replication-3", "rs-6-3", "rs-10-4", "lrc-12-2-2"}) {
    json text = test::storage_racks("abcdefghijklmnopqr", code,
                                    {{"arrivals", {{"every", "1 h"}}}, {"bytes", "1 MB"}});
    text["duration"] = "1 h";
    json& system = text["regions"]["r"]["storage"]["s"];
    system["time_to_failure"] = {{"exponential", {{"mean", "50000 h"}}}};
    system["repair"] = {{"detect", "12 h"}};
    system["durability"] = {{"effort", 400}, {"burst", {{"servers", 0.35}}}};
    const Simulation run = test::storage_run(text);
    const auto of = [&](const char* name) {
      return test::value(run, std::string("storage.r.s.") + name);
    };
    const double low = of("durability.mttdl_low"), high = of("durability.mttdl_high");
    INFO(code << ": chain " << of("mttdl") << ", simulated " << low << " to " << high);
    CHECK(low < of("durability.mttdl"));
    CHECK(high < 1.25 * low);
    CHECK(of("mttdl") > low - 2 * (high - low));
    CHECK(of("mttdl") < high + 2 * (high - low));
    CHECK(of("durability.loss") ==
          Approx(1 - std::exp(-365 * 86'400.0 / of("durability.mttdl"))).margin(1e-15));
    CHECK(of("durability.burst.servers") == 6);
    CHECK(of("durability.burst.loss") > 0);
    CHECK(of("durability.burst.loss") <= 1);
    CHECK(of("durability.burst.bytes_lost") > 0);
    CHECK(of("durability.burst.bytes_lost") < of("data"));
  }
}

TEST_CASE("a burst takes servers that have joined, whatever they hold") {
  json text = racks("abcd", {{"code", "replication-2"}, {"groups", 60}, {"used", 0.5}});
  text["regions"]["r"]["storage"]["s"]["durability"] = {{"effort", 100},
                                                        {"burst", {{"servers", 0.25}}}};
  join_more(text, "20 d");  // after the run: one of four servers, and no group on it alone
  const Simulation before = storage_run(text);
  CHECK(storage(before, "durability.burst.servers") == 1);
  CHECK(storage(before, "durability.burst.loss") == 0);
  join_more(text, "1 d");  // two of eight: 28 pairs, of which 6 hold groups
  const Simulation after = storage_run(text);
  CHECK(storage(after, "durability.burst.servers") == 2);
  CHECK(storage(after, "durability.burst.bytes_lost") == Approx(storage(after, "data") / 28));
  CHECK(storage(after, "durability.burst.loss") ==
        Approx(6.0 / 28).margin(5 * storage(after, "durability.burst.loss_error")));
}

}  // namespace
}  // namespace hyperdc
