// Max-min on one kind of accelerator; several kinds: tests/unit/world/tenants_test.cpp.
#include "fake_pool.hpp"

namespace hyperdc::testing {
namespace {

FakeJob whole_server(double submit, double run, std::int32_t n) {
  FakeJob job = gpus(submit, run, 1);
  job.each = {.accelerators = n, .accelerator_milli = 1000};
  return job;
}

}  // namespace

TEST_CASE("max-min: jobs that are owed less make room where servers are in pieces") {
  // Two servers of two. A and B on the first, C on the second; when A has ended one accelerator of
  // each is free. D wants two of one server: at the next round C moves to the first.
  const std::vector<FakeJob> jobs = {gpus(0, 5, 1), gpus(0, 100, 1), gpus(0, 100, 1),
                                     whole_server(6, 10, 2)};
  FakePool pool({{.accelerator_milli = 2000}, {.accelerator_milli = 2000}});
  const Outcome out = pool.run(*make("max-min", with("round", 10.0)), jobs);
  CHECK(out.text() == "0:A 0:B 0:C 5:/A 10:-C 10:D 10:C 20:/D 100:/B 100:/C");
}

TEST_CASE("max-min: nobody is stopped for a job that no server can be cleared for") {
  // B asks for three of one server, which nobody has.
  const std::vector<FakeJob> jobs = {gpus(0, 30, 1), whole_server(5, 10, 3)};
  FakePool pool({{.accelerator_milli = 2000}, {.accelerator_milli = 2000}});
  const Outcome out = pool.run(*make("max-min", with("round", 10.0)), jobs);
  CHECK(out.text() == "0:A 30:/A");
  CHECK(out.passes < 10);  // and it does not wake for ever
}

TEST_CASE("max-min: an idle pool in which nobody can start begins no round") {
  const std::vector<FakeJob> jobs = {gpus(0, 10, 3), gpus(1, 10, 1)};
  const Outcome out = FakePool::of_gpus(2).run(*make("max-min", with("round", 4.0)), jobs);
  CHECK(out.text() == "1:B 11:/B");
  CHECK(out.passes == 5);  // 0, 1, 5, 9, 11
}

}  // namespace hyperdc::testing
