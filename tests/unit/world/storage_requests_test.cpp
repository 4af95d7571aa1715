// Reads and writes of clients of storage systems: by hand, and by law.
#include "world/storage_requests.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/model_endpoint.hpp"
#include "support/temporary_directory.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// Racks "a", "b", ... of one server with one drive of 100 MB/s and 10 ms, and a workload "w".
json racks(const std::string& names, const char* code, json requests) {
  json text = {
      {"name", "s"},
      {"duration", "1 d"},
      {"drive_types",
       {{"d",
         {{"capacity", "1 TB"}, {"bandwidth", "100 MB/s"}, {"afr", 1e-6}, {"seek", "10 ms"}}}}},
      {"server_types",
       {{"box",
         {{"cores", 1}, {"memory", "1 GiB"}, {"host_power", {{"idle", "1 W"}, {"full", "2 W"}}}}}}},
      {"pools", {{"p", json::object()}}}};
  for (const char name : names) {
    text["regions"]["r"]["racks"][std::string(1, name)] = {{"server", "box"}, {"count", 1}};
  }
  text["regions"]["r"]["storage"]["s"] = {
      {"code", code}, {"drive", "d"}, {"drives_per_server", 1}, {"groups", 300}};
  requests.merge_patch({{"kind", "storage"}});
  text["workloads"]["w"] = std::move(requests);
  return text;
}

json every_minute(const char* bytes, double reads) {
  return {{"arrivals", {{"every", "1 min"}}}, {"bytes", bytes}, {"reads", reads}};
}

Simulation requests_run(const json& text, std::uint64_t seed = 1) {
  const test::TemporaryDirectory home;
  SimulateOptions options;
  options.seed = seed;
  return simulate(test::load_text(home, text), options);
}

double metric(const Simulation& run, const std::string& name) {
  return test::value(run, "workloads.w." + name);
}

TEST_CASE("an idle drive serves a read in seek and bytes over bandwidth, a write k-th parts") {
  const Simulation reads = requests_run(racks("abcd", "rs-2-1", every_minute("2 MB", 1)));
  CHECK(metric(reads, "read_time.max") == Approx(0.03).epsilon(1e-6));
  CHECK(metric(reads, "reads") >= 1439);
  CHECK(metric(reads, "reads_degraded") == 0);
  CHECK(metric(reads, "drive_utilization") == Approx(0.03 / 60 / 4).epsilon(0.001));
  const Simulation writes = requests_run(racks("abcd", "rs-2-1", every_minute("2 MB", 0)));
  CHECK(metric(writes, "write_time.max") == Approx(0.02).epsilon(1e-6));
  CHECK(metric(writes, "drive_utilization") == Approx(3 * 0.02 / 60 / 4).epsilon(0.001));
}

TEST_CASE("over the fabric a read is sent once it is read, a write before it is written") {
  json text = racks("abcd", "rs-2-1", every_minute("2 MB", 1));
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
  CHECK(metric(requests_run(text), "read_time.max") == Approx(0.05).epsilon(0.001));
  text["workloads"]["w"]["reads"] = 0;
  CHECK(metric(requests_run(text), "write_time.max") == Approx(0.05).epsilon(0.001));
}

TEST_CASE("one drive is a queue: its mean wait is that of Pollaczek and Khinchine") {
  // Service of 20 ms at a load of 0.7: M/D/1 waits rho s / 2 / (1 - rho), M/M/1 twice as long.
  json text = racks("a", "replication-1",
                    {{"arrivals", {{"poisson", {{"rate", "35 /s"}}}}}, {"bytes", "2 MB"}});
  text["duration"] = "4 h";
  text["drive_types"]["d"]["seek"] = "0 s";
  const Simulation fixed = requests_run(text);
  CHECK(metric(fixed, "drive_utilization") == Approx(0.7).epsilon(0.01));
  CHECK(metric(fixed, "read_time.mean") == Approx(0.02 + 0.7 * 0.02 / 0.6).epsilon(0.02));
  text["workloads"]["w"]["bytes"] = {{"exponential", {{"mean", "2 MB"}}}};
  const Simulation drawn = requests_run(text);
  CHECK(metric(drawn, "read_time.mean") == Approx(0.02 / 0.3).epsilon(0.03));
}

TEST_CASE("reads of a lost rack are decoded from others, and no read fails while that can be") {
  // Three drives, of each group one is lost and nowhere to be rebuilt: a third of the data.
  json text = racks("abc", "rs-2-1", every_minute("2 MB", 1));
  text["workloads"]["w"]["arrivals"] = {{"poisson", {{"rate", "1 /s"}}}};
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "0 s"}, {"for", "5 d"}};
  const Simulation run = requests_run(text);
  CHECK(metric(run, "reads_degraded") == Approx(1.0 / 3).epsilon(0.1));
  CHECK(metric(run, "requests_failed") == 0);
  // Of copies another serves, which is no decoding.
  text["regions"]["r"]["storage"]["s"]["code"] = "replication-2";
  CHECK(metric(requests_run(text), "reads_degraded") == 0);
  text["regions"]["r"]["storage"]["s"]["code"] = "replication-1";
  const Simulation single = requests_run(text);
  const double failed = metric(single, "requests_failed");
  CHECK(failed / (failed + metric(single, "reads")) == Approx(1.0 / 3).epsilon(0.1));
}

TEST_CASE("drives are busy for as long as they serve, however long the line is") {
  const Simulation run = requests_run(racks("a", "replication-1", every_minute("10 GB", 1)));
  CHECK(metric(run, "drive_utilization") <= 1);
  CHECK(metric(run, "drive_utilization") > 0.99);
}

TEST_CASE("a write whose drives all went away has failed") {
  // 50 s each; the rack goes 20 s after one has begun, and is back before the next.
  json text = racks("a", "replication-1", every_minute("5 GB", 0));
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "620 s"}, {"for", "35 s"}};
  const Simulation run = requests_run(text);
  CHECK(metric(run, "requests_failed") == 1);
  CHECK(metric(run, "writes") > 1400);
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
    for (const std::uint32_t drive : plan_read(state, 0, draws, i).drives) read.insert(drive);
  }
  CHECK(read == std::set<std::uint32_t>{0, 1, 3, 4});
}

}  // namespace
}  // namespace hyperdc
