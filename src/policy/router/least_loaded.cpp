// Least loaded (join the shortest queue, least connections): the ready replica with the fewest
// requests waiting or in service.
//
// Computes: argmin of load. Among equals the one that came to this load or was picked longest ago,
// so that equals take turns. With `refresh` T > 0 loads are those of the last multiple of T, and
// equals on that board take turns until the next: within one period the requests of all pile up on
// the replicas that looked emptiest at its start (the herd effect; Mitzenmacher 2000, Dahlin 2000).
// When the last of these has left, the next least are looked up on the board. Source:
// join-shortest-queue (Winston 1977); "leastconn" of HAProxy, "least_conn" of NGINX. Cost: live
// O(1) a pick and a change of load. Stale O(1) a pick and O(ready) a refresh. Leaves out: weights,
// sizes of requests, the router's own requests that the board does not show.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "policy/router/load_board.hpp"
#include "policy/router/load_index.hpp"
#include "policy/router/routers.hpp"

namespace hyperdc {
namespace {

class LeastLoaded final : public Router {
 public:
  bool follows_load() const override { return true; }
  void added(std::uint32_t replica) override { index_.add(replica); }
  void removed(std::uint32_t replica) override { index_.remove(replica); }
  void load_changed(std::uint32_t replica, std::uint32_t load) override {
    index_.set(replica, load);
  }
  std::uint32_t pick(const RouteKey&, const RouterView&) override {
    const std::uint32_t replica = index_.least();
    index_.rotate(replica);  // for requests that do not reach it at once
    return replica;
  }

 private:
  LoadIndex index_;
};

class StaleLeastLoaded final : public Router {
 public:
  explicit StaleLeastLoaded(Duration refresh) : board_(refresh) {}

  void removed(std::uint32_t replica) override {
    board_.forget(replica);
    const auto at = std::find(least_.begin(), least_.end(), replica);
    if (at == least_.end()) return;
    const auto place = static_cast<std::size_t>(at - least_.begin());
    least_.erase(at);
    if (place < turn_) --turn_;
  }

  std::uint32_t pick(const RouteKey&, const RouterView& view) override {
    if (board_.refresh(view) || least_.empty()) find_least(view);
    if (turn_ >= least_.size()) turn_ = 0;
    return least_[turn_++];
  }

 private:
  void find_least(const RouterView& view) {
    least_.clear();
    turn_ = 0;
    std::uint32_t load = LoadBoard::kUnknown;
    for (const std::uint32_t replica : view.ready) {
      const std::uint32_t seen = board_.load(replica);
      if (seen < load) least_.clear();
      load = std::min(load, seen);
      if (seen == load) least_.push_back(replica);
    }
  }

  LoadBoard board_;
  std::vector<std::uint32_t> least_;  // on the board, in the order of view.ready
  std::size_t turn_ = 0;
};

constexpr ParamSpec kParams[] = {
    {.name = "refresh",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "Loads are looked up once in this time; 0 s: at each request. The longer, the more "
            "requests follow each other to the same replicas.",
     .fallback = "\"0 s\"",
     .min = 0,
     .max = 86400,
     .example = "\"1 s\""},
};

constexpr RouterEntry kEntry = {
    "least-loaded", "The ready replica with the fewest requests; equals take turns.", kParams,
    [](const Params& params, const RouterContext&) -> std::unique_ptr<Router> {
      const Duration refresh = params.duration("refresh");
      if (refresh.ns > 0) return std::make_unique<StaleLeastLoaded>(refresh);
      return std::make_unique<LeastLoaded>();
    }};

}  // namespace

const RouterEntry& least_loaded_router() {
  return kEntry;
}

}  // namespace hyperdc
