#include "fake_pool.hpp"
#include "policy/scheduler/timetable.hpp"

namespace hyperdc::testing {

TEST_CASE("conservative: a job passes others only if it delays none of them") {
  // The jobs of "easy: only the head is protected": here C keeps its reservation at 15, and D
  // comes after it.
  //   AAAAAAAAAABBBBBCCCCCCCCCCDDDD
  const std::vector<FakeJob> jobs = {cores(0, 10, 4), cores(1, 5, 3),  cores(2, 10, 5),
                                     cores(3, 20, 1), cores(4, 11, 1), cores(4, 12, 1)};
  const Outcome out = FakePool::of_cores(5).run(*make("conservative"), jobs);
  CHECK(out.text() == "0:A 4:E 10:/A 10:B 15:/B 15:/E 15:C 25:/C 25:D 25:F 37:/F 45:/D");
  CHECK(out.log[1].because == "backfilled: delays no reservation");
}

TEST_CASE("conservative: reservations move forward when a job ends early") {
  // A says 10 s and ends at 4. B had 10..15 and C 15..18; now B has 4..9 and C 9..12.
  std::vector<FakeJob> jobs = {cores(0, 4, 4), cores(1, 5, 4), cores(2, 3, 2)};
  jobs[0].estimate = s(10);
  CHECK(FakePool::of_cores(4).run(*make("conservative"), jobs).text() ==
        "0:A 4:/A 4:B 9:/B 9:C 12:/C");
}

TEST_CASE("conservative: moving forward never delays anyone") {
  // 3 cores. A: 2 cores, says 10, ends at 2. B (3 cores) had 10..20, C (1 core, 9 s at 1) runs
  // from 1 to 10, D (2 cores, 6 s) had 20..26. At 2, B cannot move (C runs to 10), D moves to 2,
  // because it ends at 8, before B.
  std::vector<FakeJob> jobs = {cores(0, 2, 2), cores(0.5, 10, 3), cores(1, 9, 1), cores(1.5, 6, 2)};
  jobs[0].estimate = s(10);
  CHECK(FakePool::of_cores(3).run(*make("conservative"), jobs).text() ==
        "0:A 1:C 2:/A 2:D 8:/D 10:/C 10:B 20:/B");
}

TEST_CASE("conservative: reservations move until none can") {
  // 4 cores. A: 3 cores, says 20, ends at 4. B: 1 core to 6. C (4 cores) had 20..25, D (1 core, 8
  // s) 6..14. At 4, C stops short at D's 14; D moves to 4..12, and then C once more, to 12.
  std::vector<FakeJob> jobs = {cores(0, 4, 3), cores(0, 6, 1), cores(1, 5, 4), cores(2, 8, 1)};
  jobs[0].estimate = s(20);
  CHECK(FakePool::of_cores(4).run(*make("conservative"), jobs).text() ==
        "0:A 0:B 4:/A 4:D 6:/B 12:/D 12:C 17:/C");
}

TEST_CASE("conservative: an outlived estimate shifts the plan") {
  // A says 5 and runs 10; B (4 cores) waits for it, C (1 core, 3 s) ends by 5 and passes, D (at 6)
  // would collide with B, which may start at any moment.
  std::vector<FakeJob> jobs = {cores(0, 10, 2), cores(1, 10, 4), cores(2, 3, 1), cores(6, 1, 1)};
  jobs[0].estimate = s(5);
  CHECK(FakePool::of_cores(4).run(*make("conservative"), jobs).text() ==
        "0:A 2:C 5:/C 10:/A 10:B 20:/B 20:D 21:/D");
}

TEST_CASE("conservative: a job beyond the depth has no reservation and waits") {
  const std::vector<FakeJob> jobs = {cores(0, 10, 3), cores(1, 5, 4), cores(2, 9, 4),
                                     cores(2, 8, 1)};
  const auto start = [&](double depth) {
    return FakePool::of_cores(4)
        .run(*make("conservative", with("depth", depth)), jobs)
        .first_start[3];
  };
  CHECK(start(0) == at_s(2));
  CHECK(start(3) == at_s(2));
  CHECK(start(2) == at_s(24));
}

TEST_CASE("conservative: totals that fit in pieces that do not are tried again") {
  // Two servers of 2 cores, one core of each taken to 10 and 12; C wants 2 of one server: at 10.
  // D and E take the pieces only as long as they delay nobody's plan.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), cores(0, 3, 1), cores(0, 12, 1),
                                     cores(4, 5, 2), cores(5, 4, 1)};
  CHECK(pool.run(*make("conservative"), jobs).text() ==
        "0:A 0:B 0:C 3:/B 5:E 9:/E 10:/A 10:D 12:/C 15:/D");
}

