// Every way in which a row can be wrong, with its exact place.
#include <catch2/catch.hpp>

#include "workload/line_reader.hpp"
#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

struct Wrong {
  TraceFormat format;
  std::string text;
  int line, column;
  std::string code;
  std::string says;  // part of message or hint
};

const std::string kCsv = "submit_s,run_s,cores,accelerators,accelerator_milli,gang\n";
const std::string kOpenb =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,"
    "deletion_time,scheduled_time\n";
const std::string kPhilly = "timestamp,duration,num_gpus,gpu_time,cluster\n";
const std::string kGaia = "arrival_time,length,cpus\n";

Issues issues_of(TraceFormat format, const std::string& text) {
  const TempDir dir;
  ModelNames models;
  const auto result = check_trace(trace_of(format, dir.write("a", text)), models);
  return ok(result) ? Issues{} : std::get<1>(result);
}

void check(const Wrong& wrong) {
  INFO(wrong.text);
  const Issues issues = issues_of(wrong.format, wrong.text);
  REQUIRE(issues.size() == 1);
  const Issue& issue = issues.front();
  CHECK(issue.place.line == wrong.line);
  CHECK(issue.place.column == wrong.column);
  CHECK(issue.code == wrong.code);
  const std::string said = issue.message + "; " + issue.hint;
  INFO(said);
  CHECK(said.find(wrong.says) != std::string::npos);
}

}  // namespace

TEST_CASE("malformed rows of csv") {
  const auto csv = TraceFormat::csv;
  check({csv, kCsv + "1,2,3,0,0\n", 2, 1, "E063", "5 fields where the header has 6"});
  check({csv, kCsv + "1,2,3,0,0,1,9\n", 2, 1, "E063", "7 fields"});
  check({csv, kCsv + "1,2,3,0,0,1\n1,2,3", 3, 1, "E063", "cut off"});
  check({csv, kCsv + "-1,2,3,0,0,1\n", 2, 1, "E065", "submit_s"});
  check({csv, kCsv + "1e10,2,3,0,0,1\n", 2, 1, "E065", "0..6307200000"});
  check({csv, kCsv + "1,-2,3,0,0,1\n", 2, 3, "E065", "run_s"});
  check({csv, kCsv + "1,nan,3,0,0,1\n", 2, 3, "E065", "run_s"});
  check({csv, kCsv + "1,inf,3,0,0,1\n", 2, 3, "E065", "run_s"});
  check({csv, kCsv + "1,1e999,3,0,0,1\n", 2, 3, "E065", "run_s"});
  check({csv, kCsv + "1,2,three,0,0,1\n", 2, 5, "E064", "\"three\" is not a number"});
  check({csv, kCsv + "1,2,3x,0,0,1\n", 2, 5, "E064", "not a number"});
  check({csv, kCsv + "1,2,0x10,0,0,1\n", 2, 5, "E064", "not a number"});
  check({csv, kCsv + "1,2,1e7,0,0,1\n", 2, 5, "E065", "cores"});
  check({csv, kCsv + "1,2,3,33,1000,1\n", 2, 7, "E065", "0..32"});
  check({csv, kCsv + "1,2,3,1.5,1000,1\n", 2, 7, "E064", "not a whole number"});
  check({csv, kCsv + "1,2,3,1,0,1\n", 2, 9, "E065", "1..1000"});
  check({csv, kCsv + "1,2,3,1,1001,1\n", 2, 9, "E065", "1..1000"});
  check({csv, kCsv + "1,2,3,2,500,1\n", 2, 9, "E065", "can share"});
  check({csv, kCsv + "1,2,3,0,0,0\n", 2, 11, "E065", "gang"});
  check({csv, kCsv + "1,2,3,0,0,99999999999999999999\n", 2, 11, "E065", "gang"});
  check({csv, kCsv + "4e9,4e9,3,0,0,1\n", 2, 1, "E065", "200 years"});
  check({csv, kCsv + "1,\"2,3,0,0,1\n", 2, 3, "E063", "quotes do not close"});
  check({csv, kCsv + "1,\"2\"x,3,0,0,1\n", 2, 3, "E063", "follows the closing quotes"});
  check({csv, "submit_s,cors\n1,1\n", 1, 10, "E062", "did you mean \"cores\"?"});
  check({csv, "submit_s,gobbledygook\n1,1\n", 1, 10, "E062", "known are submit_s, run_s"});
  check({csv, "cores,cores\n1,1\n", 1, 7, "E062", "repeated"});
  check({csv, "submit_s\n", 0, 0, "E067", "no jobs"});
  check({csv, "", 0, 0, "E067", "no jobs"});
  check({csv, "memory_bytes,gang\n1e15,10000000\n", 2, 1, "E065", "64 bits"});
  check({csv, "accelerators,models\n1,A||B\n", 2, 3, "E064", "model name is empty"});
  check({csv, "name\n" + std::string(129, 'n') + "\n", 2, 1, "E065", "128 bytes"});
  check({csv, "cores,name\n-1,\xC3\xA9\n", 2, 1, "E065", "cores"});
  check({csv, "name,cores\n\xC3\xA9\xC3\xA9,-1\n", 2, 4, "E065", "cores"});  // in characters
}

