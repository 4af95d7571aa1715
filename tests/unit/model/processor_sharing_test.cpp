// Who is done when, by hand.
#include "model/processor_sharing.hpp"

#include <catch2/catch.hpp>

namespace hyperdc {
namespace {

constexpr SimTime at(std::int64_t ns) {
  return SimTime{ns};
}

TEST_CASE("two that share take twice as long, and each no more than one can take") {
  const ProcessorSharing::Capacity one{4, 1};
  ProcessorSharing sharing;
  sharing.advance(at(100), one);
  sharing.add(400, 7);
  CHECK(sharing.until_first(one).ns == 100);
  sharing.add(400, 8);
  CHECK(sharing.until_first(one).ns == 200);
  const ProcessorSharing::Capacity bound{1, 2.5};  // 2.5 in all, 1 each at most
  CHECK(sharing.rate(bound) == 1);
  CHECK(sharing.until_first(bound).ns == 400);
  sharing.add(400, 9);
  CHECK(sharing.rate(bound) == Approx(2.5 / 3));
  CHECK(sharing.until_first(bound).ns == 480);
}

TEST_CASE("one that joins midway, and one that leaves before it is done") {
  const ProcessorSharing::Capacity one{1, 1};
  ProcessorSharing sharing;
  sharing.advance(at(0), one);
  sharing.add(100, 1);
  sharing.advance(at(50), one);
  sharing.add(100, 2);  // 50 are left of the first
  CHECK(sharing.until_first(one).ns == 100);
  sharing.advance(at(150), one);
  CHECK(sharing.take_first() == 1);
  CHECK(sharing.until_first(one).ns == 50);
  sharing.add(30, 3);
  sharing.advance(at(160), one);
  CHECK(sharing.take(2) == Approx(45));
  CHECK(sharing.until_first(one).ns == 25);
  sharing.advance(at(185), one);
  CHECK(sharing.take_first() == 3);
  CHECK(sharing.empty());
  sharing.advance(at(1000), one);
  sharing.add(10, 4);  // nobody was there in between
  CHECK(sharing.until_first(one).ns == 10);
}

TEST_CASE("who came first is done first, completions are rounded up") {
  const ProcessorSharing::Capacity three{1, 1};
  ProcessorSharing sharing;
  sharing.advance(at(0), three);
  for (std::uint32_t id = 5; id > 0; --id) sharing.add(7, id);
  CHECK(sharing.until_first(three).ns == 35);
  sharing.advance(at(35), three);
  for (std::uint32_t id = 5; id > 0; --id) CHECK(sharing.take_first() == id);
  sharing.add(10, 1);
  CHECK(sharing.until_first({3, 1}).ns == 4);
}

}  // namespace
}  // namespace hyperdc
