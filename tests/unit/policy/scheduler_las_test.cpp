#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

std::unique_ptr<Scheduler> las(std::vector<double> thresholds, double starvation = 0) {
  Params params;
  params.set("thresholds", std::move(thresholds));
  params.set("starvation", starvation);
  return make("las", params);
}

}  // namespace

TEST_CASE("las: a job moves down when its service reaches the threshold") {
  // One accelerator, threshold 10 s. B (at 5) must wait until A has had 10.
  //   AAAAAAAAAABBBBBAAAAAAAAAAAAAAA
  CHECK(FakePool::of_gpus(1).run(*las({10, 30}), {gpus(0, 25, 1), gpus(5, 5, 1)}).text() ==
        "0:A 10:-A 10:B 15:/B 15:A 30:/A");
}

TEST_CASE("las: service is time times accelerators, or times cores without any") {
  const std::vector<FakeJob> two = {gpus(0, 20, 2), gpus(1, 3, 2)};
  CHECK(FakePool::of_gpus(2).run(*las({10}), two).text() == "0:A 5:-A 5:B 8:/B 8:A 23:/A");
  const std::vector<FakeJob> four = {cores(0, 20, 4), cores(1, 2, 4)};
  CHECK(FakePool::of_cores(4).run(*las({10}), four).text() ==
        "0:A 2.5:-A 2.5:B 4.5:/B 4.5:A 22:/A");
  // A job that shares a device: 0.25 accelerators reach 10 after 40 s.
  std::vector<FakeJob> share = {gpus(0, 50, 1), gpus(1, 3, 1)};
  share[0].each.accelerator_milli = 250;
  CHECK(FakePool::of_gpus(1).run(*las({10}), share).text() == "0:A 40:-A 40:B 43:/B 43:A 53:/A");
}

TEST_CASE("las: in the second queue, who started first goes first") {
  // A and B both get their 5 s; then A, which started first, goes on and B waits for its end.
  CHECK(FakePool::of_gpus(1).run(*las({5}), {gpus(0, 9, 1), gpus(1, 9, 1)}).text() ==
        "0:A 5:-A 5:B 10:-B 10:A 14:/A 14:B 18:/B");
}

TEST_CASE("las: a job that waited long goes back to the first queue") {
  // Threshold 10, knob 1: A has run 10 and goes back after 10 s of waiting, with its service
  // forgotten; it goes before jobs that started later, for 10 s more.
  const std::vector<FakeJob> jobs = {gpus(0, 25, 1), gpus(1, 8, 1), gpus(2, 8, 1), gpus(3, 8, 1)};
  CHECK(FakePool::of_gpus(1).run(*las({10}, 1), jobs).text() ==
        "0:A 10:-A 10:B 18:/B 18:C 20:-C 20:A 30:-A 30:C 36:/C 36:D 40:-D 40:A 45:/A 45:D 49:/D");
  CHECK(FakePool::of_gpus(1).run(*las({10}), jobs).text() ==
        "0:A 10:-A 10:B 18:/B 18:C 26:/C 26:D 34:/D 34:A 49:/A");
}

TEST_CASE("las: only as many give way as the job needs, the last first") {
  // 4 accelerators; A, B (1 each), C (2) in the second queue at 10; D needs 1: B gives way, for it
  // started after A; C is not needed although it comes last.
  const std::vector<FakeJob> jobs = {gpus(0, 40, 1), gpus(1, 40, 1), gpus(2, 40, 2),
                                     gpus(20, 2, 1)};
  const Outcome out = FakePool::of_gpus(4).run(*las({10}), jobs);
  CHECK(out.text() == "0:A 1:B 2:C 20:-C 20:D 22:/D 22:C 40:/A 41:/B 44:/C");
}

TEST_CASE("las: who gave way goes on elsewhere in the same pass") {
  // Two servers of two accelerators. At 20 A and C are in the second queue, one on each server; D
  // needs a whole server. C, the last, gives way and finds room beside A at once: no other job of
  // its kind waited when the pass began.
  const Resources server{.cores_milli = 0, .memory_bytes = 0, .accelerator_milli = 2000};
  FakeJob whole = gpus(20, 5, 1);
  whole.each = {.accelerators = 2, .accelerator_milli = 1000};
  const std::vector<FakeJob> jobs = {gpus(0, 40, 1), gpus(0, 15, 1), gpus(0, 40, 1), whole};
  CHECK(FakePool({server, server}).run(*las({10}), jobs).text() ==
        "0:A 0:B 0:C 15:/B 20:-C 20:D 20:C 25:/D 40:/A 40:/C");
}

