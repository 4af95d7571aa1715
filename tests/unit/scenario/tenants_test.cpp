// Tenants of a pool: what a scenario may not promise them, each with a reason.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

Issues issues_of(const std::string& policy, const std::string& tenants) {
  return test::issues_of_text(test::small_scenario(
      "", fmt::format(R"(, "scheduler": {{"policy": "{}"}}, "tenants": {})", policy, tenants),
      R"(, "generate": {"count": 10, "run": "1 min", "tenants": 2},
          "arrivals": {"every": "1 s"})"));
}

}  // namespace

TEST_CASE("tenants are those of the jobs") {
  CHECK(issues_of("fifo", R"({"tenant-0": {}})").empty());
  CHECK(has(issues_of("fifo", R"({"tenant-2": {}})"), "E030", "pools.p.tenants.tenant-2",
            "tenant-0"));
}

TEST_CASE("terms that the scheduler does not look at are refused") {
  CHECK(issues_of("fair-share", R"({"tenant-0": {"shares": 3}})").empty());
  CHECK(has(issues_of("fifo", R"({"tenant-0": {"shares": 3}})"), "E034",
            "pools.p.tenants.tenant-0.shares", "fair-share"));
  CHECK(has(issues_of("fair-share", R"({"tenant-0": {"quota": {"cores": 3}}})"), "E034",
            "pools.p.tenants.tenant-0.quota", "does not look at quotas"));
  CHECK(has(issues_of("drf", R"({"tenant-0": {"limit": {"cores": 3}}})"), "E034",
            "pools.p.tenants.tenant-0.limit", "does not look at limits"));
}

TEST_CASE("quotas are no more than the pool, and no more than their limits") {
  CHECK(issues_of("quota", R"({"tenant-0": {"quota": {"cores": 8}},
                               "tenant-1": {"quota": {"cores": 8}, "limit": {"cores": 9}}})")
            .empty());
  CHECK(has(issues_of("quota", R"({"tenant-0": {"quota": {"cores": 80}},
                                   "tenant-1": {"quota": {"cores": 1}}})"),
            "E034", "pools.p.tenants", "81 cores"));
  CHECK(has(issues_of("quota", R"({"tenant-0": {"quota": {"cores": 8}, "limit": {"cores": 7}}})"),
            "E034", "pools.p.tenants.tenant-0.limit.cores", "below the quota"));
}
