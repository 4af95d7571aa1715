#include "engine/timeline.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>
#include <zlib.h>

#include <hyperdc/core/assert.hpp>

using namespace hyperdc;
using nlohmann::json;

namespace {

/// A path in the temporary folder of the system, removed afterwards.
class TemporaryPath {
 public:
  explicit TemporaryPath(const std::string& ending) {
    std::string pattern = (std::filesystem::temp_directory_path() / "timeline-XXXXXX").string();
    const int descriptor = mkstemp(pattern.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    taken_ = pattern;
    path_ = pattern + ending;
  }
  ~TemporaryPath() {
    std::error_code ignored;
    std::filesystem::remove(taken_, ignored);
    std::filesystem::remove(path_, ignored);
  }
  const std::string& get() const { return path_; }

 private:
  std::string taken_, path_;
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string unpacked(const std::string& path) {  // gzread also reads plain files
  gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  std::string text;
  std::array<char, 4096> block{};
  for (int n = 0; (n = gzread(file, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  REQUIRE(gzclose(file) == Z_OK);
  return text;
}

std::string write_sample(const std::string& path) {
  Timeline timeline(path);
  const std::uint32_t pool = timeline.add_group("pools.\"h100\"");
  const TimelineLane lane = timeline.add_lane(pool, "server 1");
  const TimelineLane other = timeline.add_lane(pool, "server 2");
  const std::array<TimelineDetail, 3> details = {
      {{"job", std::int64_t{-4711}}, {"share", 0.25}, {"name", std::string_view("a\xff\n\"b")}}};
  timeline.slice(lane, "job 7", {1}, {2000}, details);
  timeline.slice(lane, "job 8", {2001}, {0});  // begins where the other ends
  timeline.slice(other, "job 9", {1500}, {9'000'000'000'000'000'001});
  timeline.instant(other, "fault", {9'223'372'036'854'775'807});
  timeline.counter(pool, "power (W)", {999}, 0.1);
  return timeline.close();
}

}  // namespace

TEST_CASE("timeline: reads back as the events that were written", "[engine]") {
  const char* ending = GENERATE(".json", ".json.gz");
  const TemporaryPath path(ending);
  REQUIRE(write_sample(path.get()).empty());
  const std::string text = unpacked(path.get());
  const json trace = json::parse(text);
  std::vector<json> named, rest;
  for (const json& event : trace.at("traceEvents")) {
    (event.at("ph") == "M" ? named : rest).push_back(event);
  }
  REQUIRE(named.size() == 6);
  REQUIRE(named[0].at("name") == "process_name");
  REQUIRE(named[0].at("args").at("name") == "pools.\"h100\"");
  REQUIRE(named[2].at("name") == "thread_name");
  REQUIRE(named[2].at("args").at("name") == "server 1");
  REQUIRE(rest.size() == 5);
  REQUIRE(rest[0] == json::parse(R"({"ph":"X","pid":1,"tid":1,"ts":0.001,"dur":2.000,
      "name":"job 7","args":{"job":-4711,"share":0.25,"name":"a?\n\"b"}})"));
  REQUIRE(rest[1] == json::parse(R"({"ph":"X","pid":1,"tid":1,"ts":2.001,"dur":0.0,
      "name":"job 8"})"));
  REQUIRE(rest[2].at("tid") == 2);
  REQUIRE(rest[3].at("ph") == "i");
  REQUIRE(rest[4] == json::parse(R"json({"ph":"C","pid":1,"tid":0,"ts":0.999,"name":"power (W)",
      "args":{"value":0.1}})json"));
  // Beyond the precision of a double the text still has every nanosecond.
  REQUIRE(text.find("\"dur\":9000000000000000.001") != std::string::npos);
  REQUIRE(text.find("\"ts\":9223372036854775.807") != std::string::npos);
}

TEST_CASE("timeline: equal calls give equal bytes, and .gz is compressed", "[engine]") {
  const TemporaryPath a(".json.gz"), b(".json.gz");
  write_sample(a.get());
  write_sample(b.get());
  REQUIRE(bytes_of(a.get()) == bytes_of(b.get()));
  REQUIRE(bytes_of(a.get()).substr(0, 2) == "\x1f\x8b");
}

TEST_CASE("timeline: long ones are streamed whole", "[engine]") {
  const char* ending = GENERATE(".json", ".json.gz");
  const TemporaryPath path(ending);
  constexpr std::int64_t kSlices = 20'000;
  {
    Timeline timeline(path.get());
    const TimelineLane lane = timeline.add_lane(timeline.add_group("g"), "l");
    for (std::int64_t i = 0; i < kSlices; ++i) timeline.slice(lane, "s", {i * 1000}, {1000});
  }  // the destructor completes the file
  const json trace = json::parse(unpacked(path.get()));
  const json& events = trace.at("traceEvents");
  REQUIRE(events.size() == kSlices + 4);
  REQUIRE(events.back().at("ts") == kSlices - 1);
}

TEST_CASE("timeline: an empty one is a valid trace", "[engine]") {
  const TemporaryPath path(".json");
  REQUIRE(Timeline(path.get()).close().empty());
  REQUIRE(json::parse(bytes_of(path.get())).at("traceEvents").empty());
}

TEST_CASE("timeline: failures to write are reported with file and reason", "[engine]") {
  SECTION("no such folder") {
    Timeline timeline("/no-such-folder/t.json");
    REQUIRE_FALSE(timeline.good());
    timeline.add_group("g");  // does nothing
    REQUIRE(timeline.close() == "cannot write /no-such-folder/t.json: No such file or directory");
  }
  SECTION("disk full") {
    if (!std::filesystem::exists("/dev/full")) return;
    Timeline timeline("/dev/full");
    const TimelineLane lane = timeline.add_lane(timeline.add_group("g"), "l");
    for (std::int64_t i = 0; i < 5000; ++i) timeline.slice(lane, "s", {i}, {1});
    REQUIRE_FALSE(timeline.good());
    REQUIRE(timeline.close() == "cannot write /dev/full: No space left on device");
    REQUIRE(timeline.close() == "cannot write /dev/full: No space left on device");
  }
}

TEST_CASE("timeline: misuse is an InvariantError", "[engine]") {
  const TemporaryPath path(".json");
  Timeline timeline(path.get());
  const TimelineLane lane = timeline.add_lane(timeline.add_group("g"), "l");
  timeline.slice(lane, "a", {100}, {50});
  REQUIRE_THROWS_WITH(timeline.slice(lane, "b", {149}, {1}), Catch::Contains("overlap"));
  REQUIRE_THROWS_AS(timeline.slice(lane, "b", {200}, {-1}), InvariantError);
  REQUIRE_THROWS_AS(timeline.slice({1, 2}, "b", {200}, {1}), InvariantError);
  REQUIRE_THROWS_AS(timeline.add_lane(2, "b"), InvariantError);
  REQUIRE_THROWS_AS(timeline.counter(1, "c", {1}, std::numeric_limits<double>::infinity()),
                    InvariantError);
  REQUIRE(timeline.close().empty());
  REQUIRE_THROWS_AS(timeline.instant(lane, "c", {300}), InvariantError);
  REQUIRE(json::parse(bytes_of(path.get())).at("traceEvents").size() == 5);
}
