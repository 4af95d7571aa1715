// Karpenter: servers of the cheapest type that fits, and consolidation.
//
// Computes:
//   Provisioning: jobs that begin to wait open a batch, which ends batch_idle after the last of
//   them or batch_max after the first. They are packed, largest first (cores, then memory), into
//   servers that are up, then those that boot, then into new claims (node_claims.hpp); a claim
//   becomes a server of its cheapest type, or of the next if that is out of stock. A type that was
//   is not asked for again within unavailable_time. What found no place is tried again after 10 s.
//   Disruption, every 10 s: a server is a candidate when it is up, all residents may move, none
//   came or left within consolidate_after, and nothing that waits is to go there. At most
//   ceil(budget * servers) - draining - down are disrupted at a time. Empty candidates are removed.
//   Else (when-empty-or-underutilized) candidates by cost, which is residents * share of their life
//   left: the largest number of the first (by bisection, at most 100, two or more) whose residents
//   fit on the others and at most one new server that is cheaper than all of them, and cheaper than
//   any of them of its own type; else the first single one that can go or be replaced by a cheaper
//   one. The plan is checked again after 15 s; a new server must be up before the old ones go.
//   Servers older than expire_after are removed whatever the budget says; one that boots for
//   longer than registration_ttl is given up.
// Units: USD/s; ns. Source: github.com/aws/karpenter-provider-aws, website/content/en/docs
// (concepts/disruption, reference/settings); sigs.k8s.io/karpenter, pkg/controllers/disruption;
// defaults as there. Valid for: types with prices; on-demand servers.
// Leaves out: spot, drift, weights and several node pools, limits other than the number of servers,
// disruption budgets by reason or schedule, the taint on servers whose replacement boots,
// terminationGracePeriod, costs of pods by annotation or priority.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "policy/autoscaler/specs.hpp"
#include "policy/node_autoscaler/late_servers.hpp"
#include "policy/node_autoscaler/node_autoscalers.hpp"
#include "policy/node_autoscaler/node_claims.hpp"

namespace hyperdc {
namespace {

constexpr Duration kPoll = whole_seconds(10);        // between two looks at disruption
constexpr Duration kValidation = whole_seconds(15);  // from a plan to its second check
constexpr Duration kNextPlan = whole_seconds(1);     // after a plan was carried out
constexpr std::size_t kMostAtOnce = 100;             // servers of one plan

struct KarpenterOptions {
  Duration batch_idle, batch_max, consolidate_after, expire_after, registration, unavailable;
  double budget = 0.1;
  bool underutilized = true;
};

/// Servers to remove, and of which group the one new server is, if any.
struct DisruptionPlan {
  std::vector<std::uint32_t> servers;
  std::optional<std::uint32_t> replacement;  // group
  bool empty = false;                        // they have no residents
  SimTime made;
};

/// A replacement boots; then the servers go.
struct Replacing {
  std::vector<std::uint32_t> servers;
  std::uint32_t replacement = 0;  // server
};

/// The view with what waits put on paper, and the servers that leave once their replacements are
/// up (ids).
class Paper {
 public:
  explicit Paper(const NodesView& view, std::set<std::uint32_t> leaving = {})
      : view_(view), leaving_(std::move(leaving)) {
    std::vector<NodeAsk> asks = asks_of(view.pending);
    sort_by_size(asks);
    paper_ = put_on_paper(view, asks);
    for (std::size_t i = 0; i < up().size(); ++i) {
      if (leaving_.contains(up()[i]->server.value)) paper_.bins.close(i);
    }
  }

  /// What waits and has room nowhere.
  const std::vector<NodeAsk>& left() const { return paper_.left; }
  const std::vector<const NodeServer*>& up() const { return paper_.up; }
  /// Nothing that waits is to go to the i-th server that is up.
  bool untouched(std::size_t i) const {
    const NodeServer& server = *up()[i];
    return paper_.bins[i] == bin_of(server, view_.groups[server.group].shape);
  }
  double price(const NodeServer& server) const {
    return view_.groups[server.group].price_usd_per_s.value_or(0);
  }

  const std::set<std::uint32_t>& leaving() const { return leaving_; }

  /// What of the residents of `gone` has no room on the other servers but those that leave.
  std::vector<NodeAsk> without(const std::vector<const NodeServer*>& gone) {
    const std::size_t mark = paper_.bins.mark();
    std::vector<NodeAsk> asks;
    for (const NodeServer* server : gone) {
      const auto at = std::lower_bound(up().begin(), up().end(), server);  // in order of the view
      paper_.bins.close(static_cast<std::size_t>(at - up().begin()));
      for (const NodeAsk& ask : asks_of(*server)) asks.push_back(ask);
    }
    sort_by_size(asks);
    std::vector<NodeAsk> left = pack(asks, paper_.bins);
    paper_.bins.undo(mark);
    return left;
  }

