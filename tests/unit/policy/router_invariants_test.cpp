// What every router must do, whatever it decides: taken from the list, so that a new one is in.
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

using testing::FakeDeployment;
using testing::make_router;

/// Every entry with its defaults, and the variants that other parameters switch on.
struct Case {
  std::string_view name;
  Params set;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const RouterEntry& entry : routers()) all.push_back({entry.name, {}});
  Params stale;
  stale.set("refresh", 0.5);
  all.push_back({"least-loaded", stale});
  all.push_back({"power-of-two", stale});
  Params bounded;
  bounded.set("bounded", true);
  all.push_back({"consistent-hash", bounded});
  return all;
}

/// Replicas come, go and come back with requests; requests arrive and end.
template <class Check>
std::vector<std::uint32_t> churn(const Case& c, std::uint64_t seed, const Check& check) {
  const auto router = make_router(c.name, c.set, seed);
  FakeDeployment deployment(*router, 5);
  const RandomStream chance(seed, "churn");
  std::vector<std::uint32_t> picks;
  for (std::uint64_t step = 0; step < 4000; ++step) {
    deployment.now = deployment.now + Duration{1'000'000};
    const std::uint64_t what = chance.below(100, step, 0);
    const auto replica = static_cast<std::uint32_t>(chance.below(40, step, 1));
    if (what < 5) {
      if (!deployment.is_ready(replica)) deployment.add(replica, replica % 3 == 0 ? 2 : 0);
    } else if (what < 10) {
      if (deployment.ready().size() > 1 && deployment.is_ready(replica)) deployment.remove(replica);
    } else if (what < 50) {
      if (deployment.is_ready(replica) && deployment.load(replica) > 0) {
        deployment.set_load(replica, deployment.load(replica) - 1);
      }
    } else {
      picks.push_back(deployment.send({step, chance.below(50, step, 2)}));
      check(deployment, picks.back());
    }
  }
  return picks;
}

TEST_CASE("every router picks a ready replica while replicas come and go") {
  for (const Case& c : cases()) {
    CAPTURE(c.name, c.set.all().size());
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const auto picks = churn(c, seed, [](const FakeDeployment& deployment, std::uint32_t pick) {
        REQUIRE(deployment.is_ready(pick));
      });
      REQUIRE(picks.size() > 1500);
    }
  }
}

TEST_CASE("picks of a router repeat bit by bit") {
  const auto nothing = [](const FakeDeployment&, std::uint32_t) {};
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    CHECK(churn(c, 7, nothing) == churn(c, 7, nothing));
  }
}

TEST_CASE("a router with one replica picks it") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    const auto router = make_router(c.name, c.set);
    FakeDeployment deployment(*router);
    deployment.add(17);
    for (std::uint64_t request = 0; request < 100; ++request) {
      REQUIRE(deployment.send({request, request}) == 17);
    }
  }
}

TEST_CASE("names, docs and parameters of routers are in order") {
  for (const RouterEntry& entry : routers()) {
    CAPTURE(entry.name);
    CHECK(entry.doc.back() == '.');
    for (const ParamSpec& spec : entry.params) {
      CAPTURE(spec.name);
      CHECK(spec.doc.back() == '.');
      CHECK_FALSE(spec.fallback.empty());
    }
  }
}

}  // namespace
}  // namespace hyperdc