TEST_CASE("malformed rows of the other formats") {
  const auto openb = TraceFormat::openb;
  check({openb, "name,cpu_milli,memory_mib,num_gpu\na,1,1,1\n", 1, 1, "E062", "\"gpu_milli\""});
  check({openb, kOpenb + "a,1,1,1,0,,0,1,0\n", 2, 9, "E065", "gpu_milli"});
  check({openb, kOpenb + "a,1,1,33,1000,,0,1,0\n", 2, 7, "E065", "num_gpu"});
  check({openb, kOpenb + "a,1.5,1,1,1000,,0,1,0\n", 2, 3, "E064", "whole"});
  check({openb, kOpenb + "a,1,1,1,1000,,9,8,\n", 2, 17, "E065", "deletion_time"});
  check({openb, kOpenb + "a,1,1,1,1000,,9,19,8\n", 2, 20, "E065", "scheduled_time"});
  check({openb, kOpenb + "a,1,1,1,1000,,,19,8\n", 2, 15, "E064", "creation_time"});
  check({openb, "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time\na,1,1,1,1,1\n", 1, 1,
         "E062", "only one of"});
  const auto philly = TraceFormat::philly;
  check({philly, kPhilly + "2017-02-29 10:00:00,1,1,1,a\n", 2, 1, "E064", "timestamp"});
  check({philly, kPhilly + "2017-13-01 10:00:00,1,1,1,a\n", 2, 1, "E064", "timestamp"});
  check({philly, kPhilly + "2017-01-01T10:00:00,1,1,1,a\n", 2, 1, "E064", "write 2017-"});
  check({philly, kPhilly + "2017-01-01 24:00:00,1,1,1,a\n", 2, 1, "E064", "timestamp"});
  check({philly, kPhilly + "2017-01-01 10:00:00,1,0,1,a\n", 2, 23, "E065", "num_gpus"});
  check({philly, kPhilly + "2017-01-01 10:00:00,1,1,1,a\n2017-01-01 09:59:59,1,1,1,a\n", 3, 1,
         "E065", "sort the file"});
  const auto gaia = TraceFormat::gaia;
  check({gaia, kGaia + "0,1,\n", 2, 5, "E064", "a number is missing"});
  check({gaia, kGaia + "0,1,-1\n", 2, 5, "E065", "cpus"});
  const auto swf = TraceFormat::swf;
  const std::string rest = " -1 -1 4 60 -1 1 1 1 -1 -1 -1 -1 -1\n";
  check({swf, "1 0 -1 10 4" + rest + "2 0 -1 10 4 -1", 2, 1, "E063", "cut off"});
  check({swf, "1 -5 -1 10 4" + rest, 1, 3, "E065", "submit time"});
  check({swf, "1 0 -1 ten 4" + rest, 1, 8, "E064", "run time"});
  check({swf, "1 0 -1 10 4 x -1 4 60 -1 1 1 1 -1 -1 -1 -1 -1\n", 1, 13, "E064", "CPU time"});
}

