// csv: hyperdc's own plain table of jobs, one row a job, the columns in any order.
//
// submit_s (0), run_s (empty or missing: the job never leaves), estimate_s (= run_s), cores of one
// member (0), memory_bytes (0), accelerators (0), accelerator_milli of each device (1000), models
// 'A|B' (any), priority (0), gang = members that start together (1), tenant, name; in brackets
// what a missing column or an empty field means. Instead of run_s: application and steps, by the
// throughputs of the trace. Cores round up to 1/1000. Units: s, cores, bytes,
// 1/1000 device.
#include <array>
#include <fmt/format.h>
#include <limits>

#include "core/text.hpp"
#include "workload/format_reader.hpp"
#include "workload/throughputs.hpp"

namespace hyperdc {

namespace {

enum Columns : std::size_t {
  kSubmit,
  kRun,
  kCores,
  kMemory,
  kAccelerators,
  kMilli,
  kModels,
  kPriority,
  kGang,
  kEstimate,
  kTenant,
  kName,
  kApplication,
  kSteps
};
constexpr std::array<Column, 14> kColumns{{{"submit_s"},
                                           {"run_s"},
                                           {"cores"},
                                           {"memory_bytes"},
                                           {"accelerators"},
                                           {"accelerator_milli"},
                                           {"models"},
                                           {"priority"},
                                           {"gang"},
                                           {"estimate_s"},
                                           {"tenant"},
                                           {"name"},
                                           {"application"},
                                           {"steps"}}};

class CsvReader final : public FormatReader {
 public:
  explicit CsvReader(const FormatContext& context)
      : throughputs_(context.spec.throughputs),
        scale_(context.spec.time_scale),
        table_(kColumns, context.problems),
        models_(context.models),
        tenants_(context.tenants) {}

  bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) override {
    if (!table_.has_header()) {
      broken_ = !table_.header(line, number);
      return false;
    }
    if (!table_.row(line, number, ended)) return false;
    Fields& fields = table_.fields();
    reset(job);
    read_times(job);
    read_request(job.each);
    constexpr auto kLowest = std::numeric_limits<std::int32_t>::min();
    constexpr auto kHighest = std::numeric_limits<std::int32_t>::max();
    job.priority = static_cast<std::int32_t>(table_.whole_or(kPriority, {kLowest, kHighest}, 0));
    job.members = static_cast<std::uint32_t>(table_.whole_or(kGang, {1, kMaxMembers}, 1));
    job.tenant =
        table_.has(kTenant) ? tenants_.read(fields, table_.field(kTenant)) : tenants_.none();
    if (table_.has(kName)) read_name(fields, table_.field(kName), job.name);
    read_steps(job);
    return finish_row(fields, job);
  }

 private:
  /// Steps of an application instead of a run time.
  void read_steps(JobRecord& job) {
    if (table_.text(kApplication).empty() && table_.text(kSteps).empty()) return;
    const std::size_t column = table_.text(kApplication).empty() ? kSteps : kApplication;
    const auto refuse = [&](std::string message, std::string hint) {
      table_.problem(column, input_code::kValue, std::move(message), std::move(hint));
    };
    if (throughputs_ == nullptr) {
      return refuse("steps of an application, and no throughputs to go by",
                    "name a table as \"throughputs\" of the trace");
    }
    if (table_.text(kApplication).empty() || table_.text(kSteps).empty()) {
      return refuse("application and steps belong together", "give both, or a run_s");
    }
    if (job.each.models != 0) return refuse("models and an application", "leave models empty");
    if (job.run) return refuse("run_s and steps of an application", "leave run_s empty");
    const double steps = table_.number(kSteps, {1e-9, 1e15});
    if (!table_.fields().clean()) return;
    const auto all = static_cast<std::uint32_t>(job.each.accelerators) * job.members;
    job.profile = throughputs_->find(table_.text(kApplication), all);
    if (job.profile == 0) {
      return refuse(fmt::format("the throughputs have no {} on {} accelerators",
                                quoted(table_.text(kApplication), 60), all),
                    "application and accelerators of all members as in that table");
    }
    if (job.each.accelerator_milli != kWholeAccelerator) {
      return refuse("a share of an accelerator", "throughputs are those of whole accelerators");
    }
    const double run_s = steps / throughputs_->profiles[job.profile - 1u].fastest();
    if (run_s > kMaxSeconds) return refuse("it would run for more than 200 years", "");
    job.run = seconds(run_s);
    if (table_.text(kEstimate).empty()) job.estimate = *job.run;
  }

  void read_times(JobRecord& job) {
    const Range range{0, kMaxSeconds};
    if (!table_.text(kSubmit).empty()) {
      job.submit.ns = scaled_seconds(table_.fields(), table_.field(kSubmit), "submit_s",
                                     table_.number(kSubmit, range), scale_)
                          .ns;
    }
    if (!table_.text(kRun).empty()) job.run = seconds(table_.number(kRun, range));
    job.estimate = job.run.value_or(kNeverEstimate);
    if (table_.text(kEstimate).empty()) return;
    job.estimate = seconds(table_.number(kEstimate, range));
  }

  void read_request(Request& each) {
    each.cores_milli = milli_up(table_.number_or(kCores, {0, kMaxCores}, 0));
    each.memory_bytes = table_.whole_or(kMemory, {0, kMaxMemoryBytes}, 0);
    each.accelerators = static_cast<std::int32_t>(
        table_.whole_or(kAccelerators, {0, kMaxAcceleratorsPerServer}, 0));
    const double least = each.accelerators > 0 ? 1 : 0;
    const auto milli = static_cast<std::int32_t>(
        table_.whole_or(kMilli, {least, kWholeAccelerator}, kWholeAccelerator));
    if (each.accelerators == 0) return;
    each.accelerator_milli = milli;
    if (each.accelerators > 1 && milli != kWholeAccelerator) {
      table_.problem(
          kMilli, input_code::kRange,
          fmt::format("accelerator_milli: {} of each of {} devices", milli, each.accelerators),
          "only a job of one accelerator can share it; write 1000");
    }
    if (table_.text(kModels).empty()) return;
    each.models = models_.read(table_.fields(), table_.field(kModels), "models");
  }

  std::shared_ptr<const Throughputs> throughputs_;
  double scale_;
  CsvTable table_;
  ModelList models_;
  TenantColumn tenants_;
};

}  // namespace

std::unique_ptr<FormatReader> make_csv_reader(const FormatContext& context) {
  return std::make_unique<CsvReader>(context);
}

}  // namespace hyperdc
