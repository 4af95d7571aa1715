#include "fake_pool.hpp"

namespace hyperdc::testing {

TEST_CASE("easy: a job that ends by the shadow time passes the head") {
  // 4 cores. A: 3 cores to 10. B: 4 cores, so its shadow time is 10, extra 0.
  // C (at 2, 8 s) ends at 10 sharp and starts; D (at 2, 9 s) would end at 11 and waits.
  //   AAAAAAAAAA|BBBBB
  //   AAAAAAAAAA|BBBBB
  //   AAAAAAAAAA|BBBBB
  //     CCCCCCCC|BBBBBDDDDDDDDD
  std::vector<FakeJob> jobs = {cores(0, 10, 3), cores(1, 5, 4), cores(2, 9, 1), cores(2, 8, 1)};
  const Outcome out = FakePool::of_cores(4).run(*make("easy"), jobs);
  CHECK(out.text() == "0:A 2:D 10:/A 10:/D 10:B 15:/B 15:C 24:/C");
  CHECK(out.log[1].because == "backfilled: ends before the reservation");
  CHECK(out.backfilled == 1);
}

TEST_CASE("easy: a long job passes the head if it uses only what the reservation leaves") {
  // 4 cores. A: 2 to 10. B needs 3: shadow 10, extra 1. C (1 core, 100 s) takes the extra;
  // for D (1 core, 100 s) a core is free, but none is left beside B.
  const std::vector<FakeJob> jobs = {cores(0, 10, 2), cores(1, 10, 3), cores(2, 100, 1),
                                     cores(3, 100, 1)};
  const Outcome out = FakePool::of_cores(4).run(*make("easy"), jobs);
  CHECK(out.text() == "0:A 2:C 10:/A 10:B 20:/B 20:D 102:/C 120:/D");
  CHECK(out.log[1].because == "backfilled: uses only what the reservation leaves");
}

TEST_CASE("easy: every job that ends at the shadow time counts for the extra") {
  // 5 cores, A and B of 2 both to 10. C needs 3: one end is enough, but both come at 10: extra 2.
  const std::vector<FakeJob> jobs = {cores(0, 10, 2), cores(0, 10, 2), cores(1, 5, 3),
                                     cores(2, 100, 1)};
  CHECK(FakePool::of_cores(5).run(*make("easy"), jobs).first_start[3] == at_s(2));
}

TEST_CASE("easy: only the head is protected") {
  // 5 cores. A: 4 to 10. B: 3 cores, shadow 10, extra 2. C: 5 cores. D takes the extra for 20 s,
  // and C, which could have started at 15, starts at 23.
  const std::vector<FakeJob> jobs = {cores(0, 10, 4), cores(1, 5, 3), cores(2, 10, 5),
                                     cores(3, 20, 1)};
  CHECK(FakePool::of_cores(5).run(*make("easy"), jobs).text() ==
        "0:A 3:D 10:/A 10:B 15:/B 23:/D 23:C 33:/C");
}

TEST_CASE("easy: a job that has outlived its estimate may end at any moment") {
  // A says 5 s and runs 10. Before 5, C (3 s) ends in time for B; after it nothing does.
  std::vector<FakeJob> jobs = {cores(0, 10, 2), cores(1, 10, 4), cores(2, 3, 1), cores(6, 1, 1)};
  jobs[0].estimate = s(5);
  CHECK(FakePool::of_cores(4).run(*make("easy"), jobs).text() ==
        "0:A 2:C 5:/C 10:/A 10:B 20:/B 20:D 21:/D");
}

TEST_CASE("easy: reservation on servers when the totals fit and the pieces do not") {
  // Two servers of 2 cores. A (to 10) and B (to 3) on the first, C (to 100) on the second: from 3
  // on, a core is free on each. D wants 2 cores of one server: at 10. E (at 5, to 9) may pass; F
  // (at 6, 50 s) would fit now and must wait for D.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), cores(0, 3, 1), cores(0, 100, 1),
                                     cores(4, 10, 2), cores(5, 4, 1), cores(6, 50, 1)};
  CHECK(pool.run(*make("easy"), jobs).text() ==
        "0:A 0:B 0:C 3:/B 5:E 9:/E 10:/A 10:D 10:F 20:/D 60:/F 100:/C");
}

TEST_CASE("easy: depth bounds the candidates") {
  const std::vector<FakeJob> jobs = {cores(0, 10, 3), cores(1, 5, 4), cores(2, 9, 1),
                                     cores(2, 8, 1)};
  const Outcome out = FakePool::of_cores(4).run(*make("easy", with("depth", 1.0)), jobs);
  CHECK(out.first_start[3] > at_s(10));  // C was tried, D not
}

TEST_CASE("easy: whoever was once the head starts by its reservation") {
  Draw draw{11};
  for (int round = 0; round < 10; ++round) {
    std::vector<FakeJob> jobs;
    double t = 0;
    for (int i = 0; i < 200; ++i) {
      t += static_cast<double>(draw(8));
      const double run = 1.0 + static_cast<double>(draw(60));
      jobs.push_back(cores(t, run, 1 + draw(8)));
      jobs.back().estimate = jobs.back().run + s(static_cast<double>(draw(20)));  // never short
    }
    FakePool pool = FakePool::of_cores(8);
    std::map<std::size_t, SimTime> promised;
    pool.after_pass = [&](const FakePool& p) {
      const std::vector<std::size_t> waiting = p.waiting();
      if (waiting.empty()) return;
      // The slow way: try every expected end.
      std::int64_t need = p.seen(waiting[0]).total.cores_milli - p.view().free.cores_milli;
      std::vector<std::pair<SimTime, std::int64_t>> ends;
      for (const JobId id : p.view().running) {
        const JobView& job = p.view().jobs[id.value];
        ends.push_back({job.started + job.estimate, job.total.cores_milli});
      }
      std::sort(ends.begin(), ends.end());
      for (std::size_t i = 0; need > 0; ++i) {
        need -= ends.at(i).second;
        if (need <= 0) promised.insert({waiting[0], ends[i].first});
      }
    };
    const Outcome out = pool.run(*make("easy"), jobs);
    REQUIRE(promised.size() > 20);
    for (const auto& [job, at] : promised) REQUIRE(out.first_start[job] <= at);
  }
}

}  // namespace hyperdc::testing
