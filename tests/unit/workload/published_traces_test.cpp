// The traces of scenarios/examples/data against numbers that were computed from the same files with
// other programs: percentiles and moments with numpy (linear interpolation, population standard
// deviation), counts of classes with Python.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

const std::string kData = std::string(HYPERDC_SOURCE_DIR) + "/scenarios/examples/data/";

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double deviation(const std::vector<double>& x) {
  const double m = mean(x);
  double sum = 0;
  for (const double v : x) sum += (v - m) * (v - m);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

double quantile(std::vector<double> x, double p) {
  std::sort(x.begin(), x.end());
  const double at = p * static_cast<double>(x.size() - 1);
  const auto i = static_cast<std::size_t>(at);
  const double next = x[std::min(i + 1, x.size() - 1)];
  return x[i] + (at - static_cast<double>(i)) * (next - x[i]);
}

struct Expected {
  double mean, deviation, p1, p50, p90, p95, p99, least, most;
};

// Printed with three digits.
void check(const std::vector<double>& x, const Expected& e) {
  CHECK(std::abs(mean(x) - e.mean) < 6e-4);
  CHECK(std::abs(deviation(x) - e.deviation) < 6e-4);
  CHECK(quantile(x, 0.01) == Approx(e.p1).epsilon(1e-12));
  CHECK(quantile(x, 0.50) == Approx(e.p50).epsilon(1e-12));
  CHECK(quantile(x, 0.90) == Approx(e.p90).epsilon(1e-12));
  CHECK(quantile(x, 0.95) == Approx(e.p95).epsilon(1e-12));
  CHECK(quantile(x, 0.99) == Approx(e.p99).epsilon(1e-12));
  CHECK(quantile(x, 0) == e.least);
  CHECK(quantile(x, 1) == e.most);
}

}  // namespace

