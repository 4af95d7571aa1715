#include "fake_pool.hpp"

namespace hyperdc::testing {

TEST_CASE("fifo: the head blocks, unless skip is set") {
  // 2 cores: A 1 core 10 s, B 2 cores 5 s, C (at 1) 1 core 2 s.
  //   strict  A.........B....C.      skip  A.........B....
  //                     B....               C.        B....
  const std::vector<FakeJob> jobs = {cores(0, 10, 1), cores(0, 5, 2), cores(1, 2, 1)};
  CHECK(FakePool::of_cores(2).run(*make("fifo"), jobs).text() == "0:A 10:/A 10:B 15:/B 15:C 17:/C");
  const Outcome skip = FakePool::of_cores(2).run(*make("fifo", with("skip", true)), jobs);
  CHECK(skip.text() == "0:A 1:C 3:/C 10:/A 10:B 15:/B");
  CHECK(skip.log[1].because == "fits while the head of the queue does not");
  CHECK(skip.log[4].because == "head of the queue fits");
}

TEST_CASE("fifo: depth bounds how many jobs behind the head are tried") {
  // 3 cores, A takes 2 for 10 s, B (3 cores) blocks; C (2 cores) does not fit, D (1 core) would.
  const std::vector<FakeJob> jobs = {cores(0, 10, 2), cores(1, 5, 3), cores(1, 5, 2),
                                     cores(1, 2, 1)};
  Params one = with("skip", true);
  one.set("depth", 1.0);
  CHECK(FakePool::of_cores(3).run(*make("fifo", one), jobs).first_start[3] == at_s(15));
  one.set("depth", 2.0);
  CHECK(FakePool::of_cores(3).run(*make("fifo", one), jobs).first_start[3] == at_s(1));
}

TEST_CASE("fifo: all members start together or not at all") {
  // Servers of 2 and 2 cores: three members of 2 cores never fit, two do.
  FakePool pool({{.cores_milli = 2000}, {.cores_milli = 2000}});
  std::vector<FakeJob> jobs = {cores(0, 4, 1), cores(1, 3, 2)};
  jobs[1].members = 2;
  CHECK(pool.run(*make("fifo"), jobs).text() == "0:A 4:/A 4:B 7:/B");
}

TEST_CASE("fifo with skip leaves nothing idle that a waiting job could use") {
  Draw draw{7};
  std::vector<FakeJob> jobs;
  double t = 0;
  for (int i = 0; i < 400; ++i) {
    t += static_cast<double>(draw(4));
    const double run = 1.0 + static_cast<double>(draw(30));
    jobs.push_back(cores(t, run, 1 + draw(6)));
  }
  FakePool pool({{.cores_milli = 6000}, {.cores_milli = 6000}});
  std::size_t waited = 0;
  pool.after_pass = [&](const FakePool& p) {
    for (const std::size_t job : p.waiting()) {
      ++waited;
      REQUIRE(!pool.would_fit(p.slot(job), {}));
    }
  };
  pool.run(*make("fifo", with("skip", true)), jobs);
  CHECK(waited > 1000);
}

}  // namespace hyperdc::testing
