// Timeline: what happened when, as a trace that Perfetto and chrome://tracing open (Trace Event
// Format, JSON). Written as the run goes on; memory does not grow with its length.
//
// A group is a collapsible heading ("pools.h100"), a lane one row below it ("server 12"). Slices of
// one lane must not overlap, because viewers then drop them without a word: the caller picks a free
// lane, and the writer checks. Times are microseconds with three decimals, exact to the nanosecond.
// A name that ends in .gz is compressed; equal calls give equal bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// A row of the timeline. Obtained from the Timeline that it is used with.
struct TimelineLane {
  std::uint32_t group = 0;
  std::uint32_t lane = 0;
};

/// A detail shown when a slice or an instant is selected: "job", 4711.
struct TimelineDetail {
  std::string_view name;
  std::variant<std::int64_t, double, std::string_view> value;
};

class Timeline {
 public:
  /// Opens `path` for writing; a failure is kept for close(), and nothing else is done then.
  explicit Timeline(const std::string& path);
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  std::uint32_t add_group(std::string_view name);
  TimelineLane add_lane(std::uint32_t group, std::string_view name);

  /// A bar from `start` for `length` >= 0. Slices of one lane come in order of time and do not
  /// overlap, or InvariantError.
  void slice(TimelineLane lane, std::string_view name, SimTime start, Duration length,
             std::span<const TimelineDetail> details = {});
  /// A mark at one moment.
  void instant(TimelineLane lane, std::string_view name, SimTime at,
               std::span<const TimelineDetail> details = {});
  /// The curve `name` of a group takes `value` (finite, or InvariantError) from `at` on.
  void counter(std::uint32_t group, std::string_view name, SimTime at, double value);

  /// False after the first failure to write: the caller may stop early.
  bool good() const;
  /// Completes the file. Returns the first error, "cannot write t.json.gz: No space left on
  /// device", or an empty text. The destructor does the same and keeps silent.
  std::string close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hyperdc
