// What holds for every scheduler, tried on random jobs of several kinds over several servers. The
// pool itself checks at each start and stop that a job waits or runs and that servers suffice.
#include "fake_pool.hpp"
#include "policy/scheduler/waiting.hpp"

namespace hyperdc::testing {
namespace {

std::vector<Resources> servers() {
  std::vector<Resources> all(4, {.cores_milli = 16000, .memory_bytes = 64, .accelerator_milli = 0});
  for (int i = 0; i < 4; ++i) {
    all.push_back({.cores_milli = 8000, .memory_bytes = 64, .accelerator_milli = 4000});
  }
  return all;
}

std::vector<FakeJob> mixed_jobs(std::uint64_t seed, std::size_t count) {
  Draw draw{seed};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (draw(3) != 0) t += static_cast<double>(draw(16)) / 2;
    const bool is_long = draw(8) == 0;
    const double run = static_cast<double>(1 + draw(is_long ? 400 : 40)) / 2;
    FakeJob job = cores(t, run, 1 + draw(8));
    job.each.memory_bytes = draw(33);
    if (draw(2) == 0) {
      job.each.accelerators = static_cast<std::int32_t>(1 + draw(4));
      job.each.accelerator_milli =
          job.each.accelerators > 1 ? 1000 : static_cast<std::int32_t>(250 * (1 + draw(4)));
    }
    job.members = static_cast<std::uint32_t>(1 + (draw(4) == 0 ? draw(4) : 0));
    // Right, too long or too short.
    if (draw(2) == 0) job.estimate = Duration{job.run.ns * (1 + draw(6)) / 3};
    job.priority = static_cast<std::int32_t>(draw(4));
    job.tenant = static_cast<std::uint32_t>(draw(5));
    jobs.push_back(job);
  }
  return jobs;
}

std::unique_ptr<Scheduler> quick(std::string_view name) {
  if (name == "las") {
    Params params = with("thresholds", std::vector<double>{5, 20});
    params.set("starvation", 4.0);
    return make(name, params);
  }
  if (name == "max-min") return make(name, with("round", 3.0));
  if (name == "gang") return make(name, with("quantum", 3.0));
  return make(name);
}

}  // namespace

TEST_CASE("every scheduler runs every job to its end, and the pool is never idle in vain") {
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const std::vector<FakeJob> jobs = mixed_jobs(seed, 300);
      FakePool pool(servers());
      std::size_t queued = 0;
      pool.after_pass = [&](const FakePool& p) {
        queued += p.waiting().size();
        // Every job of the mix fits an empty pool.
        if (p.view().running.empty()) REQUIRE(p.waiting().empty());
      };
      const Outcome out = pool.run(*quick(entry.name), jobs);
      REQUIRE(queued > 1000);  // else this shows little
      std::vector<int> ends(jobs.size());
      std::vector<Duration> ran(jobs.size());
      std::vector<SimTime> since(jobs.size());
      for (const LogEntry& event : out.log) {
        if (event.change == Change::start) since[event.job] = event.at;
        if (event.change != Change::start) {
          ran[event.job] = ran[event.job] + (event.at - since[event.job]);
        }
        if (event.change == Change::end) ++ends[event.job];
      }
      for (std::size_t job = 0; job < jobs.size(); ++job) {
        REQUIRE(ends[job] == 1);
        REQUIRE(ran[job] == jobs[job].run);
        REQUIRE(out.first_start[job] >= jobs[job].submit);
      }
      REQUIRE(pool.view().free == pool.view().capacity);
    }
  }
}

TEST_CASE("every scheduler gets over servers that fail and come back") {
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      const std::vector<FakeJob> jobs = mixed_jobs(seed + 50, 120);
      FakePool pool(servers());
      Draw draw{seed};
      for (std::size_t server = 0; server < 8; ++server) {
        double t = 1 + static_cast<double>(draw(100));
        for (int i = 0; i < 5; ++i) {
          const double until = t + 0.5 + static_cast<double>(draw(100));
          pool.outages.push_back({server, at_s(t), at_s(until)});
          t = until + 0.5 + static_cast<double>(draw(200));
        }
      }
      const Outcome out = pool.run(*quick(entry.name), jobs);
      for (std::size_t job = 0; job < jobs.size(); ++job) REQUIRE(out.end[job] > SimTime{});
      REQUIRE(pool.view().free == pool.view().capacity);
    }
  }
}

