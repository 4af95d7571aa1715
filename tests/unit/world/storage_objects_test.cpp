// What serves clients of storage systems beside drives: caches, hedges, metadata. By law.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "core/zipf.hpp"
#include "model/storage/object_cache.hpp"
#include "unit/world/storage_run.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;
using test::request_metric;
using test::storage_racks;
using test::storage_run;

std::vector<double> zipf_shares(std::size_t n, double exponent) {
  std::vector<double> shares;
  double sum = 0;
  for (std::size_t k = 1; k <= n; ++k) {
    shares.push_back(std::pow(static_cast<double>(k), -exponent));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

/// Che's approximation: an object is there if it was asked for within a time (LRU), or with the
/// share of time that it is so after its arrivals (FIFO), the time being that which fills the
/// cache.
double che_hit_rate(const std::vector<double>& shares, double objects, bool lru) {
  const auto there = [&](double share, double t) {
    return lru ? 1 - std::exp(-share * t) : share * t / (1 + share * t);
  };
  double low = 0, high = 1e9;
  for (int i = 0; i < 200; ++i) {
    const double t = (low + high) / 2;
    double held = 0;
    for (const double share : shares) held += there(share, t);
    (held < objects ? low : high) = t;
  }
  double hits = 0;
  for (const double share : shares) hits += share * there(share, low);
  return hits;
}

TEST_CASE("a cache drops what was used longest ago, or what came first") {
  ObjectCache lru(30, CacheOrder::use), fifo(30, CacheOrder::arrival);
  for (ObjectCache* cache : {&lru, &fifo}) {
    for (const std::uint64_t key : {1, 2, 3}) cache->put(key, 10);
    CHECK(cache->find(1));
    cache->put(4, 10);
    cache->put(9, 31);  // larger than the cache
    CHECK(cache->used() == 30);
    CHECK_FALSE(cache->find(9));
  }
  CHECK(lru.find(1));
  CHECK_FALSE(lru.find(2));
  CHECK_FALSE(fifo.find(1));
  CHECK(fifo.find(2));
}

TEST_CASE("objects come in proportion to their share of Zipf's law") {
  for (const double exponent : {0.0, 0.8, 1.0, 1.5}) {
    const Zipf zipf(50, exponent);
    const RandomStream stream(1, "zipf");
    std::vector<double> seen(50);
    constexpr int kDraws = 100'000;
    for (int i = 0; i < kDraws; ++i) seen.at(zipf.draw(stream, static_cast<std::uint64_t>(i))) += 1;
    const std::vector<double> shares = zipf_shares(50, exponent);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      const double expected = kDraws * shares[k];
      CHECK(std::fabs(seen[k] - expected) < 5 * std::sqrt(expected));
    }
  }
}

TEST_CASE("the share of hits is that of Che's approximation") {
  json text = storage_racks("abcd", "replication-1",
                            {{"arrivals", {{"poisson", {{"rate", "100 /s"}}}}},
                             {"bytes", "1 kB"},
                             {"popularity", {{"objects", 5000}, {"exponent", 0.9}}}});
  text.update({{"duration", "20 min"}, {"warmup", "4 min"}});
  text["drive_types"]["d"]["seek"] = "1 ms";
  json& cache = text["regions"]["r"]["storage"]["s"]["cache"];
  cache = {{"capacity", "500 kB"}, {"bandwidth", "1 GB/s"}};
  const std::vector<double> shares = zipf_shares(5000, 0.9);
  const Simulation lru = storage_run(text);
  CHECK(test::value(lru, "storage.r.s.cache.hit_rate") ==
        Approx(che_hit_rate(shares, 500, true)).epsilon(0.02));
  CHECK(test::value(lru, "storage.r.s.cache.used") == 500'000);
  cache["policy"] = "fifo";
  CHECK(test::value(storage_run(text), "storage.r.s.cache.hit_rate") ==
        Approx(che_hit_rate(shares, 500, false)).epsilon(0.02));
}

TEST_CASE("a hit takes bytes over the rate of the cache and no drive") {
  json text = storage_racks("abcd", "rs-2-1",
                            {{"arrivals", {{"every", "1 min"}}},
                             {"bytes", "2 MB"},
                             {"popularity", {{"objects", 1}, {"exponent", 1}}}});
  text["regions"]["r"]["storage"]["s"]["cache"] = {{"capacity", "2 MB"}, {"bandwidth", "200 MB/s"}};
  const Simulation run = storage_run(text);
  CHECK(request_metric(run, "read_time.max") == Approx(0.03).epsilon(1e-6));
  CHECK(request_metric(run, "read_time.p50") == Approx(0.01).epsilon(0.02));
  CHECK(request_metric(run, "drive_utilization") == Approx(0.03 / 86'400 / 4).epsilon(1e-6));
  const double reads = request_metric(run, "reads");
  CHECK(test::value(run, "storage.r.s.cache.hit_rate") == Approx((reads - 1) / reads));
  CHECK(test::value(run, "storage.r.s.cache.utilization") == Approx(0.01 / 60).epsilon(0.001));
}

/// Two drives with a copy each, reads of 20 ms.
json pair_of_drives(const char* rate) {
  json text = storage_racks("ab", "replication-2",
                            {{"arrivals", {{"poisson", {{"rate", rate}}}}}, {"bytes", "2 MB"}});
  text["duration"] = "2 h";
  text["drive_types"]["d"]["seek"] = "0 s";
  return text;
}

TEST_CASE("reads of both copies at once load each drive with all: M/D/1 at twice the load") {
  json text = pair_of_drives("35 /s");
  const Simulation single = storage_run(text);
  CHECK(request_metric(single, "drive_utilization") == Approx(0.35).epsilon(0.01));
  CHECK(request_metric(single, "read_time.mean") ==
        Approx(0.02 + 0.35 * 0.02 / 2 / 0.65).epsilon(0.02));
  text["workloads"]["w"]["hedge"] = {{"after", "0 s"}};
  const Simulation both = storage_run(text);
  CHECK(request_metric(both, "reads_hedged") == 1);
  CHECK(request_metric(both, "drive_utilization") == Approx(0.7).epsilon(0.01));
  CHECK(request_metric(both, "read_time.mean") == Approx(0.02 + 0.7 * 0.02 / 0.6).epsilon(0.03));
}

TEST_CASE("a hedge after a quantile is made by the rest of the reads, and cuts the tail") {
  json text = pair_of_drives("10 /s");
  // Now and then a drive reads for 3 s for somebody else.
  text["workloads"]["b"] = {
      {"kind", "storage"}, {"arrivals", {{"every", "1 min"}}}, {"bytes", "300 MB"}};
  const Simulation plain = storage_run(text);
  text["workloads"]["w"]["hedge"] = {{"quantile", 0.9}};
  const Simulation hedged = storage_run(text);
  const double share = request_metric(hedged, "reads_hedged");
  CHECK(share == Approx(0.1).epsilon(0.2));
  CHECK(request_metric(hedged, "drive_utilization") ==
        Approx((1 + share) * request_metric(plain, "drive_utilization")).epsilon(0.01));
  CHECK(request_metric(plain, "read_time.p99") > 1);
  CHECK(request_metric(hedged, "read_time.p99") < 0.2);
  // Of an erasure code the others are as many as it decodes from: two more drives.
  text = storage_racks("abc", "rs-2-1", {{"arrivals", {{"every", "1 min"}}}, {"bytes", "2 MB"}});
  text["workloads"]["w"]["hedge"] = {{"after", "10 ms"}};
  const Simulation decoded = storage_run(text);
  CHECK(request_metric(decoded, "drive_utilization") == Approx(3 * 0.03 / 60 / 3).epsilon(0.001));
  CHECK(request_metric(decoded, "read_time.max") == Approx(0.03).epsilon(1e-6));
}

TEST_CASE("a degraded read is hedged as others are") {
  json text = storage_racks("abcde", "rs-2-2",
                            {{"arrivals", {{"poisson", {{"rate", "5 /s"}}}}}, {"bytes", "1 MB"}});
  text["duration"] = "6 h";
  text["failures"]["out"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.a"}}, {"at", "0 s"}, {"for", "6 h"}};
  text["regions"]["r"]["storage"]["s"]["repair"] = {{"after", "2 d"}};
  // Now and then a drive reads for 3 s for somebody else.
  text["workloads"]["b"] = {
      {"kind", "storage"}, {"arrivals", {{"every", "1 min"}}}, {"bytes", "300 MB"}};
  const Simulation plain = storage_run(text);
  CHECK(request_metric(plain, "reads_degraded") > 0.1);
  CHECK(request_metric(plain, "read_time.p99") > 1);
  text["workloads"]["w"]["hedge"] = {{"after", "100 ms"}};
  const Simulation hedged = storage_run(text);
  CHECK(request_metric(hedged, "read_time.p99") < 0.5);
  CHECK(request_metric(hedged, "read_time.p999") < request_metric(plain, "read_time.p999"));
}

TEST_CASE("operations of metadata wait as in M/D/1 and M/M/c") {
  json text = storage_racks("abcd", "replication-1",
                            {{"arrivals", {{"poisson", {{"rate", "35 /s"}}}}}, {"bytes", "1 kB"}});
  text["duration"] = "3 h";
  text["drive_types"]["d"]["seek"] = "0 s";
  json& metadata = text["regions"]["r"]["storage"]["s"]["metadata"];
  metadata = {{"time", "20 ms"}};
  const Simulation fixed = storage_run(text);
  const std::string of = "storage.r.s.metadata.";
  CHECK(test::value(fixed, of + "utilization") == Approx(0.7).epsilon(0.01));
  CHECK(test::value(fixed, of + "wait.mean") == Approx(0.7 * 0.02 / 0.6).epsilon(0.05));
  CHECK(request_metric(fixed, "read_time.mean") ==
        Approx(0.02 + 1e-5 + test::value(fixed, of + "wait.mean")).epsilon(0.01));
  metadata = {{"time", {{"exponential", {{"mean", "60 ms"}}}}}, {"servers", 3}};
  const Simulation three = storage_run(text);
  // Erlang C of 3 servers at 2.1 Erlang, over what is left of them.
  const double a = 2.1, all = a * a * a / 6 / (1 - a / 3);
  const double waits = all / (1 + a + a * a / 2 + all);
  CHECK(test::value(three, of + "wait.mean") == Approx(waits * 0.06 / (3 - a)).epsilon(0.08));
}

TEST_CASE("what was written goes on to the next tier when it is old, and is read there") {
  json text = storage_racks("abcdef", "replication-3",
                            {{"arrivals", {{"poisson", {{"rate", "1 /min"}}}}},
                             {"system", "r.s"},
                             {"bytes", "2 MB"},
                             {"reads", 0.5},
                             {"age", {{"exponential", {{"mean", "6 h"}}}}}});
  text["duration"] = "4 d";
  json& storage = text["regions"]["r"]["storage"];
  storage["cold"] = storage["s"];
  storage["cold"].update({{"code", "rs-2-1"}, {"racks", {"d", "e", "f"}}});
  storage["s"].update({{"racks", {"a", "b", "c"}}, {"tier", {{"to", "r.cold"}, {"after", "6 h"}}}});
  const Simulation run = storage_run(text);
  CHECK(request_metric(run, "reads_cold") == Approx(std::exp(-1)).epsilon(0.07));
  // Half a request a minute of 2 MB for 6 h, and as much as that goes on in four days.
  CHECK(request_metric(run, "tier.hot_bytes.mean") == Approx(0.5 * 360 * 2e6).epsilon(0.07));
  CHECK(request_metric(run, "tier.moved") == Approx(0.5 * 5760 * 2e6).epsilon(0.07));
  CHECK(request_metric(run, "tier.moves_failed") == 0);
  // 10 ms and 2 MB from a copy, 10 ms and 1 MB to each fragment.
  CHECK(request_metric(run, "tier.move_time.p50") == Approx(0.05).epsilon(0.02));
}

TEST_CASE("clients pay for requests and for what they read from outside, to the cent") {
  json text = storage_racks(
      "abcd", "rs-2-1",
      {{"arrivals", {{"every", "1 min"}}}, {"bytes", "2 MB"}, {"reads", 0.5}, {"outside", true}});
  text["regions"]["r"]["storage"]["s"]["prices"] = {
      {"reads_per_10k", "4 USD"}, {"writes_per_10k", "50 USD"}, {"egress_per_gb", "0.09 USD"}};
  const Simulation run = storage_run(text);
  const double reads = request_metric(run, "reads"), writes = request_metric(run, "writes");
  CHECK(reads + writes >= 1439);
  CHECK(test::value(run, "cost.requests") ==
        Approx(reads * 0.0004 + writes * 0.005).margin(0.000002));
  CHECK(request_metric(run, "egress") == reads * 2e6);
  CHECK(test::value(run, "cost.egress") == Approx(reads * 0.00018).margin(0.000001));
}

}  // namespace
}  // namespace hyperdc
