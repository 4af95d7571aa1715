#include "workload/format_reader.hpp"

#include <cmath>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {

std::optional<std::uint32_t> TenantNames::intern(std::string_view name) {
  if (const auto known = index_.find(name); known != index_.end()) return known->second;
  if (names_.size() >= kMaxTenants) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  index_.emplace(names_.back(), index);
  return index;
}

std::unique_ptr<FormatReader> make_format_reader(const FormatContext& context) {
  switch (context.spec.format) {
    case TraceFormat::openb:
      return make_openb_reader(context);
    case TraceFormat::philly:
      return make_philly_reader(context);
    case TraceFormat::swf:
      return make_swf_reader(context);
    case TraceFormat::gaia:
      return make_gaia_reader(context);
    case TraceFormat::csv:
      return make_csv_reader(context);
  }
  HYPERDC_CHECK(false, "unknown trace format");
}

void reset(JobRecord& job) {
  job.submit = {};
  job.run.reset();
  job.estimate = {};
  job.each = {};
  job.members = 1;
  job.priority = 0;
  job.tenant = 0;
  job.profile = 0;
  job.name.clear();
}

std::int64_t milli_up(double x) {
  return static_cast<std::int64_t>(std::ceil(x * 1000 - 1e-6));
}

Duration scaled_seconds(Fields& fields, std::size_t i, std::string_view name, double value,
                        double factor) {
  const double scaled = value * factor;
  if (scaled >= 0 && scaled <= kMaxSeconds) return seconds(scaled);
  fields.problem(i, input_code::kRange,
                 fmt::format("{}: {} is outside the range", name, quoted(fields[i], 40)),
                 "0 to 200 years");
  return {};
}

ModelSet ModelList::read(Fields& fields, std::size_t i, std::string_view name) {
  std::string_view rest = fields[i];
  if (!text_.empty() && rest == text_) return set_;
  ModelSet set = 0;
  for (bool more = true; more;) {
    const std::size_t bar = rest.find('|');
    const std::string_view model = rest.substr(0, bar);
    more = bar != std::string_view::npos;
    if (more) rest.remove_prefix(bar + 1);
    if (model.empty() || model.size() > kMaxNameBytes) {
      fields.problem(i, input_code::kValue,
                     fmt::format("{}: a model name is {}", name, model.empty() ? "empty" : "long"),
                     "write MODEL or MODEL|MODEL");
      return 0;
    }
    const auto bit = models_.bit(model);
    if (!bit) {
      fields.problem(i, input_code::kTooMuch,
                     fmt::format("{}: no room for model {}", name, quoted(model, 40)),
                     "a scenario has at most 64 accelerator models");
      return 0;
    }
    set |= *bit;
  }
  text_ = fields[i];
  set_ = set;
  return set;
}

std::uint32_t TenantColumn::none() {
  if (!index_) index_ = tenants_.intern(kNoTenant);
  return *index_;
}

std::uint32_t TenantColumn::read(Fields& fields, std::size_t i) {
  const std::string_view text = fields[i];
  if (index_ && text == text_) return *index_;
  read_name(fields, i, text_);
  index_ = tenants_.intern(text.empty() ? kNoTenant : std::string_view(text_));
  if (index_) return *index_;
  fields.problem(i, input_code::kTooMuch, fmt::format("more than {} tenants", kMaxTenants));
  return 0;
}

void read_name(Fields& fields, std::size_t i, std::string& name) {
  const std::string_view text = fields[i];
  name.assign(text.substr(0, kMaxNameBytes));
  if (text.size() <= kMaxNameBytes) return;
  fields.problem(i, input_code::kRange,
                 fmt::format("the name is longer than {} bytes", kMaxNameBytes));
}

bool finish_row(Fields& fields, const JobRecord& job) {
  std::int64_t sum = 0;
  const auto members = std::int64_t{job.members};
  if (__builtin_mul_overflow(job.each.memory_bytes, members, &sum) ||
      __builtin_mul_overflow(job.each.cores_milli, members, &sum)) {
    fields.row_problem(input_code::kRange, "cores or memory of all members: outside 64 bits");
  }
  // Each is at most 200 years, so that the sum as a real number is exact enough to compare.
  if (job.run && to_seconds(job.submit) + to_seconds(*job.run) > kMaxSeconds) {
    fields.row_problem(input_code::kRange, "submit + run time: beyond 200 years");
  }
  return fields.clean();
}

}  // namespace hyperdc
