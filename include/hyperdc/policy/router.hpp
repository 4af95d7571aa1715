// Router: to which ready replica of one deployment a request goes. RegionRouter: to which
// deployment of a service.
//
// A router is asked once a request, a hundred million times a run: it must answer in tens of
// nanoseconds whatever the number of replicas. It is told when replicas come and go; one that
// follows_load() is also told at each change of a replica's load, so that it can keep an index.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <hyperdc/core/id.hpp>
#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// What identifies a request for a router. Draws are a pure function of them.
struct RouteKey {
  std::uint64_t request = 0;  // number of the attempt over the whole run, for random draws
  std::uint64_t session = 0;  // what consistent hashing hashes: the client or object asked for
};

/// What engines of a language model have in their caches, and the request that is on its way. By
/// index of a ready replica.
class CacheView {
 public:
  virtual ~CacheView() = default;
  virtual std::uint64_t prompt_tokens() const = 0;
  /// Leading tokens of its prompt that are there.
  virtual std::uint64_t cached_tokens(std::uint32_t replica) const = 0;
  /// Blocks that sequences use.
  virtual std::uint64_t blocks_in_use(std::uint32_t replica) const = 0;
  /// The adapter, or the model, that the request asks for is on its accelerators.
  virtual bool variant_loaded(std::uint32_t replica) const = 0;
};

struct RouterView {
  SimTime now;
  /// Ready replicas by index of the deployment, in no meaningful order but the same in every run;
  /// never empty when pick() is called.
  std::span<const std::uint32_t> ready;
  /// Requests waiting or in service, by index of the replica (not by place in `ready`).
  std::span<const std::uint32_t> load;
  const CacheView* caches = nullptr;  // null: not of a language model
};

struct RouterContext {
  std::uint64_t seed = 0;  // of the deployment's named stream
};

class Router {
 public:
  virtual ~Router() = default;
  virtual bool follows_load() const { return false; }
  /// `replica` is ready: it is in view.ready from now on. Its load is 0; if not (it was away and
  /// comes back with requests), load_changed() follows at once.
  virtual void added(std::uint32_t replica) { (void)replica; }
  /// `replica` is in view.ready no more, whatever its load. It may be added again later.
  virtual void removed(std::uint32_t replica) { (void)replica; }
  /// Only when follows_load(): `replica` (ready) now has this load.
  virtual void load_changed(std::uint32_t replica, std::uint32_t load) {
    (void)replica;
    (void)load;
  }
  /// A member of view.ready. Asked in order of view.now.
  virtual std::uint32_t pick(const RouteKey& key, const RouterView& view) = 0;
};

using RouterEntry = Entry<Router, RouterContext>;
/// Every router, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const RouterEntry> routers();

/// A deployment as seen from one region of origin.
struct DeploymentView {
  Duration one_way;         // latency from the origin to the deployment's region
  std::uint32_t ready = 0;  // replicas
  std::uint32_t slots = 0;  // ready replicas * concurrency
  std::uint64_t in_system = 0;
  bool up = true;             // false: no replica is ready, or its health check says so
  double carbon_g_per_j = 0;  // of its region now; only where the router asks for it
};

class RegionRouter {
 public:
  virtual ~RegionRouter() = default;
  /// Index into `deployments` (never empty). Where none is up the nearest is picked; the request
  /// fails there.
  virtual std::uint32_t pick(const RouteKey& key, std::span<const DeploymentView> deployments) = 0;
  /// True: it looks at DeploymentView::carbon_g_per_j, which every region must state.
  virtual bool needs_carbon() const { return false; }
  /// The expected share of requests for each deployment, into `out` of the same length. False: it
  /// depends on each request, and requests that are not simulated one by one cannot be routed so.
  virtual bool shares(std::span<const DeploymentView> deployments, std::span<double> out) const {
    (void)deployments;
    (void)out;
    return false;
  }
};

using RegionRouterEntry = Entry<RegionRouter, RouterContext>;
/// Every region router, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const RegionRouterEntry> region_routers();

}  // namespace hyperdc
