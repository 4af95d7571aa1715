#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include <hyperdc/core/assert.hpp>

#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

const std::string kLists = std::string(HYPERDC_SOURCE_DIR) + "/scenarios/examples/data/gpu-openb/";

std::string csv_rows(int rows, int step = 1) {
  std::string text = "submit_s,run_s,accelerators,accelerator_milli,name\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(i * step) + ",5,1," + std::to_string(100 + i % 900) + ",job" +
            std::to_string(i) + "\n";
  }
  return text;
}

std::vector<std::string> names(const std::vector<JobRecord>& jobs) {
  std::vector<std::string> out;
  for (const JobRecord& job : jobs) out.push_back(job.name);
  return out;
}

bool in_order(const std::vector<JobRecord>& jobs) {
  return std::is_sorted(jobs.begin(), jobs.end(),
                        [](const JobRecord& a, const JobRecord& b) { return a.submit < b.submit; });
}

std::int64_t demand(const JobRecord& job) {
  return job.each.total_accelerator_milli() * job.members;
}

std::int64_t demand(const std::vector<JobRecord>& jobs) {
  std::int64_t sum = 0;
  for (const JobRecord& job : jobs) sum += demand(job);
  return sum;
}

}  // namespace

TEST_CASE("a trace that is not in order is sorted, equal times by row") {
  const TempDir dir;
  const auto file = dir.write("a", "submit_s,name\n5,a\n1,b\n5,c\n0,d\n1,e\n");
  const ReadTrace read = read_trace(jobs_of(trace_of(TraceFormat::csv, file)));
  CHECK_FALSE(read.facts.in_order);
  CHECK(names(read.jobs) == std::vector<std::string>{"d", "b", "e", "a", "c"});
  CHECK(in_order(read.jobs));
}

TEST_CASE("shuffle is a permutation of the jobs over the same submit times") {
  const TempDir dir;
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, dir.write("a", csv_rows(500))));
  const ReadTrace plain = read_trace(spec);
  spec.shuffle = true;
  const ReadTrace one = read_trace(spec, 1), again = read_trace(spec, 1), two = read_trace(spec, 2);
  CHECK(names(one.jobs) != names(plain.jobs));
  CHECK(names(one.jobs) == names(again.jobs));
  CHECK(names(one.jobs) != names(two.jobs));
  auto sorted = names(one.jobs), all = names(plain.jobs);
  std::sort(sorted.begin(), sorted.end());
  std::sort(all.begin(), all.end());
  CHECK(sorted == all);
  for (std::size_t i = 0; i < one.jobs.size(); ++i) {
    CHECK(one.jobs[i].submit == plain.jobs[i].submit);
  }
}

TEST_CASE("shuffle gives every order of four jobs with the same probability") {
  const TempDir dir;
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, dir.write("a", "name\na\nb\nc\nd\n")));
  spec.shuffle = true;
  ModelNames models;
  const auto facts = std::get<0>(check_trace(*spec.trace, models));
  std::map<std::string, int> counts;
  constexpr int kRuns = 2'400;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    const auto source = open_jobs(spec, &facts, models, seed);
    std::string order;
    JobRecord job;
    while (source->next(job)) order += job.name;
    ++counts[order];
  }
  REQUIRE(counts.size() == 24);
  double chi_square = 0;
  for (const auto& [order, count] : counts) {
    const double expected = kRuns / 24.0;
    chi_square += (count - expected) * (count - expected) / expected;
  }
  CHECK(chi_square < 49.7);  // 99.9 % quantile of chi-square with 23 degrees of freedom
}

TEST_CASE("openb is sorted by name before the shuffle: the order of rows has no influence") {
  const TempDir dir;
  const std::string header = "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n";
  const std::string a = "a,1,1,1,10\n", b = "b,1,1,1,20\n", c = "c,1,1,1,30\n", d = "d,1,1,1,40\n";
  JobsSpec first = jobs_of(trace_of(TraceFormat::openb, dir.write("a", header + a + b + c + d)));
  JobsSpec second = jobs_of(trace_of(TraceFormat::openb, dir.write("b", header + d + b + a + c)));
  first.shuffle = second.shuffle = true;
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto order = names(read_trace(first, seed).jobs);
    CHECK(order == names(read_trace(second, seed).jobs));
    orders.insert(order);
  }
  CHECK(orders.size() > 10);
}

