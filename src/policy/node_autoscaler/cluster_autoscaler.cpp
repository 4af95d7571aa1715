// The Kubernetes Cluster Autoscaler, a scan at a time.
//
// Computes, every `scan_interval`:
//   Health: with more than ok_unready servers down that are more than max_unready of all, nothing
//   is done. A server that boots for more than max_node_provision_time is given up.
//   Up: what waits is packed first into servers that are up or boot. For the rest each group is
//   asked how many new servers first fit decreasing would need (by the sum of the shares of cores
//   and memory) and what they would hold; the expander chooses one group: least-waste (least sum of
//   the unused shares of cores and memory), most-pods, least-nodes, price (least price for what is
//   placed, ours) or random; ties at random. A group that does not deliver is paused (backoff).
//   Down, in scans that asked for nothing: a server is unneeded while its utilization (largest of
//   the requested shares of cores and memory; of accelerators where it has any) is below the
//   threshold, all residents may move, and they fit on the servers that would remain, those
//   found unneeded before it taken out (empty ones are looked at first, then those of the last
//   scan; one that must take the residents of another is needed). After more than unneeded_time,
//   and no sooner than delay_after_add after the last servers were asked for, empty ones are
//   removed, at most max_parallel_removals at a time, and max_parallel_drains of those with
//   residents. Servers that are down for more than unready_time are given up.
// Units: shares of 1; ns. Source: github.com/kubernetes/autoscaler, cluster-autoscaler/FAQ.md and
// core/scaledown/unneeded, expander/waste, utils/backoff; defaults are those of its flags.
// Valid for: one set of bounds (the pool's) over all groups.
// Leaves out: pod disruption budgets, priorities below the cutoff, similar groups in balance,
// expanders by priority or grpc, failed deletions and their delay, limits by resource.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "core/rng.hpp"
#include "policy/autoscaler/specs.hpp"
#include "policy/node_autoscaler/group_backoff.hpp"
#include "policy/node_autoscaler/late_servers.hpp"
#include "policy/node_autoscaler/node_autoscalers.hpp"
#include "policy/node_autoscaler/packing.hpp"

namespace hyperdc {
namespace {

struct ScanOptions {
  Duration scan, unneeded, unready, delay_after_add, delay_after_delete, provision, grace;
  double threshold = 0.5, max_unready = 0.45;
  std::uint32_t parallel = 10, drains = 1, ok_unready = 3;
  std::string expander;
};

/// New servers of one group, and what they would hold.
struct ScaleOption {
  std::uint32_t group = 0;
  std::uint32_t servers = 0;
  Resources placed;
  std::uint64_t members = 0;
};

double utilization_of(const NodeServer& server, const ServerShape& shape) {
  Resources asked;
  for (const NodeResident& resident : server.residents) {
    asked += total_of(resident.each, resident.members);
  }
  if (shape.accelerators > 0) {
    return part_of(asked.accelerator_milli, std::int64_t{shape.accelerators} * kWholeAccelerator);
  }
  return std::max(part_of(asked.cores_milli, shape.cores_milli),
                  part_of(asked.memory_bytes, shape.memory_bytes));
}

class ClusterAutoscaler final : public NodeAutoscaler {
 public:
  ClusterAutoscaler(ScanOptions options, GroupBackoff backoff, std::uint64_t seed)
      : options_(std::move(options)), backoff_(std::move(backoff)), draws_(seed, "expander") {}

  bool draws() const override { return true; }
  bool needs_prices() const override { return options_.expander == "price"; }

  void decide(const NodesView& view, NodeActions& actions) override {
    actions.wake(view.now + options_.scan);
    note_deliveries(view);
    if (!healthy(view)) return;
    note_late(view, actions);
    OnPaper paper = put_on_paper(view, asks_of(view.pending), late_);
    if (!paper.left.empty() && scale_up(view, paper.left, actions)) return;
    find_unneeded(view, paper);
    const bool cooling = (last_up_ && *last_up_ + options_.delay_after_add > view.now) ||
                         (last_down_ && *last_down_ + options_.delay_after_delete > view.now);
    if (!cooling) scale_down(view, actions);
  }

 private:
  /// A group whose servers have all come is not backed off any more.
  void note_deliveries(const NodesView& view) {
    std::vector<bool> boots(view.groups.size(), false);
    for (const NodeServer& server : view.servers) {
      if (server.state == NodeState::booting) boots[server.group] = true;
    }
    for (auto at = asked_.begin(); at != asked_.end();) {
      if (boots[at->first]) {
        ++at;
        continue;
      }
      if (at->second) backoff_.delivered(at->first);
      at = asked_.erase(at);
    }
  }

  bool healthy(const NodesView& view) const {
    const auto down =
        std::count_if(view.servers.begin(), view.servers.end(),
                      [](const NodeServer& server) { return server.state == NodeState::down; });
    return down <= std::int64_t{options_.ok_unready} ||
           static_cast<double>(down) <=
               options_.max_unready * static_cast<double>(view.servers.size());
  }

