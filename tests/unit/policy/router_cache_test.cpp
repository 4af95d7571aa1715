// Routers that look into the caches of language models, by hand.
#include <catch2/catch.hpp>

#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

using testing::FakeDeployment;
using testing::make_router;

struct FakeCaches final : CacheView {
  std::uint64_t prompt = 1000;
  std::vector<std::uint64_t> cached, used;  // by replica
  std::vector<bool> loaded;                 // the same

  std::uint64_t prompt_tokens() const override { return prompt; }
  std::uint64_t cached_tokens(std::uint32_t replica) const override { return cached[replica]; }
  std::uint64_t blocks_in_use(std::uint32_t replica) const override { return used[replica]; }
  bool variant_loaded(std::uint32_t replica) const override { return loaded[replica]; }
};

Params weight(double requests) {
  Params set;
  set.set("weight", requests);
  return set;
}

TEST_CASE("prefix-aware: the longest prefix, unless that replica is much busier") {
  const auto router = make_router("prefix-aware", weight(10));
  FakeDeployment deployment(*router, 3);
  FakeCaches caches;
  deployment.caches = &caches;
  caches.cached = {0, 500, 800};
  CHECK(deployment.pick({}) == 2);
  deployment.set_load(2, 2);  // 0, -5, -6
  CHECK(deployment.pick({}) == 2);
  deployment.set_load(2, 4);  // 0, -5, -4
  CHECK(deployment.pick({}) == 1);
  deployment.set_load(1, 6);
  deployment.set_load(2, 9);  // 0, 1, 1
  CHECK(deployment.pick({}) == 0);
  deployment.set_load(0, 1);  // equal: the fewest requests
  CHECK(deployment.pick({}) == 0);
  caches.prompt = 8000;  // a tenth is cached, at most
  deployment.set_load(0, 7);
  CHECK(deployment.pick({}) == 1);
}

TEST_CASE("variant-aware: the least busy that has it, unless another one is much less busy") {
  const auto router = make_router("variant-aware", weight(4));
  FakeDeployment deployment(*router, 3);
  FakeCaches caches;
  deployment.caches = &caches;
  caches.loaded = {false, true, true};
  deployment.set_load(1, 3);
  deployment.set_load(2, 2);  // 0, -1, -2
  CHECK(deployment.pick({}) == 2);
  deployment.set_load(2, 5);  // 0, -1, 1
  CHECK(deployment.pick({}) == 1);
  deployment.set_load(1, 4);  // 0, 0, 1: the fewest requests
  CHECK(deployment.pick({}) == 0);
  deployment.set_load(0, 1);
  CHECK(deployment.pick({}) == 1);
  caches.loaded = {false, false, false};
  CHECK(deployment.pick({}) == 0);
}

TEST_CASE(
    "without anything in caches, prefix-aware and least-kv take turns among the least loaded") {
  for (const char* name : {"prefix-aware", "least-kv"}) {
    const auto router = make_router(name);
    FakeDeployment deployment(*router, 3);
    deployment.set_load(1, 1);
    CHECK(deployment.pick({}) == 0);
    CHECK(deployment.pick({}) == 2);
    CHECK(deployment.pick({}) == 0);
    deployment.add(3);
    CHECK(deployment.pick({}) == 3);
    CHECK(deployment.pick({}) == 2);
    deployment.remove(0);
    CHECK(deployment.pick({}) == 3);
  }
}

TEST_CASE("least-kv: the fewest blocks, whatever the requests") {
  const auto router = make_router("least-kv");
  FakeDeployment deployment(*router, 3);
  FakeCaches caches;
  deployment.caches = &caches;
  caches.used = {50, 20, 21};
  deployment.set_load(1, 7);
  CHECK(deployment.pick({}) == 1);
  caches.used[2] = 20;
  CHECK(deployment.pick({}) == 2);
  deployment.set_load(2, 7);
  CHECK(deployment.pick({}) == 1);
  CHECK(deployment.pick({}) == 2);
}

}  // namespace
}  // namespace hyperdc
