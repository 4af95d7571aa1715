// Slim Fly: the graph of McKay, Miller and Siran (MMS), in which no two routers are more than two
// links apart.
//
// For a prime q = 4w + d, d = 1 or -1, and a primitive element e of the integers modulo q: routers
// (0, x, y) and (1, m, c) with x, y, m, c below q; (0, x, y) ~ (0, x, y') where y - y' is in X,
// (1, m, c) ~ (1, m, c') where c - c' is in X', and (0, x, y) ~ (1, m, c) where y = m x + c. For
// d = 1, X are the even and X' the odd powers of e; for d = -1, X is e^0, e^2, ... e^(2w-2) and
// e^(2w-1), ... e^(4w-3), and X' is e^1, e^3, ... e^(2w-1) and e^(2w), ... e^(4w-2). 2 q^2 routers
// of (3q - d) / 2 ports for routers. Paths: GraphTopology (graph.hpp). Source: Besta and Hoefler,
// "Slim Fly: a cost effective low-diameter network topology", SC 2014; P. R. Hafner, "Geometric
// realisation of the graphs of McKay-Miller-Siran", J. Comb. Theory B 90, 2004. Valid: primes q
// from 3 to 61. Leaves out: q that are powers of primes.
#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "network/topology/graph.hpp"
#include "network/topology/sizes.hpp"
#include "network/topology/topologies.hpp"

namespace hyperdc {
namespace {

bool is_prime(std::uint32_t n) {
  for (std::uint32_t i = 2; i * i <= n; ++i) {
    if (n % i == 0) return false;
  }
  return n > 1;
}

/// The powers 1, e, e^2, ... e^(q-2) of the least primitive element.
std::vector<std::uint32_t> primitive_powers(std::uint32_t q) {
  for (std::uint32_t e = 2; e < q; ++e) {
    std::vector<std::uint32_t> powers = {1};
    while (powers.back() * e % q != 1) powers.push_back(powers.back() * e % q);
    if (powers.size() == q - 1) return powers;
  }
  HYPERDC_CHECK(false, "a prime has a primitive element");
}

/// Whether a difference is in X (part 0) or X' (part 1).
std::vector<bool> generators(std::uint32_t q, std::uint32_t part) {
  const std::vector<std::uint32_t> power = primitive_powers(q);
  std::vector<bool> in(q, false);
  const std::uint32_t half = (q - 1) / 2;  // 2w - 1 for d = -1
  for (std::uint32_t i = 0; i < q - 1; ++i) {
    const bool even = i % 2 == 0;
    bool member = even == (part == 0);
    if (q % 4 == 3 && part == 0) member = even == (i < half);
    if (q % 4 == 3 && part == 1) member = i == 0 || even == (i > half);  // e^0 = e^(4w-2)
    if (member) in[power[i]] = true;
  }
  return in;
}

constexpr ParamSpec kSlimFlyParams[] = {
    {"q",
     ParamKind::integer,
     Dimension::none,
     "A prime: there are 2 q^2 routers with about 3 q / 2 ports for each other.",
     {},
     3,
     61,
     {},
     "19"},
    count_spec("hosts", "Hosts of each router; half of its other ports keep the network balanced."),
    bandwidth_spec("host_bandwidth", "Of a link between a host and its router, each way."),
    bandwidth_spec("router_bandwidth", "Of a link between routers, each way."),
    latency_spec(),
};

std::unique_ptr<Topology> make_slim_fly(const Params& params) {
  const std::uint32_t q = count_of(params, "q");
  const ClosLink host{params.number("host_bandwidth"), params.duration("latency")};
  const ClosLink cable{params.number("router_bandwidth"), params.duration("latency")};
  GraphSpec spec;
  spec.switches = 2 * q * q;
  spec.add_hosts(count_of(params, "hosts"), host);
  const auto router = [&](std::uint32_t part, std::uint32_t a, std::uint32_t b) {
    return spec.hosts + (part * q + a) * q + b;
  };
  for (std::uint32_t part = 0; part < 2; ++part) {
    const std::vector<bool> in = generators(q, part);
    for (std::uint32_t a = 0; a < q; ++a) {
      for (std::uint32_t b = 0; b < q; ++b) {
        for (std::uint32_t c = b + 1; c < q; ++c) {
          if (in[c - b]) spec.add_cable(router(part, a, b), router(part, a, c), cable);
        }
      }
    }
  }
  for (std::uint32_t x = 0; x < q; ++x) {
    for (std::uint32_t m = 0; m < q; ++m) {
      for (std::uint32_t c = 0; c < q; ++c) {
        spec.add_cable(router(0, x, (m * x + c) % q), router(1, m, c), cable);
      }
    }
  }
  auto made = GraphTopology::make(std::move(spec));
  HYPERDC_CHECK(made.index() == 0, std::get<1>(made));
  return std::move(std::get<0>(made));
}

}  // namespace

TopologyEntry slim_fly_topology() {
  return {"slim-fly", "Routers of which no two are more than two links apart.", kSlimFlyParams,
          [](const Params& params) -> std::string {
            return is_prime(count_of(params, "q")) ? "" : "q must be a prime";
          },
          make_slim_fly};
}

}  // namespace hyperdc