  /// A group whose servers do not come up in time is paused.
  void note_late(const NodesView& view, NodeActions& actions) {
    late_.clear();
    for (const NodeServer* server : give_up_late(view, options_.provision, actions)) {
      late_.push_back(server->server.value);
      backoff_.failed(server->group, view.now);
      asked_[server->group] = false;
    }
  }

  /// True when servers boot now.
  bool scale_up(const NodesView& view, std::vector<NodeAsk> asks, NodeActions& actions) {
    const auto there = static_cast<std::uint32_t>(view.servers.size() - late_.size());
    if (there >= view.max) return false;
    std::vector<ScaleOption> options;
    for (std::uint32_t group = 0; group < view.groups.size(); ++group) {
      const NodeGroup& of = view.groups[group];
      if (of.off == 0 || backoff_.paused(group, view.now)) continue;
      sort_by_share(asks, of.shape);
      const NewBins packed = pack_new(asks, of.shape, std::min(of.off, view.max - there));
      if (packed.bins.empty()) continue;
      ScaleOption option;
      option.group = group;
      option.servers = static_cast<std::uint32_t>(packed.bins.size());
      option.placed = total_of(asks);
      option.placed -= total_of(packed.left);
      option.members = members_of(asks) - members_of(packed.left);
      options.push_back(option);
    }
    if (options.empty()) return false;
    const ScaleOption& best = choose(view, options);
    const std::uint32_t booted = actions.boot(best.group, best.servers, "jobs wait for a server");
    if (booted < best.servers) backoff_.failed(best.group, view.now);
    if (booted == 0) return false;
    asked_[best.group] = booted == best.servers;
    last_up_ = view.now;
    return true;
  }

  /// Less is better.
  double score(const NodesView& view, const ScaleOption& option) const {
    const NodeGroup& group = view.groups[option.group];
    const double servers = option.servers;
    if (options_.expander == "most-pods") return -static_cast<double>(option.members);
    if (options_.expander == "least-nodes") return servers;
    if (options_.expander == "random") return 0;
    const double cores = part_of(option.placed.cores_milli, group.shape.cores_milli) / servers;
    const double memory = part_of(option.placed.memory_bytes, group.shape.memory_bytes) / servers;
    if (options_.expander == "least-waste") return (1 - cores) + (1 - memory);
    // Price of all for a unit of what is placed: devices where there are any, else cores.
    const auto placed =
        static_cast<double>(option.placed.accelerator_milli > 0 ? option.placed.accelerator_milli
                                                                : option.placed.cores_milli);
    const double price = servers * group.price_usd_per_s.value_or(0);
    return placed > 0 ? price / placed : price;
  }

  const ScaleOption& choose(const NodesView& view, const std::vector<ScaleOption>& options) {
    std::vector<std::size_t> best;
    double least = 0;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const double now = score(view, options[i]);
      if (best.empty() || now < least) {
        least = now;
        best.clear();
      }
      if (now == least) best.push_back(i);
    }
    const std::uint64_t draw = best.size() > 1 ? draws_.below(best.size(), chosen_++) : 0;
    return options[best[draw]];
  }

  /// Which servers are unneeded in this scan; since when, if they were in the last one.
  void find_unneeded(const NodesView& view, OnPaper& paper) {
    std::map<std::uint32_t, SimTime> unneeded;
    // Empty ones first, then those that were unneeded before, so that they stay it.
    std::array<std::vector<std::size_t>, 3> turns;  // into paper.up
    for (std::size_t i = 0; i < paper.up.size(); ++i) {
      const NodeServer& server = *paper.up[i];
      const bool before = unneeded_.contains(server.server.value);
      turns[server.residents.empty() ? 0 : before ? 1 : 2].push_back(i);
    }
    for (const std::vector<std::size_t>& turn : turns) {
      for (const std::size_t i : turn) {
        if (!is_candidate(view, paper, i) || !can_go(paper, i)) continue;
        const std::uint32_t server = paper.up[i]->server.value;
        const auto before = unneeded_.find(server);
        unneeded[server] = before == unneeded_.end() ? view.now : before->second;
      }
    }
    unneeded_ = std::move(unneeded);
  }

  bool is_candidate(const NodesView& view, const OnPaper& paper, std::size_t i) const {
    const NodeServer& server = *paper.up[i];
    const ServerShape& shape = view.groups[server.group].shape;
    // What waits, or must leave another server, is to go there.
    if (paper.bins[i] != bin_of(server, shape)) return false;
    return all_movable(server) && utilization_of(server, shape) < options_.threshold;
  }

  /// True, and carried out on paper, if its residents fit on those that remain.
  static bool can_go(OnPaper& paper, std::size_t server) {
    const std::size_t mark = paper.bins.mark();
    paper.bins.close(server);
    if (pack(asks_of(*paper.up[server]), paper.bins).empty()) return true;
    paper.bins.undo(mark);
    return false;
  }