TEST_CASE("inflate_to stops as the published experiment does, on every list") {
  constexpr std::int64_t kPool = 6'212'000;
  for (const std::string list : {"default", "cpu050", "gpushare40", "gpuspec33", "multigpu20"}) {
    INFO(list);
    JobsSpec spec =
        jobs_of(trace_of(TraceFormat::openb, kLists + "openb_pod_list_" + list + ".csv.gz"));
    spec.shuffle = true;
    spec.inflate_to = 1.3;
    spec.pool_accelerator_milli = kPool;
    spec.departures = false;
    spec.arrivals = ArrivalSpec{};
    const ReadTrace read = read_trace(spec, 42);
    const auto target = static_cast<std::int64_t>(1.3 * kPool);
    const std::int64_t sum = demand(read.jobs);
    // The draw that ended it would have passed the target with one device, so at least a
    // whole device is never missing; what was added may pass by the other seven.
    CHECK(sum > target - 1'000);
    CHECK(sum <= target + 7'000);
    CHECK(read.jobs.size() > read.facts.rows);
    // The originals, each once, come first; then copies of originals.
    std::map<std::string, std::int64_t> originals;
    for (std::size_t i = 0; i < read.facts.rows; ++i) {
      originals[read.jobs[i].name] = demand(read.jobs[i]);
    }
    CHECK(originals.size() == read.facts.rows);
    for (std::size_t i = read.facts.rows; i < read.jobs.size(); ++i) {
      const std::string& name = read.jobs[i].name;
      const auto plus = name.find('+');
      REQUIRE(plus != std::string::npos);
      CHECK(name.substr(plus + 1) == std::to_string(i - read.facts.rows + 1));
      CHECK(originals.at(name.substr(0, plus)) == demand(read.jobs[i]));
    }
    CHECK(in_order(read.jobs));
    for (const JobRecord& job : read.jobs) REQUIRE_FALSE(job.run);
  }
}

TEST_CASE("inflate_to by hand: one device decides, all devices count") {
  const TempDir dir;
  // One kind of job: 8 devices. Sum 8,000. Appending while sum + 1,000 <= target.
  const auto file = dir.write("a", "submit_s,accelerators\n3,8\n");
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, file));
  spec.inflate_to = 1;
  const auto jobs_at = [&](std::int64_t target) {
    spec.pool_accelerator_milli = target;
    return read_trace(spec).jobs.size();
  };
  CHECK(jobs_at(8'000) == 1);
  CHECK(jobs_at(8'999) == 1);
  CHECK(jobs_at(9'000) == 2);
  CHECK(jobs_at(16'999) == 2);
  CHECK(jobs_at(17'000) == 3);
  CHECK(jobs_at(7'999) == 0);
  spec.pool_accelerator_milli = 17'000;
  for (const JobRecord& job : read_trace(spec).jobs) CHECK(job.submit == SimTime{3 * kNsPerSecond});
}

TEST_CASE("inflate_to below the demand deletes until the target is met, uniformly") {
  const TempDir dir;
  const auto file = dir.write("a", csv_rows(40));
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, file));
  const ReadTrace all = read_trace(spec);
  spec.inflate_to = 0.5;
  spec.pool_accelerator_milli = demand(all.jobs);
  std::map<std::string, int> kept;
  constexpr int kRuns = 1'000;
  ModelNames models;
  double mean_jobs = 0;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    const auto jobs = drain(*open_jobs(spec, &all.facts, models, seed));
    const std::int64_t target = demand(all.jobs) / 2;
    REQUIRE(demand(jobs) <= target);
    REQUIRE(demand(jobs) > target - 140);  // the last one deleted had at most 139
    REQUIRE(in_order(jobs));
    for (const JobRecord& job : jobs) ++kept[job.name];
    mean_jobs += static_cast<double>(jobs.size()) / kRuns;
  }
  REQUIRE(kept.size() == 40);
  for (const auto& [name, count] : kept) {
    INFO(name);  // about half, up to 5 standard deviations and the small pull of the job's size
    CHECK(count / static_cast<double>(kRuns) == Approx(mean_jobs / 40).margin(0.08));
  }
}

TEST_CASE("departures false: nobody leaves, everything else stays") {
  const TempDir dir;
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, dir.write("a", csv_rows(10))));
  const ReadTrace leaving = read_trace(spec);
  spec.departures = false;
  const ReadTrace staying = read_trace(spec);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(leaving.jobs[i].run == whole_seconds(5));
    CHECK_FALSE(staying.jobs[i].run);
    CHECK(staying.jobs[i].estimate == whole_seconds(5));
    CHECK(staying.jobs[i].each == leaving.jobs[i].each);
  }
}

TEST_CASE("arrivals replace submit times and keep the order of jobs") {
  const TempDir dir;
  JobsSpec spec =
      jobs_of(trace_of(TraceFormat::csv, dir.write("a", "submit_s,name\n9,a\n2,b\n9,c\n")));
  spec.arrivals = ArrivalSpec{ArrivalSpec::Kind::every, 2.5, 1};
  const ReadTrace read = read_trace(spec);
  CHECK(names(read.jobs) == std::vector<std::string>{"b", "a", "c"});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(read.jobs[i].submit.ns == static_cast<std::int64_t>(i) * 2'500'000'000);
  }
}

TEST_CASE("a file that changes between check and run is not used") {
  const TempDir dir;
  const std::string text = csv_rows(100);
  const auto file = dir.write("a", text);
  const JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, file));
  ModelNames models;
  const auto facts = std::get<0>(check_trace(*spec.trace, models));
  const auto run = [&] { return drain(*open_jobs(spec, &facts, models, 1)).size(); };
  CHECK(run() == 100);

  dir.write("a", text + "200,5,1,100,x\n");
  CHECK_THROWS_AS(run(), InputChanged);  // another size
  std::string same_size = text;
  same_size[text.find(",5,") + 1] = '6';
  dir.write("a", same_size);
  CHECK_THROWS_AS(run(), InputChanged);  // another hash
  same_size[text.find(",5,") + 1] = '-';
  dir.write("a", same_size);
  CHECK_THROWS_AS(run(), InputChanged);  // a malformed row
  std::filesystem::remove(file);
  CHECK_THROWS_AS(run(), InputChanged);
  dir.write("a", text);
  CHECK(run() == 100);

  JobsSpec limited = spec;
  limited.trace->limit = 10;
  const auto few = std::get<0>(check_trace(*limited.trace, models));
  std::string tail = text;
  tail[text.size() - 2] = 'X';  // behind the limit
  dir.write("a", tail);
  CHECK_THROWS_AS(drain(*open_jobs(limited, &few, models, 1)), InputChanged);
}

TEST_CASE("a model that the check did not see means that the file has changed") {
  const TempDir dir;
  const auto file = dir.write("a", "accelerators,models\n1,A\n");
  const JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, file));
  ModelNames models;
  const auto facts = std::get<0>(check_trace(*spec.trace, models));
  dir.write("a", "accelerators,models\n1,B\n");
  CHECK_THROWS_AS(drain(*open_jobs(spec, &facts, models, 1)), InputChanged);
}

TEST_CASE("jobs_problem: what cannot be inflated is known before it is tried") {
  const TempDir dir;
  const auto none = dir.write("a", "cores\n1\n");
  JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, none));
  ModelNames models;
  auto facts = std::get<0>(check_trace(*spec.trace, models));
  CHECK(jobs_problem(spec, &facts).empty());
  spec.inflate_to = 1;
  spec.pool_accelerator_milli = 1'000;
  CHECK(jobs_problem(spec, &facts).find("no job asks") != std::string::npos);
  CHECK_THROWS_AS(open_jobs(spec, &facts, models, 1), InvariantError);
  facts.total.accelerator_milli = 1;
  spec.pool_accelerator_milli = 1'000'000'000;
  CHECK(jobs_problem(spec, &facts).find("inflate_to needs about") != std::string::npos);
  spec.inflate_to.reset();
  spec.shuffle = true;
  CHECK(jobs_problem(spec, &facts).empty());
  facts.rows = kMaxRowsInMemory + 1;
  CHECK(jobs_problem(spec, &facts).find("at most 4000000") != std::string::npos);
}

