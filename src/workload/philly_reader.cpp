// philly: training jobs of Microsoft's Philly cluster, 2017 (Jeon et al., USENIX ATC'19), in the
// flat form of the Pollux artefact.
//
// submit = timestamp - timestamp of the first row (civil time without a zone, so a change of
// daylight-saving time shows as an hour); run = duration; tenant = cluster (virtual cluster).
// A job of n accelerators that exceeds a server (accelerators_per_server = a) is a gang: members
// of the largest divisor of n that is at most a. Each accelerator brings
// cores_per_accelerator_milli cores. Units: s, devices.
// Leaves out: queueing delay, failed attempts and memory, which this form does not have; gpu_time
// is checked and not used (it is duration * num_gpus).
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"
#include "workload/format_reader.hpp"

namespace hyperdc {

namespace {

enum Columns : std::size_t { kTimestamp, kDuration, kGpus, kGpuTime, kCluster };
constexpr std::array<Column, 5> kColumns{
    {{"timestamp", true}, {"duration", true}, {"num_gpus", true}, {"gpu_time"}, {"cluster"}}};

std::optional<int> digits(std::string_view text, std::size_t begin, std::size_t count) {
  int value = 0;
  for (std::size_t i = begin; i < begin + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days from 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date
/// algorithms", days_from_civil), for years from 0.
std::int64_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year + 399 : year + 400;  // shifted by one era: never negative
  const int era = y / 400;
  const int year_of_era = y % 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era - 1} * 146'097 + day_of_era - 719'468;
}

int days_of_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

/// Seconds of 'YYYY-MM-DD HH:MM:SS' since 1970; nothing when it is not such a moment.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != 'd' && text[i] != kShape[i]) return std::nullopt;
  }
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*month < 1 || *month > 12 || *day < 1 || *day > days_of_month(*year, *month) || *hour > 23 ||
      *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return days_from_civil(*year, *month, *day) * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

class PhillyReader final : public FormatReader {
 public:
  explicit PhillyReader(const FormatContext& context)
      : spec_(context.spec), table_(kColumns, context.problems), tenants_(context.tenants) {
    HYPERDC_CHECK(
        spec_.accelerators_per_server >= 1 &&
            spec_.accelerators_per_server <= static_cast<std::int32_t>(kMaxAcceleratorsPerServer),
        "accelerators_per_server is outside 1..32");
  }

  bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) override {
    if (!table_.has_header()) {
      broken_ = !table_.header(line, number);
      return false;
    }
    if (!table_.row(line, number, ended)) return false;
    reset(job);
    read_submit(job);
    job.run = seconds(table_.number(kDuration, {0, kMaxSeconds}));
    job.estimate = *job.run;
    split(table_.whole(kGpus, {1, kMaxMembers}), job);
    if (table_.has(kGpuTime)) table_.number(kGpuTime, {0, HUGE_VAL});
    job.tenant = table_.has(kCluster) ? tenants_.read(table_.fields(), table_.field(kCluster))
                                      : tenants_.none();
    return finish_row(table_.fields(), job);
  }

 private:
  void read_submit(JobRecord& job) {
    const std::string_view text = table_.text(kTimestamp);
    const auto moment = parse_timestamp(text);
    if (!moment) {
      table_.problem(kTimestamp, input_code::kValue,
                     fmt::format("timestamp: {} is not a time", quoted(text, 40)),
                     "write 2017-09-04 10:30:41");
      return;
    }
    if (!first_) first_ = *moment;
    if (*moment < *first_) {
      table_.problem(kTimestamp, input_code::kRange, "timestamp: before the first row's",
                     "sort the file by timestamp");
      return;
    }
    job.submit.ns = scaled_seconds(table_.fields(), table_.field(kTimestamp), "timestamp",
                                   static_cast<double>(*moment - *first_), spec_.time_scale)
                        .ns;
  }

  void split(std::int64_t accelerators, JobRecord& job) {
    std::int64_t each = std::min<std::int64_t>(accelerators, spec_.accelerators_per_server);
    while (accelerators % each != 0) --each;
    job.members = static_cast<std::uint32_t>(accelerators / each);
    job.each.accelerators = static_cast<std::int32_t>(each);
    job.each.accelerator_milli = kWholeAccelerator;
    job.each.cores_milli = each * spec_.cores_per_accelerator_milli;
  }

  const TraceSpec spec_;
  CsvTable table_;
  TenantColumn tenants_;
  std::optional<std::int64_t> first_;
};

}  // namespace

std::unique_ptr<FormatReader> make_philly_reader(const FormatContext& context) {
  return std::make_unique<PhillyReader>(context);
}

}  // namespace hyperdc