TEST_CASE("conservative: a reservation that is due is looked at though nothing ends then") {
  // Two servers of 2 cores, one core of each free from 1 on: B says it ends at 4 and ends at 12, C
  // ends at 12. D wants 2 cores of one server; it is planned at 4, for B's end, and E after it. At
  // 4 B still runs: D is planned at 12, and E, one core on each server to 11, can pass.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  std::vector<FakeJob> jobs = {cores(0, 1, 1), cores(0, 12, 1), cores(1, 11, 1), cores(3, 8, 2),
                               cores(3, 7, 1)};
  jobs[0].members = 2;
  jobs[1].estimate = s(4);
  jobs[4].members = 2;
  CHECK(pool.run(*make("conservative"), jobs).text() ==
        "0:A 0:B 1:/A 1:C 4:E 11:/E 12:/B 12:/C 12:D 20:/D");
}

TEST_CASE("conservative: a job that finds no servers keeps its place before those behind it") {
  // Two servers of 2 cores. D (1 core on each, to 17) leaves one core of each. C (2 cores of one
  // server) and E (the same) are due at 11 and find none: both are planned at 17, C first. F
  // (1 core, 7 s) would take C's room at 17 if it started before.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  std::vector<FakeJob> jobs = {cores(2, 4, 1),  cores(2, 9, 1), cores(4, 2, 2),
                               cores(5, 11, 1), cores(5, 3, 2), cores(7, 7, 1)};
  jobs[1].members = jobs[3].members = 2;
  const Outcome out = pool.run(*make("conservative"), jobs);
  CHECK(out.first_start[2] == at_s(17));
  CHECK(out.first_start[4] == at_s(17));
  CHECK(out.first_start[5] >= at_s(17));
}

namespace {

/// Where a job goes if nobody's estimate is wrong: the slow way, over all intervals.
SimTime slow_earliest(const std::vector<std::tuple<SimTime, SimTime, std::int64_t>>& taken,
                      SimTime now, Duration span, std::int64_t need, std::int64_t capacity) {
  const auto used = [&](SimTime at) {
    std::int64_t sum = 0;
    for (const auto& [from, until, amount] : taken) {
      if (from <= at && at < until) sum += amount;
    }
    return sum;
  };
  std::vector<SimTime> starts = {now};
  for (const auto& interval : taken) {
    if (std::get<1>(interval) > now) starts.push_back(std::get<1>(interval));
  }
  std::sort(starts.begin(), starts.end());
  for (const SimTime start : starts) {
    bool free = used(start) + need <= capacity;
    for (const auto& interval : taken) {
      const SimTime from = std::get<0>(interval);
      if (start < from && from < start + span) free = free && used(from) + need <= capacity;
    }
    if (free) return start;
  }
  FAIL("a job never fits");
  return {};
}

}  // namespace

TEST_CASE("conservative: with exact estimates each job starts at its first reservation") {
  Draw draw{5};
  for (int round = 0; round < 10; ++round) {
    std::vector<FakeJob> jobs;
    std::vector<std::tuple<SimTime, SimTime, std::int64_t>> taken;
    std::vector<SimTime> expected;
    double t = 0;
    for (int i = 0; i < 150; ++i) {
      t += static_cast<double>(draw(10));
      const std::int64_t n = 1 + draw(8);
      jobs.push_back(cores(t, 1.0 + static_cast<double>(draw(60)), n));
      expected.push_back(slow_earliest(taken, jobs.back().submit, jobs.back().run, n, 8));
      taken.push_back({expected.back(), expected.back() + jobs.back().run, n});
    }
    const Outcome out = FakePool::of_cores(8).run(*make("conservative", with("depth", 0.0)), jobs);
    REQUIRE(out.first_start == expected);
    REQUIRE(out.backfilled > 10);
  }
}

TEST_CASE("a timetable equals a table of every second") {
  Draw draw{3};
  constexpr std::int64_t kSeconds = 60;
  for (int round = 0; round < 50; ++round) {
    Timetable table;
    table.reset({}, {.cores_milli = 10, .memory_bytes = 10, .accelerator_milli = 10});
    std::vector<Resources> slow(kSeconds, table.free_at({}));
    const auto at = [](std::int64_t second) { return SimTime{} + whole_seconds(second); };
    for (int step = 0; step < 40; ++step) {
      const Resources need{1 + draw(4), 1 + draw(4), 1 + draw(4)};
      const std::int64_t from = draw(20);
      const std::int64_t span = 1 + draw(8);
      std::int64_t expected = from;
      const auto free = [&](std::int64_t start) {
        for (std::int64_t i = start; i < std::min(start + span, kSeconds); ++i) {
          if (!slow[static_cast<std::size_t>(i)].covers(need)) return false;
        }
        return true;
      };
      while (expected < kSeconds && !free(expected)) ++expected;
      const auto start = table.earliest(at(from), whole_seconds(span), need);
      REQUIRE(start);
      REQUIRE(*start == at(expected));
      if (expected + span > kSeconds) break;
      table.take(*start, *start + whole_seconds(span), need);
      for (std::int64_t i = expected; i < expected + span; ++i) {
        slow[static_cast<std::size_t>(i)] -= need;
      }
    }
    for (std::int64_t i = 0; i < kSeconds; ++i) {
      REQUIRE(table.free_at(at(i)) == slow[static_cast<std::size_t>(i)]);
    }
  }
}

}  // namespace hyperdc::testing