 private:
  const NodesView& view_;
  std::set<std::uint32_t> leaving_;
  OnPaper paper_;
};

class Karpenter final : public NodeAutoscaler {
 public:
  explicit Karpenter(const KarpenterOptions& options) : options_(options) {}

  bool on_pending() const override { return true; }
  bool needs_prices() const override { return true; }
  bool needs_servers(SimTime now, std::uint32_t fresh) const override {
    const bool opens = fresh > 0 && !batch_first_;
    const auto due = batch_due(opens ? now : batch_first_, fresh > 0 ? now : batch_last_);
    return now >= next_look_ || (due && *due <= now) || (retry_ && *retry_ <= now);
  }

  void decide(const NodesView& view, NodeActions& actions) override {
    follow_batch(view, actions);
    if (view.now >= next_look_) {
      next_look_ = view.now + kPoll;
      give_up_late(view, options_.registration, actions);
      finish_replacing(view, actions);
      expire(view, actions);
      disrupt(view, actions);
    }
    actions.wake(next_look_);
    if (const auto due = batch_due(batch_first_, batch_last_))
      actions.wake(std::max(*due, view.now + Duration{1}));
    if (retry_) actions.wake(std::max(*retry_, view.now + Duration{1}));
  }

 private:
  std::optional<SimTime> batch_due(std::optional<SimTime> first, SimTime last) const {
    if (!first) return std::nullopt;
    return std::min(last + options_.batch_idle, *first + options_.batch_max);
  }

  void follow_batch(const NodesView& view, NodeActions& actions) {
    if (view.fresh > 0) {
      if (!batch_first_) batch_first_ = view.now;
      batch_last_ = view.now;
    }
    const auto due = batch_due(batch_first_, batch_last_);
    const bool ends = due && *due <= view.now;
    const bool again = retry_ && *retry_ <= view.now;
    if (!ends && !again) return;
    if (ends) batch_first_.reset();
    retry_.reset();
    if (!provision(view, actions)) retry_ = view.now + kPoll;
  }

  std::vector<bool> usable_groups(const NodesView& view) {
    std::erase_if(unavailable_, [&](const auto& entry) { return entry.second <= view.now; });
    std::vector<bool> usable(view.groups.size());
    for (std::uint32_t group = 0; group < view.groups.size(); ++group) {
      usable[group] = view.groups[group].off > 0 && !unavailable_.contains(group);
    }
    return usable;
  }

  /// True when everything that waits has a place, now or on a server that boots.
  bool provision(const NodesView& view, NodeActions& actions) {
    const Paper paper(view);
    if (paper.left().empty()) return true;
    const auto there = static_cast<std::uint32_t>(view.servers.size());
    NodeClaims claims(view.groups, usable_groups(view), there < view.max ? view.max - there : 0);
    bool all = true;
    for (const NodeAsk& ask : paper.left()) all = claims.add(ask) == 0 && all;
    for (std::size_t claim = 0; claim < claims.count(); ++claim) {
      bool booted = false;
      for (const std::uint32_t group : claims.groups_of(claim)) {
        booted = boot(view, group, actions, "jobs wait for a server");
        if (booted) break;
      }
      all = all && booted;
    }
    return all;
  }

  bool boot(const NodesView& view, std::uint32_t group, NodeActions& actions,
            std::string_view because) {
    if (unavailable_.contains(group)) return false;
    if (actions.boot(group, 1, because) == 1) return true;
    unavailable_[group] = view.now + options_.unavailable;
    return false;
  }

  /// Servers whose replacement is up go; where it is lost they stay.
  void finish_replacing(const NodesView& view, NodeActions& actions) {
    std::erase_if(replacing_, [&](const Replacing& replacing) {
      const auto at = std::find_if(view.servers.begin(), view.servers.end(), [&](const auto& s) {
        return s.server.value == replacing.replacement;
      });
      if (at == view.servers.end() || at->state == NodeState::down) return true;
      if (at->state == NodeState::booting) return false;
      for (const std::uint32_t server : replacing.servers) {
        actions.remove(ServerId{server}, std::nullopt, "a cheaper server takes its place");
      }
      return true;
    });
  }

  void expire(const NodesView& view, NodeActions& actions) const {
    for (const NodeServer& server : view.servers) {
      if (server.state != NodeState::up) continue;
      if (server.asked_for + options_.expire_after > view.now) continue;
      actions.remove(server.server, std::nullopt, "it is too old");
    }
  }

