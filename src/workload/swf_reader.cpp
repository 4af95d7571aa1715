// swf: Standard Workload Format 2.2 of the Parallel Workloads Archive (Feitelson).
//
// Lines that begin with ';' are comments. A job is 18 fields separated by blanks, -1 = unknown:
//  1 number, 2 submit, 3 wait, 4 run, 5 allocated processors, 6 average CPU time, 7 used memory,
//  8 requested processors, 9 requested time, 10 requested memory, 11 status, 12 user, 13 group,
//  14 executable, 15 queue, 16 partition, 17 preceding job, 18 think time.
// submit = field 2; run = 4; processors = 5, or 8 where 5 is not above 0; estimate = 9, or run
// where it is unknown; memory = 10 (KiB a processor) * processors; tenant = 12; name = 1. n
// processors are one member of n cores, or with cpus_are_members n members of one core. Units: s,
// KiB. Not jobs: rows whose run or processors are unknown, parts of a job that has a row of its own
// (status 2, 3, 4), and cancelled jobs (status 5) that ran 0 s. Other jobs of 0 s are jobs.
// The estimate is not raised to the run time.
// Leaves out: wait, dependencies and think times, queues, partitions.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "workload/format_reader.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kFields = 18;
constexpr double kUnknown = -1;

class SwfReader final : public FormatReader {
 public:
  explicit SwfReader(const FormatContext& context)
      : spec_(context.spec), fields_(context.problems), tenants_(context.tenants) {}

  bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) override {
    const std::size_t text = line.find_first_not_of(" \t");
    if (text != std::string_view::npos && line[text] == ';') return false;
    fields_.split_blanks(line, number);
    if (fields_.size() != kFields) {
      fields_.row_problem(input_code::kRow,
                          fmt::format("{} fields where a job has 18", fields_.size()),
                          ended ? "" : "the file ends in this row: it was cut off");
      return false;
    }
    reset(job);
    read_name(fields_, 0, job.name);
    const double submit = fields_.number(1, "submit time", {0, kMaxSeconds});
    job.submit.ns = scaled_seconds(fields_, 1, "submit time", submit, spec_.time_scale).ns;
    const double run = fields_.number(3, "run time", {kUnknown, kMaxSeconds});
    const std::int64_t processors = read_processors();
    const double memory_kib = fields_.number(9, "requested memory", {kUnknown, kMaxMemoryBytes});
    const std::int64_t status = fields_.whole(10, "status", {kUnknown, 1000});
    check_unused();
    job.run = seconds(std::max(run, 0.0));
    const double estimate = fields_.number(8, "requested time", {kUnknown, kMaxSeconds});
    job.estimate = estimate >= 0 ? seconds(estimate) : *job.run;
    set_request(processors, memory_kib, job);
    if (!finish_row(fields_, job)) return false;
    const bool part = status >= 2 && status <= 4;
    constexpr std::int64_t kCancelled = 5;
    if (run < 0 || processors <= 0 || part || (status == kCancelled && run == 0)) return false;
    job.tenant = tenants_.read(fields_, 11);
    return fields_.clean();
  }

 private:
  std::int64_t read_processors() {
    const double most = spec_.cpus_are_members ? kMaxMembers : kMaxCores;
    const std::int64_t allocated = fields_.whole(4, "allocated processors", {kUnknown, most});
    const std::int64_t requested = fields_.whole(7, "requested processors", {kUnknown, most});
    return allocated > 0 ? allocated : requested;
  }

  void check_unused() {
    static constexpr struct {
      std::size_t field;
      std::string_view name;
    } kUnused[] = {{2, "wait time"},  {5, "average CPU time"}, {6, "used memory"},
                   {11, "user"},      {12, "group"},           {13, "executable"},
                   {14, "queue"},     {15, "partition"},       {16, "preceding job"},
                   {17, "think time"}};
    for (const auto& unused : kUnused) fields_.number(unused.field, unused.name, {kUnknown, 1e18});
  }

  void set_request(std::int64_t processors, double memory_kib, JobRecord& job) {
    const std::int64_t n = std::max<std::int64_t>(processors, 1);
    const std::int64_t members = spec_.cpus_are_members ? n : 1;
    job.members = static_cast<std::uint32_t>(members);
    const std::int64_t processors_each = n / members;  // exact: members is n or 1
    job.each.cores_milli = processors_each * 1000;
    if (memory_kib <= 0) return;
    const double bytes = std::ceil(memory_kib * 1024) * static_cast<double>(processors_each);
    if (bytes > kMaxMemoryBytes) {
      fields_.problem(9, input_code::kRange, "requested memory: more than 1 PiB");
      return;
    }
    job.each.memory_bytes = static_cast<std::int64_t>(bytes);
  }

  const TraceSpec spec_;
  Fields fields_;
  TenantColumn tenants_;
};

}  // namespace

std::unique_ptr<FormatReader> make_swf_reader(const FormatContext& context) {
  return std::make_unique<SwfReader>(context);
}

}  // namespace hyperdc
