// New servers on paper that may still be of several types, worked out by hand.
#include "policy/node_autoscaler/node_claims.hpp"

#include <catch2/catch.hpp>

namespace hyperdc::testing {
namespace {

Request cores(std::int64_t count) {
  return {count * 1000, 0, 0, 0, 0};
}

/// Types of 8 and of 32 cores; the larger is dearer.
std::vector<NodeGroup> two_types() {
  return {{"small", {8000, 0, 0, 0}, 1.0, 10}, {"large", {32000, 0, 0, 0}, 4.0, 10}};
}

std::vector<std::uint32_t> members(const NodeClaims& claims) {
  std::vector<std::uint32_t> of;
  for (std::size_t claim = 0; claim < claims.count(); ++claim)
    of.push_back(claims.members_of(claim));
  return of;
}

using Counts = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("each member goes to the claim with the fewest that has room, the oldest of equal ones") {
  const std::vector<NodeGroup> groups = two_types();
  NodeClaims claims(groups, {true, true}, 3);
  CHECK(claims.add({cores(30), 1, false}) == 0);
  CHECK(claims.add({cores(20), 2, false}) == 0);
  CHECK(members(claims) == Counts{1, 1, 1});
  CHECK(claims.add({cores(2), 1, false}) == 0);  // 30 + 2, the first of three with one
  CHECK(members(claims) == Counts{2, 1, 1});
  CHECK(claims.add({cores(3), 3, false}) == 0);  // second, third, second
  CHECK(members(claims) == Counts{2, 3, 2});
  CHECK(claims.add({cores(6), 3, false}) == 1);  // 9 and 6 are left: one each
  CHECK(members(claims) == Counts{2, 4, 3});
}

TEST_CASE("a gang that finds no place leaves claims, their order and their types as they were") {
  const std::vector<NodeGroup> groups = two_types();
  NodeClaims claims(groups, {true, true}, 3);
  CHECK(claims.add({cores(6), 1, false}) == 0);
  CHECK(claims.groups_of(0) == Counts{0, 1});
  CHECK(claims.add({cores(20), 1, false}) == 0);  // makes it a large one: 6 left
  CHECK(claims.add({cores(7), 1, false}) == 0);
  CHECK(members(claims) == Counts{2, 1});
  CHECK(claims.groups_of(1) == Counts{0, 1});
  // Three of 8 cores fit on the second (25 left), four on a third: eight are one too many.
  CHECK(claims.add({cores(8), 8, true}) == 8);
  CHECK(members(claims) == Counts{2, 1});
  CHECK(claims.groups_of(1) == Counts{0, 1});
  CHECK(claims.add({cores(1), 1, false}) == 0);  // the second has fewest
  CHECK(members(claims) == Counts{2, 2});
  CHECK(claims.groups_of(1) == Counts{0, 1});
  CHECK(claims.add({cores(8), 7, true}) == 0);  // 24 and 32 cores
  CHECK(claims.count() == 3);
  CHECK(claims.add({cores(1), 7, true}) == 7);  // 6 are left
  CHECK(claims.add({cores(1), 6, true}) == 0);
}

}  // namespace hyperdc::testing
