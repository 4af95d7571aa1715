#include "world/checkers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "world/law_book.hpp"
#include "world/losses.hpp"
#include "world/pipelines.hpp"
#include "world/platforms.hpp"
#include "world/service/fluid.hpp"
#include "world/service/replication.hpp"
#include "world/storage.hpp"
#include "world/storage_objects_state.hpp"
#include "world/tenants.hpp"
#include "world/training.hpp"

namespace hyperdc {

namespace {

struct InPool {
  std::uint64_t waiting = 0, running = 0;
  Int128 job_ns = 0;  // time in system so far of jobs that have not left
};

/// Counts the jobs that are still there from their slots, not from the counters.
std::vector<InPool> count_remaining(const World& world, const PoolState& pool, SimTime end) {
  std::vector<InPool> by_workload(world.workloads.size());
  std::vector<bool> gone(pool.jobs.size(), false);
  for (const JobId id : pool.free_slots) gone[id.value] = true;
  for (std::size_t i = 0; i < pool.jobs.size(); ++i) {
    if (gone[i]) continue;
    InPool& there = by_workload[pool.states[i].workload];
    ++(pool.jobs[i].running ? there.running : there.waiting);
    there.job_ns += (end - pool.jobs[i].submit).ns;
  }
  return by_workload;
}

void check_jobs(const WorkloadState& workload, const InPool& there, LawBook& book) {
  const std::uint64_t out =
      workload.finished + workload.rejected + workload.failed + there.running + there.waiting;
  book.note("jobs workloads." + workload.spec->name,
            fmt::format("submitted {} = finished {} + rejected {} + failed {} + running {} + "
                        "waiting {}",
                        workload.submitted, workload.finished, workload.rejected, workload.failed,
                        there.running, there.waiting),
            relative_error(static_cast<double>(workload.submitted), static_cast<double>(out)),
            out == workload.submitted);
}

/// Little: the time integral of the number in the system is the sum of the times in the system.
void check_little(const WorkloadState& workload, const InPool& there, SimTime end, LawBook& book) {
  const Int128 by_level = workload.in_system.until(end);
  const Int128 by_job = workload.job_ns + there.job_ns;
  const double seconds = std::max(to_seconds(end), 1e-9);
  book.note("little workloads." + workload.spec->name,
            fmt::format("L = {:.6g} jobs, lambda W = {:.6g} jobs", per_second(by_level) / seconds,
                        per_second(by_job) / seconds),
            relative_error(static_cast<double>(by_level), static_cast<double>(by_job)),
            by_level == by_job);
}

void check_accelerators(const PoolState& pool, SimTime end, LawBook& book) {
  Int128 busy_by_job = pool.job_accelerator_ns;
  Int128 cores_by_job = pool.job_core_ns;
  for (const JobId id : pool.running) {
    const JobView& job = pool.jobs[id.value];
    busy_by_job += Int128{job.total.accelerator_milli} * (end - job.started).ns;
    cores_by_job += Int128{job.total.cores_milli} * (end - job.started).ns;
  }
  const Int128 all = Int128{pool.fleet->capacity().accelerator_milli} * end.ns;
  const Int128 idle = pool.idle_accelerator_milli.until(end);
  const Int128 down = pool.down_accelerator_milli.until(end);
  const auto seconds = [](Int128 milli_ns) { return per_second(milli_ns) / 1000; };
  if (all > 0) {
    book.note(
        "accelerator-seconds pools." + pool.spec->name,
        fmt::format("{:.6g} = busy {:.6g} + idle {:.6g} + down {:.6g}", seconds(all),
                    seconds(busy_by_job), seconds(idle), seconds(down)),
        relative_error(static_cast<double>(all), static_cast<double>(busy_by_job + idle + down)),
        all == busy_by_job + idle + down);
  }
  const Int128 cores = Int128{pool.fleet->capacity().cores_milli} * end.ns;
  const Int128 idle_cores = pool.idle_cores_milli.until(end);
  const Int128 down_cores = pool.down_cores_milli.until(end);
  book.note("core-seconds pools." + pool.spec->name,
            fmt::format("{:.6g} = busy {:.6g} + idle {:.6g} + down {:.6g}", seconds(cores),
                        seconds(cores_by_job), seconds(idle_cores), seconds(down_cores)),
            relative_error(static_cast<double>(cores),
                           static_cast<double>(cores_by_job + idle_cores + down_cores)),
            cores == cores_by_job + idle_cores + down_cores);
}

/// Each accelerator-nanosecond has one cause.
void check_losses(const PoolState& pool, SimTime end, LawBook& book) {
  const Int128 all = Int128{pool.fleet->capacity().accelerator_milli} * end.ns;
  Int128 sum = 0;
  bool none_below = true;
  std::string parts;
  for (const auto& [cause, milli_ns] : losses_of(pool, end)) {
    sum += milli_ns;
    none_below = none_below && milli_ns >= 0;
    parts +=
        fmt::format("{}{} {:.6g}", parts.empty() ? "" : " + ", cause, per_second(milli_ns) / 1000);
  }
  book.note("causes pools." + pool.spec->name,
            fmt::format("{:.6g} accelerator-seconds = {}", per_second(all) / 1000, parts),
            relative_error(static_cast<double>(all), static_cast<double>(sum)),
            all == sum && none_below);
}

/// Where every tenant has books, what they held by job is what the pool had busy, by its level.
void check_tenants(const PoolState& pool, SimTime end, LawBook& book) {
  if (pool.tenant_books.empty()) return;
  const bool all = std::all_of(pool.named.begin(), pool.named.end(), [&](std::uint32_t named) {
    return named < pool.tenant_books.size();
  });
  Int128 by_tenant = 0;
  for (const TenantHeld& held : held_by_tenants(pool, end))
    by_tenant += held.core_milli_ns + held.accelerator_milli_ns;
  const Int128 busy = pool.busy_accelerator_milli.until(end) + pool.busy_cores_milli.until(end);
  book.note("tenants pools." + pool.spec->name,
            fmt::format("core- and accelerator-seconds held: {:.6g} by tenants, {:.6g} in all",
                        per_second(by_tenant) / 1000, per_second(busy) / 1000),
            all ? relative_error(static_cast<double>(by_tenant), static_cast<double>(busy)) : 0,
            all ? by_tenant == busy : by_tenant <= busy);
}

/// What the shares of running jobs add up to is what is missing from the servers.
void check_shares(const PoolState& pool, LawBook& book) {
  Resources held;
  for (const JobId id : pool.running) held += pool.jobs[id.value].total;
  Resources missing = pool.fleet->capacity();
  missing -= pool.fleet->free();
  missing -= pool.fleet->down();
  book.note("shares pools." + pool.spec->name,
            fmt::format("running jobs hold {} of 1/1000 cores, servers miss {}", held.cores_milli,
                        missing.cores_milli),
            relative_error(static_cast<double>(held.cores_milli),
                           static_cast<double>(missing.cores_milli)),
            held == missing);
}

/// Server-seconds = those in each status, by levels and, the other side, by the stays of servers.
void check_nodes(const PoolState& pool, SimTime end, LawBook& book) {
  const NodesState& nodes = *pool.nodes;
  std::array<Int128, kServerStatuses> by_level = {};
  std::array<Int128, kServerStatuses> by_stay = nodes.stay_ns;
  for (const auto& block : pool.availability->in_status) {
    for (std::size_t s = 0; s < kServerStatuses; ++s) by_level[s] += block[s].until(end);
  }
  for (std::size_t server = 0; server < nodes.servers.size(); ++server) {
    const auto status = static_cast<std::size_t>(pool.availability->status[server]);
    by_stay[status] += (end - nodes.servers[server].since).ns;
  }
  const Int128 all = Int128{pool.fleet->servers()} * end.ns;
  Int128 sum = 0;
  for (const Int128 part : by_stay) sum += part;
  const auto in = [&](ServerStatus status) {
    return per_second(by_stay[static_cast<std::size_t>(status)]);
  };
  book.note("server-seconds pools." + pool.spec->name,
            fmt::format("{:.6g} = up {:.6g} + draining {:.6g} + booting {:.6g} + down {:.6g} + off "
                        "{:.6g}",
                        per_second(all), in(ServerStatus::up), in(ServerStatus::draining),
                        in(ServerStatus::booting), in(ServerStatus::down), in(ServerStatus::off)),
            relative_error(static_cast<double>(all), static_cast<double>(sum)),
            all == sum && by_level == by_stay);
}

/// A fluid service: expected numbers, and what its stations hold.
void check_fluid_service(const ServiceState& service, LawBook& book) {
  const FluidState& fluid = *service.fluid;
  const auto all = [&](Count what) { return fluid.expected[static_cast<std::size_t>(what)]; };
  double under_way = fluid.retries.waiting();
  for (const FluidDeployment& deployment : fluid.deployments) {
    under_way += deployment.queue.prompt();
  }
  const double offered = all(Count::offered);
  const double out = all(Count::completed) + all(Count::failed) + under_way;
  const double error = relative_error(offered, out);
  book.note("requests workloads." + service.spec->name,
            fmt::format("offered {:.9g} = completed {:.9g} + failed {:.9g} + under way {:.6g}",
                        offered, all(Count::completed), all(Count::failed), under_way),
            error, error <= kRoundingTolerance);
}

/// Requests are counted from their slots, and their time at replicas from their own stamps.
void check_service(const ServiceState& service, SimTime end, LawBook& book) {
  std::uint64_t under_way = 0;
  std::vector<Int128> sojourn_ns(service.deployments.size(), 0);
  for (const RequestState& request : service.requests) {
    if (request.phase == RequestPhase::free) continue;
    if (!request.abandoned) ++under_way;
    const bool there = request.holds || request.phase == RequestPhase::queued ||
                       request.phase == RequestPhase::hanging;
    if (there) sojourn_ns[request.deployment] += (end - request.entered).ns;
  }
  const auto all = [&](Count what) { return service.all.n[static_cast<std::size_t>(what)]; };
  const std::uint64_t offered = all(Count::offered);
  const std::uint64_t out = all(Count::completed) + all(Count::failed) + under_way;
  book.note("requests workloads." + service.spec->name,
            fmt::format("offered {} = completed {} + failed {} + under way {}", offered,
                        all(Count::completed), all(Count::failed), under_way),
            relative_error(static_cast<double>(offered), static_cast<double>(out)), offered == out);
  for (const DeploymentState& deployment : service.deployments) {
    const Int128 by_request = deployment.sojourn_ns + sojourn_ns[deployment.index];
    const double seconds = std::max(to_seconds(end), 1e-9);
    book.note(
        fmt::format("little workloads.{}.{}", service.spec->name, deployment.spec->name),
        fmt::format("L = {:.6g} requests, lambda W = {:.6g} requests",
                    per_second(deployment.load_ns) / seconds, per_second(by_request) / seconds),
        relative_error(static_cast<double>(deployment.load_ns), static_cast<double>(by_request)),
        deployment.load_ns == by_request);
  }
}

/// Each write is copied to each region, lost with its own, or under way.
void check_copies(const ServiceState& service, LawBook& book) {
  if (service.replication == nullptr) return;
  const Replication& r = *service.replication;
  const std::uint64_t all = r.copied + r.lost + r.uncopied;
  book.note("copies workloads." + service.spec->name,
            fmt::format("bytes to copy {} = copied {} + lost {} + not there {}", r.written,
                        r.copied, r.lost, r.uncopied),
            relative_error(static_cast<double>(r.written), static_cast<double>(all)),
            r.written == all);
}

/// In whole bytes.
void check_bytes(const FabricState& state, LawBook& book) {
  const FabricBytes all = state.fabric->bytes();
  const std::uint64_t out = all.delivered + all.withdrawn + all.in_flight;
  book.note("bytes fabrics." + state.spec->name,
            fmt::format("offered {} = delivered {} + withdrawn {} + in flight {}", all.offered,
                        all.delivered, all.withdrawn, all.in_flight),
            relative_error(static_cast<double>(all.offered), static_cast<double>(out)),
            all.offered == out);
}

/// Every ns of the gang belongs to one part, and those with accelerators are those that it held.
void check_training(const World& world, const WorkloadState& workload, SimTime end, LawBook& book) {
  const TrainingBooks books = training_books(world, *workload.training, end);
  const auto held_ns = static_cast<std::int64_t>(workload.training->held.until(end));
  const auto seconds = [](std::int64_t ns) { return to_seconds(Duration{ns}); };
  std::string parts;
  for (const TrainingShare& part : books.parts) {
    parts += fmt::format("{}{} {:.6g}", parts.empty() ? "" : " + ", part.name, seconds(part.ns));
  }
  const bool none_below = std::all_of(books.parts.begin(), books.parts.end(),
                                      [](const TrainingShare& part) { return part.ns >= 0; });
  book.note(
      "training workloads." + workload.spec->name,
      fmt::format("{:.6g} s = {}; held {:.6g}", seconds(books.life_ns), parts, seconds(held_ns)),
      relative_error(static_cast<double>(books.life_ns), static_cast<double>(books.sum_ns)),
      books.sum_ns == books.life_ns && books.held_ns == held_ns && none_below);
}

/// What its jobs say that they held is what the pool, theirs alone, gave to jobs.
void check_elastic(const World& world, const WorkloadState& workload, SimTime end, LawBook& book) {
  const PoolState& pool = world.pools[workload.spec->pool];
  Int128 given = pool.job_accelerator_ns;
  for (const JobId id : pool.running) {
    const JobView& job = pool.jobs[id.value];
    given += Int128{job.total.accelerator_milli} * (end - job.started).ns;
  }
  const ElasticBooks& books = workload.elastic;
  const Int128 held = books.held_ns * kWholeAccelerator;
  book.note("elastic workloads." + workload.spec->name,
            fmt::format("jobs held {:.6g} accelerator-seconds, {:.6g} of them coming up; the pool "
                        "gave {:.6g}",
                        per_second(books.held_ns), per_second(books.restarting_ns),
                        per_second(given) / kWholeAccelerator),
            relative_error(static_cast<double>(held), static_cast<double>(given)),
            held == given && books.restarting_ns <= books.held_ns);
}

/// The phases of its jobs are the time that these held servers; no server stayed for longer than it
/// may.
void check_platform(const World& world, std::uint32_t workload, SimTime end, LawBook& book) {
  const PlatformState& state = *world.workloads[workload].platform;
  const auto times = platform_times(world, state, workload, end);
  const Int128 held = state.held.until(end);
  const Int128 idle = platform_idle_ns(state, end);
  const Int128 most = Int128{state.spec->keep_alive.ns} * static_cast<std::int64_t>(state.kept);
  Int128 sum = 0;
  for (const Int128 time : times) sum += time;
  book.note("platform workloads." + world.workloads[workload].spec->name,
            fmt::format("held {:.6g} s = provision {:.6g} + pull {:.6g} + stage {:.6g} + run "
                        "{:.6g} + upload {:.6g}; kept {:.6g} of at most {:.6g}",
                        per_second(held), per_second(times[0]), per_second(times[1]),
                        per_second(times[2]), per_second(times[3]), per_second(times[4]),
                        per_second(idle), per_second(most)),
            relative_error(static_cast<double>(held), static_cast<double>(sum)),
            held == sum && idle <= most);
}

/// No workload had more servers than its quota; the steps on critical paths make them up.
void check_pipelines(const World& world, LawBook& book) {
  for (const WorkloadState& workload : world.workloads) {
    if (workload.platform == nullptr || !workload.platform->spec->quota) continue;
    const std::uint64_t most = workload.platform->step->most_servers;
    const std::uint64_t quota = workload.platform->spec->quota->servers;
    book.note("quota workloads." + workload.spec->name,
              fmt::format("at most {} servers of {}", most, quota), 0, most <= quota);
  }
  const CriticalTimes times = critical_times(world);
  if (times.runs_ns == 0 && times.steps_ns == 0) return;
  book.note("critical paths of pipelines",
            fmt::format("pipelines {:.6g} s = their steps {:.6g}", per_second(times.runs_ns),
                        per_second(times.steps_ns)),
            relative_error(static_cast<double>(times.runs_ns), static_cast<double>(times.steps_ns)),
            times.runs_ns == times.steps_ns);
}

/// By its readers, and by what it gave at its rates. Who has all is late by less than 1 ns.
void check_store(const StoreState& store, LawBook& book) {
  const double by_reader = store.read + store.read_in_part;
  const double late = 1e-9 * std::max(store.spec->rate_Bps, store.spec->write_rate_Bps) *
                      static_cast<double>(store.ends);
  const double error = std::max(relative_error(store.asked, by_reader + store.left),
                                relative_error(store.delivered, by_reader));
  book.note("bytes stores." + store.spec->name,
            fmt::format("asked {:.9g} = read {:.9g} + read in part {:.9g} + left {:.9g}; given "
                        "{:.9g}",
                        store.asked, store.read, store.read_in_part, store.left, store.delivered),
            error, error <= kRoundingTolerance || std::fabs(store.delivered - by_reader) <= late);
}

/// Every request of a storage system ends, or still waits.
void check_requests(const StorageRequestsState& state, LawBook& book) {
  const std::uint64_t there = state.completed + state.failed + state.waiting;
  book.note("requests workloads." + state.spec->name,
            fmt::format("{} = completed {} + failed {} + waiting {}", state.offered,
                        state.completed, state.failed, state.waiting),
            relative_error(static_cast<double>(state.offered), static_cast<double>(there)),
            state.offered == there);
  const TierState& tier = state.tier;
  if (tier.due == 0) return;
  const std::uint64_t moves = tier.moved + tier.failed + tier.under_way;
  book.note("moves workloads." + state.spec->name,
            fmt::format("{} = moved {} + failed {} + under way {}", tier.due, tier.moved,
                        tier.failed, tier.under_way),
            relative_error(static_cast<double>(tier.due), static_cast<double>(moves)),
            tier.due == moves);
}

/// Every access of an object ends, or is under way.
void check_objects(const World& world, const ObjectsState& state, LawBook& book) {
  if (state.begun == 0) return;
  const std::uint64_t there = state.ended + state.failed + state.forgotten + state.under_way;
  book.note("objects storage." + world.storage[state.system].spec->name,
            fmt::format("{} = ended {} + failed {} + forgotten {} + under way {}", state.begun,
                        state.ended, state.failed, state.forgotten, state.under_way),
            relative_error(static_cast<double>(state.begun), static_cast<double>(there)),
            state.begun == there);
}

}  // namespace

double relative_error(double a, double b) {
  const double scale = std::max(std::fabs(a), std::fabs(b));
  return scale == 0 ? 0 : std::fabs(a - b) / scale;
}

std::vector<CheckOutcome> run_checkers(const World& world, SimTime end) {
  LawBook book;
  for (std::size_t p = 0; p < world.pools.size(); ++p) {
    const PoolState& pool = world.pools[p];
    const std::vector<InPool> there = count_remaining(world, pool, end);
    for (std::size_t w = 0; w < world.workloads.size(); ++w) {
      if (world.workloads[w].spec->pool != p) continue;
      check_jobs(world.workloads[w], there[w], book);
      check_little(world.workloads[w], there[w], end, book);
    }
    check_accelerators(pool, end, book);
    check_shares(pool, book);
    check_tenants(pool, end, book);
    if (pool.losses != nullptr) check_losses(pool, end, book);
    if (pool.nodes != nullptr) check_nodes(pool, end, book);
  }
  for (const WorkloadState& workload : world.workloads) {
    if (workload.training != nullptr) check_training(world, workload, end, book);
    if (workload.spec->elastic) check_elastic(world, workload, end, book);
  }
  for (std::uint32_t w = 0; w < world.workloads.size(); ++w) {
    if (world.workloads[w].platform != nullptr) check_platform(world, w, end, book);
  }
  check_pipelines(world, book);
  for (const ServiceState& service : world.services) {
    service.fluid ? check_fluid_service(service, book) : check_service(service, end, book);
    check_copies(service, book);
  }
  for (const FabricState& state : world.fabrics) check_bytes(state, book);
  for (const StoreState& store : world.stores) check_store(store, book);
  for (const StorageState& state : world.storage) {
    for (const StorageCheck& check : check_storage(state)) {
      book.note(check.name, check.text, check.error, check.holds);
    }
  }
  for (const auto& state : world.objects) check_objects(world, *state, book);
  for (const StorageRequestsState& state : world.storage_requests) check_requests(state, book);
  check_plans(world, book);
  const double metered = world.power.metered_j(end);
  const double parts = world.power.parts_j(end);
  const double error = relative_error(metered, parts);
  book.note("energy", fmt::format("meter {:.9g} J, parts {:.9g} J", metered, parts), error,
            error <= kRoundingTolerance);
  check_energy_books(world, book);
  HYPERDC_CHECK(book.broken.empty(), "a law does not hold at the end: " + book.broken);
  return book.outcomes;
}

}  // namespace hyperdc
