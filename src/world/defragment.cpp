#include "world/defragment.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "world/gang_domains.hpp"
#include "world/platforms.hpp"
#include "world/training.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMostTried = 8;  // sets of servers of one attempt

/// What a server has left when some of its jobs are gone.
struct Left {
  std::int64_t cores = 0, memory = 0;
  std::array<std::uint16_t, kMaxAcceleratorsPerServer> devices = {};
  std::uint32_t count = 0;

  void give_back(const Request& each, const Share& share) {
    cores += each.cores_milli;
    memory += each.memory_bytes;
    for (std::uint32_t device = 0; device < count; ++device) {
      if ((share.devices >> device & 1) == 0) continue;
      devices[device] = static_cast<std::uint16_t>(devices[device] + each.accelerator_milli);
    }
  }
  void take(const Request& each, const Share& share) {
    cores -= each.cores_milli;
    memory -= each.memory_bytes;
    for (std::uint32_t device = 0; device < count; ++device) {
      if ((share.devices >> device & 1) == 0) continue;
      devices[device] = static_cast<std::uint16_t>(devices[device] - each.accelerator_milli);
    }
  }
  std::int64_t room(const Request& each, std::int64_t most) const {
    return members_in(each, cores, memory, std::span(devices).first(count), most);
  }
};

class Planner {
 public:
  Planner(World& world, PoolState& pool, JobId job)
      : world_(world), pool_(pool), view_(pool.jobs[job.value]), movable_(pool.fleet->servers()) {
    for (const JobId other : pool.running) {
      if (may_move(other)) {
        movable_[pool.states[other.value].first.server.value].push_back(other);
      }
    }
    for (std::vector<JobId>& jobs : movable_) {
      std::sort(jobs.begin(), jobs.end(), [&](JobId a, JobId b) { return key(a) < key(b); });
    }
  }

