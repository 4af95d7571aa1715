// Allocators: decisions by hand, and what holds for every entry.
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <numeric>
#include <set>

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
  std::optional<double> goodput(std::uint32_t servers, std::uint32_t accelerators,
                                std::uint32_t kind) const override {
    if (unknown) return std::nullopt;
    return (servers > 1 ? 0.9 : 1.0) / time(accelerators) * (1 + kind * faster);
  }
  double remaining_s(std::uint32_t accelerators) const override {
    return work_s_ * time(accelerators);
  }
  bool unknown = false;
  double faster = 0;  // on the second kind

 private:
  double time(std::uint32_t k) const { return serial_ + (1 - serial_) / k; }
  double work_s_, serial_;
};

struct Pool {
  std::vector<std::uint32_t> capacity{4, 4}, kinds{0, 0, 0, 0, 0, 0};
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
    job.restart = whole_seconds(30);
    job.held = &held.back();
    job.speed = &speeds.back();
    return job;
  }
  std::vector<Allocation> decide(Allocator& allocator, std::int64_t now_s = 1000) const {
    return allocator.allocate(
        {SimTime{} + whole_seconds(now_s), jobs, capacity, {kinds.data(), capacity.size()}});
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

TEST_CASE("sia gives the faster kind to who gains most by it") {
  Pool pool;
  pool.capacity = {2, 2};
  pool.kinds = {0, 1};
  pool.add(1), pool.add(1);
  for (ElasticJobView& job : pool.jobs) job.tried = 1;
  pool.speeds[0].faster = 0.2;
  pool.speeds[1].faster = 3;
  const auto sia = make_allocator("sia");
  CHECK(sia->adapts_batch());
  CHECK(sia->kinds() == AcceleratorKinds::apart);
  const auto given = pool.decide(*sia);
  CHECK(given[0] == Allocation{2, 0});
  CHECK(given[1] == Allocation{0, 2});
}

TEST_CASE("sia gives one accelerator to who has not run") {
  Pool pool;
  pool.capacity = {2};
  pool.add(1), pool.add(1), pool.add(1);
  for (Speed& speed : pool.speeds) speed.unknown = true;
  const auto given = pool.decide(*make_allocator("sia"));
  CHECK(sum(given[0]) + sum(given[1]) + sum(given[2]) == 2);
  for (const Allocation& allocation : given) CHECK(sum(allocation) <= 1);
}

TEST_CASE("sia leaves alone who comes up, or has restarted for all of its life") {
  Pool pool;
  pool.capacity = {4};
  pool.add(1).coming_up = true;
  pool.held[0] = {1};
  const auto sia = make_allocator("sia");
  CHECK(pool.decide(*sia)[0] == Allocation{1});
  pool.jobs[0].coming_up = false;
  CHECK(pool.decide(*sia)[0] == Allocation{4});
  pool.jobs[0].restarts = 10;
  CHECK(pool.decide(*sia, 100)[0] == Allocation{1});
}

TEST_CASE("sia moves the smallest jobs where fragments leave no room") {
  Pool pool;
  pool.capacity = {2, 2, 2};
  pool.add(1).most = 1;
  pool.add(1).most = 1;
  pool.add(1, 100, 0);
  pool.held[0] = {1, 0, 0};
  pool.held[1] = {0, 1, 0};
  const auto given = pool.decide(*make_allocator("sia"));
  CHECK(sum(given[0]) == 1);
  CHECK(sum(given[1]) == 1);
  CHECK(sum(given[2]) == 4);        // two whole servers
  CHECK(given[1] == pool.held[1]);  // one moved, one stayed
}

TEST_CASE("sia moves no job for one that is not larger") {
  Pool pool;
  for (std::size_t i = 0; i < 5; ++i) pool.add(1).most = 2;
  pool.jobs[0].coming_up = pool.jobs[1].coming_up = true;
  pool.held[0] = {1, 0};
  pool.held[1] = {0, 1};
  pool.held[2] = {2, 0};
  pool.held[3] = {0, 2};
  const auto given = pool.decide(*make_allocator("sia"));
  CHECK(sum(given[0]) + sum(given[1]) == 2);
  CHECK(given[2] == pool.held[2]);
  CHECK(given[3] == pool.held[3]);
  CHECK((given[4] == Allocation{2, 0} || given[4] == Allocation{0, 2}));
}

/// Cost of a job by Sia's program: nothing held, so that no restart is weighed.
double sia_cost(const ElasticJobView& job, std::uint32_t kind, std::uint32_t has,
                std::uint32_t each) {
  if (has == 0) return 1.1;
  const double least = *job.speed->goodput(1, 1, 0);
  return std::pow(*job.speed->goodput((has + each - 1) / each, has, kind) / least, -0.5);
}

TEST_CASE("no other configurations are better than those of sia, as trying all shows") {
  struct Configuration {
    std::uint32_t kind, has;
  };
  // Servers of 4 of the first kind, two, and one of 2 of the second.
  constexpr Configuration kAll[] = {{0, 0}, {0, 1}, {0, 2}, {0, 4}, {0, 8}, {1, 1}, {1, 2}};
  const RandomStream chance(7, "sia");
  for (std::uint64_t round = 0; round < 40; ++round) {
    CAPTURE(round);
    Pool pool;
    pool.capacity = {4, 2, 4};
    pool.kinds = {0, 1, 0};
    for (std::uint64_t i = 0; i < 4; ++i) {
      ElasticJobView& job =
          pool.add(1, 100, 0.05 * static_cast<double>(chance.below(20, round, i)));
      job.tried = 1 + static_cast<std::uint32_t>(chance.below(4, round, 10 + i));
      job.most = 1 + static_cast<std::uint32_t>(chance.below(9, round, 20 + i));
      pool.speeds.back().faster = static_cast<double>(chance.below(5, round, 30 + i));
    }
    const auto cost_of = [&](std::size_t i, const Configuration& c) {
      return sia_cost(pool.jobs[i], c.kind, c.has, c.kind == 0 ? 4 : 2);
    };
    double best = 1e9;
    for (std::size_t code = 0; code < 7 * 7 * 7 * 7; ++code) {
      std::uint32_t used[2] = {0, 0};
      double cost = 0;
      bool may = true;
      for (std::size_t i = 0, rest = code; i < 4; ++i, rest /= 7) {
        const Configuration& c = kAll[rest % 7];
        used[c.kind] += c.has;
        may = may && c.has <= std::min(pool.jobs[i].most, 2 * pool.jobs[i].tried);
        cost += may ? cost_of(i, c) : 0;
      }
      if (may && used[0] <= 8 && used[1] <= 2) best = std::min(best, cost);
    }
    const auto given = pool.decide(*make_allocator("sia"));
    double cost = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK((given[i][1] == 0 || given[i][0] + given[i][2] == 0));
      cost += cost_of(i, {given[i][1] > 0 ? 1U : 0U, sum(given[i])});
    }
    CHECK(cost == Approx(best).epsilon(1.01e-4));
  }
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
    if (first->kinds() != AcceleratorKinds::one) pool.kinds = {0, 0, 1, 1, 2};
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
        std::set<std::uint32_t> kinds;
        for (std::size_t s = 0; s < given[i].size(); ++s) {
          if (given[i][s] > 0) kinds.insert(pool.kinds[s]);
        }
        CHECK(kinds.size() <= 1);
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