TEST_CASE("all problems of a row are found") {
  const Issues issues = issues_of(TraceFormat::csv, kCsv + "x,y,-1,33,0,0\n");
  REQUIRE(issues.size() == 5);  // without a number of devices, 0/1000 of each is right
  CHECK(issues[0].place.column == 1);
  CHECK(issues[1].place.column == 3);
  CHECK(issues[0].place.length == 1);
}

TEST_CASE("the first twenty problems and the number of the others") {
  std::string text = "submit_s\n";
  for (int i = 0; i < 1000; ++i) text += "bad\n";
  const Issues issues = issues_of(TraceFormat::csv, text);
  REQUIRE(issues.size() == 21);
  CHECK(issues[19].place.line == 21);
  CHECK(issues[20].message == "980 more problems in this file");
}

TEST_CASE("a damaged file is one problem, after those of the rows before") {
  const Issues issues = issues_of(TraceFormat::csv, "cores\n-1\n1\n\xFF\n-1\n");
  REQUIRE(issues.size() == 2);
  CHECK(issues[0].code == "E065");
  CHECK(issues[1].code == "E061");
  CHECK(issues[1].place.line == 4);
  std::string packed = gzip("cores\n1\n2\n");
  packed.resize(packed.size() - 4);
  const Issues cut = issues_of(TraceFormat::csv, packed);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].message == "the gzip data is cut off");
}

TEST_CASE("a file of nothing but blank lines is given up") {
  const std::string blanks(kMaxBlankLines, '\n');
  CHECK(issues_of(TraceFormat::csv, "cores\n" + blanks + "1\n").empty());
  const Issues issues = issues_of(TraceFormat::csv, "cores\n" + blanks + " \t\n1\n");
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].code == "E061");
  CHECK(issues[0].place.line == 1'000'002);
}

TEST_CASE("the sixty-fifth model is refused") {
  std::string text = "accelerators,models\n";
  for (int i = 0; i < 65; ++i) text += "1,m" + std::to_string(i) + "\n";
  const Issues issues = issues_of(TraceFormat::csv, text);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].code == "E066");
  CHECK(issues[0].place.line == 66);
}

TEST_CASE("a header of a hundred thousand columns is refused at once") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "colum" + std::to_string(i % 10) + ",";
  const Issues issues = issues_of(TraceFormat::csv, text + "x\n1\n");
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].code == "E062");
}

TEST_CASE("malformed node lists") {
  const TempDir dir;
  ModelNames models;
  const std::string header = "sn,cpu_milli,memory_mib,gpu,model\n";
  const struct {
    std::string text;
    int line, column;
    std::string code;
  } cases[] = {{header + "n,1,1,2,\n", 2, 9, "E064"},      {header + "n,1,1,0,T4\n", 2, 9, "E064"},
               {header + "n,1,1,2,A|B\n", 2, 9, "E064"},   {header + "n,1,1,64,T4\n", 2, 7, "E065"},
               {header + "n,1,-1,2,T4\n", 2, 5, "E065"},   {header, 0, 0, "E067"},
               {"sn,cpu_milli,gpu,model\n", 1, 1, "E062"}, {header + "n,1,1\n", 2, 1, "E063"}};
  for (const auto& c : cases) {
    INFO(c.text);
    const auto result = read_nodes("openb", dir.write("a", c.text), models);
    REQUIRE_FALSE(ok(result));
    const Issue& issue = std::get<1>(result).front();
    CHECK(issue.code == c.code);
    CHECK(issue.place.line == c.line);
    CHECK(issue.place.column == c.column);
  }
  CHECK_FALSE(ok(read_nodes("other", dir.path("a"), models)));
  CHECK_FALSE(ok(read_nodes("openb", dir.path("missing"), models)));
}
