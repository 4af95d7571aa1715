// The picture of a fabric: what a pod of optical switches may be cut into.
#include "report/fabric_picture.hpp"

#include <catch2/catch.hpp>

#include "network/topology/clos.hpp"
#include "network/topology/torus.hpp"

using namespace hyperdc;

TEST_CASE("the picture of a TPU pod lists its slices with chips, cubes and bisection") {
  TorusSpec spec;
  spec.extents = {16, 16, 16};
  spec.link = {50e9, {500}};
  FabricFacts facts{"tpu-v4", "torus", 1, {}, {}, kTpuV4};
  const auto words = [](const std::string& text) {  // single spaces
    std::string out;
    for (const char c : text) {
      if (c != ' ' || out.empty() || out.back() != ' ') out += c;
    }
    return out;
  };
  const std::string picture = words(fabric_picture(Torus(spec), facts, TextStyle{}));
  INFO(picture);
  CHECK(picture.find("2 x 2 x 1, a mesh 4 1 800 Gbit/s") != std::string::npos);
  CHECK(picture.find("4 x 4 x 8 128 2 12.8 Tbit/s") != std::string::npos);  // 2 * 16 * 50 GB/s
  CHECK(picture.find("16 x 16 x 16 4 096 64 204.8 Tbit/s") != std::string::npos);  // 25.6 TB/s
  CHECK(picture.find("4 x 4 x 256 4 096 64 12.8 Tbit/s") != std::string::npos);
  CHECK(picture.find("4 x 4 x 12 ") == std::string::npos);  // three cubes: by the rule
  CHECK(picture.find("of up to 64 of the 64 cubes") != std::string::npos);
  CHECK(picture.find("48 optical switches with 128 ports") != std::string::npos);

  facts.pod.reset();
  CHECK(fabric_picture(Torus(spec), facts, TextStyle{}).find("SLICES") == std::string::npos);
}

TEST_CASE("the picture of a fabric of one endpoint says that it has no bisection") {
  ClosSpec spec;
  spec.leaves = spec.hosts = spec.spines = 1;
  spec.host = spec.leaf = {50e9, {500}};
  const Clos one(spec);
  const std::string picture =
      fabric_picture(one, {"one", "leaf-spine", 1, {}, {}, {}}, TextStyle{});
  INFO(picture);
  CHECK(picture.find("none: there is one endpoint") != std::string::npos);
}