  void scale_down(const NodesView& view, NodeActions& actions) {
    std::uint32_t removals = 0;
    std::uint32_t drains = 0;
    for (const NodeServer& server : view.servers) {
      if (server.state == NodeState::down && server.since + options_.unready < view.now) {
        if (view.servers.size() > view.min) actions.give_up(server.server, "it is down");
      }
      if (server.state != NodeState::draining) continue;
      ++removals;
      drains += server.residents.empty() ? 0 : 1;
    }
    for (const bool empty : {true, false}) {
      for (const NodeServer& server : view.servers) {
        const auto since = unneeded_.find(server.server.value);
        if (since == unneeded_.end() || server.residents.empty() != empty) continue;
        if (since->second + options_.unneeded >= view.now) continue;
        if (removals >= options_.parallel || (!empty && drains >= options_.drains)) return;
        if (!actions.remove(server.server, options_.grace, "it is not needed")) continue;
        ++removals;
        drains += empty ? 0 : 1;
        last_down_ = view.now;
        unneeded_.erase(since);
      }
    }
  }

  ScanOptions options_;
  GroupBackoff backoff_;
  RandomStream draws_;
  std::uint64_t chosen_ = 0;                   // by lot so far
  std::map<std::uint32_t, SimTime> unneeded_;  // by server: since when
  std::map<std::uint32_t, bool> asked_;        // groups with a request: nothing failed since
  std::vector<std::uint32_t> late_;            // servers given up in this scan, by id
  std::optional<SimTime> last_up_, last_down_;
};

constexpr std::string_view kExpanders[] = {"least-waste", "most-pods", "least-nodes", "price",
                                           "random"};

constexpr ParamSpec count_spec(std::string_view name, std::string_view fallback, double min,
                               std::string_view doc) {
  return {.name = name,
          .kind = ParamKind::integer,
          .doc = doc,
          .fallback = fallback,
          .min = min,
          .max = 1e6};
}

constexpr ParamSpec kScanParams[] = {
    time_spec("scan_interval", R"("10 s")", 1, 86400, "Time between two scans."),
    {.name = "expander",
     .kind = ParamKind::choice,
     .doc = "Which group of servers grows when several could; ties are drawn at random.",
     .fallback = R"("least-waste")",
     .choices = kExpanders},
    time_spec("max_node_provision_time", R"("15 min")", 1, 86400,
              "A server that boots for longer is given up, and its group is paused."),
    time_spec("unneeded_time", R"("10 min")", 0, 1e7,
              "A server is removed after it was unneeded for longer than this; longer is calmer "
              "and dearer."),
    time_spec("unready_time", R"("20 min")", 0, 1e7,
              "A server that is down for longer is given up."),
    number_spec("utilization_threshold", "0.5", 0, 1.001,
                "Requested share below which a server may be unneeded; higher packs tighter and "
                "moves more."),
    time_spec("delay_after_add", R"("10 min")", 0, 1e7,
              "No server is removed for this long after one was asked for."),
    time_spec("delay_after_delete", R"("10 s")", 0, 1e7,
              "No further server is removed for this long after one was."),
    count_spec("max_parallel_removals", "10", 1, "Servers in removal at a time."),
    count_spec("max_parallel_drains", "1", 1, "Of those, servers with residents that move."),
    time_spec("max_graceful_termination", R"("600 s")", 0, 1e7,
              "Residents that have not left a server by then are stopped."),
    count_spec("ok_unready", "3", 0, "So many servers may be down whatever their share is."),
    number_spec("max_unready", "0.45", 0, 1,
                "With a larger share of the servers down, nothing is added or removed."),
    time_spec("backoff_initial", R"("5 min")", 0, 1e7,
              "Pause of a group that did not deliver servers, the first time."),
    time_spec("backoff_max", R"("30 min")", 0, 1e7,
              "Each further pause is twice as long, up to this."),
    time_spec("backoff_reset", R"("3 h")", 0, 1e7,
              "After this long without a failure the first pause is short again."),
};

constexpr NodeAutoscalerEntry kClusterAutoscaler = {
    "cluster-autoscaler",
    "Kubernetes Cluster Autoscaler: adds servers for jobs that wait, removes unneeded ones.",
    kScanParams,
    [](const Params& params,
       const NodeAutoscalerContext& context) -> std::unique_ptr<NodeAutoscaler> {
      const auto count = [&](std::string_view name) {
        return static_cast<std::uint32_t>(params.integer(name));
      };
      ScanOptions options;
      options.scan = params.duration("scan_interval");
      options.unneeded = params.duration("unneeded_time");
      options.unready = params.duration("unready_time");
      options.delay_after_add = params.duration("delay_after_add");
      options.delay_after_delete = params.duration("delay_after_delete");
      options.provision = params.duration("max_node_provision_time");
      options.grace = params.duration("max_graceful_termination");
      options.threshold = params.number("utilization_threshold");
      options.max_unready = params.number("max_unready");
      options.parallel = count("max_parallel_removals");
      options.drains = count("max_parallel_drains");
      options.ok_unready = count("ok_unready");
      options.expander = params.text("expander");
      const GroupBackoff backoff(params.duration("backoff_initial"), params.duration("backoff_max"),
                                 params.duration("backoff_reset"));
      return std::make_unique<ClusterAutoscaler>(options, backoff, context.seed);
    }};

}  // namespace

const NodeAutoscalerEntry& cluster_autoscaler() {
  return kClusterAutoscaler;
}

}  // namespace hyperdc
