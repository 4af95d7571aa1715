// Least KV: the ready replica with the fewest blocks of its key-value cache in use.
//
// Computes: argmin of the blocks that sequences use now; of equals the fewest requests, then the
// one that was picked longest ago. Requests that wait have no blocks yet: where all caches are full
// it is the requests that decide between equals only. Units: blocks. Source: the decode load of
// Dynamo's KV router (active blocks; docs.nvidia.com/dynamo, components/router), and the metric
// kv-cache-utilization of the Kubernetes Gateway API inference extension. Where replicas have no
// cache (other services) it is the fewest requests. Cost: O(ready). Leaves out: readings that are
// late; blocks that only remember prefixes (they are free).
#include <cstdint>

#include "policy/router/routers.hpp"
#include "policy/router/turns.hpp"

namespace hyperdc {
namespace {

class LeastKv final : public Router {
 public:
  std::uint32_t pick(const RouteKey&, const RouterView& view) override {
    return turns_.pick(view, [&](std::uint32_t replica) {
      return view.caches == nullptr ? 0 : view.caches->blocks_in_use(replica);
    });
  }

 private:
  Turns turns_;
};

constexpr RouterEntry kEntry = {
    "least-kv",
    "The ready replica with the fewest cache blocks in use; for language models, else the one with "
    "the fewest requests.",
    {},
    [](const Params&, const RouterContext&) -> std::unique_ptr<Router> {
      return std::make_unique<LeastKv>();
    }};

}  // namespace

const RouterEntry& least_kv_router() {
  return kEntry;
}

}  // namespace hyperdc
