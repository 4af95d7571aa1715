// Storage systems: what a scenario may not ask of them, each with a reason.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <string>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

Issues problems_of(const std::string& system, const std::string& more = R"("duration": "1 d")") {
  return test::issues_of_text(fmt::format(
      R"({{"name": "s", {}, "regions": {{"r": {{"racks": {{
      "a": {{"server": "general-32c", "count": 8, "servers_per_rack": 2}},
      "b": {{"server": "general-32c", "count": 8, "servers_per_rack": 2, "zone": "b"}}}},
      "storage": {{"blob": {{{}}}}}}}}}}})",
      more, system));
}

const std::string kDrives = R"("drive": "hdd-20tb", "drives_per_server": 12)";

TEST_CASE("a storage system without mistakes has no problem, and its racks need no pool") {
  CHECK(problems_of(kDrives +
                    R"(, "code": "rs-10-4", "placement": {"policy": "random", "spread": "rack"})")
            .empty());
  CHECK(problems_of(kDrives + R"(, "code": "lrc-12-2-2", "racks": ["a", "b"], "placement":
    {"policy": "copysets", "scatter_width": 30, "spread": "zone"})")
            .empty());
}

TEST_CASE("every mistake of a storage system is named with its place") {
  const std::string at = "regions.r.storage.blob.";
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-10")"), "E014", at + "code", "is no code"));
  CHECK(has(problems_of(R"("code": "rs-6-3", "drives_per_server": 12, "drive": "hdd-20")"), "E030",
            at + "drive", "hdd-20"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "racks": ["c"])"), "E030", at + "racks.0",
            "c"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "racks": ["a", "a"])"), "E034",
            at + "racks.1", "twice"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-14-4", "placement": {"policy": "random",
    "spread": "rack"})"),
            "E034", at + "placement", "18 fragments of a group do not go into 16 racks"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-14-4", "racks": ["a"], "placement":
    {"policy": "random", "spread": "zone"})"),
            "E034", at + "placement", "8 racks, 18 of each zone at most"));
  CHECK(has(
      problems_of(kDrives + R"(, "code": "rs-6-3", "repair": {"rate": "200 MB/s", "streams": 2})"),
      "E034", at + "repair.rate", "more than the drive"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "repair": {"on_fabric": true})"), "E034",
            at + "repair.on_fabric", "no fabric"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "groups": 100000000)"), "E035",
            at + "groups", "fragments"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "groups": 1)"), "E034", at + "groups",
            "larger than a drive"));
  CHECK(has(
      problems_of(kDrives + R"(, "code": "rs-6-3", "groups": 400, "repair": {"rate": "1 kB/s"})"),
      "E034", at + "repair.rate", "years"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3", "placement": {"policy": "copysets",
    "scatter_width": 384})"),
            "E034", at + "placement.scatter_width", "only 383 others"));
  CHECK(has(problems_of(kDrives + R"(, "code": "lrc-12-5-2")"), "E014", at + "code",
            "not divided by 5 groups"));
  CHECK(has(problems_of(kDrives + R"(, "code": "rs-6-3")", R"("seed": 1)"), "E033", "regions",
            "as long as the run"));
}

TEST_CASE("servers that may be given back have no drives") {
  const std::string more =
      R"("duration": "1 d", "pools": {"p": {"nodes": {"policy": "karpenter"}}})";
  const Issues issues = problems_of(kDrives + R"(, "code": "rs-6-3", "racks": ["a"])", more);
  CHECK(has(issues, "E034", "pools.p.nodes", "r.a\" has drives of storage \"r.blob"));
}

TEST_CASE("requests name a system and rack groups that are there, and a fabric to ask over") {
  const auto asked = [](const std::string& keys, const char* rate = "1 /s") {
    return problems_of(kDrives + R"(, "code": "rs-6-3")",
                       fmt::format(R"("duration": "1 d", "workloads": {{"w": {{"kind": "storage",
      "arrivals": {{"poisson": {{"rate": "{}"}}}}, "bytes": "4 MB"{}}}}})",
                                   rate, keys));
  };
  CHECK(asked("").empty());
  CHECK(has(asked(R"(, "system": "r.blub")"), "E030", "workloads.w.system", "r.blob"));
  const Issues clients = asked(R"(, "clients": ["a", "c"])");
  CHECK(has(clients, "E030", "workloads.w.clients.1", "c"));
  CHECK(has(clients, "E034", "workloads.w.clients", "no fabric"));
  CHECK(has(asked(R"(, "reads": 0)", "5000 /s"), "E053", "workloads.w.arrivals",
            "times what they can"));
}

