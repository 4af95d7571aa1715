// Reads and writes of clients of storage systems: by hand, and by law.
#include "world/storage_requests.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "unit/world/storage_run.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using test::request_metric;
using test::storage_racks;
using test::storage_run;

json every_minute(const char* bytes, double reads) {
  return {{"arrivals", {{"every", "1 min"}}}, {"bytes", bytes}, {"reads", reads}};
}

TEST_CASE("an idle drive serves a read in seek and bytes over bandwidth, a write k-th parts") {
  const Simulation reads = storage_run(storage_racks("abcd", "rs-2-1", every_minute("2 MB", 1)));
  CHECK(request_metric(reads, "read_time.max") == Approx(0.03).epsilon(1e-6));
  CHECK(request_metric(reads, "reads") >= 1439);
  CHECK(request_metric(reads, "reads_degraded") == 0);
  CHECK(request_metric(reads, "drive_utilization") == Approx(0.03 / 60 / 4).epsilon(0.001));
  const Simulation writes = storage_run(storage_racks("abcd", "rs-2-1", every_minute("2 MB", 0)));
  CHECK(request_metric(writes, "write_time.max") == Approx(0.02).epsilon(1e-6));
  CHECK(request_metric(writes, "drive_utilization") == Approx(3 * 0.02 / 60 / 4).epsilon(0.001));
}

TEST_CASE("over the fabric a read is sent once it is read, a write before it is written") {
  json text = storage_racks("abcd", "rs-2-1", every_minute("2 MB", 1));
  text["regions"]["r"]["racks"]["x"] = {{"server", "box"}, {"count", 1}};
  text["regions"]["r"]["storage"]["s"]["racks"] = {"a", "b", "c", "d"};
  text["fabric_types"]["hall"] = {{"family", "leaf-spine"},
                                  {"leaves", 5},
                                  {"hosts", 1},
                                  {"spines", 1},
                                  {"host_bandwidth", "800 Mbit/s"},
                                  {"leaf_bandwidth", "800 Mbit/s"},
                                  {"latency", "1 us"}};
  text["regions"]["r"]["fabric"] = "hall";
  text["workloads"]["w"]["clients"] = {"x"};
  // 2 MB at 100 MB/s are 20 ms more; three flows of 1 MB leave one server in 30 ms.
  CHECK(request_metric(storage_run(text), "read_time.max") == Approx(0.05).epsilon(0.001));
  text["workloads"]["w"]["reads"] = 0;
  CHECK(request_metric(storage_run(text), "write_time.max") == Approx(0.05).epsilon(0.001));
}

TEST_CASE("one drive is a queue: its mean wait is that of Pollaczek and Khinchine") {
  // Service of 20 ms at a load of 0.7: M/D/1 waits rho s / 2 / (1 - rho), M/M/1 twice as long.
  json text = storage_racks("a", "replication-1",
                            {{"arrivals", {{"poisson", {{"rate", "35 /s"}}}}}, {"bytes", "2 MB"}});
  text["duration"] = "4 h";
  text["drive_types"]["d"]["seek"] = "0 s";
  const Simulation fixed = storage_run(text);
  CHECK(request_metric(fixed, "drive_utilization") == Approx(0.7).epsilon(0.01));
  CHECK(request_metric(fixed, "read_time.mean") == Approx(0.02 + 0.7 * 0.02 / 0.6).epsilon(0.02));
  text["workloads"]["w"]["bytes"] = {{"exponential", {{"mean", "2 MB"}}}};
  const Simulation drawn = storage_run(text);
  CHECK(request_metric(drawn, "read_time.mean") == Approx(0.02 / 0.3).epsilon(0.03));
}

TEST_CASE("reads of a lost rack are decoded from others, and no read fails while that can be") {
  // Three drives, of each group one is lost and nowhere to be rebuilt: a third of the data.
  json text = storage_racks("abc", "rs-2-1", every_minute("2 MB", 1));
  text["workloads"]["w"]["arrivals"] = {{"poisson", {{"rate", "1 /s"}}}};
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "0 s"}, {"for", "5 d"}};
  const Simulation run = storage_run(text);
  CHECK(request_metric(run, "reads_degraded") == Approx(1.0 / 3).epsilon(0.1));
  CHECK(request_metric(run, "requests_failed") == 0);
  // Of copies another serves, which is no decoding.
  text["regions"]["r"]["storage"]["s"]["code"] = "replication-2";
  CHECK(request_metric(storage_run(text), "reads_degraded") == 0);
  text["regions"]["r"]["storage"]["s"]["code"] = "replication-1";
  const Simulation single = storage_run(text);
  const double failed = request_metric(single, "requests_failed");
  CHECK(failed / (failed + request_metric(single, "reads")) == Approx(1.0 / 3).epsilon(0.1));
}

