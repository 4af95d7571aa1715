// Round robin: the ready replicas in turn.
//
// Computes: the next replica of a circular list in which a new replica stands just before the one
// whose turn is next, that is, it waits one whole round. Between two picks of a replica every other
// that was ready all the while is picked exactly once, whoever came or went.
// Cost: O(1) a pick, a coming and a going; four bytes a link.
// Leaves out: weights; the many clients of a real service each have a list of their own, so that
// what arrives at a replica is less regular than here.
#include <cstdint>
#include <vector>

#include <hyperdc/core/assert.hpp>

#include "policy/router/routers.hpp"

namespace hyperdc {
namespace {

class RoundRobin final : public Router {
 public:
  void added(std::uint32_t replica) override {
    if (replica >= links_.size()) links_.resize(replica + std::size_t{1});
    HYPERDC_CHECK(!links_[replica].in, "a replica is added twice");
    if (count_++ == 0) {
      links_[replica] = {replica, replica, true};
      next_ = replica;
      return;
    }
    const std::uint32_t before = links_[next_].previous;
    links_[replica] = {before, next_, true};
    links_[before].next = replica;
    links_[next_].previous = replica;
  }

  void removed(std::uint32_t replica) override {
    Link& link = links_.at(replica);
    HYPERDC_CHECK(link.in, "a replica that is not there is removed");
    if (next_ == replica) next_ = link.next;
    links_[link.previous].next = link.next;
    links_[link.next].previous = link.previous;
    link.in = false;
    --count_;
  }

  std::uint32_t pick(const RouteKey&, const RouterView&) override {
    const std::uint32_t replica = next_;
    next_ = links_[replica].next;
    return replica;
  }

 private:
  struct Link {
    std::uint32_t previous = 0, next = 0;
    bool in = false;
  };
  std::vector<Link> links_;  // by replica
  std::uint32_t next_ = 0;
  std::size_t count_ = 0;
};

constexpr RouterEntry kEntry = {"round-robin",
                                "The ready replicas in turn; a new one waits a whole round.",
                                {},
                                [](const Params&, const RouterContext&) -> std::unique_ptr<Router> {
                                  return std::make_unique<RoundRobin>();
                                }};

}  // namespace

const RouterEntry& round_robin_router() {
  return kEntry;
}

}  // namespace hyperdc
