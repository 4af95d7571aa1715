// Prefix aware: the replica whose cache holds most of the prompt, unless it is much busier.
//
// Computes: argmin over the ready replicas of
//   cost = requests - weight * hit / prompt
// with the requests that wait or run there, and `hit` the leading tokens of the prompt that its
// cache holds now. `weight` is how many requests more one may have for a prompt that it has as a
// whole; 0 is least-loaded. Of equals the fewest requests, then the one that was picked longest
// ago. Units: requests, tokens. Source: the form is that of Dynamo's KV router, cost = overlap
// weight * blocks to prefill + active blocks (docs.nvidia.com/dynamo, components/router); SGLang's
// router instead goes by the match (from 0.3 of the prompt on) while no replica has 64 requests
// and 1.5 times more than another. Both count; here load is in requests, as routers see it
// everywhere, and includes those that wait. Valid: the router knows the caches as they are, as from
// events of the engines. Where replicas have no cache of prefixes all hits are 0. Cost: a look-up
// of O(log blocks) for each ready replica. Leaves out: an approximate tree that is kept by the
// router, randomised choice, blocks that are on their way from another replica.
#include <cstdint>

#include "policy/router/routers.hpp"
#include "policy/router/turns.hpp"

namespace hyperdc {
namespace {

class PrefixAware final : public Router {
 public:
  explicit PrefixAware(double weight) : weight_(weight) {}

  std::uint32_t pick(const RouteKey&, const RouterView& view) override {
    return turns_.pick(view, [&](std::uint32_t replica) {
      const double requests = view.load[replica];
      if (view.caches == nullptr) return requests;
      return requests - weight_ * static_cast<double>(view.caches->cached_tokens(replica)) /
                            static_cast<double>(view.caches->prompt_tokens());
    });
  }

 private:
  const double weight_;
  Turns turns_;
};

constexpr ParamSpec kParams[] = {
    {.name = "weight",
     .kind = ParamKind::number,
     .doc = "Requests more that a replica may have than another for a prompt that its cache holds "
            "as a whole; in proportion for a part.",
     .fallback = "16",
     .min = 0,
     .max = 1e6,
     .example = "16"},
};

constexpr RouterEntry kEntry = {
    "prefix-aware",
    "The ready replica whose cache holds most of the prompt, unless it is much busier; for "
    "language models with prefix caching, else the one with the fewest requests.",
    kParams, [](const Params& params, const RouterContext&) -> std::unique_ptr<Router> {
      return std::make_unique<PrefixAware>(params.number("weight"));
    }};

}  // namespace

const RouterEntry& prefix_aware_router() {
  return kEntry;
}

}  // namespace hyperdc
