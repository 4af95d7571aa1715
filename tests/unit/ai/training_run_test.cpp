// Training runs that are stopped and go back to a checkpoint: by hand, and against a run that is
// walked through checkpoint by checkpoint.
#include "ai/training/training_run.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/rng.hpp"

using namespace hyperdc;

namespace {

Duration ns(std::int64_t n) {
  return nanoseconds(n);
}

/// 10 steps of 100 ns, a checkpoint after every third with 7 ns of stall and 20 of writing beside
/// the steps, 50 ns to load, 30 to start.
TrainingCourse small_course() {
  TrainingCourse course;
  course.step = ns(100);
  course.steps = 10;
  course.start = ns(30);
  course.tiers = {{"store", 3, ns(7), ns(20), ns(50), TrainingLoss::more, 0}};
  return course;
}

/// The same, done step by step and checkpoint by checkpoint.
class Walked {
 public:
  explicit Walked(const TrainingCourse& course) : course_(course), there_(course.tiers.size()) {}

  /// `lost`: what is lost at the stop; nothing: a corruption was found.
  void segment(std::int64_t worked, std::optional<TrainingLoss> lost) {
    std::int64_t clock = 0;
    std::uint64_t step = base_;
    std::int64_t under_way = 0;
    dues.clear();
    std::vector<std::map<std::uint64_t, std::int64_t>> written(course_.tiers.size());
    const auto spend = [&](std::int64_t ns, std::int64_t& account) {
      const std::int64_t part = std::min(ns, worked - clock);
      account += part;
      clock += part;
      return part == ns;
    };
    if (spend(course_.start.ns + load_, restarts)) {
      while (step < course_.steps) {
        const std::int64_t before = steps_ns;
        if (!spend(course_.step.ns, steps_ns)) {
          under_way = steps_ns - before;
          break;
        }
        ++step;
        if (!write(step, clock, written, spend)) break;
      }
      if (step == course_.steps) spend(worked, stalls);  // waits for the last to be written
    }
    for (std::size_t i = 0; i < there_.size(); ++i) {
      for (const auto& [at, done] : written[i]) {
        if (done <= worked) there_[i].insert_or_assign(at, true);
      }
      if (lost && course_.tiers[i].outlives < *lost) there_[i].clear();
      const std::uint64_t keep = course_.tiers[i].keep;
      while (keep > 0 && there_[i].size() > keep) there_[i].erase(there_[i].begin());
      if (lost || !clean) continue;
      std::erase_if(there_[i], [&](const auto& entry) { return entry.first > *clean; });
    }
    (void)under_way;
    go_back();
  }
  std::uint64_t step_after(std::int64_t worked) {
    Walked copy = *this;
    std::int64_t clock = course_.start.ns + load_;
    std::uint64_t step = base_;
    while (step < course_.steps) {
      if (clock + course_.step.ns > worked) break;
      clock += course_.step.ns;
      ++step;
      for (std::size_t i = 0; i < course_.tiers.size(); ++i) {
        if (due(step, i)) clock += course_.tiers[i].stall.ns;
      }
    }
    return step;
  }

  std::uint64_t base() const { return base_; }
  std::optional<std::uint64_t> clean;
  std::int64_t steps_ns = 0, stalls = 0, restarts = 0;
  using Of = std::pair<std::size_t, std::uint64_t>;  // tier that is told, step
  std::map<Of, std::int64_t> dues;                   // of the last segment
  std::set<Of> told;                                 // that were written in it

 private:
  bool due(std::uint64_t step, std::size_t i) const {
    return step % course_.tiers[i].every == 0 ||
           (step == course_.steps && i + 1 == course_.tiers.size());
  }
  template <class Spend>
  bool write(std::uint64_t step, const std::int64_t& clock,
             std::vector<std::map<std::uint64_t, std::int64_t>>& written, Spend spend) {
    for (std::size_t i = 0; i < course_.tiers.size(); ++i) {
      if (!due(step, i)) continue;
      if (course_.tiers[i].told) {
        dues[{i, step}] = clock;
        if (told.contains({i, step})) written[i][step] = clock;
        continue;
      }
      if (!spend(course_.tiers[i].stall.ns, stalls)) return false;
      written[i][step] = clock + course_.tiers[i].flush.ns;
    }
    return true;
  }
  void go_back() {
    base_ = 0;
    load_ = 0;
    bool told_one = false;
    for (std::size_t i = 0; i < there_.size(); ++i) {
      if (there_[i].empty()) continue;
      const std::uint64_t newest = there_[i].rbegin()->first;
      const std::int64_t load = course_.tiers[i].load.ns;
      if (newest > base_ || (newest == base_ && load < load_)) {
        load_ = load;
        told_one = course_.tiers[i].told;
      }
      base_ = std::max(base_, newest);
    }
    if (told_one) load_ = 0;  // its load is none of the work of the segment
    if (clean && base_ <= *clean) clean.reset();
  }

