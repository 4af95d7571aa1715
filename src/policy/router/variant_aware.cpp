// Variant aware: a replica that has the adapter or the model loaded, unless it is much busier.
//
// Computes: argmin over the ready replicas of
//   cost = requests - (weight if the variant that the request asks for is loaded there)
// with the requests that wait or run there. `weight` is how many requests more one may have that
// has it; 0 is least-loaded. Of equals the fewest requests, then the one that was picked longest
// ago. Units: requests. Source: Kubernetes' Gateway API Inference Extension (LoRA affinity) and Ray
// Serve (model multiplexing) prefer replicas that have it too, of these the least busy; they do it
// in steps, here both count, as in prefix-aware. Valid: the router knows what is loaded as it is.
// Where an endpoint has no variants nothing is. Cost: O(1) for each ready replica. Leaves out:
// replicas where others wait already for the same, whose load is still to come.
#include <cstdint>

#include "policy/router/routers.hpp"
#include "policy/router/turns.hpp"

namespace hyperdc {
namespace {

class VariantAware final : public Router {
 public:
  explicit VariantAware(double weight) : weight_(weight) {}

  std::uint32_t pick(const RouteKey&, const RouterView& view) override {
    return turns_.pick(view, [&](std::uint32_t replica) {
      const double requests = view.load[replica];
      const bool loaded = view.caches != nullptr && view.caches->variant_loaded(replica);
      return loaded ? requests - weight_ : requests;
    });
  }

 private:
  const double weight_;
  Turns turns_;
};

constexpr ParamSpec kParams[] = {
    {.name = "weight",
     .kind = ParamKind::number,
     .doc = "Requests more that a replica may have than another if what the request asks for is "
            "loaded there.",
     .fallback = "8",
     .min = 0,
     .max = 1e6,
     .example = "8"},
};

constexpr RouterEntry kEntry = {
    "variant-aware",
    "The ready replica with the fewest requests of those that have the adapter or the model of the "
    "request loaded, unless one without it is much less busy.",
    kParams, [](const Params& params, const RouterContext&) -> std::unique_ptr<Router> {
      return std::make_unique<VariantAware>(params.number("weight"));
    }};

}  // namespace

const RouterEntry& variant_aware_router() {
  return kEntry;
}

}  // namespace hyperdc
