#include "fake_pool.hpp"
#include "policy/scheduler/running.hpp"

namespace hyperdc::testing {
namespace {

FakeJob urgent(FakeJob job, std::int32_t priority) {
  job.priority = priority;
  return job;
}

}  // namespace

TEST_CASE("priority: the least urgent and latest give way, and no more than needed") {
  // 4 cores. A: priority 0, 2 cores; B: priority 1, 1 core; C (at 2): priority 0, 1 core; full.
  // D (at 3): priority 5, 2 cores. In order C, A would go; A alone is enough, so C stays.
  //   AAADDDDDAAAAAAA
  //   AAADDDDDAAAAAAA
  //    BBBBBBBBBB
  //     CCCCCCCCCC
  const std::vector<FakeJob> jobs = {cores(0, 10, 2), urgent(cores(1, 10, 1), 1), cores(2, 10, 1),
                                     urgent(cores(3, 5, 2), 5)};
  const Outcome out = FakePool::of_cores(4).run(*make("priority"), jobs);
  CHECK(out.text() == "0:A 1:B 2:C 3:-A 3:D 8:/D 8:A 11:/B 12:/C 15:/A");
  CHECK(out.log[3].because == "gives way to a higher priority");
}

TEST_CASE("priority: among equals the one that started last gives way") {
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), cores(1, 10, 1), cores(1, 10, 1),
                                     urgent(cores(2, 1, 1), 1)};
  CHECK(FakePool::of_cores(3).run(*make("priority"), jobs).text() ==
        "0:A 1:B 1:C 2:-C 2:D 3:/D 3:C 10:/A 11:/B 12:/C");
}

TEST_CASE("priority: equals do not give way, and nobody does in vain") {
  // B asks for 3 of 3 cores; A (lower) holds 1 and C (equal) 1: stopping A would not be enough.
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), urgent(cores(0, 6, 1), 2),
                                     urgent(cores(1, 5, 3), 2)};
  CHECK(FakePool::of_cores(3).run(*make("priority"), jobs).text() ==
        "0:B 0:A 6:/B 6:-A 6:C 11:/C 11:A 15:/A");
}

TEST_CASE("priority without preemption: the most urgent waits, and nobody passes it") {
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), cores(1, 1, 1), urgent(cores(1, 5, 2), 1)};
  CHECK(FakePool::of_cores(2).run(*make("priority", with("preempt", false)), jobs).text() ==
        "0:A 10:/A 10:C 15:/C 15:B 16:/B");
}

namespace {

/// A waiting job of a given size and running jobs on servers of 4 cores.
struct Case {
  explicit Case(std::uint64_t seed) : pool(std::vector<Resources>(6, {.cores_milli = 4000})) {
    Draw draw{seed};
    for (int i = 0; i < 24; ++i) {
      jobs.push_back(cores(0, 100, 1 + draw(2)));
      jobs.back().members = static_cast<std::uint32_t>(1 + draw(2));
    }
    jobs.push_back(cores(1, 1, 1 + draw(4)));
    jobs.back().members = static_cast<std::uint32_t>(1 + draw(4));
  }
  FakePool pool;
  std::vector<FakeJob> jobs;
};

}  // namespace

TEST_CASE("a search for victims finds a set of which nobody can stay") {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Case c(seed);
    bool looked = false;
    c.pool.after_pass = [&](const FakePool& p) {
      if (looked || p.view().now < at_s(1)) return;
      looked = true;
      const std::vector<std::size_t> waiting = p.waiting();
      if (waiting.empty() || waiting.back() != c.jobs.size() - 1) return;
      const JobId job = p.slot(waiting.back());
      if (c.pool.would_fit(job, {})) return;
      const std::vector<JobId> all(p.view().running.begin(), p.view().running.end());
      VictimSearch search;
      std::size_t next = 0;
      const bool possible = c.pool.would_fit(job, all);
      REQUIRE(search.find(job, p.view(), c.pool, [&]() -> std::optional<JobId> {
        if (next == all.size()) return std::nullopt;
        return all[next++];
      }) == possible);
      const std::vector<JobId> victims = search.victims();
      REQUIRE(victims.empty() != possible);
      if (!possible) return;
      ++found;
      REQUIRE(c.pool.would_fit(job, victims));
      for (std::size_t leave = 0; leave < victims.size(); ++leave) {
        std::vector<JobId> fewer = victims;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(leave));
        REQUIRE(!c.pool.would_fit(job, fewer));
      }
    };
    c.pool.run(*make("fifo"), c.jobs);
  }
  CHECK(found > 100);
}

}  // namespace hyperdc::testing
