// gaia: the job samples of the GAIA artefact (Hanafy et al., ASPLOS'24): Alibaba PAI, Azure VMs,
// LANL Mustang.
//
// submit = arrival_time, run = length, both in units of time_unit_s (1 for pai_1k.csv, 3600 for the
// samples that span a year); cpus = n is one member of n cores, or with cpus_are_members n members
// of one core. Units: time_unit_s, cores.
// Leaves out: memory, accelerators and users, which the samples do not have.
#include <array>

#include "workload/format_reader.hpp"

namespace hyperdc {

namespace {

enum Columns : std::size_t { kArrival, kLength, kCpus };
constexpr std::array<Column, 3> kColumns{
    {{"arrival_time", true}, {"length", true}, {"cpus", true}}};

class GaiaReader final : public FormatReader {
 public:
  explicit GaiaReader(const FormatContext& context)
      : spec_(context.spec), table_(kColumns, context.problems), tenants_(context.tenants) {}

  bool read(std::string_view line, std::uint64_t number, bool ended, JobRecord& job) override {
    if (!table_.has_header()) {
      broken_ = !table_.header(line, number);
      return false;
    }
    if (!table_.row(line, number, ended)) return false;
    reset(job);
    Fields& fields = table_.fields();
    const Range range{0, kMaxSeconds};
    job.submit.ns =
        scaled_seconds(fields, table_.field(kArrival), "arrival_time",
                       table_.number(kArrival, range), spec_.time_unit_s * spec_.time_scale)
            .ns;
    job.run = scaled_seconds(fields, table_.field(kLength), "length", table_.number(kLength, range),
                             spec_.time_unit_s);
    job.estimate = *job.run;
    if (spec_.cpus_are_members) {
      job.members = static_cast<std::uint32_t>(table_.whole(kCpus, {1, kMaxMembers}));
      job.each.cores_milli = 1000;
    } else {
      job.each.cores_milli = milli_up(table_.number(kCpus, {0, kMaxCores}));
    }
    job.tenant = tenants_.none();
    return finish_row(fields, job);
  }

 private:
  const TraceSpec spec_;
  CsvTable table_;
  TenantColumn tenants_;
};

}  // namespace

std::unique_ptr<FormatReader> make_gaia_reader(const FormatContext& context) {
  return std::make_unique<GaiaReader>(context);
}

}  // namespace hyperdc