TEST_CASE("what clients ask for beside bytes goes with the system that they ask") {
  const auto asked = [](const std::string& code, const std::string& keys) {
    return problems_of(kDrives + code,
                       fmt::format(R"("duration": "1 d", "workloads": {{"w": {{"kind": "storage",
      "arrivals": {{"every": "1 s"}}, "bytes": "4 MB"{}}}}})",
                                   keys));
  };
  const std::string rs = R"(, "code": "rs-6-3")";
  const std::string w = "workloads.w.";
  CHECK(asked(rs, R"(, "stripe": "1 MB", "stripes_at_once": 4)").empty());
  CHECK(has(asked(rs, R"(, "stripes_at_once": 4)"), "E034", w + "stripes_at_once", "no stripes"));
  CHECK(has(asked(rs, R"(, "stripe": "15 TB")"), "E034", w + "stripe", "a fragment has"));
  CHECK(has(asked(rs, R"(, "hedge": {})"), "E034", w + "hedge", "after a time or"));
  CHECK(has(asked(R"(, "code": "replication-1")", R"(, "hedge": {"after": "1 s"})"), "E034",
            w + "hedge", "one copy"));
  CHECK(has(asked(rs, R"(, "age": "1 d")"), "E034", w + "age", "no next tier"));
  const std::string tier = rs + R"(, "tier": {"to": "r.blob", "after": "1 d"})";
  CHECK(has(asked(tier, ""), "E034", "regions.r.storage.blob.tier.to", "the system itself"));
  const std::string none = rs + R"(, "tier": {"to": "r.cold", "after": "1 d"})";
  CHECK(has(asked(none, ""), "E030", "regions.r.storage.blob.tier.to", "r.cold"));
}

TEST_CASE("durability is refused where it cannot be computed") {
  const std::string at = "regions.r.storage.blob.";
  const std::string asks = kDrives + R"(, "code": "rs-6-3", "durability": {})";
  CHECK(problems_of(asks).empty());
  CHECK(has(problems_of(asks + R"(, "time_to_failure": {"lognormal": {"mean": "5 y", "cv": 1}})"),
            "E034", at + "time_to_failure", "exponential or Weibull"));
  CHECK(has(problems_of(asks + R"(, "repair": {"detect": "300 d"})" +
                        R"(, "time_to_failure": {"exponential": {"mean": "5 y"}})"),
            "E034", at + "durability", "nearly always missing"));
}

TEST_CASE("two mistakes are reported together") {
  const Issues issues = problems_of(kDrives + R"(, "code": "rs-10", "racks": ["c"])");
  CHECK(issues.size() >= 2);
}

TEST_CASE("what a storage system cannot grow by is named with its place") {
  const std::string at = "regions.r.storage.blob.";
  const std::string sets = kDrives + R"(, "code": "rs-6-3", "placement":
    {"policy": "copysets", "scatter_width": 16})";
  const std::string blob = kDrives + R"(, "code": "rs-6-3")";
  CHECK(problems_of(blob + R"(, "growth": {"rate": "50 TB/d"}, "full_ratio": 0.95,
    "expansion": [{"at": "2 d", "racks": ["b"]}], "rebalance": {"tolerance": 0.05})")
            .empty());
  CHECK(has(problems_of(sets + R"(, "growth": {"rate": "50 TB/d"})"), "E034", at + "growth",
            "copysets"));
  CHECK(has(problems_of(sets + R"(, "expansion": [{"at": "2 d", "racks": ["b"]}])"), "E034",
            at + "expansion", "copysets"));
  CHECK(has(problems_of(sets + R"(, "rebalance": {})"), "E034", at + "rebalance", "copysets"));
  CHECK(has(problems_of(blob + R"(, "growth": {"rate": "50 TB/d", "open": 100000})"), "E034",
            at + "growth.open", "groups in all"));
  CHECK(has(problems_of(blob + R"(, "growth": {"rate": "1 B/s"})"), "E034", at + "growth.rate",
            "years to fill"));
  CHECK(has(problems_of(blob + R"(, "growth": {"rate": "1 PB/s"}, "groups": 400)",
                        R"("duration": "100 d")"),
            "E035", at + "growth.rate", "fragments at the end"));
  CHECK(has(problems_of(blob + R"(, "full_ratio": 0.5)"), "E034", at + "full_ratio", "used"));
  CHECK(has(problems_of(blob + R"(, "expansion": [{"at": "2 d", "racks": ["a", "b"]}])"), "E034",
            at + "expansion", "all racks"));
  CHECK(has(problems_of(blob + R"(, "racks": ["a"], "expansion": [{"at": "2 d", "racks": ["a"]}])"),
            "E034", at + "expansion.0.racks", "before"));
  CHECK(has(problems_of(blob + R"(, "rebalance": {"streams": 2})"), "E034",
            at + "rebalance.streams", "repairs and moves"));
  CHECK(has(problems_of(blob + R"(, "rebalance": {"rate": "300 MB/s"})"), "E034",
            at + "rebalance.rate", "more than the drive"));
}

}  // namespace
