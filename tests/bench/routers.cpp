// How long a router takes for one request, and for one coming and going of a replica.
//
// A steady deployment of n replicas at half load: each step one request is routed and one ends, so
// that a router that follows loads gets two changes a pick; the table has the time of a step less
// the time of the same step without a router, so what it charges is pick() and load_changed().
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <hyperdc/core/units.hpp>
#include <hyperdc/policy/router.hpp>

#include "bench.hpp"

namespace hyperdc::bench {
namespace {

constexpr std::uint32_t kSlots = 8;  // requests of a replica at half load: 4
constexpr int kTurns = 7;

Params params_of(const RouterEntry& entry, double refresh_s, bool bounded) {
  Params params;
  for (const ParamSpec& spec : entry.params) {
    if (spec.name == "refresh") {
      params.set(spec.name, refresh_s);
    } else if (spec.name == "bounded") {
      params.set(spec.name, bounded);
    } else {
      params.set(spec.name, std::stod(std::string(spec.fallback)));
    }
  }
  return params;
}

struct Contender {
  std::string name;
  std::unique_ptr<Router> router;  // null: only the loop itself
  std::vector<double> turns_ns;
  double churn_ns = 0;
};

struct Deployment {
  std::vector<std::uint32_t> ready, load, where;
};

double run(Router* router, Deployment& d, std::uint64_t& request, std::uint32_t steps) {
  const bool follows = router != nullptr && router->follows_load();
  QuickRandom random(request);
  const double start = cpu_ns();
  for (std::uint32_t step = 0; step < steps; ++step) {
    const RouteKey key{request++, random.next()};
    const RouterView view{SimTime{static_cast<std::int64_t>(request) * 1000}, d.ready, d.load};
    const std::uint32_t other = random.below(static_cast<std::uint32_t>(d.ready.size()));
    const std::uint32_t to = router != nullptr ? router->pick(key, view) : other;
    ++d.load[to];
    if (follows) router->load_changed(to, d.load[to]);
    std::uint32_t& ends = d.where[random.below(static_cast<std::uint32_t>(d.where.size()))];
    --d.load[ends];
    if (follows) router->load_changed(ends, d.load[ends]);
    ends = to;
  }
  return (cpu_ns() - start) / steps;
}

Deployment half_full(std::uint32_t n, Router* router) {
  Deployment d;
  for (std::uint32_t i = 0; i < n; ++i) {
    d.ready.push_back(i);
    d.load.push_back(0);
    if (router != nullptr) router->added(i);
  }
  for (std::uint32_t i = 0; i < n * kSlots / 2; ++i) {
    d.where.push_back(i % n);
    ++d.load[i % n];
    if (router != nullptr && router->follows_load()) router->load_changed(i % n, d.load[i % n]);
  }
  return d;
}

std::vector<Contender> contenders() {
  std::vector<Contender> all;
  all.push_back({"(no router)", nullptr, {}, 0});
  const auto add = [&](const RouterEntry& entry, const char* note, double refresh_s, bool bounded) {
    const Params params = params_of(entry, refresh_s, bounded);
    all.push_back({std::string(entry.name) + note, entry.make(params, {1}), {}, 0});
  };
  for (const RouterEntry& entry : routers()) {
    add(entry, "", 0, false);
    if (entry.name == "least-loaded" || entry.name == "power-of-two") {
      add(entry, ", refresh 1 s", 1, false);
    }
    if (entry.name == "consistent-hash") add(entry, ", bounded", 0, true);
  }
  return all;
}

/// Two rounds a turn; the first warms the caches up.
void measure(std::uint32_t n, Targets& targets) {
  std::vector<Contender> all = contenders();
  std::vector<Deployment> deployments;
  for (Contender& c : all) {
    const double start = cpu_ns();
    deployments.push_back(half_full(n, c.router.get()));
    c.churn_ns = (cpu_ns() - start) / n;
  }
  std::uint64_t request = 1;
  for (int turn = 0; turn <= kTurns; ++turn) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double ns = run(all[i].router.get(), deployments[i], request, 400'000);
      if (turn > 0) all[i].turns_ns.push_back(ns);
    }
  }
  const double loop = median(all[0].turns_ns);
  std::printf("\n%u replicas; the loop without a router: %.1f ns a step\n", n, loop);
  std::printf("%-32s %14s %22s\n", "router", "ns a request", "ns a coming replica");
  for (std::size_t i = 1; i < all.size(); ++i) {
    std::printf("%-32s %14.1f %22.1f\n", all[i].name.c_str(), median(all[i].turns_ns) - loop,
                all[i].churn_ns);
  }
  for (std::size_t i = 1; i < all.size(); ++i) {
    const bool ring = all[i].name.starts_with("consistent-hash");
    const std::string what = all[i].name + ", ns a request, " + std::to_string(n) + " replicas";
    targets.check(what.c_str(), median(all[i].turns_ns) - loop, "<=", ring ? 250 : 100);
  }
}

int main() {
  Targets targets;
  for (const std::uint32_t n : {10U, 1'000U, 100'000U}) measure(n, targets);
  return targets.missed() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace hyperdc::bench

int main() {
  return hyperdc::bench::main();
}
