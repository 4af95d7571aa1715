#include <catch2/catch.hpp>
#include <cmath>

#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

JobsSpec generated(std::uint64_t count) {
  JobsSpec spec;
  spec.workload = "batch";
  spec.arrivals = ArrivalSpec{ArrivalSpec::Kind::poisson, 2.0, 1};
  GeneratorSpec g;
  g.count = count;
  g.run_s = Exponential{100};
  g.cores = Uniform{1, 5};
  g.memory_bytes = Lognormal{1e9, 1};
  g.accelerators = Empirical{{0, 0.25, 2}, {1, 1, 2}};
  g.members = Constant{1};
  g.priority = Uniform{-2.5, 2.5};
  g.tenants = 3;
  g.estimate_factor = 1.5;
  spec.generate = g;
  return spec;
}

std::vector<JobRecord> jobs(const JobsSpec& spec, std::uint64_t seed = 1) {
  return drain(*open_jobs(spec, nullptr, ModelNames(), seed));
}

struct Moments {
  double mean, cv;
};
Moments intervals(ArrivalSpec::Kind kind, double mean, double cv, std::uint64_t count) {
  JobsSpec spec;
  spec.workload = "batch";
  spec.generate.emplace().count = count;  // nothing but arrivals
  spec.arrivals = ArrivalSpec{kind, mean, cv};
  double sum = 0, squares = 0;
  SimTime last;
  for (const JobRecord& job : jobs(spec)) {
    const double x = to_seconds(job.submit - last);
    last = job.submit;
    sum += x;
    squares += x * x;
  }
  const auto n = static_cast<double>(count);
  const double m = sum / n;
  return {m, std::sqrt(squares / n - m * m) / m};
}

}  // namespace