  std::set<std::uint32_t> leaving() const {
    std::set<std::uint32_t> servers;
    for (const Replacing& replacing : replacing_) {
      servers.insert(replacing.servers.begin(), replacing.servers.end());
    }
    return servers;
  }

  /// Servers that may be disrupted now.
  std::size_t allowed(const NodesView& view, const Paper& paper) const {
    double all = 0;
    double busy = static_cast<double>(paper.leaving().size());
    for (const NodeServer& server : view.servers) {
      all += server.state != NodeState::booting;
      busy += server.state == NodeState::draining || server.state == NodeState::down;
    }
    const double allowed = std::ceil(all * options_.budget - 1e-9) - busy;
    return allowed > 0 ? static_cast<std::size_t>(allowed) : 0;
  }

  std::vector<const NodeServer*> candidates(const NodesView& view, const Paper& paper) const {
    std::vector<std::pair<double, const NodeServer*>> by_cost;
    for (std::size_t i = 0; i < paper.up().size(); ++i) {
      const NodeServer& server = *paper.up()[i];
      if (paper.leaving().contains(server.server.value)) continue;
      if (!paper.untouched(i) || !all_movable(server)) continue;
      if (server.changed + options_.consolidate_after > view.now) continue;
      by_cost.emplace_back(cost(view, server), &server);
    }
    std::stable_sort(by_cost.begin(), by_cost.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const NodeServer*> found;
    found.reserve(by_cost.size());
    for (const auto& candidate : by_cost) found.push_back(candidate.second);
    return found;
  }

  double cost(const NodesView& view, const NodeServer& server) const {
    double residents = 0;
    for (const NodeResident& resident : server.residents) residents += resident.members;
    const double age = to_seconds(view.now - server.asked_for) / to_seconds(options_.expire_after);
    return residents * std::max(0.0, 1 - age);
  }

  void disrupt(const NodesView& view, NodeActions& actions) {
    Paper paper(view, leaving());
    const std::vector<const NodeServer*> found = candidates(view, paper);
    if (!plan_) {
      plan_ = make_plan(view, paper, found);
      if (plan_) plan_->made = view.now;
      if (plan_) next_look_ = view.now + kValidation;
      return;
    }
    if (plan_->made + kValidation > view.now) {
      next_look_ = plan_->made + kValidation;
      return;
    }
    const DisruptionPlan plan = *plan_;
    plan_.reset();
    if (carry_out(view, paper, found, plan, actions)) next_look_ = view.now + kNextPlan;
  }

  std::optional<DisruptionPlan> make_plan(const NodesView& view, Paper& paper,
                                          const std::vector<const NodeServer*>& found) {
    const std::size_t most = allowed(view, paper);
    if (most == 0) return std::nullopt;
    DisruptionPlan empty;
    empty.empty = true;
    for (const NodeServer* server : found) {
      if (empty.servers.size() < most && server->residents.empty()) {
        empty.servers.push_back(server->server.value);
      }
    }
    if (!empty.servers.empty()) return empty;
    if (!options_.underutilized) return std::nullopt;
    if (auto plan = several(view, paper, found, most)) return plan;
    for (const NodeServer* server : found) {
      if (auto plan = consolidate(view, paper, {server})) return plan;
    }
    return std::nullopt;
  }

  /// Bisection for the largest number of first candidates that can go together.
  std::optional<DisruptionPlan> several(const NodesView& view, Paper& paper,
                                        const std::vector<const NodeServer*>& found,
                                        std::size_t most) {
    std::size_t low = 2;
    std::size_t high = std::min({found.size(), most, kMostAtOnce});
    std::optional<DisruptionPlan> best;
    while (low <= high) {
      const std::size_t middle = (low + high) / 2;
      const auto end = found.begin() + static_cast<std::ptrdiff_t>(middle);
      auto plan = consolidate(view, paper, {found.begin(), end});
      if (plan) {
        best = std::move(plan);
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return best;
  }

  std::optional<DisruptionPlan> consolidate(const NodesView& view, Paper& paper,
                                            const std::vector<const NodeServer*>& gone) {
    DisruptionPlan plan;
    for (const NodeServer* server : gone) plan.servers.push_back(server->server.value);
    const std::vector<NodeAsk> left = paper.without(gone);
    if (left.empty()) return plan;
    if (view.servers.size() >= view.max) return std::nullopt;
    NodeClaims claims(view.groups, usable_groups(view), 1);
    for (const NodeAsk& ask : left) {
      if (claims.add(ask) > 0) return std::nullopt;
    }
    double limit = 0;
    for (const NodeServer* server : gone) limit += paper.price(*server);
    const std::vector<std::uint32_t> groups = claims.groups_of(0);
    if (gone.size() > 1) {
      for (const NodeServer* server : gone) {
        const bool same = std::find(groups.begin(), groups.end(), server->group) != groups.end();
        if (same) limit = std::min(limit, paper.price(*server));
      }
    }
    const std::uint32_t cheapest = groups.front();
    if (view.groups[cheapest].price_usd_per_s.value_or(0) >= limit) return std::nullopt;
    plan.replacement = cheapest;
    return plan;
  }

  /// True when something was done: the plan holds still.
  bool carry_out(const NodesView& view, Paper& paper, const std::vector<const NodeServer*>& found,
                 const DisruptionPlan& plan, NodeActions& actions) {
    std::vector<const NodeServer*> gone;
    for (const NodeServer* server : found) {
      const bool planned = std::find(plan.servers.begin(), plan.servers.end(),
                                     server->server.value) != plan.servers.end();
      if (planned && (!plan.empty || server->residents.empty())) gone.push_back(server);
    }
    const std::size_t most = allowed(view, paper);
    if (plan.empty) {
      if (gone.size() > most) gone.resize(most);
      return remove_all(gone, "it is empty", actions);
    }
    if (gone.size() < plan.servers.size() || gone.size() > most) return false;
    const auto now = consolidate(view, paper, gone);
    if (!now || (now->replacement && !plan.replacement)) return false;
    if (!now->replacement) return remove_all(gone, "its jobs fit elsewhere", actions);
    if (!boot(view, *now->replacement, actions, "it replaces dearer servers")) return false;
    Replacing replacing;
    replacing.servers = plan.servers;
    replacing.replacement = actions.last_booted().value;
    replacing_.push_back(std::move(replacing));
    return true;
  }

  static bool remove_all(const std::vector<const NodeServer*>& servers, std::string_view because,
                         NodeActions& actions) {
    bool any = false;
    for (const NodeServer* server : servers) {
      any = actions.remove(server->server, std::nullopt, because) || any;
    }
    return any;
  }

  KarpenterOptions options_;
  std::optional<SimTime> batch_first_, retry_;
  SimTime batch_last_, next_look_;
  std::map<std::uint32_t, SimTime> unavailable_;  // groups out of stock: until when
  std::optional<DisruptionPlan> plan_;            // waits for its second check
  std::vector<Replacing> replacing_;
};

constexpr std::string_view kConsolidations[] = {"when-empty-or-underutilized", "when-empty"};

constexpr ParamSpec kKarpenterParams[] = {
    time_spec("batch_idle", R"("1 s")", 0, 3600,
              "A batch of waiting jobs ends this long after the last one; longer packs better and "
              "starts later."),
    time_spec("batch_max", R"("10 s")", 0, 3600, "A batch ends this long after its first job."),
    {.name = "consolidation",
     .kind = ParamKind::choice,
     .doc = "when-empty: only empty servers are removed; when-empty-or-underutilized: those too "
            "whose jobs fit elsewhere, or on a cheaper server.",
     .fallback = R"("when-empty-or-underutilized")",
     .choices = kConsolidations},
    time_spec("consolidate_after", R"("0 s")", 0, 1e8,
              "How long no job came to a server or left it before it may be removed."),
    number_spec("budget", "0.1", 0, 1,
                "Share of the servers that may be disrupted at a time, rounded up; 0: none but "
                "by age."),
    time_spec("expire_after", R"("720 h")", 60, 3e9, "Servers older than this are removed."),
    time_spec("registration_ttl", R"("15 min")", 1, 1e6,
              "A server that boots for longer is given up."),
    time_spec("unavailable_time", R"("3 min")", 0, 1e6,
              "Servers that were out of stock are not asked for again within this time."),
};

constexpr NodeAutoscalerEntry kKarpenter = {
    "karpenter",
    "Karpenter: servers of the cheapest type that fits, and consolidation onto fewer or cheaper.",
    kKarpenterParams,
    [](const Params& params, const NodeAutoscalerContext&) -> std::unique_ptr<NodeAutoscaler> {
      KarpenterOptions options;
      options.batch_idle = params.duration("batch_idle");
      options.batch_max = params.duration("batch_max");
      options.consolidate_after = params.duration("consolidate_after");
      options.expire_after = params.duration("expire_after");
      options.registration = params.duration("registration_ttl");
      options.unavailable = params.duration("unavailable_time");
      options.budget = params.number("budget");
      options.underutilized = params.text("consolidation") == "when-empty-or-underutilized";
      return std::make_unique<Karpenter>(options);
    }};

}  // namespace

const NodeAutoscalerEntry& karpenter_node_autoscaler() {
  return kKarpenter;
}

}  // namespace hyperdc