TEST_CASE("Philly until 2017-10-31") {
  const ReadTrace read = read_trace(
      jobs_of(trace_of(TraceFormat::philly, kData + "dl-philly/philly.until_2017-10-31.csv.gz")));
  REQUIRE(read.jobs.size() == 52'849);
  std::vector<double> run, gpus;
  double gpu_seconds = 0;
  for (const JobRecord& job : read.jobs) {
    run.push_back(to_seconds(*job.run));
    gpus.push_back(static_cast<double>(job.members) * job.each.accelerators);
    gpu_seconds += run.back() * gpus.back();
    REQUIRE(job.each.accelerators <= 8);
  }
  check(run, {13669.371, 97153.772, 18.0, 1486.0, 10536.4, 29562.2, 268916.36, 1.0, 4628226.0});
  CHECK(mean(gpus) == Approx(1.2).margin(5e-4));
  CHECK(deviation(gpus) == Approx(1.245).margin(5e-4));
  CHECK(quantile(gpus, 0.99) == 8);
  CHECK(quantile(gpus, 1) == 32);
  CHECK(gpu_seconds / 3600 == Approx(642'409.3).margin(0.05));
  // 2017-09-04 10:30:41 to 2017-10-31 23:52:11: 57 days, 13 h 21 min 30 s.
  CHECK(read.jobs.back().submit.ns / kNsPerSecond == 57 * 86'400 + 13 * 3'600 + 21 * 60 + 30);
  CHECK(read.facts.in_order);
  CHECK(read.facts.members_max == 4);
}

TEST_CASE("pai_1k") {
  const ReadTrace read =
      read_trace(jobs_of(trace_of(TraceFormat::gaia, kData + "dl-pai/pai_1k.csv")));
  REQUIRE(read.jobs.size() == 1'000);
  std::vector<double> run, cpus;
  for (const JobRecord& job : read.jobs) {
    run.push_back(to_seconds(*job.run));
    cpus.push_back(static_cast<double>(job.each.cores_milli) / 1000);
  }
  check(run, {9066.101, 17928.306, 312.0, 3019.5, 23580.2, 38970.2, 86196.01, 303.0, 214787.0});
  check(cpus, {1.236, 0.65, 1, 1, 2, 3, 4, 1, 4});
  CHECK(to_seconds(read.jobs.back().submit - read.jobs.front().submit) == 604'756);
}

TEST_CASE("openb pod lists: rows, classes, demand") {
  const struct {
    std::string name;
    std::uint64_t rows;
    std::size_t classes, typical;  // typical: first classes with at least 95 % of the pods
    std::array<std::int64_t, 3> top;
    std::int64_t gpu_milli, cpu_milli, memory_mib;
  } lists[] = {
      {"default", 8152, 91, 35, {1047, 874, 599}, 6'086'800, 85'436'012, 303'546'211},
      {"cpu050", 7439, 89, 35, {1047, 874, 599}, 6'086'800, 72'761'612, 268'502'666},
      {"gpushare40", 8152, 88, 36, {1344, 661, 492}, 5'641'250, 80'383'484, 281'701'244},
      {"gpuspec33", 8152, 320, 124, {756, 535, 366}, 6'086'800, 85'436'012, 303'546'211},
      {"multigpu20", 8324, 91, 38, {1047, 874, 599}, 7'086'800, 95'171'812, 344'773'251},
  };
  for (const auto& list : lists) {
    INFO(list.name);
    ModelNames models;
    const auto file = kData + "gpu-openb/openb_pod_list_" + list.name + ".csv.gz";
    const auto result = check_trace(trace_of(TraceFormat::openb, file), models);
    REQUIRE(ok(result));
    const TraceFacts& facts = std::get<0>(result);
    CHECK(facts.rows == list.rows);
    CHECK(facts.total == Resources{list.cpu_milli, list.memory_mib * 1'048'576, list.gpu_milli});
    REQUIRE(facts.mix.size() == list.classes);
    double sum = 0;
    std::size_t typical = 0;
    for (std::size_t i = 0; i < facts.mix.size(); ++i) {
      CHECK(facts.mix[i].request.memory_bytes == 0);
      if (i > 0) CHECK(facts.mix[i].share <= facts.mix[i - 1].share);
      if (sum < 0.95) ++typical;
      sum += facts.mix[i].share;
    }
    CHECK(sum == Approx(1).epsilon(1e-12));
    CHECK(typical == list.typical);
    for (std::size_t i = 0; i < list.top.size(); ++i) {
      CHECK(std::llround(facts.mix[i].share * static_cast<double>(facts.rows)) == list.top[i]);
    }
    CHECK(facts.mix[0].request == Request{3'152, 0, 1, 810, 0});
  }
}

TEST_CASE("openb nodes: 1,213 servers, 6,212 GPUs, 107,018 cores") {
  ModelNames models;
  const auto result = read_nodes("openb", kData + "gpu-openb/openb_node_list_gpu_node.csv", models);
  REQUIRE(ok(result));
  const NodeList& list = std::get<0>(result);
  CHECK(list.rows.size() == 405);  // `cut -d, -f2- | uniq`
  std::int64_t servers = 0, gpus = 0, cores = 0, memory = 0, g2_servers = 0;
  for (const NodeRow& row : list.rows) {
    servers += row.count;
    gpus += std::int64_t{row.shape.accelerators} * row.count;
    cores += row.shape.cores_milli * row.count;
    memory += row.shape.memory_bytes * row.count;
    if (row.shape.model == models.find("G2")) g2_servers += row.count;
  }
  CHECK(servers == 1'213);
  CHECK(gpus == 6'212);
  CHECK(cores == 107'018'000);
  CHECK(memory == 503'828'480LL * 1'048'576);
  CHECK(g2_servers == 549);
  CHECK(models.names().size() == 7);
}

TEST_CASE("memory mix: a list without repetition keeps the order of first appearance") {
  const TempDir dir;
  const auto file = dir.write("a", "cores,memory_bytes\n3,1\n1,1\n1,2\n2,5\n2,6\n9,0\n");
  ModelNames models;
  const auto result = check_trace(trace_of(TraceFormat::csv, file), models);
  REQUIRE(ok(result));
  const auto& mix = std::get<0>(result).mix;
  REQUIRE(mix.size() == 4);
  CHECK(mix[0].request.cores_milli == 1'000);
  CHECK(mix[1].request.cores_milli == 2'000);
  CHECK(mix[2].request.cores_milli == 3'000);
  CHECK(mix[3].request.cores_milli == 9'000);
  CHECK(mix[0].share == Approx(2.0 / 6));
  std::string many = "cores\n";
  for (int i = 0; i < 4'097; ++i) many += std::to_string(i) + "\n";
  const auto overflow = check_trace(trace_of(TraceFormat::csv, dir.write("b", many)), models);
  CHECK(std::get<0>(overflow).mix.empty());
  many.resize(many.size() - 5);
  const auto just = check_trace(trace_of(TraceFormat::csv, dir.write("c", many)), models);
  CHECK(std::get<0>(just).mix.size() == 4'096);
}
