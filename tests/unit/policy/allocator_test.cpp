// Allocators: decisions by hand, and what holds for every entry.
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <numeric>

#include <hyperdc/policy/allocator.hpp>

#include "core/rng.hpp"
#include "unit/policy/fake_deployment.hpp"

namespace hyperdc {
namespace {

std::unique_ptr<Allocator> make_allocator(std::string_view name, const Params& set = {}) {
  return testing::make_policy(allocators(), name, set, AllocatorContext{1});
}

/// Amdahl: `serial` of the work of one accelerator cannot be shared.
class Speed final : public ElasticSpeed {
 public:
  Speed(double work_s, double serial) : work_s_(work_s), serial_(serial) {}
  std::optional<double> goodput(std::uint32_t servers, std::uint32_t accelerators) const override {
    if (unknown) return std::nullopt;
    return (servers > 1 ? 0.9 : 1.0) / time(accelerators);
  }
  double remaining_s(std::uint32_t accelerators) const override {
    return work_s_ * time(accelerators);
  }
  bool unknown = false;

 private:
  double time(std::uint32_t k) const { return serial_ + (1 - serial_) / k; }
  double work_s_, serial_;
};

struct Pool {
  std::vector<std::uint32_t> capacity{4, 4};
  std::deque<Speed> speeds;
  std::deque<Allocation> held;
  std::vector<ElasticJobView> jobs;

