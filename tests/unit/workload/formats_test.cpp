// Each format by hand: a few rows whose jobs are worked out in the comments.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

TEST_CASE("openb with eleven columns") {
  const TempDir dir;
  const std::string text =
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
      "deletion_time,scheduled_time\n"
      "a,12000,16384,1,460,T4|P100,LS,Running,0,100,10\n"
      "b,500,1,2,500,,BE,Pending,5,65,\n"
      "c,4000,0,0,0,,BE,Running,7,,\n"
      "d,1000,1,1,1000,P100|T4,BE,Running,9,9,9\n";
  TraceSpec trace = trace_of(TraceFormat::openb, dir.write("a.csv", text));
  trace.time_scale = 2;
  const ReadTrace read = read_trace(jobs_of(trace));
  REQUIRE(read.jobs.size() == 4);
  CHECK(read.models.names() == std::vector<std::string>{"T4", "P100"});

  const JobRecord& a = read.jobs[0];
  CHECK(a.name == "a");
  CHECK(a.submit == SimTime{0});
  CHECK(a.run == whole_seconds(90));  // from scheduled_time, not scaled
  CHECK(a.estimate == whole_seconds(90));
  CHECK(a.each == Request{12'000, std::int64_t{16} << 30, 1, 460, 0b11});
  const JobRecord& b = read.jobs[1];
  CHECK(b.submit == SimTime{10 * kNsPerSecond});
  CHECK(b.run == whole_seconds(60));                     // never scheduled: from creation_time
  CHECK(b.each == Request{500, 1'048'576, 2, 1000, 0});  // two devices are whole ones
  const JobRecord& c = read.jobs[2];
  CHECK_FALSE(c.run);
  CHECK(c.each == Request{4'000, 0, 0, 0, 0});
  CHECK(c.estimate > whole_seconds(50L * 365 * 86'400));
  CHECK(read.jobs[3].run == Duration{0});
  CHECK(read.jobs[3].each.models == 0b11);  // the order of models does not matter
  CHECK(read.facts.total == Resources{17'500, (std::int64_t{16} << 30) + 2 * 1'048'576, 3'460});
}

TEST_CASE("openb with five columns has no times") {
  const TempDir dir;
  const std::string text =
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n"
      "z,1,1,8,1000\n"
      "y,1,1,0,0\n";
  const auto file = dir.write("a.csv.gz", gzip(text));
  const ReadTrace read = read_trace(jobs_of(trace_of(TraceFormat::openb, file)));
  REQUIRE(read.jobs.size() == 2);
  CHECK(read.jobs[0].name == "z");
  CHECK(read.jobs[0].each.total_accelerator_milli() == 8'000);
  for (const JobRecord& job : read.jobs) {
    CHECK(job.submit == SimTime{0});
    CHECK_FALSE(job.run);
  }
}

TEST_CASE("philly splits jobs over servers by the largest divisor") {
  const TempDir dir;
  std::string text = "timestamp,duration,num_gpus,gpu_time,cluster\n";
  // (GPUs, members, GPUs of each): 12 = 2 * 6 since 6 is the largest divisor that is at most 8.
  const struct {
    int gpus;
    std::uint32_t members;
    std::int32_t each;
  } rows[] = {{1, 1, 1}, {8, 1, 8}, {9, 3, 3}, {12, 2, 6}, {13, 13, 1}, {32, 4, 8}};
  int second = 41;
  for (const auto& row : rows) {
    text += fmt::format("2017-09-04 10:30:{},10.5,{},1.0,{}\n", second, row.gpus,
                        second % 2 == 1 ? "a" : "b");
    ++second;
  }
  TraceSpec trace = trace_of(TraceFormat::philly, dir.write("a.csv", text));
  trace.cores_per_accelerator_milli = 4'500;
  const ReadTrace read = read_trace(jobs_of(trace));
  REQUIRE(read.jobs.size() == std::size(rows));
  for (std::size_t i = 0; i < read.jobs.size(); ++i) {
    const JobRecord& job = read.jobs[i];
    CHECK(job.members == rows[i].members);
    CHECK(job.each == Request{rows[i].each * 4'500, 0, rows[i].each, 1000, 0});
    CHECK(job.submit == SimTime{static_cast<std::int64_t>(i) * kNsPerSecond});
    CHECK(job.run == nanoseconds(10'500'000'000));
    CHECK(job.tenant == i % 2);
  }
  CHECK(read.tenants == std::vector<std::string>{"a", "b"});
  CHECK(read.facts.members_max == 13);
}

TEST_CASE("philly counts days as the calendar does") {
  const TempDir dir;
  const std::string text =
      "timestamp,duration,num_gpus,gpu_time,cluster\n"
      "1999-12-31 23:59:59,1,1,1,a\n"
      "2000-02-29 00:00:00,1,1,1,a\n"   // 59 days and 1 s later
      "2000-03-01 00:00:00,1,1,1,a\n"   // a leap year: 1 day later
      "2100-03-01 00:00:00,1,1,1,a\n";  // 100 years with 24 leap days after 2000-02-29
  const ReadTrace read =
      read_trace(jobs_of(trace_of(TraceFormat::philly, dir.write("a.csv", text))));
  const auto at = [&](std::size_t i) { return read.jobs[i].submit.ns / kNsPerSecond; };
  CHECK(at(1) == 59 * 86'400 + 1);
  CHECK(at(2) == 60 * 86'400 + 1);
  CHECK(at(3) - at(2) == (100 * 365 + 24) * 86'400L);
}

TEST_CASE("swf: fields, comments and what is not a job") {
  const TempDir dir;
  const std::string text =
      "; Version: 2.2\n"
      "  1    0  -1  1451  128 -1 -1  -1   -1   -1 -1 7 1 -1 -1 -1 -1 -1\n"
      "  2  100   5    60   -1 -1 -1   4  3600 2048  1 8 1 -1 -1 -1 -1 -1\n"
      ";  a comment between\n"
      "  3  100   5    -1    4 -1 -1   4  3600   -1  1 8 1 -1 -1 -1 -1 -1\n"   // run unknown
      "  4  101   5     9   -1 -1 -1  -1  3600   -1  1 8 1 -1 -1 -1 -1 -1\n"   // no processors
      "  5  102   5     0    4 -1 -1   4  3600   -1  5 8 1 -1 -1 -1 -1 -1\n"   // cancelled
      "  6  103   5     9    4 -1 -1   4  3600   -1  2 8 1 -1 -1 -1 -1 -1\n"   // a part
      "\t7  104.5 5     0    4 2.5 -1  4    -1   -1  1 7 1 -1 -1 -1 -1 -1\n";  // 0 s, completed
  TraceSpec trace = trace_of(TraceFormat::swf, dir.write("a.swf", text));
  trace.time_scale = 0.5;
  ReadTrace read = read_trace(jobs_of(trace));
  REQUIRE(read.jobs.size() == 3);
  CHECK(read.jobs[0].each == Request{128'000, 0, 0, 0, 0});
  CHECK(read.jobs[0].estimate == whole_seconds(1451));
  CHECK(read.jobs[1].name == "2");
  CHECK(read.jobs[1].submit == SimTime{50 * kNsPerSecond});
  CHECK(read.jobs[1].estimate == whole_seconds(3600));
  CHECK(read.jobs[1].each == Request{4'000, 4 * 2048 * 1024, 0, 0, 0});
  CHECK(read.jobs[2].name == "7");
  CHECK(read.jobs[2].submit == SimTime{52'250'000'000});
  CHECK(read.jobs[2].run == Duration{0});
  CHECK(read.tenants == std::vector<std::string>{"7", "8"});
  CHECK(read.jobs[2].tenant == 0);

  trace.cpus_are_members = true;
  read = read_trace(jobs_of(trace));
  CHECK(read.jobs[0].members == 128);
  CHECK(read.jobs[1].each == Request{1'000, 2048 * 1024, 0, 0, 0});
}

TEST_CASE("gaia: units of time and processors") {
  const TempDir dir;
  const std::string text = "arrival_time,length,cpus\n0.0,0.5,1\n0.5769444444444503,2,3\n";
  TraceSpec trace = trace_of(TraceFormat::gaia, dir.write("a.csv", text));
  trace.time_unit_s = 3600;
  ReadTrace read = read_trace(jobs_of(trace));
  CHECK(read.jobs[0].run == whole_seconds(1800));
  CHECK(read.jobs[1].submit == SimTime{2077 * kNsPerSecond});  // 0.57694... h
  CHECK(read.jobs[1].each.cores_milli == 3'000);
  CHECK(read.jobs[1].members == 1);
  trace.cpus_are_members = true;
  read = read_trace(jobs_of(trace));
  CHECK(read.jobs[1].each.cores_milli == 1'000);
  CHECK(read.jobs[1].members == 3);
  CHECK(read.facts.total.cores_milli == 4'000);
}

TEST_CASE("csv: every column, in any order, quoted and with blanks") {
  const TempDir dir;
  const std::string text =
      "name,tenant,gang,priority,models,accelerator_milli,accelerators,memory_bytes,cores,"
      "estimate_s,run_s,submit_s\r\n"
      "\"a,\"\"b\"\"\", red ,4,-7,H100|A100,250,1,1e9,0.1,30,20,1.5\r\n"
      ",,,,,,,,,,,\r\n"
      "last,red,1,0,,1000,8,0,2.0005,,,2\r\n";
  const ReadTrace read = read_trace(jobs_of(trace_of(TraceFormat::csv, dir.write("a", text))));
  REQUIRE(read.jobs.size() == 3);
  // The second row has submit_s = 0, so the file is not in order and is sorted.
  CHECK_FALSE(read.facts.in_order);
  const JobRecord& defaults = read.jobs[0];
  CHECK(defaults.submit == SimTime{0});
  CHECK_FALSE(defaults.run);
  CHECK(defaults.each == Request{});
  CHECK(defaults.members == 1);
  CHECK(read.tenants[defaults.tenant] == "default");
  const JobRecord& a = read.jobs[1];
  CHECK(a.name == "a,\"b\"");
  CHECK(read.tenants[a.tenant] == "red");
  CHECK(a.submit == SimTime{1'500'000'000});
  CHECK(a.run == whole_seconds(20));
  CHECK(a.estimate == whole_seconds(30));
  CHECK(a.each == Request{100, 1'000'000'000, 1, 250, 0b11});
  CHECK(a.members == 4);
  CHECK(a.priority == -7);
  CHECK(read.jobs[2].each.cores_milli == 2'001);  // rounded up
  CHECK(read.jobs[2].each.total_accelerator_milli() == 8'000);
}

TEST_CASE("limit takes the first jobs and does not read on") {
  const TempDir dir;
  const auto file = dir.write("a", "submit_s,cores\n1,1\n2,1\n3,oops\n");
  TraceSpec trace = trace_of(TraceFormat::csv, file);
  ModelNames models;
  CHECK_FALSE(ok(check_trace(trace, models)));
  trace.limit = 2;
  const ReadTrace read = read_trace(jobs_of(trace));
  CHECK(read.jobs.size() == 2);
  CHECK(read.facts.rows == 2);
  CHECK(read.facts.bytes == 30);
}

TEST_CASE("node lists") {
  const TempDir dir;
  ModelNames models;
  const std::string text =
      "sn,cpu_milli,memory_mib,gpu,model\n"
      "n0,64000,262144,2,P100\nn1,64000,262144,2,P100\nn2,32000,1,0,\nn3,64000,262144,2,P100\n"
      "n4,64000,262144,2,T4\n";
  const auto result = read_nodes("openb", dir.write("a", text), models);
  REQUIRE(ok(result));
  const NodeList& list = std::get<0>(result);
  REQUIRE(list.rows.size() == 4);
  CHECK(list.rows[0].count == 2);
  CHECK(list.rows[0].shape == ServerShape{64'000, std::int64_t{256} << 30, 2, 1});
  CHECK(list.rows[1].shape == ServerShape{32'000, 1'048'576, 0, 0});
  CHECK(list.rows[2].count == 1);
  CHECK(list.rows[3].shape.model == 2);
  CHECK(list.sha256.size() == 64);
}

TEST_CASE("model names are bits, at most 64") {
  ModelNames models;
  for (int i = 0; i < 64; ++i) {
    CHECK(models.intern(fmt::format("m{}", i)) == ModelSet{1} << i);
  }
  CHECK(models.intern("m63") == ModelSet{1} << 63);
  CHECK_FALSE(models.intern("m64"));
  CHECK_FALSE(models.find("m64"));
  CHECK(models.find("m0") == ModelSet{1});
}
