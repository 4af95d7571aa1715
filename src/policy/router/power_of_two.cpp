// Power of d choices: the less loaded of d replicas drawn at random (with replacement), d = 2 by
// default.
//
// Computes: d draws from the ready replicas; the one with the least load, of equals the first
// drawn. Throwing n balls into n bins this way leaves log(log n) / log(d) + O(1) in the fullest,
// against log n / log log n with d = 1 (Azar et al. 1999); in a queueing system of utilisation r
// the share of replicas with at least k requests tends to r^((d^k - 1) / (d - 1)) (Mitzenmacher
// 2001; Vvedenskaya et al. 1996). With `refresh` T > 0 loads are those of the last multiple of T. d
// = 2 then herds far less than least-loaded does. Source: Mitzenmacher, "The power of two choices
// in randomized load balancing", IEEE TPDS 12(10), 2001; Envoy's LEAST_REQUEST draws choice_count
// = 2. Cost: O(d) a pick, one block of random bits for two choices; a refresh O(ready). Leaves out:
// weights; draws without replacement (for n replicas both are the same but for 1/n).
#include <array>
#include <cstdint>
#include <memory>

#include "policy/router/draw.hpp"
#include "policy/router/load_board.hpp"
#include "policy/router/routers.hpp"

namespace hyperdc {
namespace {

/// The replica that wins under `load_of`.
template <class LoadOf>
std::uint32_t best_of(const RandomStream& stream, std::uint64_t request, std::uint32_t choices,
                      std::span<const std::uint32_t> ready, const LoadOf& load_of) {
  std::array<std::uint64_t, 2> bits = stream.bits(request, 0);
  std::uint32_t best = ready[place_of(bits[0], ready.size())];
  std::uint32_t least = load_of(best);
  for (std::uint32_t i = 1; i < choices; ++i) {
    if (i % 2 == 0) bits = stream.bits(request, i / 2);
    const std::uint32_t other = ready[place_of(bits[i % 2], ready.size())];
    const std::uint32_t load = load_of(other);
    if (load < least) {
      best = other;
      least = load;
    }
  }
  return best;
}

class PowerOfTwo final : public Router {
 public:
  PowerOfTwo(std::uint64_t seed, std::uint32_t choices)
      : stream_(seed, kRouterStream), choices_(choices) {}

  std::uint32_t pick(const RouteKey& key, const RouterView& view) override {
    return best_of(stream_, key.request, choices_, view.ready,
                   [&](std::uint32_t replica) { return view.load[replica]; });
  }

 private:
  const RandomStream stream_;
  const std::uint32_t choices_;
};

class StalePowerOfTwo final : public Router {
 public:
  StalePowerOfTwo(std::uint64_t seed, std::uint32_t choices, Duration refresh)
      : stream_(seed, kRouterStream), choices_(choices), board_(refresh) {}

  void removed(std::uint32_t replica) override { board_.forget(replica); }
  std::uint32_t pick(const RouteKey& key, const RouterView& view) override {
    board_.refresh(view);
    return best_of(stream_, key.request, choices_, view.ready,
                   [&](std::uint32_t replica) { return board_.load(replica); });
  }

 private:
  const RandomStream stream_;
  const std::uint32_t choices_;
  LoadBoard board_;
};

constexpr ParamSpec kParams[] = {
    {.name = "choices",
     .kind = ParamKind::integer,
     .doc = "How many replicas are drawn; 1 is random, more come closer to least-loaded.",
     .fallback = "2",
     .min = 1,
     .max = 64,
     .example = "3"},
    {.name = "refresh",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "Loads are looked up once in this time; 0 s: at each request.",
     .fallback = "\"0 s\"",
     .min = 0,
     .max = 86400,
     .example = "\"1 s\""},
};

constexpr RouterEntry kEntry = {
    "power-of-two", "The less loaded of two (or more) replicas drawn at random.", kParams,
    [](const Params& params, const RouterContext& context) -> std::unique_ptr<Router> {
      const auto choices = static_cast<std::uint32_t>(params.integer("choices"));
      const Duration refresh = params.duration("refresh");
      if (refresh.ns > 0) {
        return std::make_unique<StalePowerOfTwo>(context.seed, choices, refresh);
      }
      return std::make_unique<PowerOfTwo>(context.seed, choices);
    }};

}  // namespace

const RouterEntry& power_of_two_router() {
  return kEntry;
}

}  // namespace hyperdc