  struct Plan {
    std::int64_t milli = 0;
    std::vector<JobId> jobs;
  };
  /// Moves that make room for all members in these servers; nothing: none do within the bound.
  std::optional<Plan> plan(const std::vector<ServerId>& servers) const {
    std::int64_t room = 0;
    std::vector<Step> steps;
    for (const ServerId server : servers) {
      room += room_on(view_.each, *pool_.fleet, server, view_.members);
      if (!movable_[server.value].empty()) steps.push_back(step_on(server, {}));
    }
    Plan plan;
    while (room < view_.members) {
      const auto best =
          std::min_element(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
            return std::tuple(!a.gains, a.milli, a.server) <
                   std::tuple(!b.gains, b.milli, b.server);
          });
      if (best == steps.end() || best->gains == 0) return std::nullopt;
      room += best->gains;
      plan.milli += best->milli;
      if (plan.milli > pool_.spec->defragment->most_milli) return std::nullopt;
      plan.jobs.insert(plan.jobs.end(), best->jobs.begin(), best->jobs.end());
      best->gone.insert(best->gone.end(), best->jobs.begin(), best->jobs.end());
      *best = step_on(best->server, best->gone);
    }
    std::sort(plan.jobs.begin(), plan.jobs.end(),
              [&](JobId a, JobId b) { return key(b) < key(a); });
    return plan;
  }

  /// Do the job and then these find servers?
  bool works(JobId job, const Plan& plan) const {
    std::vector<Placer::Held> held;
    for (const JobId other : plan.jobs) {
      const JobView& seen = pool_.jobs[other.value];
      held.push_back({seen.each, shares_of(pool_, other), seen.number});
    }
    return pool_.placer->would_move(view_.each, view_.members, pool_.jobs[job.value].number, held);
  }

 private:
  /// The jobs of a server whose going makes room for one more member.
  struct Step {
    ServerId server;
    std::int64_t gains = 0;  // members; 0: there is none
    std::int64_t milli = 0;
    std::vector<JobId> jobs, gone;
  };

  std::pair<std::int64_t, std::uint64_t> key(JobId job) const {
    const JobView& view = pool_.jobs[job.value];
    return {view.total.accelerator_milli, view.number};
  }

  bool may_move(JobId other) const {
    const JobState& state = pool_.states[other.value];
    const JobView& seen = pool_.jobs[other.value];
    // One with a speed by model would have to be kept from slower ones.
    return seen.members == 1 && seen.profile == 0 && state.departs && !state.owned &&
           training_of(world_, pool_, other) == nullptr &&
           world_.workloads[state.workload].platform == nullptr;
  }

  Left left_on(ServerId server) const {
    Left left;
    left.cores = pool_.fleet->cores_left_milli(server);
    left.memory = pool_.fleet->memory_left(server);
    const auto devices = pool_.fleet->accelerators_left_milli(server);
    left.count = static_cast<std::uint32_t>(devices.size());
    std::copy(devices.begin(), devices.end(), left.devices.begin());
    return left;
  }

  Step step_on(ServerId server, const std::vector<JobId>& gone) const {
    Step step;
    step.server = server;
    step.gone = gone;
    const ServerShape& shape = pool_.fleet->shape(server);
    const Request& each = view_.each;
    if (pool_.fleet->is_closed(server) || pool_.fleet->closed_devices(server) != 0) return step;
    if (each.models != 0 && (each.models & shape.model) == 0) return step;
    if (each.zones != 0 && (each.zones & shape.zone) == 0) return step;
    Left left = left_on(server);
    const auto change = [&](JobId job, bool away) {
      const Request& its = pool_.jobs[job.value].each;
      const Share& share = pool_.states[job.value].first;
      away ? left.give_back(its, share) : left.take(its, share);
    };
    for (const JobId job : gone) change(job, true);
    const std::int64_t before = left.room(each, view_.members);
    std::vector<JobId> away;
    for (const JobId job : movable_[server.value]) {
      if (std::find(gone.begin(), gone.end(), job) != gone.end()) continue;
      change(job, true);
      away.push_back(job);
      if (left.room(each, view_.members) > before) break;
    }
    if (left.room(each, view_.members) == before) return step;
    for (std::size_t i = away.size(); i-- > 0;) {  // who is not needed stays, the largest first
      change(away[i], false);
      if (left.room(each, view_.members) > before) {
        away.erase(away.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        change(away[i], true);
      }
    }
    step.gains = left.room(each, view_.members) - before;
    for (const JobId job : away) step.milli += pool_.jobs[job.value].total.accelerator_milli;
    step.jobs = std::move(away);
    return step;
  }

  const World& world_;
  PoolState& pool_;
  const JobView& view_;
  std::vector<std::vector<JobId>> movable_;  // by server, the smallest first
};

}  // namespace

std::vector<JobId> plan_moves(World& world, PoolState& pool, JobId job) {
  const JobView& view = pool.jobs[job.value];
  std::vector<std::vector<ServerId>> sets;
  if (pool.domains != nullptr) sets = pool.domains->candidates(view.each, view.members);
  if (sets.empty()) {
    sets.emplace_back();
    for (std::uint32_t s = 0; s < pool.fleet->servers(); ++s) sets.back().push_back(ServerId{s});
  }
  const Planner planner(world, pool, job);
  std::vector<Planner::Plan> plans;
  for (const std::vector<ServerId>& servers : sets) {
    auto plan = planner.plan(servers);
    if (plan && !plan->jobs.empty()) plans.push_back(std::move(*plan));
  }
  std::stable_sort(plans.begin(), plans.end(), [](const Planner::Plan& a, const Planner::Plan& b) {
    return a.milli < b.milli;
  });
  if (plans.size() > kMostTried) plans.resize(kMostTried);
  for (Planner::Plan& plan : plans) {
    if (planner.works(job, plan)) return std::move(plan.jobs);
  }
  return {};
}

}  // namespace hyperdc
