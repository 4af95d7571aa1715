#include "engine/timeline.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>
#include <zlib.h>

#include <hyperdc/core/assert.hpp>

#include "core/json_writer.hpp"
#include "core/text.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;

/// A file that remembers its first error; gzip where the name says so.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) fail(errno);
    constexpr int kGzip = 16 + MAX_WBITS;
    if (path.ends_with(".gz")) {
      packing_ = deflateInit2(&packer_, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK;
      if (!packing_) fail(ENOMEM);
    }
  }
  ~Output() { (void)close(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(const std::string& text) {
    if (!error_.empty()) return;
    if (packing_) {
      pack(text, Z_NO_FLUSH);
    } else {
      put(text.data(), text.size());
    }
  }
  std::string close() {
    if (packing_) {
      if (error_.empty()) pack({}, Z_FINISH);
      deflateEnd(&packer_);
      packing_ = false;
    }
    if (file_ != nullptr && std::fclose(file_) != 0) fail(errno);
    file_ = nullptr;
    return error_;
  }
  bool good() const { return error_.empty(); }

 private:
  void pack(const std::string& text, int flush) {
    // zlib's interface is not const, but it only reads.
    packer_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    packer_.avail_in = static_cast<uInt>(text.size());
    do {
      packer_.next_out = reinterpret_cast<Bytef*>(packed_.data());
      packer_.avail_out = static_cast<uInt>(packed_.size());
      deflate(&packer_, flush);
      put(packed_.data(), packed_.size() - packer_.avail_out);
    } while (packer_.avail_out == 0 && error_.empty());
  }
  void put(const char* data, std::size_t size) {
    if (error_.empty() && std::fwrite(data, 1, size, file_) != size) fail(errno);
  }
  void fail(int code) {
    if (error_.empty()) error_ = "cannot write " + path_ + ": " + std::strerror(code);
  }

  std::string path_;
  std::FILE* file_;
  std::string error_;
  bool packing_ = false;
  z_stream packer_{};
  std::vector<char> packed_ = std::vector<char>(kBlock);
};

/// Names may come from trace files: bytes that are not UTF-8 become '?'.
std::string as_utf8(std::string_view text) {
  std::string clean(text);
  for (std::size_t good = utf8_prefix(clean); good < clean.size();) {
    clean[good] = '?';
    good += utf8_prefix(std::string_view(clean).substr(good));
  }
  return clean;
}

std::string json_string(std::string_view text) {
  JsonStream json;
  json.string(as_utf8(text));
  return json.take();
}

/// Nanoseconds as microseconds: 12345 -> "12.345".
std::string microseconds(std::int64_t ns) {
  const std::string decimals = std::to_string(1000 + ns % 1000);
  return std::to_string(ns / 1000) + "." + decimals.substr(1);
}

std::string json_details(std::span<const TimelineDetail> details) {
  JsonStream json;
  json.begin_object();
  for (const TimelineDetail& detail : details) {
    json.key(detail.name);
    if (const auto* integer = std::get_if<std::int64_t>(&detail.value)) json.integer(*integer);
    if (const auto* number = std::get_if<double>(&detail.value)) json.number(*number);
    if (const auto* text = std::get_if<std::string_view>(&detail.value)) {
      json.string(as_utf8(*text));
    }
  }
  json.end_object();
  return json.take();
}

}  // namespace

struct Timeline::Impl {
  explicit Impl(const std::string& path) : output(path) {}

  Output output;
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  bool first = true;
  bool closed = false;
  std::uint32_t groups = 0;
  std::vector<SimTime> lane_free_from;  // by lane; lanes are numbered over all groups

