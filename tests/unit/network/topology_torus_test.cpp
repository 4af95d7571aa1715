// Tori by hand, and the slices of TPU pods by counts and by an allocator's steps.
#include <catch2/catch.hpp>
#include <set>

#include "network/topology/tpu_slices.hpp"
#include "support/topology_cases.hpp"

namespace hyperdc {
namespace {

using Vertices = std::vector<std::uint32_t>;

TorusSpec plain_torus(std::uint32_t x, std::uint32_t y, std::uint32_t z, bool wrap = true) {
  TorusSpec spec;
  spec.extents = {x, y, z};
  spec.wrap = wrap;
  spec.link = {50e9, {500}};
  return spec;
}

// 4 x 3: 0 1 2 3 / 4 5 6 7 / 8 9 10 11. Cables of x are links 0 to 11 up and 12 to 23 down, those
// of y 24 to 35 and 36 to 47.
TEST_CASE("the paths of a torus of 4 by 3 by hand") {
  const Torus net(plain_torus(4, 3, 1));
  CHECK(net.links() == 48);
  CHECK(path_links(net, 0, 1, 0) == Vertices{0});
  CHECK(path_links(net, 0, 3, 0) == Vertices{12 + 3});  // round the end
  CHECK(path_links(net, 3, 0, 0) == Vertices{3});
  CHECK(path_links(net, 0, 8, 0) == Vertices{36 + 8});
  CHECK(net.choices({0}, {2}) == 2);  // half round: either way
  CHECK(path_vertices(net, 0, 2, 0) == Vertices{0, 1, 2});
  CHECK(path_vertices(net, 0, 2, 1) == Vertices{0, 3, 2});
  CHECK(net.choices({0}, {5}) == 2);
  CHECK(path_vertices(net, 0, 5, 0) == Vertices{0, 1, 5});
  CHECK(path_vertices(net, 0, 5, 1) == Vertices{0, 4, 5});
  CHECK(net.choices({0}, {6}) == 4);
  // By (x, y) with x not 1 and y not 0: 3 * 2 places.
  CHECK(net.detours({0}, {1}) == 6);
  CHECK(path_vertices(net, 0, 1, 0, true) == Vertices{0, 4, 5, 1});  // by (0, 1)
  CHECK(net.link({0}) == LinkInfo{50e9, {500}, 0});
  CHECK(net.link({24}).tier == 1);
  CHECK(net.summary().bisection_Bps == 2 * 3 * 50e9);
  CHECK(net.summary().diameter == 3);
}

TEST_CASE("the detour of a ring is the other way round") {
  const Torus ring(plain_torus(1, 5, 1));
  CHECK(ring.detours({0}, {1}) == 1);
  CHECK(path_vertices(ring, 0, 1, 0, true) == Vertices{0, 4, 3, 2, 1});
  CHECK(ring.longest_path() == 4);
  CHECK(Torus(plain_torus(6, 1, 1)).detours({0}, {3}) == 0);
  CHECK(Torus(plain_torus(6, 1, 1, false)).detours({0}, {1}) == 0);
}

TEST_CASE("tori that cannot be are told") {
  CHECK(torus_problem(plain_torus(16, 16, 24)).empty());
  CHECK(torus_problem(plain_torus(1, 1, 1)) == "a torus has at least two places");
  CHECK(torus_problem(plain_torus(200, 1, 1)) ==
        "the farthest places are more than 64 links apart");
  CHECK(torus_problem(plain_torus(65536, 65536, 1)) == "there are more than 2^32 links");
  TorusSpec spec = plain_torus(4, 4, 1);
  spec.chips_per_server = 3;
  CHECK_FALSE(torus_problem(spec).empty());
  // A detour of 120 links would not fit a path; the shortest ones do.
  CHECK(Torus(plain_torus(60, 60, 1)).detours({0}, {1}) == 0);
  CHECK(Torus(plain_torus(32, 32, 1)).detours({0}, {1}) == 31 * 31);
}

// Pods of TPU v4 and v5p: all rings are even, so that the cut across the longest is exact.
TEST_CASE("the bisection of TPU slices by hand") {
  const ClosLink ici{50e9, {500}};
  const auto bisection = [&](std::array<std::uint32_t, 3> extents) {
    return Torus(slice_torus(*legal_slice(kTpuV5p, extents), ici)).summary().bisection_Bps;
  };
  CHECK(bisection({16, 16, 16}) == 2 * 16 * 16 * 50e9);  // 25.6 TB/s
  CHECK(bisection({16, 16, 24}) == 2 * 16 * 16 * 50e9);
  CHECK(bisection({4, 4, 8}) == 2 * 4 * 4 * 50e9);
  CHECK(bisection({2, 2, 1}) == 2 * 50e9);  // a mesh
  CHECK(Torus(slice_torus(*legal_slice(kTpuV5p, {24, 16, 16}), ici)).summary().diameter == 28);
  CHECK(ocs_of(kTpuV4).switches == 48);
  CHECK(ocs_of(kTpuV4).ports == 128);  // of 136
}

// Google Cloud's pages: v5e 1.6 and v6e 3.2 TB/s for 16 x 16 chips of 4 links of 50 and 100 GB/s;
// v4 24 TB/s for 4,096 chips, which is 6 % less than links of 50 GB/s give.
TEST_CASE("the bisection of TPU pods is the published one") {
  const auto bisection = [](const TorusSpec& spec) { return Torus(spec).summary().bisection_Bps; };
  TorusSpec pod = plain_torus(16, 16, 1);
  CHECK(bisection(pod) == Approx(1.6e12));
  pod.link.capacity_Bps = 100e9;
  CHECK(bisection(pod) == Approx(3.2e12));
  CHECK(bisection(plain_torus(16, 16, 16)) == Approx(24e12).epsilon(0.07));
}

TEST_CASE("the slices of a pod are all products of three rising multiples of 4") {
  // Ways to write n as a product of three factors in rising order, n = 1, 2, ... (OEIS A034836).
  constexpr std::array<std::uint32_t, 24> kWays = {1, 1, 1, 2, 1, 2, 1, 3, 2, 2, 1, 4,
                                                   1, 2, 2, 4, 1, 4, 1, 4, 2, 2, 1, 6};
  const std::vector<SliceShape> all = legal_slices(kTpuV4);
  std::set<std::array<std::uint32_t, 3>> shapes;
  std::array<std::uint32_t, 65> count{};
  for (const SliceShape& shape : all) {
    CHECK(shape.chips == shape.x * shape.y * shape.z);
    CHECK(shape.cubes == (shape.chips + 63) / 64);
    CHECK(shape.wrapped == (shape.chips >= 64));
    if (shape.wrapped) ++count[shape.cubes];
    shapes.insert({shape.x, shape.y, shape.z});
  }
  CHECK(shapes.size() == all.size());
  for (std::uint32_t n = 1; n <= kWays.size(); ++n) CHECK(count[n] == kWays[n - 1]);
  CHECK(count[64] == 7);  // 1 1 64, 1 2 32, 1 4 16, 1 8 8, 2 2 16, 2 4 8, 4 4 4
  std::uint32_t slow = 0;
  for (std::uint32_t i = 1; i <= 64; ++i) {
    for (std::uint32_t j = i; j <= 64; ++j) {
      for (std::uint32_t k = j; k <= 64; ++k) slow += i * j * k <= 64 ? 1 : 0;
    }
  }
  CHECK(all.size() == slow + 4);
  CHECK(all.front() == SliceShape{2, 2, 1, 4, 1, false});
  CHECK(all.back() == SliceShape{16, 16, 16, 4096, 64, true});
}

TEST_CASE("the largest job of v5p is 96 of its 140 cubes") {
  const std::optional<SliceShape> largest = legal_slice(kTpuV5p, {16, 24, 16});
  REQUIRE(largest);
  CHECK(*largest == SliceShape{16, 16, 24, 6144, 96, true});
  CHECK_FALSE(legal_slice(kTpuV5p, {16, 20, 20}));  // 100 cubes
  CHECK_FALSE(legal_slice(kTpuV5p, {4, 4, 6}));
  CHECK_FALSE(legal_slice(kTpuV5p, {2, 2, 3}));
  CHECK(kTpuV5p.cubes * kCubeChips == 8960);
  CHECK(kIronwood.cubes * kCubeChips == 9216);
  CHECK(legal_slice(kIronwood, {16, 24, 24})->chips == 9216);
}

SliceId placed(SliceAllocator& pod, std::array<std::uint32_t, 3> extents) {
  const auto result = pod.place(*legal_slice(kTpuV5p, extents));
  REQUIRE(std::holds_alternative<SliceId>(result));
  return std::get<SliceId>(result);
}

std::string refusal(SliceAllocator& pod, const SliceShape& shape) {
  const auto result = pod.place(shape);
  REQUIRE(std::holds_alternative<std::string>(result));
  return std::get<std::string>(result);
}

Vertices cubes_of(const SliceAllocator& pod, SliceId slice) {
  return {pod.cubes(slice).begin(), pod.cubes(slice).end()};
}

TEST_CASE("a spare cube takes the place of one that fails") {
  SliceAllocator pod({6, 6});
  const SliceId first = placed(pod, {4, 4, 8});
  const SliceId second = placed(pod, {4, 8, 8 / 2});
  CHECK(cubes_of(pod, first) == Vertices{0, 1});
  CHECK(cubes_of(pod, second) == Vertices{2, 3});
  CHECK(pod.free_cubes() == 2);
  CHECK(refusal(pod, *legal_slice(kTpuV5p, {4, 4, 12})) ==
        "a slice of 4x4x12 needs 3 cubes, and 2 are free");
  CHECK(refusal(pod, {4, 4, 5, 80, 2, true}) ==
        "a slice of 4x4x5 is not a legal shape of this pod");
  const SliceAllocator::Failure spare = pod.fail(1);
  CHECK(spare.moved == std::vector<SliceAllocator::Move>{{first, 1, 4}});
  CHECK(spare.broken.empty());
  CHECK(cubes_of(pod, first) == Vertices{0, 4});
  CHECK(pod.fail(5).moved.empty());
  const SliceAllocator::Failure none = pod.fail(2);
  CHECK(none.broken == std::vector<SliceId>{second});
  CHECK(pod.broken(second));
  CHECK_FALSE(pod.broken(first));
  CHECK(pod.failed_cubes() == 3);
  // Cube 5 comes back and heals the slice; later its old cube is free.
  CHECK(pod.repair(5) == std::vector<SliceAllocator::Move>{{second, 2, 5}});
  CHECK_FALSE(pod.broken(second));
  CHECK(pod.repair(2).empty());
  CHECK(pod.free_cubes() == 1);
  CHECK(pod.release(first).empty());
  CHECK(pod.free_cubes() == 3);
  CHECK_THROWS_AS(pod.cubes(first), InvariantError);
  CHECK_THROWS_AS(pod.repair(2), InvariantError);
}

TEST_CASE("a cube that comes back heals the slice that waits for it") {
  SliceAllocator pod({2, 2});
  const SliceId all = placed(pod, {4, 4, 8});
  CHECK(pod.fail(0).broken == std::vector<SliceId>{all});
  CHECK(pod.repair(0).empty());
  CHECK_FALSE(pod.broken(all));
  CHECK(cubes_of(pod, all) == Vertices{0, 1});
  // With a slice of one cube each, the end of one heals the other.
  SliceAllocator two({2, 2});
  const SliceId a = placed(two, {4, 4, 4});
  const SliceId b = placed(two, {4, 4, 4});
  CHECK(two.fail(1).broken == std::vector<SliceId>{b});
  CHECK(two.release(a) == std::vector<SliceAllocator::Move>{{b, 1, 0}});
}

TEST_CASE("parts of a cube are packed before a new one is begun") {
  SliceAllocator pod({3, 3});
  const SliceId half = placed(pod, {2, 4, 4});
  const SliceId quarter = placed(pod, {2, 2, 4});
  const SliceId tray = placed(pod, {2, 2, 1});
  const SliceId eighth = placed(pod, {2, 2, 2});
  for (const SliceId slice : {half, quarter, tray, eighth}) {
    CHECK(cubes_of(pod, slice) == Vertices{0});
  }
  CHECK(pod.free_cubes() == 2);
  const SliceId whole = placed(pod, {4, 4, 4});
  CHECK(cubes_of(pod, whole) == Vertices{1});
  CHECK(cubes_of(pod, placed(pod, {2, 4, 4})) == Vertices{2});
  CHECK(refusal(pod, *legal_slice(kTpuV5p, {4, 4, 4})) ==
        "a slice of 4x4x4 needs 1 cubes, and 0 are free");
  // Of the cube's slices, half a cube is all that fits beside the other half.
  const SliceAllocator::Failure failure = pod.fail(0);
  CHECK(failure.moved == std::vector<SliceAllocator::Move>{{half, 0, 2}});
  CHECK(failure.broken == std::vector<SliceId>{quarter, tray, eighth});
  CHECK(refusal(pod, *legal_slice(kTpuV5p, {2, 2, 1})) ==
        "a slice of 2x2x1 needs a part of a cube, and none has room");
  CHECK(pod.release(half).size() == 3);
}

}  // namespace
}  // namespace hyperdc
