// A million rows pass through in memory that does not depend on their number.
#include <catch2/catch.hpp>
#include <fstream>

#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

/// Peak resident memory of this process so far, in KiB (Linux).
std::int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

}  // namespace

TEST_CASE("a million rows stream in bounded memory") {
  constexpr int kRows = 1'000'000;
  const TempDir dir;
  const std::string file = dir.path("a.csv");
  {
    std::ofstream out(file, std::ios::binary);
    out << "submit_s,run_s,cores,accelerators,accelerator_milli,tenant\n";
    std::string block;
    for (int i = 0; i < kRows; ++i) {
      block += std::to_string(i / 2) + "," + std::to_string(i % 3600) + ",2,1,250,team-" +
               std::to_string(i % 7) + "\n";
      if (block.size() > 100'000 || i + 1 == kRows) {
        out << block;
        block.clear();
      }
    }
  }
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
  REQUIRE(size > 26'000'000);
  const std::int64_t before = peak_kib();
  REQUIRE(before > 0);
  const JobsSpec spec = jobs_of(trace_of(TraceFormat::csv, file));
  ModelNames models;
  const auto result = check_trace(*spec.trace, models);
  REQUIRE(ok(result));
  const TraceFacts& facts = std::get<0>(result);
  CHECK(facts.rows == kRows);
  CHECK(facts.total == Resources{2'000LL * kRows, 0, 250LL * kRows});
  const auto source = open_jobs(spec, &facts, models, 1);
  JobRecord job;
  std::int64_t jobs = 0, run_s = 0;
  while (source->next(job)) {
    ++jobs;
    run_s += job.run->ns / kNsPerSecond;
  }
  CHECK(jobs == kRows);
  std::int64_t expected = 0;
  for (int i = 0; i < kRows; ++i) expected += i % 3600;
  CHECK(run_s == expected);
  CHECK(source->tenants().size() == 7);
  CHECK(peak_kib() - before < 12 * 1024);  // the file is above 26 MB
}
