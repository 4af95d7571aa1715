#include "world/job_timeline.hpp"

#include <array>
#include <fmt/format.h>
#include <functional>
#include <queue>
#include <vector>

#include "engine/timeline.hpp"

namespace hyperdc {

struct JobTimeline::Impl {
  struct PoolLanes {
    std::uint32_t group = 0;
    std::vector<TimelineLane> lanes;
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free;
    std::vector<std::uint32_t> lane_of;  // by JobId, of running jobs
    std::array<double, 4> shown{};       // levels as they were last written
    bool any = false;
  };

  explicit Impl(const std::string& path) : timeline(path) {}
  Timeline timeline;
  std::vector<PoolLanes> pools;
};

JobTimeline::JobTimeline(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
JobTimeline::~JobTimeline() = default;

void JobTimeline::add_pool(std::string_view name) {
  Impl::PoolLanes pool;
  pool.group = impl_->timeline.add_group(fmt::format("pools.{}", name));
  impl_->pools.push_back(std::move(pool));
}

void JobTimeline::started(std::uint32_t pool, JobId job) {
  Impl::PoolLanes& p = impl_->pools[pool];
  if (p.free.empty()) {
    p.free.push(static_cast<std::uint32_t>(p.lanes.size()));
    p.lanes.push_back(impl_->timeline.add_lane(p.group, fmt::format("lane {}", p.lanes.size())));
  }
  if (p.lane_of.size() <= job.value) p.lane_of.resize(job.value + std::size_t{1});
  p.lane_of[job.value] = p.free.top();
  p.free.pop();
}

void JobTimeline::stopped(std::uint32_t pool, JobId job, const JobView& view,
                          std::string_view workload, std::string_view server, SimTime at) {
  Impl::PoolLanes& p = impl_->pools[pool];
  const std::uint32_t lane = p.lane_of[job.value];
  p.free.push(lane);
  const std::array<TimelineDetail, 5> details{{
      {"job", static_cast<std::int64_t>(view.number)},
      {"members", static_cast<std::int64_t>(view.members)},
      {"cores", static_cast<double>(view.total.cores_milli) / 1000},
      {"accelerators", static_cast<double>(view.total.accelerator_milli) / kWholeAccelerator},
      {"server", server},
  }};
  impl_->timeline.slice(p.lanes[lane], fmt::format("{} {}", workload, view.number), view.started,
                        at - view.started, details);
}

void JobTimeline::levels(std::uint32_t pool, SimTime at, const Levels& levels) {
  Impl::PoolLanes& p = impl_->pools[pool];
  constexpr std::array<std::string_view, 4> kNames{"waiting", "running", "cores allocated",
                                                   "accelerators allocated"};
  const std::array<double, 4> now{levels.waiting, levels.running, levels.cores,
                                  levels.accelerators};
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (p.any && now[i] == p.shown[i]) continue;
    impl_->timeline.counter(p.group, kNames[i], at, now[i]);
  }
  p.shown = now;
  p.any = true;
}

std::string JobTimeline::close() {
  return impl_->timeline.close();
}

}  // namespace hyperdc
