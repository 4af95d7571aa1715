#include <numeric>

#include "fake_pool.hpp"

namespace hyperdc::testing {

TEST_CASE("sjf: the shortest estimate goes first, equals by submission") {
  // One core: A runs 5 s; meanwhile B (4 s), C (1 s), D (4 s) come.
  const std::vector<FakeJob> jobs = {cores(0, 5, 1), cores(1, 4, 1), cores(2, 1, 1),
                                     cores(3, 4, 1)};
  CHECK(FakePool::of_cores(1).run(*make("sjf"), jobs).text() ==
        "0:A 5:/A 5:C 6:/C 6:B 10:/B 10:D 14:/D");
}

TEST_CASE("sjf goes by the estimate, not by the run time") {
  std::vector<FakeJob> jobs = {cores(0, 9, 1), cores(0, 1, 1)};
  jobs[0].estimate = s(2);
  jobs[1].estimate = s(3);
  CHECK(FakePool::of_cores(1).run(*make("sjf"), jobs).text() == "0:A 9:/A 9:B 10:/B");
}

TEST_CASE("sjf: the shortest job is not passed over while it does not fit") {
  const std::vector<FakeJob> jobs = {cores(0, 5, 1), cores(1, 2, 2), cores(1, 3, 1)};
  CHECK(FakePool::of_cores(2).run(*make("sjf"), jobs).text() == "0:A 5:/A 5:B 7:/B 7:C 10:/C");
}

TEST_CASE("sjf has the least mean wait of all orders on one server") {
  const double lengths[] = {7, 2, 9, 4, 1, 4};
  std::vector<std::size_t> order(6);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<FakeJob> jobs;
  for (const double length : lengths) jobs.push_back(cores(0, length, 1));
  const double sjf = FakePool::of_cores(1).run(*make("sjf"), jobs).mean_wait_s(jobs);
  CHECK(sjf == Approx((0 + 1 + 3 + 7 + 11 + 18) / 6.0));
  double least = 1e9;
  do {
    double sum = 0, at = 0;
    for (const std::size_t i : order) {
      sum += at;
      at += lengths[i];
    }
    least = std::min(least, sum / 6);
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(sjf == Approx(least));
}

}  // namespace hyperdc::testing