TEST_CASE("a round trip through csv gives the same jobs") {
  JobsSpec spec = jobs_of(trace_of(TraceFormat::openb, kLists + "openb_pod_list_gpuspec33.csv.gz"));
  const ReadTrace original = read_trace(spec);
  std::string text =
      "submit_s,run_s,cores,memory_bytes,accelerators,accelerator_milli,models,name\n";
  for (const JobRecord& job : original.jobs) {
    std::string models;
    for (std::size_t m = 0; m < original.models.names().size(); ++m) {
      if ((job.each.models >> m & 1) == 0) continue;
      models += (models.empty() ? "" : "|") + original.models.names()[m];
    }
    std::string cores = std::to_string(job.each.cores_milli % 1000);
    cores = std::to_string(job.each.cores_milli / 1000) + "." + std::string(3 - cores.size(), '0') +
            cores;
    text += std::to_string(job.submit.ns / kNsPerSecond) + "," +
            std::to_string(job.run->ns / kNsPerSecond) + "," + cores + "," +
            std::to_string(job.each.memory_bytes) + "," + std::to_string(job.each.accelerators) +
            "," + std::to_string(job.each.accelerator_milli) + "," + models + ",\"" + job.name +
            "\"\n";
  }
  const TempDir dir;
  const ReadTrace copy =
      read_trace(jobs_of(trace_of(TraceFormat::csv, dir.write("a.gz", gzip(text)))));
  REQUIRE(copy.jobs.size() == original.jobs.size());
  const auto models_of = [](const ReadTrace& read, ModelSet set) {
    std::set<std::string> out;
    for (std::size_t m = 0; m < read.models.names().size(); ++m) {
      if ((set >> m & 1) != 0) out.insert(read.models.names()[m]);
    }
    return out;
  };
  for (std::size_t i = 0; i < copy.jobs.size(); ++i) {
    JobRecord a = original.jobs[i], b = copy.jobs[i];
    CHECK(models_of(original, a.each.models) == models_of(copy, b.each.models));
    a.each.models = b.each.models = 0;
    const bool same = a.name == b.name && a.submit == b.submit && a.run == b.run &&
                      a.estimate == b.estimate && a.each == b.each;
    REQUIRE(same);
  }
  CHECK(copy.facts.mix.size() == original.facts.mix.size());
}

