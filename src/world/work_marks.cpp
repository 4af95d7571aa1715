#include "world/work_marks.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

#include "world/speed.hpp"

namespace hyperdc {
namespace {

/// Its event, or none while the job is held.
void plan_mark(const PoolState& pool, JobId job, PoolMarks::Mark& mark, Engine& engine) {
  const double speed = pool.paces[job.value].speed;
  if (speed == 0) return;
  const Duration done = work_done(pool, job, engine.now(), {});
  mark.due = engine.now() + time_for(std::max(Duration{}, mark.at - done), speed);
  mark.event = engine.schedule(mark.due, mark.owner.phase, mark.owner.process, mark.owner.kind,
                               mark.owner.arg);
}

}  // namespace

void mark_work(PoolState& pool, JobId job, Duration at, const WorkMark& owner, Engine& engine) {
  HYPERDC_CHECK(!pool.speed.empty(), "work is marked where speeds do not change");
  if (pool.marks == nullptr) pool.marks = std::make_unique<PoolMarks>();
  std::vector<PoolMarks::Mark>& marks = pool.marks->jobs[job.value];
  std::erase_if(marks, [&](const PoolMarks::Mark& mark) {  // told long ago
    return mark.event != kNoEvent && mark.due < engine.now();
  });
  marks.push_back({at, owner, {}, kNoEvent});
  plan_mark(pool, job, marks.back(), engine);
}

void unmark_work(PoolState& pool, JobId job, Engine& engine) {
  if (pool.marks == nullptr) return;
  const auto found = pool.marks->jobs.find(job.value);
  if (found == pool.marks->jobs.end()) return;
  for (const PoolMarks::Mark& mark : found->second) {
    if (mark.event != kNoEvent) engine.cancel(mark.event);
  }
  pool.marks->jobs.erase(found);
}

void retime_marks(PoolState& pool, JobId job, Engine& engine) {
  if (pool.marks == nullptr) return;
  const auto found = pool.marks->jobs.find(job.value);
  if (found == pool.marks->jobs.end()) return;
  std::erase_if(found->second, [&](const PoolMarks::Mark& mark) {  // what fired has been told
    return mark.event != kNoEvent && !engine.cancel(mark.event);
  });
  for (PoolMarks::Mark& mark : found->second) {
    mark.event = kNoEvent;
    plan_mark(pool, job, mark, engine);
  }
}

}  // namespace hyperdc