TEST_CASE("drives are busy for as long as they serve, however long the line is") {
  const Simulation run = storage_run(storage_racks("a", "replication-1", every_minute("10 GB", 1)));
  CHECK(request_metric(run, "drive_utilization") <= 1);
  CHECK(request_metric(run, "drive_utilization") > 0.99);
}

TEST_CASE("a write whose drives all went away has failed") {
  // 50 s each; the rack goes 20 s after one has begun, and is back before the next.
  json text = storage_racks("a", "replication-1", every_minute("5 GB", 0));
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "620 s"}, {"for", "35 s"}};
  const Simulation run = storage_run(text);
  CHECK(request_metric(run, "requests_failed") == 1);
  CHECK(request_metric(run, "writes") > 1400);
}

TEST_CASE("reads of an LRC are for fragments of data, never for a parity") {
  StorageSpec spec;
  spec.code = StorageCode::lrc(4, 2, 1);  // data 0, 1, 3, 4; parities 2, 5, 6
  StorageState state(spec, RandomStream(1, "repairs"));
  state.groups.resize(1);
  for (std::uint32_t f = 0; f < 7; ++f) state.members.push_back(f);
  const RandomStream draws(1, "requests");
  std::set<std::uint32_t> read;
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (const std::uint32_t drive : plan_read(state, 0, draws, {i, i, 0}).drives)
      read.insert(drive);
  }
  CHECK(read == std::set<std::uint32_t>{0, 1, 3, 4});
}

TEST_CASE("a hedge takes what decodes beside the fragments that came, without those that did not") {
  StorageSpec spec;
  spec.code = StorageCode::reed_solomon(4, 3);
  StorageState state(spec, RandomStream(1, "repairs"));
  state.groups.resize(1);
  for (std::uint32_t f = 0; f < 7; ++f) state.members.push_back(f);
  state.groups[0].lost = 1;
  const RandomStream draws(1, "requests");
  const auto others = [&](FragmentSet asked, FragmentSet came) {
    const auto drives = plan_others(state, 0, {0, asked, came}, draws, {0, 0, 0});
    return std::set<std::uint32_t>(drives.begin(), drives.end());
  };
  // Of 1 to 4 all came but 2: one of 5 and 6 makes four. Where 1 did not either: both.
  const std::set<std::uint32_t> one = others(0b11110, 0b11010);
  CHECK((one == std::set<std::uint32_t>{5} || one == std::set<std::uint32_t>{6}));
  CHECK(others(0b11110, 0b11000) == std::set<std::uint32_t>{5, 6});
  CHECK(others(0b11110, 0b10000).empty());  // three are there without those that are waited for
  // What came stays although its drive has gone.
  state.groups[0].lost |= 0b1000;
  CHECK(others(0b11110, 0b11010).size() == 1);
}

TEST_CASE("stripes of one object load as many drives as they draw, or one after the other") {
  json text = storage_racks("abcdefgh", "replication-1", every_minute("80 MB", 1));
  text["workloads"]["w"]["stripe"] = "10 MB";
  text["regions"]["r"]["storage"]["s"]["groups"] = 20'000;
  // 110 ms each; the fullest of 8 drives has 2.597 of 8 stripes in the mean, of equal drives.
  const Simulation wide = storage_run(text);
  CHECK(request_metric(wide, "read_time.mean") == Approx(0.11 * 2.597).epsilon(0.05));
  CHECK(request_metric(wide, "drive_utilization") == Approx(0.11 / 60).epsilon(0.001));
  text["workloads"]["w"]["stripes_at_once"] = 1;
  const Simulation narrow = storage_run(text);
  CHECK(request_metric(narrow, "read_time.max") == Approx(0.88).epsilon(1e-6));
  CHECK(request_metric(narrow, "drive_utilization") == Approx(0.11 / 60).epsilon(0.001));
  // Two at a time on one drive are one line; the last stripe is smaller.
  text = storage_racks("abc", "rs-2-1", every_minute("75 MB", 0));
  text["workloads"]["w"].update({{"stripe", "10 MB"}, {"stripes_at_once", 2}});
  const Simulation writes = storage_run(text);
  CHECK(request_metric(writes, "write_time.max") == Approx(7 * 0.06 + 0.035).epsilon(1e-6));
}

TEST_CASE("an object of which one stripe cannot be read has failed, once") {
  json text = storage_racks("abc", "replication-1", every_minute("20 MB", 1));
  text["workloads"]["w"].update({{"stripe", "10 MB"}, {"arrivals", {{"every", "10 s"}}}});
  text["regions"]["r"]["storage"]["s"]["groups"] = 20'000;
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "0 s"}, {"for", "5 d"}};
  const Simulation run = storage_run(text);
  const double failed = request_metric(run, "requests_failed");
  CHECK(failed / (failed + request_metric(run, "reads")) == Approx(5.0 / 9).epsilon(0.05));
}

}  // namespace
}  // namespace hyperdc