  ElasticJobView& add(std::uint32_t asked, double work_s = 100, double serial = 0.1) {
    speeds.emplace_back(work_s, serial);
    held.emplace_back(capacity.size(), 0);
    ElasticJobView& job = jobs.emplace_back();
    job.number = jobs.size() - 1;
    job.asked = asked;
    job.most = 64;
    job.tried = 64;
    job.held = &held.back();
    job.speed = &speeds.back();
    return job;
  }
  std::vector<Allocation> decide(Allocator& allocator, std::int64_t now_s = 1000) const {
    return allocator.allocate(
        {SimTime{} + whole_seconds(now_s), jobs, capacity, whole_seconds(30)});
  }
  /// They hold what was decided.
  void keep(const std::vector<Allocation>& given) {
    for (std::size_t i = 0; i < given.size(); ++i) held[i] = given[i];
  }
};

std::uint32_t sum(const Allocation& a) {
  return std::accumulate(a.begin(), a.end(), 0U);
}

TEST_CASE("tiresias gives what was asked in order of coming, and passes over what does not fit") {
  Pool pool;
  pool.add(5), pool.add(4), pool.add(2);
  const auto allocator = make_allocator("tiresias");
  const auto given = pool.decide(*allocator);
  CHECK(given[0] == Allocation{4, 1});
  CHECK(given[1] == Allocation{0, 0});
  CHECK(given[2] == Allocation{0, 2});
}

TEST_CASE("tiresias puts jobs of much service behind the others and leaves who runs in place") {
  Pool pool;
  pool.add(6).attained_s = 0;
  const auto allocator = make_allocator("tiresias");
  pool.keep(pool.decide(*allocator));
  pool.jobs[0].attained_s = 16 * 3600;
  pool.add(2), pool.add(2);
  pool.keep(pool.decide(*allocator));  // the first job of 6 is behind: 4 are left for it
  CHECK(sum(pool.held[0]) == 0);
  CHECK(sum(pool.held[1]) == 2);
  CHECK(sum(pool.held[2]) == 2);
  const Allocation before = pool.held[2];
  pool.jobs.erase(pool.jobs.begin() + 1);
  pool.held.erase(pool.held.begin() + 1);
  for (std::size_t i = 0; i < pool.jobs.size(); ++i) pool.jobs[i].held = &pool.held[i];
  const auto given = pool.decide(*allocator);
  CHECK(sum(given[0]) == 6);
  CHECK(given[1] == before);
}

TEST_CASE("optimus gives one to each and then where most time is saved") {
  Pool pool;
  pool.add(1, 1000, 0.1), pool.add(1, 100, 0.1), pool.add(1, 1000, 1.0);
  const auto allocator = make_allocator("optimus");
  const auto given = pool.decide(*allocator);
  // The last does not gain: 6 are shared by the others, and 1 more saves the second
  // 100 x 0.9 / 2 = 45 s, the first from 3 on 900 / 12 = 75, 45, 30 s: 5 and 2.
  CHECK(sum(given[0]) == 5);
  CHECK(sum(given[1]) == 2);
  CHECK(sum(given[2]) == 1);
  Pool crowd;
  for (int i = 0; i < 10; ++i) crowd.add(1);
  const auto few = crowd.decide(*allocator);
  CHECK(sum(few[7]) == 1);
  CHECK(sum(few[8]) == 0);
}

TEST_CASE("pollux shares fairly, keeps to one server and stops at what a job can use") {
  Pool pool;
  pool.add(1), pool.add(1);
  const auto allocator = make_allocator("pollux");
  CHECK(allocator->adapts_batch());
  const auto given = pool.decide(*allocator);
  CHECK(sum(given[0]) == 4);
  CHECK(sum(given[1]) == 4);
  CHECK((given[0] == Allocation{4, 0} || given[0] == Allocation{0, 4}));
  pool.jobs[0].tried = 1;
  pool.jobs[1].most = 1;
  const auto limited = pool.decide(*allocator);
  CHECK(sum(limited[0]) == 2);
  CHECK(sum(limited[1]) == 1);
}

TEST_CASE("pollux leaves a job alone that has restarted for all of its life") {
  Pool pool;
  pool.add(1);
  pool.held[0] = {2, 0};
  pool.jobs[0].restarts = 10;
  const auto allocator = make_allocator("pollux");
  CHECK(pool.decide(*allocator, 100)[0] == Allocation{2, 0});
  CHECK(sum(pool.decide(*allocator, 100'000)[0]) > 2);
}

TEST_CASE("pollux weighs a job by a share that it can use") {
  // The second accelerator of the first job is worth 1/3 of its first: of the 4/3 that it can reach
  // 0.25, of the 3/2 of a fair share of three 0.22. The fourth of another is worth 0.23 of three.
  Pool pool;
  pool.capacity = {8};
  pool.add(1, 100, 0.5).most = 2;
  pool.add(1), pool.add(1);
  Params sums;
  sums.set("fairness", 1.0);
  const auto given = pool.decide(*make_allocator("pollux", sums));
  CHECK(sum(given[0]) == 2);
  CHECK(sum(given[1]) == 3);
  CHECK(sum(given[2]) == 3);
}

TEST_CASE("every allocator gives no more than there is, and the same again") {
  const RandomStream chance(3, "jobs");
  for (const AllocatorEntry& entry : allocators()) {
    CAPTURE(entry.name);
    CHECK(entry.doc.back() == '.');
    const auto first = make_allocator(entry.name);
    const auto second = make_allocator(entry.name);
    Pool pool;
    pool.capacity = {4, 0, 2, 4, 3};
    for (std::uint64_t step = 0; step < 12; ++step) {
      ElasticJobView& job = pool.add(1 + static_cast<std::uint32_t>(chance.below(5, step, 0)),
                                     50 + static_cast<double>(chance.below(500, step, 1)),
                                     0.02 * static_cast<double>(chance.below(20, step, 2)));
      job.most = 1 + static_cast<std::uint32_t>(chance.below(9, step, 3));
      job.attained_s = 7000.0 * static_cast<double>(chance.below(12, step, 4));
      pool.speeds.back().unknown = chance.below(3, step, 5) == 0;
      const auto given = pool.decide(*first);
      REQUIRE(given.size() == pool.jobs.size());
      CHECK(given == pool.decide(*second));
      for (std::size_t s = 0; s < pool.capacity.size(); ++s) {
        std::uint32_t used = 0;
        for (const Allocation& allocation : given) used += allocation.at(s);
        CHECK(used <= pool.capacity[s]);
      }
      std::uint32_t working = 0;
      for (std::size_t i = 0; i < given.size(); ++i) {
        const std::uint32_t has = sum(given[i]);
        working += has > 0 ? 1 : 0;
        if (first->keeps_requested()) {
          CHECK((has == 0 || has == pool.jobs[i].asked));
        } else {
          CHECK(has <= pool.jobs[i].most);
        }
      }
      CHECK(working > 0);
      pool.keep(given);
    }
  }
}

}  // namespace
}  // namespace hyperdc
