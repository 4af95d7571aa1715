// Simulated time: signed 64-bit nanoseconds, as an instant (SimTime) and as a span (Duration).
//
// Why integers: two events at the same moment must compare equal on every compiler, and a sum
// must not depend on the order of its terms (docs/adr/0001-time.md). The range is 292 years.
// "Never" is std::optional<SimTime>; no value of these types is special.
#pragma once

#include <compare>
#include <cstdint>

namespace hyperdc {

/// A span of simulated time in nanoseconds; may be negative as a difference.
struct Duration {
  std::int64_t ns = 0;
  auto operator<=>(const Duration&) const = default;
};

/// An instant: nanoseconds since the start of the run.
struct SimTime {
  std::int64_t ns = 0;
  auto operator<=>(const SimTime&) const = default;
};

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// Throws InvariantError: the sum left the range of 292 years. Kept out of line so that the
/// checked operators below stay one add and one predictable branch.
[[noreturn]] void time_overflow();

constexpr std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) time_overflow();
  return sum;
}
constexpr std::int64_t checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) time_overflow();
  return difference;
}

constexpr SimTime operator+(SimTime t, Duration d) {
  return {checked_add(t.ns, d.ns)};
}
constexpr SimTime operator-(SimTime t, Duration d) {
  return {checked_sub(t.ns, d.ns)};
}
constexpr Duration operator-(SimTime a, SimTime b) {
  return {checked_sub(a.ns, b.ns)};
}
constexpr Duration operator+(Duration a, Duration b) {
  return {checked_add(a.ns, b.ns)};
}
constexpr Duration operator-(Duration a, Duration b) {
  return {checked_sub(a.ns, b.ns)};
}
constexpr Duration nanoseconds(std::int64_t n) {
  return {n};
}
constexpr Duration whole_seconds(std::int64_t s) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(s, kNsPerSecond, &ns)) time_overflow();
  return {ns};
}

/// The least whole number of nanoseconds that is not below `ns` (>= 0), but no more than 127 years,
/// which is beyond the end of any run.
Duration whole_ns_above(double ns);

/// Nearest nanosecond to `s` seconds, ties to even. Throws InvariantError when `s` is not finite
/// or beyond 292 years; readers check input ranges before they call it.
Duration seconds(double s);

/// Seconds as a double: for metrics and screens, never for ordering.
constexpr double to_seconds(Duration d) {
  return static_cast<double>(d.ns) / static_cast<double>(kNsPerSecond);
}
constexpr double to_seconds(SimTime t) {
  return to_seconds(Duration{t.ns});
}

}  // namespace hyperdc
