// Parts of a jobs workload: traces, generators, arrivals, distributions.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Checks each distinct trace once, whole.
class TraceCheck {
 public:
  explicit TraceCheck(Resolution& r) : r_(r) {}
  /// Nothing when the trace has problems (reported at `at`) or traces are not to be read.
  std::optional<TraceFacts> facts(const View& at, const TraceSpec& spec);

 private:
  Resolution& r_;
  std::map<std::string, std::optional<TraceFacts>> seen_;
};

/// Nothing when its file was not found.
std::optional<TraceSpec> trace_of(Resolution& r, const View& trace);
/// What a format leaves open and this scenario fixed is an assumption.
void note_conversions(Resolution& r, const View& trace);
GeneratorSpec generator_of(Resolution& r, const View& generate);
std::optional<ArrivalSpec> arrivals_of(const View& arrivals);
/// Checks what ranges cannot say: low <= high, as many weights as values.
DistributionSpec distribution_of(Resolution& r, const View& value);

}  // namespace hyperdc
