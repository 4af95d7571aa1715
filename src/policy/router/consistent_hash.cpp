// Consistent hashing: requests of one session go to the same replica while it is ready.
//
// Computes: each replica owns `virtual_nodes` points on a circle of 2^32; a session goes to the
// owner of the first point at or after its hash. When a replica comes, only sessions that now
// belong to it move (1/n of all on average); when it goes, only its own do. The share of a replica
// varies by about 1 / sqrt(virtual_nodes) of itself. With `bounded`, a replica takes no more than
// ceil((1 + slack) * (requests + 1) / n) requests at a time, `requests` those of all n ready
// replicas; a session whose replica is full goes on around the circle to the next that is not.
// There is always one. Source: Karger et al., "Consistent hashing and random trees", STOC'97;
// virtual nodes as in ketama; Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded
// loads", SODA'18 (HAProxy's hash-balance-factor 125 is slack 0.25). Cost: a pick O(1): one or two
// cache misses when the ring is large; bounded, about 1 + 1/slack^2 steps. A coming or going
// O(virtual_nodes). Leaves out: weights; sessions that move are not counted as cache misses here.
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/hash.hpp"
#include "policy/router/hash_ring.hpp"
#include "policy/router/routers.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kPoints = 1;    // what is hashed: a point of a replica,
constexpr std::uint64_t kSessions = 2;  // or a session

class ConsistentHash : public Router {
 public:
  ConsistentHash(std::uint64_t seed, std::uint32_t virtual_nodes)
      : points_seed_(hash_combine(seed, kPoints)),
        sessions_seed_(hash_combine(seed, kSessions)),
        virtual_nodes_(virtual_nodes) {}

  void added(std::uint32_t replica) override {
    for (std::uint32_t i = 0; i < virtual_nodes_; ++i) ring_.insert(point(replica, i), replica);
  }
  void removed(std::uint32_t replica) override {
    for (std::uint32_t i = 0; i < virtual_nodes_; ++i) ring_.erase(point(replica, i), replica);
  }
  std::uint32_t pick(const RouteKey& key, const RouterView&) override {
    return ring_.owner(place(key));
  }

 protected:
  const HashRing& ring() const { return ring_; }
  std::size_t place(const RouteKey& key) const {
    return ring_.find(static_cast<std::uint32_t>(hash_combine(sessions_seed_, key.session) >> 32));
  }

 private:
  std::uint32_t point(std::uint32_t replica, std::uint32_t i) const {
    const std::uint64_t which = (std::uint64_t{replica} << 32) | i;
    return static_cast<std::uint32_t>(hash_combine(points_seed_, which) >> 32);
  }

  const std::uint64_t points_seed_, sessions_seed_;
  const std::uint32_t virtual_nodes_;
  HashRing ring_;
};

class BoundedHash final : public ConsistentHash {
 public:
  BoundedHash(std::uint64_t seed, std::uint32_t virtual_nodes, double slack)
      : ConsistentHash(seed, virtual_nodes),
        slack_milli_(static_cast<std::uint64_t>(std::llround(slack * 1000))) {}

  bool follows_load() const override { return true; }
  void added(std::uint32_t replica) override {
    ConsistentHash::added(replica);
    if (replica >= loads_.size()) loads_.resize(replica + std::size_t{1});
    loads_[replica] = 0;
  }
  void removed(std::uint32_t replica) override {
    ConsistentHash::removed(replica);
    total_ -= loads_[replica];
  }
  void load_changed(std::uint32_t replica, std::uint32_t load) override {
    total_ += load;
    total_ -= loads_[replica];
    loads_[replica] = load;
  }

  std::uint32_t pick(const RouteKey& key, const RouterView& view) override {
    const std::uint64_t parts = std::uint64_t{1000} * view.ready.size();
    const std::uint64_t most = ((1000 + slack_milli_) * (total_ + 1) + parts - 1) / parts;
    std::size_t at = place(key);
    while (loads_[ring().owner(at)] >= most) at = ring().after(at);
    return ring().owner(at);
  }

 private:
  const std::uint64_t slack_milli_;
  std::vector<std::uint32_t> loads_;  // by replica
  std::uint64_t total_ = 0;           // of those that are ready
};

constexpr ParamSpec kParams[] = {
    {.name = "virtual_nodes",
     .kind = ParamKind::integer,
     .doc = "Points of a replica on the circle; more make shares more equal and take more memory.",
     .fallback = "100",
     .min = 1,
     .max = 1000,
     .example = "160"},
    {.name = "bounded",
     .kind = ParamKind::boolean,
     .doc = "A replica that is full passes requests on to the next one on the circle.",
     .fallback = "false"},
    {.name = "slack",
     .kind = ParamKind::number,
     .doc =
         "With bounded: a replica is full at 1 + slack times the mean load, in thousandths; less "
         "is more even and moves more sessions.",
     .fallback = "0.25",
     .min = 0.001,
     .max = 100,
     .example = "0.25"},
};

constexpr RouterEntry kEntry = {
    "consistent-hash", "Requests of one session go to the same replica while it is ready.", kParams,
    [](const Params& params, const RouterContext& context) -> std::unique_ptr<Router> {
      const auto nodes = static_cast<std::uint32_t>(params.integer("virtual_nodes"));
      if (params.flag("bounded")) {
        return std::make_unique<BoundedHash>(context.seed, nodes, params.number("slack"));
      }
      return std::make_unique<ConsistentHash>(context.seed, nodes);
    }};

}  // namespace

const RouterEntry& consistent_hash_router() {
  return kEntry;
}

}  // namespace hyperdc