TEST_CASE("decisions repeat, and do not depend on the order of view.running") {
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    const std::vector<FakeJob> jobs = mixed_jobs(9, 250);
    const auto log = [&](std::uint64_t shuffle) {
      FakePool pool(servers());
      pool.shuffle_running = shuffle;
      return pool.run(*quick(entry.name), jobs).log;
    };
    const std::vector<LogEntry> plain = log(0);
    REQUIRE(log(0) == plain);
    REQUIRE(log(1) == plain);
    REQUIRE(log(2) == plain);
  }
}

TEST_CASE("without quotas only priority, las, gang and max-min stop jobs") {
  for (const SchedulerEntry& entry : schedulers()) {
    CAPTURE(entry.name);
    FakePool pool(servers());
    const Outcome out = pool.run(*quick(entry.name), mixed_jobs(4, 300));
    const bool stops = entry.name == "priority" || entry.name == "las" || entry.name == "gang" ||
                       entry.name == "max-min";
    REQUIRE(std::any_of(out.stops.begin(), out.stops.end(), [](int n) { return n > 0; }) == stops);
  }
}

TEST_CASE("fifo starts jobs in the order of submission") {
  FakePool pool(servers());
  const Outcome out = pool.run(*make("fifo"), mixed_jobs(5, 400));
  REQUIRE(std::is_sorted(out.first_start.begin(), out.first_start.end()));
  CHECK(out.backfilled == 0);
}

TEST_CASE("a waiting queue equals an ordered map, with withdrawals, returns and reused slots") {
  Draw draw{21};
  WaitingQueue queue;
  std::map<std::uint64_t, std::uint32_t> slow;  // number -> slot
  std::map<std::uint64_t, std::uint32_t> away;  // taken out, may come back
  std::vector<std::uint32_t> spare;
  std::uint32_t slots = 0;
  std::uint64_t number = 0;
  for (int step = 0; step < 40'000; ++step) {
    const std::int64_t what = draw(10);
    if (what < 5) {
      std::uint32_t slot = slots;
      if (spare.empty()) {
        ++slots;
      } else {
        slot = spare.back();
        spare.pop_back();
      }
      queue.push(JobId{slot}, number);
      slow[number++] = slot;
    } else if (what < 8 && !slow.empty()) {
      const bool first = draw(2) == 0;
      auto it = slow.begin();
      if (!first) std::advance(it, draw(std::min<std::uint64_t>(slow.size(), 50)));
      if (first) REQUIRE(queue.front() == JobId{it->second});
      REQUIRE(queue.erase(JobId{it->second}));
      REQUIRE(!queue.erase(JobId{it->second}));
      away.insert(*it);
      slow.erase(it);
    } else if (what == 8 && !away.empty()) {
      const auto it = std::prev(away.end(), 1 + draw(std::min<std::uint64_t>(away.size(), 30)));
      queue.push(JobId{it->second}, it->first);
      slow.insert(*it);
      away.erase(it);
    } else if (away.size() > 20) {  // has ended: the slot is free for another job
      spare.push_back(away.begin()->second);
      away.erase(away.begin());
    }
    REQUIRE(queue.size() == slow.size());
    if (step % 1000 != 0) continue;
    std::map<std::uint64_t, std::uint32_t> seen;
    for (std::size_t place = 0; place < queue.places(); ++place) {
      if (queue.alive(place))
        REQUIRE(seen.insert({queue.number(place), queue.job(place).value}).second);
    }
    REQUIRE(seen == slow);
  }
  CHECK(slow.size() > 1000);
}

}  // namespace hyperdc::testing