  TrainingCourse course_;
  std::vector<std::map<std::uint64_t, bool>> there_;
  std::uint64_t base_ = 0;
  std::int64_t load_ = 0;
};

}  // namespace

TEST_CASE("a run without checkpoints takes its steps and begins anew") {
  TrainingCourse course = small_course();
  course.tiers.clear();
  TrainingRun run(course);
  CHECK(run.begin().ns == 30 + 1000);
  run.stop(ns(30 + 250), TrainingLoss::accelerator);
  CHECK(run.steps_left() == 10);
  CHECK(run.begin(ns(5)).ns == 5 + 30 + 1000);
  const auto account = run.account(ns(35 + 120));
  CHECK(account.kept == 1);
  CHECK(account.kept_ns == 120);
  CHECK(account.discarded_ns == 250);
  CHECK(account.restarts_ns == 65);
  CHECK(account.checkpoints == 0);
}

TEST_CASE("a run goes back to the checkpoint that was written in time") {
  TrainingRun run(small_course());
  // 30, steps to 330, stall to 337 (it can be loaded from 357 on), to 637, stall to 644, to 944,
  // stall to 951, the last step to 1051, its stall to 1058, written at 1078.
  CHECK(run.begin().ns == 1078);
  CHECK(run.account(ns(336)).kept == 3);
  CHECK(run.account(ns(336)).stalls_ns == 6);
  TrainingRun early = run;
  early.stop(ns(356), TrainingLoss::more);
  CHECK(early.steps_left() == 10);
  CHECK(early.account({}).discarded_ns == 319);
  run.stop(ns(357), TrainingLoss::more);
  CHECK(run.steps_left() == 7);
  CHECK(run.account({}).kept_ns == 300);
  CHECK(run.account({}).discarded_ns == 20);
  CHECK(run.account({}).checkpoints == 1);
  // From step 3: 30 + 50, to 380, stall to 387, to 687, to 694, to 794, to 801, written at 821.
  CHECK(run.begin().ns == 821);
  CHECK(run.finish().ns == 821);
  const auto all = run.account({});
  CHECK(all.kept == 10);
  CHECK(all.kept_ns == 1000);
  CHECK(all.stalls_ns == 7 + 7 + 7 + 7 + 20);
  CHECK(all.restarts_ns == 30 + 80);
  CHECK(all.sum_ns() == 357 + 821);
  CHECK(all.checkpoints == 4);
}

TEST_CASE("a tier that does not outlive a loss is not begun from") {
  TrainingCourse course = small_course();
  course.tiers.insert(course.tiers.begin(),
                      {"memory", 1, ns(1), ns(2), ns(3), TrainingLoss::accelerator, 1});
  TrainingRun run(course);
  run.begin();
  // Step 5 is ready at 30 + 500 + 4 + 7 and written in memory 3 later.
  TrainingRun other = run;
  other.stop(ns(544), TrainingLoss::accelerator);
  CHECK(other.steps_left() == 5);
  CHECK(other.begin().ns == 30 + 3 + 500 + 5 * 1 + 3 * 7 + 20);  // stores after 6, 9 and 10
  run.stop(ns(544), TrainingLoss::server);
  CHECK(run.steps_left() == 7);
  run.begin();
  run.stop(ns(81), TrainingLoss::accelerator);  // its memory is still empty
  CHECK(run.steps_left() == 7);
}

TEST_CASE("silent corruption spoils what is written after it") {
  TrainingRun run(small_course());
  run.begin();
  run.corrupt(ns(500));                     // during step 5
  run.stop(ns(700), TrainingLoss::server);  // goes on from step 6, spoilt
  CHECK(run.steps_left() == 4);
  CHECK(run.is_corrupt());
  run.begin();
  run.stop_corrupt(ns(100));
  CHECK(run.steps_left() == 7);
  CHECK_FALSE(run.is_corrupt());
  CHECK(run.account({}).kept == 3);
  // With the last one kept alone there is none that is clean.
  TrainingCourse course = small_course();
  course.tiers[0].keep = 1;
  TrainingRun forgets(course);
  forgets.begin();
  forgets.corrupt(ns(500));
  forgets.stop_corrupt(ns(700));
  CHECK(forgets.steps_left() == 10);
}

TEST_CASE("a checkpoint that is told is there from then on, and what is lost later is lost too") {
  TrainingCourse course = small_course();
  course.tiers[0].stall = course.tiers[0].flush = {};
  course.tiers[0].told = true;
  course.tiers.insert(course.tiers.begin(),
                      {"peer", 2, ns(0), ns(0), ns(5), TrainingLoss::server, 0});
  TrainingRun run(course);
  CHECK(run.begin().ns == 30 + 1000 + TrainingRun::kLastTold);
  CHECK(run.next_write(1, 0)->step == 3);
  CHECK(run.next_write(1, 0)->at.ns == 331);
  CHECK(run.next_write(1, 9)->step == 10);
  CHECK(run.next_write(1, 9)->last);
  CHECK_FALSE(run.next_write(1, 10));
  run.written(1, 3);
  run.written(1, 6);
  run.stop(ns(30 + 950), TrainingLoss::server);
  CHECK(run.base() == 8);
  CHECK(run.load_at().ns == 0);
  run.lose(TrainingLoss::rack);  // while it waits
  CHECK(run.base() == 6);
  CHECK(run.loads_from() == 1);
  CHECK(run.account({}).discarded_ns == 350);
  run.begin();
  CHECK(run.load_at().ns == 30);
  run.unreadable(1, 6);
  run.stop(ns(30), TrainingLoss::none);
  CHECK(run.base() == 3);
}

