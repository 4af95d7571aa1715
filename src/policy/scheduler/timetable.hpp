// Timetable: the resources that are free from each moment on, as planned.
#pragma once

#include <optional>
#include <vector>

#include <hyperdc/core/request.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// A step function of time. Steps are in order of time; the last one lasts for ever.
class Timetable {
 public:
  /// Everything from `now` on is `free`.
  void reset(SimTime now, const Resources& free);
  /// Forgets what was before `now`.
  void trim(SimTime now);
  /// Adds `amount` from `from` until `until` (not included).
  void give(SimTime from, SimTime until, const Resources& amount);
  void take(SimTime from, SimTime until, const Resources& amount);
  /// Adds `amount` from `from` on, for ever; `from` is not before the last step.
  void then(SimTime from, const Resources& amount);
  /// Is `need` free from some moment t, from <= t < before, for `span` or until `before`?
  bool room_before(SimTime before, SimTime from, Duration span, const Resources& need) const;
  /// The first moment, not before `from`, from which `need` is free for `span` (> 0).
  std::optional<SimTime> earliest(SimTime from, Duration span, const Resources& need) const;
  const Resources& free_at(SimTime at) const;

 private:
  struct Step {
    SimTime at;
    Resources free;
  };
  std::size_t index_at(SimTime at) const;  // the step that holds at `at`
  std::size_t split(SimTime at);           // the step that begins at `at`, made if needed

  std::vector<Step> steps_;
};

}  // namespace hyperdc
