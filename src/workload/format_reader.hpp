// What the reader of one trace format is: a line in, a job or nothing out. One file a format.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workload/csv_table.hpp"
#include "workload/trace.hpp"

namespace hyperdc {

/// Bits of model names: adds unknown names while a trace is checked, only finds them in a run.
class ModelLookup {
 public:
  explicit ModelLookup(ModelNames& names) : names_(&names), add_(&names) {}
  explicit ModelLookup(const ModelNames& names) : names_(&names) {}

  std::optional<ModelSet> bit(std::string_view name) {
    return add_ != nullptr ? add_->intern(name) : names_->find(name);
  }

 private:
  const ModelNames* names_;
  ModelNames* add_ = nullptr;
};

/// Tenants in order of first appearance, at most kMaxTenants.
class TenantNames {
 public:
  /// Nothing when kMaxTenants names are taken.
  std::optional<std::uint32_t> intern(std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> index_;
};

inline constexpr std::size_t kMaxNameBytes = 128;  // of a job or a tenant

struct FormatContext {
  const TraceSpec& spec;
  RowProblems& problems;
  ModelLookup models;
  TenantNames& tenants;
};

class FormatReader {
 public:
  virtual ~FormatReader() = default;
  /// True when the line is a job, which `job` then holds. False for headers, comments, jobs that
  /// the format says never ran, and malformed lines (with problems recorded). `ended`: a newline
  /// ended the line.
  virtual bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) = 0;
  /// The header is wrong: the rows cannot be read.
  bool broken() const { return broken_; }

 protected:
  bool broken_ = false;
};

std::unique_ptr<FormatReader> make_openb_reader(const FormatContext& context);
std::unique_ptr<FormatReader> make_philly_reader(const FormatContext& context);
std::unique_ptr<FormatReader> make_swf_reader(const FormatContext& context);
std::unique_ptr<FormatReader> make_gaia_reader(const FormatContext& context);
std::unique_ptr<FormatReader> make_csv_reader(const FormatContext& context);
std::unique_ptr<FormatReader> make_format_reader(const FormatContext& context);

// Parts that formats share.

/// Ranges of one member; a server beyond them does not exist.
/// 200 years, as for --until: room for waiting and steps below the 292 years of SimTime.
inline constexpr double kMaxSeconds = 200.0 * 365 * 86'400;
inline constexpr double kMaxCores = 1e6;
inline constexpr double kMaxMemoryBytes = 0x1p50;
inline constexpr double kMaxMembers = 1e7;

/// Estimate of a job that never leaves and states none: longer than any run, short enough that
/// it can be added to any time of the first two centuries.
inline constexpr Duration kNeverEstimate = {std::int64_t{90} * 365 * 86'400 * kNsPerSecond};

/// Every field as in a new record; keeps the memory of its name.
void reset(JobRecord& job);

/// x in 1/1000, rounded up; 1e-6 of a thousandth is taken for the rounding of a decimal number.
std::int64_t milli_up(double x);

/// seconds * factor as a time; a problem at field `i` when it leaves the range.
Duration scaled_seconds(Fields& fields, std::size_t i, std::string_view name, double seconds,
                        double factor);

/// 'A|B|C' as a set of models; remembers the last text, because rows repeat.
class ModelList {
 public:
  explicit ModelList(ModelLookup models) : models_(models) {}
  ModelSet read(Fields& fields, std::size_t i, std::string_view name);

 private:
  ModelLookup models_;
  std::string text_;
  ModelSet set_ = 0;
};

/// Index of the tenant in field `i`; remembers the last one.
class TenantColumn {
 public:
  explicit TenantColumn(TenantNames& tenants) : tenants_(tenants) {}
  std::uint32_t read(Fields& fields, std::size_t i);
  std::uint32_t none();

 private:
  TenantNames& tenants_;
  std::string text_;
  std::optional<std::uint32_t> index_;
};

/// Copies a name; a problem when it is longer than kMaxNameBytes.
void read_name(Fields& fields, std::size_t i, std::string& name);

/// The last check of a row: sums of one job stay in 64 bits, submit + run in the range of time.
/// True when the row had no problem at all.
bool finish_row(Fields& fields, const JobRecord& job);

}  // namespace hyperdc
