#include "workload/trace_stream.hpp"

#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

TraceStream::TraceStream(const TraceSpec& spec, ModelLookup models, RowProblems& problems)
    : spec_(spec),
      problems_(problems),
      lines_(spec.file),
      reader_(make_format_reader({spec_, problems_, models, tenants_})) {
  HYPERDC_CHECK(std::isfinite(spec.time_scale) && spec.time_scale >= 0 &&
                    std::isfinite(spec.time_unit_s) && spec.time_unit_s > 0,
                "time_scale or time_unit_s is not a positive number");
}

bool TraceStream::next(JobRecord& job) {
  if (spec_.limit && jobs_ >= *spec_.limit) return false;
  std::string_view line;
  while (!reader_->broken() && lines_.next_filled(line)) {
    if (!reader_->read(line, lines_.line_number(), lines_.ended(), job)) continue;
    ++jobs_;
    return true;
  }
  if (const auto& failure = lines_.failure(); failure && !failure_recorded_) {
    failure_recorded_ = true;
    problems_.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                  failure->message);
  }
  return false;
}

}  // namespace hyperdc
