#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

std::unique_ptr<Scheduler> gang(double quantum, double rows = 0) {
  Params params;
  params.set("quantum", quantum);
  params.set("rows", rows);
  return make("gang", params);
}

}  // namespace

TEST_CASE("gang: two jobs that need the whole pool take turns") {
  //   A A A A
  //    B B B B
  const std::vector<FakeJob> jobs = {cores(0, 4, 2), cores(0, 4, 2)};
  const Outcome out = FakePool::of_cores(2).run(*gang(1), jobs);
  CHECK(out.text() == "0:A 1:-A 1:B 2:-B 2:A 3:-A 3:B 4:-B 4:A 5:-A 5:B 6:-B 6:A 7:/A 7:B 8:/B");
}

TEST_CASE("gang: a single row runs without interruption; a second one waits a slice") {
  // B comes at 10.5: A has had more than its slice, but had to share with nobody; B's turn comes
  // one slice later.
  const std::vector<FakeJob> jobs = {cores(0, 20, 2), cores(10.5, 1, 2)};
  CHECK(FakePool::of_cores(2).run(*gang(2), jobs).text() ==
        "0:A 12.5:-A 12.5:B 13.5:/B 13.5:A 21:/A");
}

TEST_CASE("gang: idle room of a row is filled from other rows") {
  // 3 cores. A and C share the first row, B has the second one; C fits beside B as well.
  //   A.A.
  //   A.A.
  //   CCCB   and B, two cores wide, in the second and fourth slice
  const std::vector<FakeJob> jobs = {cores(0, 2, 2), cores(0, 2, 2), cores(0, 3, 1)};
  const Outcome out = FakePool::of_cores(3).run(*gang(1), jobs);
  CHECK(out.text() == "0:A 0:C 1:-A 1:B 2:-B 2:A 3:/A 3:/C 3:B 4:/B");
  CHECK(out.stops[2] == 0);
}

TEST_CASE("gang: a row that ends early gives its slice up") {
  const std::vector<FakeJob> jobs = {cores(0, 1.5, 2), cores(0, 30, 2), cores(0, 30, 2)};
  const Outcome out = FakePool::of_cores(2).run(*gang(10), jobs);
  CHECK(out.text().substr(0, 31) == "0:A 1.5:/A 1.5:B 11.5:-B 11.5:C");
  CHECK(out.end[1] == at_s(51.5));
  CHECK(out.end[2] == at_s(61.5));
}

TEST_CASE("gang: no more rows than allowed; with one row it is first come, first served") {
  const std::vector<FakeJob> jobs = {cores(0, 3, 2), cores(0, 3, 2), cores(0, 3, 2)};
  CHECK(FakePool::of_cores(2).run(*gang(1, 1), jobs).text() == "0:A 3:/A 3:B 6:/B 6:C 9:/C");
  const Outcome two = FakePool::of_cores(2).run(*gang(1, 2), jobs);
  CHECK(two.first_start[2] == at_s(6));  // A ran in slices 1, 3, 5; then B's third, then C
  CHECK(two.end[0] == at_s(5));
  CHECK(two.end[1] == at_s(6));
}

TEST_CASE("gang: a job that finds no servers beside its row moves to another row") {
  // Two servers of 2 cores; three jobs of 1.2 fit by their totals, but only one on each server.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  std::vector<FakeJob> jobs = {cores(0, 2, 1), cores(0, 2, 1), cores(0, 2, 1)};
  for (FakeJob& job : jobs) job.each.cores_milli = 1200;
  CHECK(pool.run(*gang(1), jobs).text() == "0:A 0:B 1:-B 1:C 2:/A 2:B 3:/B 3:/C");
}

TEST_CASE("gang: all jobs of a row advance alike") {
  // 5 rows of one job each: after k rounds each has run k slices, give or take one.
  std::vector<FakeJob> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(cores(0, 20, 4));
  FakePool pool = FakePool::of_cores(4);
  pool.after_pass = [](const FakePool& p) {
    if (p.view().now >= at_s(90)) return;
    Duration least = s(1e6), most;
    for (std::size_t job = 0; job < 5; ++job) {
      Duration ran = p.seen(job).attained;
      if (p.seen(job).running) ran = ran + (p.view().now - p.seen(job).started);
      least = std::min(least, ran);
      most = std::max(most, ran);
    }
    REQUIRE(most - least <= s(1));
  };
  const Outcome out = pool.run(*gang(1), jobs);
  CHECK(out.end[4] == at_s(100));
}

}  // namespace hyperdc::testing