TEST_CASE("las: one queue and no threshold is first come, first served, passing over") {
  const std::vector<FakeJob> jobs = {gpus(0, 10, 1), gpus(0, 5, 2), gpus(1, 2, 1)};
  CHECK(FakePool::of_gpus(2).run(*las({}), jobs).text() == "0:A 1:C 3:/C 10:/A 10:B 15:/B");
}

TEST_CASE("las: after a pass nobody waits who would find room among those behind") {
  // Servers in pieces, that fail and come back; the rank of each job is worked out anew.
  const std::vector<double> thresholds = {4, 30};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Draw draw{seed};
    std::vector<FakeJob> jobs;
    double t = 0;
    for (int i = 0; i < 150; ++i) {
      t += static_cast<double>(draw(8)) / 4;
      FakeJob job = gpus(t, static_cast<double>(1 + draw(draw(5) == 0 ? 100 : 12)), 1);
      job.each.accelerators = static_cast<std::int32_t>(1 + draw(4));
      job.members = static_cast<std::uint32_t>(1 + (draw(3) == 0 ? draw(3) : 0));
      jobs.push_back(job);
    }
    FakePool pool(std::vector<Resources>(5, {.accelerator_milli = 4000}));
    for (std::size_t server = 0; server < 3; ++server) {
      const double from = 20 + 30 * static_cast<double>(server) + static_cast<double>(draw(20));
      pool.outages.push_back({server, at_s(from), at_s(from + 25)});
    }
    std::map<std::size_t, SimTime> first_start;
    std::set<std::uint64_t> ran;  // after the last pass
    std::size_t asked = 0;
    pool.after_pass = [&](FakePool& p) {
      using Rank = std::tuple<std::size_t, SimTime, std::uint64_t>;
      const auto rank = [&](JobId id) {
        const JobView& job = p.view().jobs[id.value];
        Duration service = job.attained;
        if (job.running) service = service + (p.view().now - job.started);
        std::size_t queue = 0;
        while (queue < thresholds.size() &&
               service.ns * job.total.accelerator_milli >= seconds(thresholds[queue]).ns * 1000) {
          ++queue;
        }
        const auto known = first_start.find(job.number);
        const SimTime never{std::numeric_limits<std::int64_t>::max()};
        return Rank{queue, known == first_start.end() ? never : known->second, job.number};
      };
      for (const JobId id : p.view().running) {
        first_start.try_emplace(p.view().jobs[id.value].number, p.view().now);
      }
      for (const std::size_t index : p.waiting()) {
        const JobId waiting = p.slot(index);
        // Stopped in this pass; a kind nobody waits in at its beginning is not tried in it.
        if (ran.count(p.view().jobs[waiting.value].number) != 0) continue;
        std::vector<JobId> behind;
        for (const JobId id : p.view().running) {
          if (rank(waiting) < rank(id)) behind.push_back(id);
        }
        ++asked;
        REQUIRE_FALSE(p.would_fit(waiting, behind));
      }
      ran.clear();
      for (const JobId id : p.view().running) ran.insert(p.view().jobs[id.value].number);
    };
    pool.run(*las(thresholds), jobs);
    REQUIRE(asked > 1000);
  }
}

TEST_CASE("las: whatever the thresholds, a job's next move lies ahead") {
  // Descriptions with such lists are refused.
  const std::vector<FakeJob> jobs = {gpus(0, 9, 1), gpus(1, 9, 1), gpus(2, 2, 1)};
  CHECK(FakePool::of_gpus(1).run(*las({0}), jobs).text().ends_with("20:/C"));
  const std::string one_threshold = FakePool::of_gpus(1).run(*las({5}), jobs).text();
  CHECK(FakePool::of_gpus(1).run(*las({5, 5}), jobs).text() == one_threshold);
  CHECK(FakePool::of_gpus(1).run(*las({5, 3}), jobs).text() == one_threshold);
}

TEST_CASE("las comes close to sjf without estimates, and both beat fifo on heavy tails") {
  // Run times 4^k s with probability ~ 2^-k (k = 0..6), on 16 accelerators at high load.
  Draw draw{17};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (int i = 0; i < 1500; ++i) {
    t += static_cast<double>(draw(12));
    double run = 4;
    while (run < 4e4 && draw(2) == 0) run *= 4;
    jobs.push_back(gpus(t, run, static_cast<std::uint32_t>(1 + draw(4))));
  }
  const auto mean = [&](Scheduler& scheduler) {
    return FakePool::of_gpus(16).run(scheduler, jobs).mean_completion_s(jobs);
  };
  const double fifo = mean(*make("fifo"));
  const double sjf = mean(*make("sjf"));
  const double by_service = mean(*las({20, 200, 2000}));
  CHECK(sjf < fifo / 2);
  CHECK(by_service < fifo / 2);
}

}  // namespace hyperdc::testing
