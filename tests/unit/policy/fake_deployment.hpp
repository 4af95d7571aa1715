// A deployment without a world, for tests of routers: replicas that are ready, and their loads.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <hyperdc/policy/router.hpp>

namespace hyperdc::testing {

/// A policy of `entries` with its default parameters (booleans, numbers, and times of 0 s), but for
/// `set`.
template <class E, class Context>
auto make_policy(std::span<const E> entries, std::string_view name, const Params& set,
                 const Context& context) {
  for (const E& entry : entries) {
    if (entry.name != name) continue;
    Params params;
    for (const ParamSpec& spec : entry.params) {
      const std::string fallback(spec.fallback);
      if (spec.kind == ParamKind::boolean) params.set(spec.name, fallback == "true");
      if (spec.kind == ParamKind::integer || spec.kind == ParamKind::number) {
        params.set(spec.name, std::stod(fallback));
      }
      if (spec.kind == ParamKind::quantity) {
        const auto quoted = std::string_view(fallback).substr(1, fallback.size() - 2);
        params.set(spec.name, std::get<double>(parse_quantity(quoted, spec.dimension)));
      }
      if (spec.kind == ParamKind::choice)
        params.set(spec.name, fallback.substr(1, fallback.size() - 2));
    }
    for (const auto& [key, value] : set.all()) params.set(key, value);
    return entry.make(params, context);
  }
  FAIL("no policy is called " << name);
  return decltype(entries[0].make(set, context)){};
}

inline std::unique_ptr<Router> make_router(std::string_view name, const Params& set = {},
                                           std::uint64_t seed = 1) {
  return make_policy(routers(), name, set, RouterContext{seed});
}

class FakeDeployment {
 public:
  explicit FakeDeployment(Router& router, std::uint32_t replicas = 0) : router_(&router) {
    for (std::uint32_t i = 0; i < replicas; ++i) add(i);
  }

  void add(std::uint32_t replica, std::uint32_t load = 0) {
    if (replica >= loads_.size()) loads_.resize(replica + std::size_t{1});
    ready_.push_back(replica);
    router_->added(replica);
    loads_[replica] = load;
    if (load > 0 && router_->follows_load()) router_->load_changed(replica, load);
  }
  void remove(std::uint32_t replica) {
    const auto at = std::find(ready_.begin(), ready_.end(), replica);
    REQUIRE(at != ready_.end());
    *at = ready_.back();
    ready_.pop_back();
    router_->removed(replica);
  }
  void set_load(std::uint32_t replica, std::uint32_t load) {
    loads_[replica] = load;
    if (router_->follows_load()) router_->load_changed(replica, load);
  }
  std::uint32_t pick(const RouteKey& key) { return router_->pick(key, view()); }
  /// Picks and puts the request there.
  std::uint32_t send(const RouteKey& key) {
    const std::uint32_t replica = pick(key);
    set_load(replica, loads_[replica] + 1);
    return replica;
  }

  RouterView view() const { return {now, ready_, loads_, caches}; }
  const std::vector<std::uint32_t>& ready() const { return ready_; }
  std::uint32_t load(std::uint32_t replica) const { return loads_[replica]; }
  bool is_ready(std::uint32_t replica) const {
    return std::find(ready_.begin(), ready_.end(), replica) != ready_.end();
  }

  SimTime now;
  const CacheView* caches = nullptr;

 private:
  Router* router_;
  std::vector<std::uint32_t> ready_;
  std::vector<std::uint32_t> loads_;
};

}  // namespace hyperdc::testing