/// `below(n)`: one of 0 to n - 1.
template <class Below>
TrainingCourse drawn_course(const Below& below) {
  TrainingCourse course;
  course.step = ns(1 + below(50));
  course.steps = 1 + static_cast<std::uint64_t>(below(200));
  course.start = ns(below(40));
  const std::int64_t tiers = below(4);
  for (std::int64_t i = 0; i < tiers; ++i) {
    CheckpointTier tier;
    tier.every = 1 + static_cast<std::uint64_t>(below(20));
    tier.stall = ns(below(30));
    tier.flush = ns(below(static_cast<std::uint64_t>(tier.every) * course.step.ns + 1));
    tier.load = ns(below(60));
    tier.outlives = static_cast<TrainingLoss>(i + 1 == tiers ? 4 : 1 + i);
    tier.told = below(3) == 0;
    if (tier.told) tier.stall = tier.flush = {};
    if (tier.told) tier.keep = static_cast<std::uint64_t>(below(3));
    course.tiers.push_back(tier);
  }
  return course;
}

TEST_CASE("runs agree with those that are walked through step by step") {
  const RandomStream draws(7, "training-run");
  for (std::uint64_t n = 0; n < 2000; ++n) {
    std::uint64_t at = 0;
    const auto below = [&](std::uint64_t most) {
      return static_cast<std::int64_t>(draws.below(most, n, at++));
    };
    const TrainingCourse course = drawn_course(below);
    TrainingRun run(course);
    Walked walked(course);
    std::int64_t spent = 0;
    for (int segment = 0; segment < 6; ++segment) {
      const std::int64_t end = run.begin().ns;
      const std::int64_t worked = below(static_cast<std::uint64_t>(end));
      INFO(fmt::format("run {}, segment {}, worked {} of {}", n, segment, worked, end));
      CHECK(run.account(ns(worked)).kept == walked.step_after(worked));
      CHECK(run.account(ns(worked)).sum_ns() == spent + worked);
      walked.told.clear();
      std::map<Walked::Of, std::int64_t> dues;
      for (std::size_t i = 0; i < course.tiers.size(); ++i) {
        if (!course.tiers[i].told) continue;
        auto next = run.next_write(i, 0);
        for (; next && next->at.ns <= worked; next = run.next_write(i, next->step)) {
          dues[{i, next->step}] = next->at.ns - TrainingRun::kTold;
          if (below(3) == 0) continue;
          walked.told.insert({i, next->step});
          run.written(i, next->step);
        }
      }
      std::optional<TrainingLoss> lost = static_cast<TrainingLoss>(below(5));
      if (below(4) == 0) {
        const std::int64_t when = below(static_cast<std::uint64_t>(worked) + 1);
        run.corrupt(ns(when));
        const std::uint64_t clean = walked.step_after(when);
        walked.clean = walked.clean ? std::min(*walked.clean, clean) : clean;
      }
      if (run.is_corrupt() && below(2) == 0) lost.reset();
      if (lost) {
        run.stop(ns(worked), *lost);
      } else {
        run.stop_corrupt(ns(worked));
      }
      walked.segment(worked, lost);
      spent += worked;
      std::erase_if(walked.dues, [&](const auto& due) { return due.second >= worked; });
      REQUIRE(walked.dues == dues);
      REQUIRE(course.steps - run.steps_left() == walked.base());
      REQUIRE(run.is_corrupt() == walked.clean.has_value());
      const auto account = run.account({});
      CHECK(account.stalls_ns == walked.stalls);
      CHECK(account.restarts_ns == walked.restarts);
      CHECK(account.kept_ns + account.discarded_ns == walked.steps_ns);
    }
  }
}

TEST_CASE("the best period is where its efficiency is highest") {
  for (const double mttf : {2000.0, 11000.0, 4e6}) {
    for (const double stall : {1.0, 60.0, 600.0}) {
      const double best = best_period(mttf, stall);
      const double there = checkpoint_efficiency(mttf, best, stall, 60, 300);
      INFO(fmt::format("mttf {} stall {} best {}", mttf, stall, best));
      CHECK(best > stall);
      CHECK(there >= checkpoint_efficiency(mttf, best * 1.001, stall, 60, 300));
      CHECK(there >= checkpoint_efficiency(mttf, best * 0.999, stall, 60, 300));
    }
  }
  CHECK(std::isinf(best_period(INFINITY, 60)));
}
