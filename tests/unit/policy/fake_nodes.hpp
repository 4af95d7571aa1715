// A pool without a world, for tests of node autoscalers: servers, what is on them and what waits
// are set by hand; actions are carried out and written down.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/policy/node_autoscaler.hpp>

#include "unit/policy/fake_deployment.hpp"

namespace hyperdc::testing {

inline constexpr std::int64_t kGiB = std::int64_t{1} << 30;

inline Request ask(std::int64_t cores, std::int64_t gib = 0) {
  Request request;
  request.cores_milli = cores * 1000;
  request.memory_bytes = gib * kGiB;
  return request;
}

inline Params node_params(std::string_view name, Params::Value value) {
  Params params;
  params.set(name, std::move(value));
  return params;
}

/// Seconds, to the nanosecond.
inline SimTime at_s(double s) {
  return SimTime{} + seconds(s);
}

inline Params with(std::string_view name, Params::Value value) {
  Params params;
  params.set(name, std::move(value));
  return params;
}

class FakeNodes final : public NodeActions {
 public:
  /// Groups "small" (8 cores, 32 GiB, 0.4 USD/h) and "large" (32 cores, 128 GiB, 1.6 USD/h).
  explicit FakeNodes(std::string_view name, const Params& set = {})
      : policy(make_policy(node_autoscalers(), name, set, NodeAutoscalerContext{1})) {
    groups.push_back({"small", {8000, 32 * kGiB, 0, 0}, 0.4 / 3600, 100});
    groups.push_back({"large", {32000, 128 * kGiB, 0, 0}, 1.6 / 3600, 100});
  }

  /// A server that is up since 0 with these residents, all movable or none.
  std::uint32_t add(std::uint32_t group, const std::vector<Request>& residents,
                    bool movable = true) {
    const std::uint32_t id = next_++;
    Server& server = servers[id];
    server.group = group;
    for (const Request& each : residents) server.residents.push_back({each, 1, movable});
    return id;
  }

  /// One call of the policy; what it did, one action a line.
  std::string at(double s, std::uint32_t fresh = 0) {
    now_ = at_s(s);
    done_.clear();
    wish.reset();
    std::vector<NodeServer> view;
    for (const auto& [id, server] : servers) view.push_back(seen(id, server));
    NodesView nodes;
    nodes.now = now_;
    nodes.min = min;
    nodes.max = max;
    nodes.fresh = fresh;
    if (policy->needs_servers(now_, fresh)) {
      nodes.groups = groups;
      nodes.servers = view;
      nodes.pending = pending;
    }
    policy->decide(nodes, *this);
    for (const std::uint32_t gone : gone_) servers.erase(gone);
    gone_.clear();
    return done_;
  }
  /// Calls every `step` seconds from `from` until something is done, at most until `to`.
  std::string until_done(double from, double to, double step = 10) {
    for (double s = from; s <= to; s += step) {
      std::string done = at(s);
      if (!done.empty()) return std::to_string(static_cast<int>(s)) + " s: " + done;
    }
    return "nothing";
  }
  void wait(const Request& each, std::uint32_t jobs, std::uint32_t members = 1) {
    pending.push_back({each, members, jobs, now_});
  }
  void set_state(std::uint32_t id, NodeState state, double since_s) {
    servers.at(id).state = state;
    servers.at(id).since = at_s(since_s);
  }

  std::uint32_t boot(std::uint32_t group, std::uint32_t count, std::string_view reason) override {
    if (out_of_stock.contains(group)) {
      note("refused", std::string(groups[group].name), reason);
      return 0;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t id = next_++;
      servers[id] = {group, NodeState::booting, now_, now_, now_, {}};
      last_ = ServerId{id};
    }
    note("boot", std::to_string(count) + " " + std::string(groups[group].name), reason);
    return count;
  }
  ServerId last_booted() const override { return last_; }
  bool remove(ServerId server, std::optional<Duration>, std::string_view reason) override {
    if (servers.size() <= min + gone_.size()) return false;
    Server& gone = servers.at(server.value);
    if (gone.state != NodeState::up) return false;
    gone.state = NodeState::draining;
    note("remove", std::to_string(server.value), reason);
    return true;
  }
  bool give_up(ServerId server, std::string_view reason) override {
    gone_.insert(server.value);
    note("give up", std::to_string(server.value), reason);
    return true;
  }
  void wake(SimTime at) override {
    REQUIRE(at > now_);
    if (!wish || at < *wish) wish = at;
  }

  struct Server {
    std::uint32_t group = 0;
    NodeState state = NodeState::up;
    SimTime since, asked_for, changed;
    std::vector<NodeResident> residents;
  };
  std::unique_ptr<NodeAutoscaler> policy;
  std::vector<NodeGroup> groups;
  std::map<std::uint32_t, Server> servers;
  std::vector<NodePending> pending;
  std::set<std::uint32_t> out_of_stock;  // groups
  std::uint32_t min = 0, max = 100;
  std::optional<SimTime> wish;
  std::string why;  // of the last action

 private:
  void note(const std::string& what, const std::string& whom, std::string_view because) {
    done_ += (done_.empty() ? "" : ", ") + what + " " + whom;
    why = because;
  }
  NodeServer seen(std::uint32_t id, const Server& server) const {
    NodeServer out;
    out.server = ServerId{id};
    out.group = server.group;
    out.state = server.state;
    out.since = server.since;
    out.asked_for = server.asked_for;
    out.changed = server.changed;
    out.residents = server.residents;
    if (server.state == NodeState::up || server.state == NodeState::booting) {
      out.cores_left_milli = groups[server.group].shape.cores_milli;
      out.memory_left = groups[server.group].shape.memory_bytes;
      for (const NodeResident& resident : server.residents) {
        out.cores_left_milli -= resident.each.cores_milli;
        out.memory_left -= resident.each.memory_bytes;
      }
    }
    return out;
  }

  SimTime now_;
  std::uint32_t next_ = 0;
  ServerId last_;
  std::set<std::uint32_t> gone_;
  std::string done_;
};

}  // namespace hyperdc::testing
