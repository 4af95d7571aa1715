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

}  // namespace
}  // namespace hyperdc
