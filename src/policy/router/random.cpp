// Random routing: every ready replica with equal probability.
//
// Computes: ready[floor(u * n / 2^64)], u the 64 random bits of the request. The n intervals differ
// in length by one part in 2^64 / n, which no run can see. Splits Poisson arrivals into n
// independent Poisson streams, so each replica is a queue of its own: the baseline for the others.
// Cost: O(1), one block of random bits a pick.
// Leaves out: weights of replicas; all are equal.
#include "policy/router/draw.hpp"
#include "policy/router/routers.hpp"

namespace hyperdc {
namespace {

class RandomRouter final : public Router {
 public:
  explicit RandomRouter(std::uint64_t seed) : stream_(seed, kRouterStream) {}

  std::uint32_t pick(const RouteKey& key, const RouterView& view) override {
    return view.ready[place_of(stream_.u64(key.request), view.ready.size())];
  }

 private:
  const RandomStream stream_;
};

constexpr RouterEntry kEntry = {
    "random",
    "Every ready replica with equal probability.",
    {},
    [](const Params&, const RouterContext& context) -> std::unique_ptr<Router> {
      return std::make_unique<RandomRouter>(context.seed);
    }};

}  // namespace

const RouterEntry& random_router() {
  return kEntry;
}

}  // namespace hyperdc