TEST_CASE("a seed replays its window of a trace, its times from the begin of the window") {
  const TempDir dir;
  for (const bool sorted : {true, false}) {
    // A job each 10 s for 95 s, and one at the end; unsorted the first two rows change places.
    std::string text = "submit_s,run_s,cores,name\n";
    text += sorted ? "0,5,1,job0\n10,5,1,job1\n" : "10,5,1,job1\n0,5,1,job0\n";
    for (int i = 2; i < 10; ++i) {
      text += std::to_string(10 * i) + ",5,1,job" + std::to_string(i) + "\n";
    }
    JobsSpec spec;
    spec.workload = "w";
    spec.trace = TraceSpec{};
    spec.trace->file = dir.write("jobs.csv", text);
    spec.trace->window = whole_seconds(30);
    ModelNames models;
    const auto checked = check_trace(*spec.trace, models);
    REQUIRE(ok(checked));
    const TraceFacts& facts = std::get<TraceFacts>(checked);
    CHECK(windows_in(*spec.trace, facts) == 3);  // 90 s to the last job, which is in none
    const auto replayed = [&](std::uint64_t seed) {
      std::vector<std::pair<std::string, std::int64_t>> jobs;
      const auto source = open_jobs(spec, &facts, models, seed);
      JobRecord job;
      while (source->next(job)) jobs.emplace_back(job.name, job.submit.ns / 1'000'000'000);
      return jobs;
    };
    using Jobs = std::vector<std::pair<std::string, std::int64_t>>;
    CHECK(replayed(1) == Jobs{{"job0", 0}, {"job1", 10}, {"job2", 20}});
    CHECK(replayed(2) == Jobs{{"job3", 0}, {"job4", 10}, {"job5", 20}});
    CHECK(replayed(3) == Jobs{{"job6", 0}, {"job7", 10}, {"job8", 20}});
    CHECK(replayed(4) == replayed(1));
    CHECK(replayed(0) == replayed(3));
    spec.trace->windows_from = whole_seconds(40);
    CHECK(windows_in(*spec.trace, facts) == 1);
    CHECK(replayed(7) == Jobs{{"job4", 0}, {"job5", 10}, {"job6", 20}});
  }
}
