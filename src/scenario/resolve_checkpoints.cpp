#include "scenario/resolve_checkpoints.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include <hyperdc/policy/scheduler.hpp>

#include "core/text.hpp"
#include "scenario/policy_entry.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_training.hpp"
#include "scenario/resolve_training_storage.hpp"

namespace hyperdc {
namespace {

constexpr double kLeastMean_s = 1;  // between what happens at random to a whole run

/// Failures of a run in a second, by the most that is lost with one.
struct LossRates {
  std::array<double, 5> of = {};  // by TrainingLoss

  double above(TrainingLoss survived) const {
    double sum = 0;
    for (std::size_t i = static_cast<std::size_t>(survived) + 1; i < of.size(); ++i) sum += of[i];
    return sum;
  }
};

/// How many items of a cause the run needs to stay up, if its servers lie side by side; and what
/// is lost with one.
struct Exposed {
  double items = 0;
  TrainingLoss loss = TrainingLoss::more;
};

Exposed exposed_of(const Scenario& scenario, const PoolSpec& pool, const FailureSpec& cause,
                   const TrainingSpec& training) {
  // Of the servers of the pool, those that the cause may hit, and their racks and zones (or
  // regions).
  double all = 0, hit = 0, racks = 0;
  std::set<std::pair<std::uint32_t, std::string>> zones;
  for (const std::uint32_t rack : pool.racks) {
    const RackGroup& group = scenario.racks[rack];
    const auto servers = static_cast<double>(servers_in(group));
    all += servers;
    if (std::find(cause.racks.begin(), cause.racks.end(), rack) == cause.racks.end()) continue;
    hit += servers;
    racks += group.racks;
    zones.emplace(group.region, cause.of == FaultItem::region ? "" : group.zone);
  }
  if (hit == 0) return {};
  const double servers = training.servers * hit / all;
  const auto filled = [&](double places) { return std::ceil(servers / (hit / places)); };
  switch (cause.of) {
    case FaultItem::accelerator:
      return {static_cast<double>(training.plan.accelerators()) * hit / all,
              TrainingLoss::accelerator};
    case FaultItem::server:
      return {servers, TrainingLoss::server};
    case FaultItem::rack:
      return {filled(racks), TrainingLoss::rack};
    case FaultItem::zone:
    case FaultItem::region:
      break;
  }
  return {filled(static_cast<double>(zones.size())), TrainingLoss::more};
}

LossRates loss_rates(const Scenario& scenario, const JobsWorkload& workload) {
  LossRates rates;
  for (const FailureSpec& cause : scenario.failures) {
    const auto* random = std::get_if<RandomFailures>(&cause.what);
    if (random == nullptr) continue;
    const Exposed exposed =
        exposed_of(scenario, scenario.pools[workload.pool], cause, *workload.training);
    const double lemons = 1 + random->lemon_share * (random->lemon_factor - 1);
    rates.of[static_cast<std::size_t>(exposed.loss)] +=
        exposed.items * lemons / Distribution(random->time_to_failure).mean();
  }
  return rates;
}

TrainingLoss outlived(const std::string& name) {
  if (name == "accelerator") return TrainingLoss::accelerator;
  if (name == "server") return TrainingLoss::server;
  if (name == "rack") return TrainingLoss::rack;
  return TrainingLoss::more;
}

Duration written_in(const View& checkpoint, const TrainingSpec& training) {
  if (const View write = checkpoint["write"]) return write.duration();
  const double servers = training.servers;
  double rate = servers * checkpoint["rate"].number();
  if (const View limit = checkpoint["limit"]) rate = std::min(rate, limit.number());
  const double bytes = checkpoint["bytes_per_parameter"].number() * training.parameters;
  return seconds(rate > 0 ? std::min(bytes / rate, 2 * kLongestRun_s) : 0);  // refused later
}

/// Of one checkpoint; of what others use, too, if nobody else is there.
struct WriteTime {
  Duration stall, flush;
};

/// Of what remains for this tier, as those before it outlive the rest.
void set_period(Resolution& r, const View& checkpoint, const LossRates& rates,
                TrainingLoss survived, const TrainingCourse& course, const WriteTime& time,
                CheckpointTier& tier) {
  const double step_s = to_seconds(course.step);
  const double stall_s = to_seconds(time.stall), flush_s = to_seconds(time.flush);
  double period_s = checkpoint["every"].number();
  if (!checkpoint["every"]) {
    const double rate = rates.above(survived);
    if (rate == 0) {
      const bool any = rates.above(TrainingLoss::none) > 0;
      r.error("E011", View(checkpoint.json(), checkpoint.path() + ".every"), "is missing",
              fmt::format("{}: add \"every\": \"30 min\"",
                          any ? "the checkpoints before it outlive every cause at random"
                              : "no cause of failure at random says how often it is best"));
      return;
    }
    if (time.stall.ns > 0) period_s = best_period(1 / rate, stall_s);
  } else if (period_s <= stall_s || period_s < stall_s + flush_s) {
    r.error(
        "E034", checkpoint["every"],
        fmt::format("one takes {} to write", format_for_people(stall_s + flush_s, Dimension::time)),
        "a longer period, or a higher rate");
    return;
  }
  // Steps are whole; the next one is not written before this one is.
  const double steps =
      std::max(std::round((period_s - stall_s) / step_s), std::ceil(flush_s / step_s));
  const auto most = static_cast<double>(course.steps);
  tier.every = static_cast<std::uint64_t>(std::clamp(steps, 1.0, std::max(1.0, most)));
}

/// Times of the tier, too, as far as they are known before the run; nothing and problems otherwise.
std::optional<WriteTime> write_time(Resolution& r, const View& checkpoint, JobsWorkload& workload,
                                    CheckpointTier& tier) {
  TrainingSpec& training = *workload.training;
  const bool blocking = checkpoint["blocking"].flag();
  if (const View stall = checkpoint["stall"]; stall && blocking) {
    r.error("E016", stall, "a blocking checkpoint stands still until it is written",
            R"("blocking": false, or no stall)");
  }
  Duration write;
  if (checkpoint["into"]) {
    auto shared = shared_checkpoints(r, checkpoint, workload, training.course.tiers.size());
    if (!shared) return std::nullopt;
    write = shared->alone;
    tier.told = true;
    tier.load = seconds(alone_s(r.scenario, shared->place, shared->bytes, training.servers, false));
    training.shared.push_back(*shared);
  } else {
    if (checkpoint["write"] && checkpoint["rate"]) {
      r.error("E015", checkpoint["rate"], "\"write\" says how long it takes", "remove one of both");
    }
    write = written_in(checkpoint, training);
  }
  const Duration stall = blocking ? write : checkpoint["stall"].duration();
  const WriteTime out{stall, blocking ? Duration{} : write};
  if (tier.told) return out;
  tier.stall = out.stall;
  tier.flush = out.flush;
  const View load = checkpoint["load"];
  tier.load = load ? load.duration() : write;
  return out;
}

void resolve_tiers(Resolution& r, const View& view, const LossRates& rates,
                   JobsWorkload& workload) {
  TrainingSpec& training = *workload.training;
  TrainingLoss survived = TrainingLoss::none;
  for (const auto& [name, checkpoint, _] : view["checkpoints"].each()) {
    if (!checkpoint) continue;
    CheckpointTier tier;
    tier.name = name;
    tier.outlives = outlived(checkpoint["survives"].text());
    const auto time = write_time(r, checkpoint, workload, tier);
    if (!time) continue;
    if (const View keep = checkpoint["keep"]) {
      tier.keep = static_cast<std::uint64_t>(keep.number());
    }
    if (tier.outlives < survived) {
      r.error("E034", checkpoint, "a checkpoint before it outlives more", "the most lasting last");
    }
    set_period(r, checkpoint, rates, survived, training.course, *time, tier);
    survived = std::max(survived, tier.outlives);
    training.course.tiers.push_back(std::move(tier));
  }
}

/// What happens to a whole run every second has no use.
void check_mean(Resolution& r, const View& at, double mtbf_s, double items) {
  if (mtbf_s / items >= kLeastMean_s) return;
  r.error("E021", at,
          fmt::format("with {} of them it happens every {}", items,
                      format_for_people(mtbf_s / items, Dimension::time)),
          "at least 1 s apart for all together");
}

/// Whether the whole of it stays within the times that a run may have; and what looks like a slip.
void check_course(Resolution& r, const View& workload, const TrainingSpec& training, double rate) {
  const TrainingCourse& course = training.course;
  const double step_s = to_seconds(course.step), steps = static_cast<double>(course.steps);
  double stalls = 0, rest_s = to_seconds(course.start);
  for (const CheckpointTier& tier : course.tiers) {
    stalls += to_seconds(tier.stall) / (static_cast<double>(tier.every) * step_s);
    rest_s += to_seconds(tier.load) + to_seconds(tier.flush) + to_seconds(tier.stall);
  }
  for (const SharedCheckpoints& shared : training.shared) {
    const CheckpointTier& tier = course.tiers[shared.tier];
    const Duration stall = shared.blocking ? shared.alone : shared.stall;
    stalls += to_seconds(stall) / (static_cast<double>(tier.every) * step_s);
    rest_s += to_seconds(shared.alone);
  }
  const double speed = training.stragglers ? training.stragglers->speed : 1;
  const double all_s = (steps * step_s * (1 + stalls) + rest_s) / speed;
  if (all_s > kLongestRun_s) {
    r.error("E034", workload[workload["steps"] ? "steps" : "tokens"],
            fmt::format("with checkpoints, restarts and slow servers it may take {}, and at most "
                        "90 y are simulated",
                        format_for_people(all_s, Dimension::time)),
            "fewer steps, or less beside them");
  }
  if (stalls > 1) {
    r.warning("E034", workload["checkpoints"],
              fmt::format("{:.0f} % of the time steps stand still for checkpoints",
                          100 * stalls / (1 + stalls)),
              "longer periods, or \"blocking\": false");
  }
  if (course.tiers.empty() && rate > 0) {
    r.warning("E034", workload, "may fail, and has no checkpoints: each time it begins anew",
              "add \"checkpoints\": {\"store\": {\"write\": \"60 s\"}}");
  }
}

/// Turns that are shorter than the way to the next checkpoint bring nothing, for ever.
void check_end(Resolution& r, const View& workload, const PoolSpec& pool) {
  if (r.spec["duration"].json() != nullptr || r.problems.failed()) return;
  const auto turn = entry_of(schedulers(), pool.scheduler).make(pool.scheduler.params, {})->turn();
  if (!turn) return;
  r.error("E033", workload["pool"] ? workload["pool"] : workload,
          fmt::format("\"{}\" stops jobs every {}, and a training run goes back to its newest "
                      "checkpoint each time: it may never end",
                      pool.scheduler.policy, format_for_people(to_seconds(*turn), Dimension::time)),
          R"(add "duration": "7 d" to the scenario, or another scheduler)");
}

void resolve_troubles(Resolution& r, const View& workload, TrainingSpec& training) {
  if (const View slow = workload["stragglers"]) {
    Stragglers out;
    out.mtbf_s = slow["mtbf"].number();
    out.lasts_s = random_time(r, slow["lasts"], 0);
    out.speed = slow["speed"].number();
    if (const View after = slow["replaced_after"]) out.replaced_after = after.duration();
    if (slow["mtbf"]) check_mean(r, slow["mtbf"], out.mtbf_s, training.servers);
    training.stragglers = out;
  }
  if (const View corruption = workload["corruption"]) {
    SilentCorruption out;
    out.mtbf_s = corruption["mtbf"].number();
    out.found_s = random_time(r, corruption["detect"], 0);
    const auto accelerators = static_cast<double>(training.plan.accelerators());
    if (corruption["mtbf"]) check_mean(r, corruption["mtbf"], out.mtbf_s, accelerators);
    training.corruption = out;
  }
  const View trouble = workload[training.stragglers ? "stragglers" : "corruption"];
  if (trouble && r.spec["duration"].json() == nullptr) {
    r.error("E033", trouble, "comes again as long as the run lasts",
            R"(add "duration": "7 d" to the scenario)");
  }
}

/// Copies that may be missing are whole servers.
void resolve_elastic_gang(Resolution& r, const View& workload, TrainingSpec& training) {
  const View elastic = workload["elastic"];
  if (!elastic || !elastic["least"]) return;
  const TrainingPlan& plan = training.plan;
  ElasticGang out;
  out.least = static_cast<std::uint32_t>(elastic["least"].number());
  out.together = (plan.expert + plan.context - 1) / plan.context;
  out.after = elastic["after"].duration();
  out.rejoin = elastic["rejoin"].duration();
  const std::uint64_t in_server = plan.accelerators() / training.servers;
  const std::uint64_t unit = plan.accelerators() / plan.data * out.together;
  if (unit % in_server != 0) {
    r.error("E034", elastic,
            fmt::format("copies of {} accelerators are not whole servers of {}", unit, in_server),
            "a plan whose copies are, or no elastic gang");
    return;
  }
  if (plan.data % out.together != 0 || out.least % out.together != 0) {
    r.error("E034", elastic["least"],
            fmt::format("{} copies share experts and come and go together", out.together),
            fmt::format("a multiple of {} that divides {}", out.together, plan.data));
    return;
  }
  if (out.least >= plan.data) {
    r.error("E034", elastic["least"],
            fmt::format("there are {} copies, none of which may be missing", plan.data),
            fmt::format("at most {}", plan.data - out.together));
    return;
  }
  out.servers_together = static_cast<std::uint32_t>(unit / in_server);
  training.elastic = out;
}

}  // namespace

void resolve_checkpoints(Resolution& r) {
  for (JobsWorkload& workload : r.scenario.workloads) {
    if (!workload.training) continue;
    const View view = r.spec["workloads"][workload.name];
    TrainingSpec& training = *workload.training;
    const LossRates rates = loss_rates(r.scenario, workload);
    const double all = rates.above(TrainingLoss::none);
    if (all > 0) training.mttf_s = 1 / all;
    if (const View restart = view["restart"]) {
      training.course.start = restart["start"].duration();
      training.detect_s = random_time(r, restart["detect"], 0);
    }
    resolve_tiers(r, view, rates, workload);
    resolve_dataset(r, view, workload);
    resolve_troubles(r, view, training);
    resolve_elastic_gang(r, view, training);
    check_course(r, view, training, all);
    check_end(r, view, r.scenario.pools[workload.pool]);
  }
}

}  // namespace hyperdc