TEST_CASE("changing one property leaves all others as they were") {
  const JobsSpec base = generated(2'000);
  const auto a = jobs(base);
  const auto differs = [&](const JobsSpec& changed) {
    const auto b = jobs(changed);
    REQUIRE(b.size() == a.size());
    std::string what;
    const auto mark = [&](bool different, const std::string& name) {
      if (different && what.find(name) == std::string::npos) what += name + " ";
    };
    for (std::size_t i = 0; i < a.size(); ++i) {
      mark(a[i].submit != b[i].submit, "submit");
      mark(a[i].run != b[i].run, "run");
      mark(a[i].each.cores_milli != b[i].each.cores_milli, "cores");
      mark(a[i].each.memory_bytes != b[i].each.memory_bytes, "memory");
      mark(a[i].each.accelerators != b[i].each.accelerators, "accelerators");
      mark(a[i].members != b[i].members, "members");
      mark(a[i].priority != b[i].priority, "priority");
      mark(a[i].tenant != b[i].tenant, "tenant");
    }
    return what;
  };
  CHECK(differs(base).empty());
  JobsSpec changed = base;
  changed.generate->run_s = Gamma{100, 2};  // rejection: consumes another number of draws
  CHECK(differs(changed) == "run ");
  changed = base;
  changed.arrivals->kind = ArrivalSpec::Kind::weibull;
  changed.arrivals->cv = 2;
  CHECK(differs(changed) == "submit ");
  changed = base;
  changed.generate->cores = Constant{2};
  CHECK(differs(changed) == "cores ");
  changed = base;
  changed.generate->memory_bytes = Gamma{1e9, 1};
  CHECK(differs(changed) == "memory ");
  changed = base;
  changed.generate->accelerators = Constant{1};
  CHECK(differs(changed) == "accelerators ");
  changed = base;
  changed.generate->members = Uniform{0, 9};
  CHECK(differs(changed) == "members ");
  changed = base;
  changed.generate->priority = Constant{0};
  CHECK(differs(changed) == "priority ");
  changed = base;
  changed.generate->tenants = 5;
  CHECK(differs(changed) == "tenant ");
  changed = base;
  changed.workload = "other";
  CHECK(differs(changed) == "submit run cores memory accelerators priority tenant ");
}

TEST_CASE("a longer generator starts with the jobs of a shorter one") {
  const auto few = jobs(generated(100)), many = jobs(generated(1'000));
  REQUIRE(few.size() == 100);
  REQUIRE(many.size() == 1'000);
  for (std::size_t i = 0; i < few.size(); ++i) {
    CHECK(few[i].submit == many[i].submit);
    CHECK(few[i].run == many[i].run);
    CHECK(few[i].each == many[i].each);
  }
}

TEST_CASE("count 0 is endless") {
  const auto source = open_jobs(generated(0), nullptr, ModelNames(), 1);
  JobRecord job;
  for (int i = 0; i < 10'000; ++i) REQUIRE(source->next(job));
}

// 200,000 intervals: the standard error of a mean is cv/447 of it, tolerances are five of them;
// for the cv, a comparable allowance for the fourth moment.
TEST_CASE("arrival processes have their mean and coefficient of variation") {
  constexpr std::uint64_t kCount = 200'000;
  using Kind = ArrivalSpec::Kind;
  const Moments poisson = intervals(Kind::poisson, 2, 1, kCount);
  CHECK(poisson.mean == Approx(2).epsilon(0.0112));
  CHECK(poisson.cv == Approx(1).epsilon(0.0112));
  const Moments gamma = intervals(Kind::gamma, 0.5, 2, kCount);
  CHECK(gamma.mean == Approx(0.5).epsilon(0.0224));
  CHECK(gamma.cv == Approx(2).epsilon(0.04));
  const Moments regular = intervals(Kind::gamma, 3, 0.25, kCount);
  CHECK(regular.mean == Approx(3).epsilon(0.003));
  CHECK(regular.cv == Approx(0.25).epsilon(0.01));
  const Moments weibull = intervals(Kind::weibull, 10, 1.5, kCount);
  CHECK(weibull.mean == Approx(10).epsilon(0.0168));
  CHECK(weibull.cv == Approx(1.5).epsilon(0.03));
}

TEST_CASE("properties follow their distributions and roundings") {
  const auto all = jobs(generated(100'000));
  double run = 0, cores = 0;
  std::array<double, 4> devices{};  // none, shared, one, two
  std::array<double, 3> tenants{};
  std::map<std::int32_t, double> priorities;
  for (const JobRecord& job : all) {
    run += to_seconds(*job.run) / 1e5;
    cores += static_cast<double>(job.each.cores_milli) / 1e8;
    CHECK(std::abs(to_seconds(job.estimate) - 1.5 * to_seconds(*job.run)) < 1e-6);
    const std::size_t kind = job.each.accelerators == 0   ? 0
                             : job.each.shares_device()   ? 1
                             : job.each.accelerators == 1 ? 2
                                                          : 3;
    devices[kind] += 1e-5;
    if (kind == 1) REQUIRE(job.each.accelerator_milli == 250);
    if (kind == 3) REQUIRE(job.each.accelerator_milli == 1000);
    tenants[job.tenant] += 1e-5;
    priorities[job.priority] += 1e-5;
  }
  CHECK(run == Approx(100).epsilon(0.016));        // 5 standard errors of 1/316
  CHECK(cores == Approx(3.0005).epsilon(0.0061));  // rounding up adds half of 1/1000
  CHECK(devices[0] == Approx(0.25).margin(0.007));
  CHECK(devices[1] == Approx(0.25).margin(0.007));
  CHECK(devices[2] == 0);
  CHECK(devices[3] == Approx(0.5).margin(0.008));
  for (const double share : tenants) CHECK(share == Approx(1.0 / 3).margin(0.0075));
  REQUIRE(priorities.size() == 5);  // -2.5..2.5 to the nearest: five equal fifths
  for (const auto& [priority, share] : priorities) {
    INFO(priority);
    CHECK(share == Approx(0.2).margin(0.0065));
  }
}

TEST_CASE("draws outside what a job can be are cut") {
  JobsSpec spec = generated(3);
  spec.generate->run_s = Constant{1e100};
  spec.generate->cores = Constant{-5};
  spec.generate->memory_bytes = Constant{1e100};
  spec.generate->accelerators = Constant{1e9};
  spec.generate->members = Constant{0};
  spec.generate->priority = Constant{1e100};
  spec.generate->estimate_factor = 1e100;
  for (const JobRecord& job : jobs(spec)) {
    CHECK(job.run == job.estimate);
    CHECK(to_seconds(*job.run) == 90.0 * 365 * 86'400);
    CHECK(job.each.cores_milli == 0);
    CHECK(job.each.memory_bytes == std::int64_t{1} << 50);
    CHECK(job.each.accelerators == 32);
    CHECK(job.members == 1);
    CHECK(job.priority == std::numeric_limits<std::int32_t>::max());
  }
}

TEST_CASE("decimal cores round up to thousandths, not beyond") {
  for (int milli = 1; milli < 3'000; milli += 7) {
    JobsSpec spec = generated(1);
    spec.generate->cores = Constant{milli / 1000.0};
    CHECK(jobs(spec).front().each.cores_milli == milli);
    spec.generate->cores = Constant{milli / 1000.0 + 0.0001};
    CHECK(jobs(spec).front().each.cores_milli == milli + 1);
  }
}
