// openb: pods of Alibaba's GPU cluster (Weng et al., "Beware of Fragmentation", USENIX ATC'23).
//
// One pod is a job of one member: cpu_milli, memory_mib, num_gpu devices with gpu_milli of each;
// num_gpu > 1 means whole devices. submit = creation_time; run = deletion_time - scheduled_time,
// or - creation_time where the pod was never scheduled; no deletion_time: it never leaves.
// Files of five columns (multigpu*) have no times: every pod comes at 0, in the order of rows,
// and never leaves. Units: 1/1000 core, MiB, 1/1000 device, s.
// Leaves out: qos, pod_phase (failed and pending pods count as jobs, as in the authors' simulator).
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "workload/format_reader.hpp"

namespace hyperdc {

namespace {

enum Columns : std::size_t {
  kName,
  kCpu,
  kMemory,
  kGpus,
  kGpuMilli,
  kSpec,
  kQos,
  kPhase,
  kCreated,
  kDeleted,
  kScheduled
};
constexpr std::array<Column, 11> kColumns{{{"name", true},
                                           {"cpu_milli", true},
                                           {"memory_mib", true},
                                           {"num_gpu", true},
                                           {"gpu_milli", true},
                                           {"gpu_spec"},
                                           {"qos"},
                                           {"pod_phase"},
                                           {"creation_time"},
                                           {"deletion_time"},
                                           {"scheduled_time"}}};

class OpenbReader final : public FormatReader {
 public:
  explicit OpenbReader(const FormatContext& context)
      : scale_(context.spec.time_scale),
        table_(kColumns, context.problems),
        models_(context.models),
        tenants_(context.tenants) {}

  bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) override {
    if (!table_.has_header()) {
      broken_ = !table_.header(line, number);
      check_times(number);
      return false;
    }
    if (!table_.row(line, number, ended)) return false;
    Fields& fields = table_.fields();
    reset(job);
    job.tenant = tenants_.none();
    read_name(fields, table_.field(kName), job.name);
    read_request(job.each);
    job.estimate = kNeverEstimate;
    if (table_.has(kCreated)) read_times(job);
    return finish_row(fields, job);
  }

 private:
  void check_times(std::uint64_t number) {
    if (broken_ || table_.has(kCreated) == table_.has(kDeleted)) return;
    broken_ = true;
    table_.fields().problems().add(number, 1, 1, input_code::kColumns,
                                   "only one of creation_time and deletion_time",
                                   "give both or neither");
  }

  void read_request(Request& each) {
    each.cores_milli = table_.whole(kCpu, {0, kMaxCores * 1000});
    each.memory_bytes = table_.whole(kMemory, {0, kMaxMemoryBytes / 0x1p20}) * 1'048'576;
    each.accelerators =
        static_cast<std::int32_t>(table_.whole(kGpus, {0, kMaxAcceleratorsPerServer}));
    const double least = each.accelerators > 0 ? 1 : 0;
    const auto milli = table_.whole(kGpuMilli, {least, kWholeAccelerator});
    if (each.accelerators == 0) return;
    each.accelerator_milli =
        each.accelerators > 1 ? kWholeAccelerator : static_cast<std::int32_t>(milli);
    if (table_.text(kSpec).empty()) return;
    each.models = models_.read(table_.fields(), table_.field(kSpec), "gpu_spec");
  }

  void read_times(JobRecord& job) {
    const Range range{0, kMaxSeconds};
    const double created = table_.number(kCreated, range);
    job.submit.ns =
        scaled_seconds(table_.fields(), table_.field(kCreated), "creation_time", created, scale_)
            .ns;
    if (table_.text(kDeleted).empty()) return;
    const double deleted = table_.number(kDeleted, range);
    const double started = table_.number_or(kScheduled, range, created);
    if (started < created) {
      table_.problem(kScheduled, input_code::kRange, "scheduled_time: before creation_time");
    } else if (deleted < started) {
      table_.problem(kDeleted, input_code::kRange, "deletion_time: before the pod started");
    } else {
      job.run = seconds(deleted - started);
      job.estimate = *job.run;
    }
  }

  double scale_;
  CsvTable table_;
  ModelList models_;
  TenantColumn tenants_;
};

}  // namespace

std::unique_ptr<FormatReader> make_openb_reader(const FormatContext& context) {
  return std::make_unique<OpenbReader>(context);
}

}  // namespace hyperdc