  /// Adds one event; `rest` is what follows phase and group: `"tid":1,"ts":0.000`.
  void event(char phase, std::uint32_t group, const std::string& rest) {
    HYPERDC_CHECK(!closed, "timeline written after close()");
    HYPERDC_CHECK(group >= 1 && group <= groups, "no such group of the timeline");
    text += first ? "\n" : ",\n";
    first = false;
    text.append("{\"ph\":\"").append(1, phase).append("\",\"pid\":");
    text.append(std::to_string(group)).append(",").append(rest).append("}");
    if (text.size() >= kBlock) flush();
  }
  void name(const char* what, std::uint32_t group, std::uint32_t lane, std::string_view name) {
    event('M', group,
          "\"tid\":" + std::to_string(lane) + ",\"name\":\"" + what +
              "\",\"args\":{\"name\":" + json_string(name) + "}");
  }
  void sort_index(const char* what, std::uint32_t group, std::uint32_t lane, std::uint32_t index) {
    event('M', group,
          "\"tid\":" + std::to_string(lane) + ",\"name\":\"" + what +
              "\",\"args\":{\"sort_index\":" + std::to_string(index) + "}");
  }
  void flush() {
    output.write(text);
    text.clear();
  }
  void check_lane(TimelineLane lane) const {
    HYPERDC_CHECK(lane.lane >= 1 && lane.lane <= lane_free_from.size(), "no such lane");
  }
  std::string close() {
    if (closed) return output.close();
    closed = true;
    text += "\n]}\n";
    flush();
    return output.close();
  }
};

Timeline::Timeline(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
Timeline::~Timeline() {
  (void)impl_->close();
}

std::uint32_t Timeline::add_group(std::string_view name) {
  const std::uint32_t group = ++impl_->groups;
  impl_->name("process_name", group, 0, name);
  impl_->sort_index("process_sort_index", group, 0, group);
  return group;
}

TimelineLane Timeline::add_lane(std::uint32_t group, std::string_view name) {
  impl_->lane_free_from.push_back({std::numeric_limits<std::int64_t>::min()});
  const auto lane = static_cast<std::uint32_t>(impl_->lane_free_from.size());
  impl_->name("thread_name", group, lane, name);
  impl_->sort_index("thread_sort_index", group, lane, lane);
  return {group, lane};
}

void Timeline::slice(TimelineLane lane, std::string_view name, SimTime start, Duration length,
                     std::span<const TimelineDetail> details) {
  impl_->check_lane(lane);
  SimTime& free_from = impl_->lane_free_from[lane.lane - 1];
  HYPERDC_CHECK(start.ns >= 0 && length.ns >= 0, "a slice of negative time");
  HYPERDC_CHECK(start >= free_from, "slices overlap on a lane of the timeline");
  free_from = start + length;
  std::string rest = "\"tid\":" + std::to_string(lane.lane) + ",\"ts\":" + microseconds(start.ns) +
                     ",\"dur\":" + microseconds(length.ns) + ",\"name\":" + json_string(name);
  if (!details.empty()) rest += ",\"args\":" + json_details(details);
  impl_->event('X', lane.group, rest);
}

void Timeline::instant(TimelineLane lane, std::string_view name, SimTime at,
                       std::span<const TimelineDetail> details) {
  impl_->check_lane(lane);
  HYPERDC_CHECK(at.ns >= 0, "an instant of negative time");
  std::string rest = "\"tid\":" + std::to_string(lane.lane) + ",\"ts\":" + microseconds(at.ns) +
                     ",\"s\":\"t\",\"name\":" + json_string(name);
  if (!details.empty()) rest += ",\"args\":" + json_details(details);
  impl_->event('i', lane.group, rest);
}

void Timeline::counter(std::uint32_t group, std::string_view name, SimTime at, double value) {
  HYPERDC_CHECK(at.ns >= 0, "a counter at a negative time");
  const TimelineDetail detail{"value", value};
  impl_->event('C', group,
               "\"tid\":0,\"ts\":" + microseconds(at.ns) + ",\"name\":" + json_string(name) +
                   ",\"args\":" + json_details({&detail, 1}));
}

bool Timeline::good() const {
  return impl_->output.good();
}
std::string Timeline::close() {
  return impl_->close();
}

}  // namespace hyperdc
