#include "fake_pool.hpp"

namespace hyperdc::testing {

TEST_CASE("qssf: the least estimated accelerator-time goes first") {
  // Four accelerators are held for 5 s; then 3 s on one (3), 3 s on two (6), and 2 s on four (8),
  // which sjf would start first.
  const std::vector<FakeJob> jobs = {gpus(0, 5, 4), gpus(1, 2, 4), gpus(2, 3, 2), gpus(3, 3, 1)};
  CHECK(FakePool::of_gpus(4).run(*make("qssf"), jobs).text() ==
        "0:A 5:/A 5:D 5:C 8:/C 8:/D 8:B 10:/B");
  CHECK(FakePool::of_gpus(4).run(*make("sjf"), jobs).text() ==
        "0:A 5:/A 5:B 7:/B 7:C 7:D 10:/C 10:/D");
}

TEST_CASE("qssf goes by cores where there are no accelerators, by all members, and by estimates") {
  std::vector<FakeJob> jobs = {cores(0, 5, 4), cores(1, 2, 4), cores(1, 3, 2)};
  CHECK(FakePool::of_cores(4).run(*make("qssf"), jobs).text() == "0:A 5:/A 5:C 8:/C 8:B 10:/B");
  jobs[2].members = 2;  // 12 core-seconds now
  CHECK(FakePool::of_cores(4).run(*make("qssf"), jobs).text() == "0:A 5:/A 5:B 7:/B 7:C 10:/C");
  jobs[1].estimate = s(9);
  CHECK(FakePool::of_cores(4).run(*make("qssf"), jobs).text() == "0:A 5:/A 5:C 8:/C 8:B 10:/B");
}

}  // namespace hyperdc::testing
