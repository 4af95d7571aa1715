// Job traces and generated jobs: what a `jobs` workload is fed from.
//
// Formats: openb, philly, swf, gaia, csv (docs/reference/traces.md has their columns). gz or plain.
// Files are streamed; only transforms that need the whole list (shuffle, inflate) or a trace that
// is not in order of submission hold it in memory, at most kMaxRowsInMemory rows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/request.hpp>

#include "core/distribution.hpp"
#include "core/input_changed.hpp"
#include "workload/job.hpp"

namespace hyperdc {

inline constexpr std::uint64_t kMaxRowsInMemory = 4'000'000;
inline constexpr std::string_view kNoTenant = "default";  // of jobs without a tenant
inline constexpr std::uint32_t kMaxTenants = 65'536;      // of one workload

/// Accelerator model names of a scenario and their bits: at most 64.
class ModelNames {
 public:
  /// The bit of `name`, added if new; nothing when 64 names are taken.
  std::optional<ModelSet> intern(std::string_view name);
  std::optional<ModelSet> find(std::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

enum class TraceFormat { openb, philly, swf, gaia, csv };

struct Throughputs;

struct TraceSpec {
  TraceFormat format = TraceFormat::csv;
  std::string file;  // path that can be opened
  // Conversions where a format leaves something open; each is a key of the schema.
  std::int32_t accelerators_per_server = 8;      // philly: a job of more is split over servers
  std::int64_t cores_per_accelerator_milli = 0;  // philly: cores that come with each accelerator
  bool cpus_are_members = false;  // gaia, swf: n processors = n members of one core each
  double time_unit_s = 1.0;       // gaia: 1 for pai_1k.csv, 3600 for the year-long files
  double time_scale = 1.0;        // multiplies submit times
  std::shared_ptr<const Throughputs> throughputs;  // csv: of applications; null: jobs have none
  std::optional<std::uint64_t> limit;              // first rows only
  /// Each run replays one of the windows of this length that the trace has from `windows_from` on,
  /// the one that its seed says: they are its replications. Submit times count from its begin.
  std::optional<Duration> window;
  Duration windows_from;
};

/// Arrival processes that replace the submit times of a trace or feed a generator.
struct ArrivalSpec {
  enum class Kind { every, poisson, gamma, weibull } kind = Kind::every;
  double mean_interval_s = 1;
  double cv = 1;       // gamma, weibull
  double first_s = 0;  // every: when the first job comes
};

struct GeneratorSpec {
  std::uint64_t count = 0;  // jobs; 0: until the end of the run
  DistributionSpec run_s;
  DistributionSpec cores;  // rounded up to 1/1000 core
  DistributionSpec memory_bytes;
  DistributionSpec accelerators;  // below 1: a share of one device; else rounded up
  DistributionSpec members;       // rounded up
  ModelSet models = 0;
  DistributionSpec priority;     // rounded to the nearest integer
  std::uint32_t tenants = 1;     // each job belongs to one, uniformly
  double estimate_factor = 1.0;  // estimate = factor * run time
};

struct JobsSpec {
  std::string workload;  // name: keys the random streams "workloads.NAME.*"
  std::optional<TraceSpec> trace;
  std::optional<GeneratorSpec> generate;  // exactly one of trace and generate
  std::optional<ArrivalSpec> arrivals;    // required for generate; replaces times of a trace
  bool shuffle = false;                   // uniform order (openb: sorted by name first)
  /// Target sum of accelerator demand as a share of the pool's; jobs are appended (drawn with
  /// replacement from the original list) or deleted until it is met, as FGD's artefact does.
  std::optional<double> inflate_to;
  std::int64_t pool_accelerator_milli = 0;  // what inflate_to refers to
  bool departures = true;                   // false: no job ever leaves
};

struct TraceFacts {
  std::uint64_t rows = 0;
  bool in_order = true;  // of submission
  std::uint64_t bytes = 0;
  std::string sha256;  // of the file as it lies on disk
  /// Distinct requests (without memory) and their share of jobs, most frequent first; ties by
  /// first appearance. At most 4096 distinct are told apart, else empty.
  std::vector<JobMixEntry> mix;
  std::uint32_t members_max = 0;
  std::vector<std::string> tenants;  // as they come
  Resources total;                   // sum over jobs
  SimTime last_submit;
  SimTime last_end;  // latest submission + run time: no run of the trace as it is ends earlier
};

/// Reads a trace once, whole, before anything runs. The first 20 problems and the count of the
/// others, each with file, line and column. Adds the models it names.
Result<TraceFacts> check_trace(const TraceSpec& spec, ModelNames& models);

/// Whole windows up to the last submission; 1 without windows.
std::uint64_t windows_in(const TraceSpec& spec, const TraceFacts& facts);

/// Why open_jobs cannot serve `spec`: too many rows to shuffle or inflate in memory, or nothing to
/// inflate with. Empty when it can. `facts` as for open_jobs.
std::string jobs_problem(const JobsSpec& spec, const TraceFacts* facts);

/// A source for one run. `facts` is what check_trace returned (nothing for a generator).
/// InvariantError when jobs_problem() is not empty; InputChanged as next().
std::unique_ptr<JobSource> open_jobs(const JobsSpec& spec, const TraceFacts* facts,
                                     const ModelNames& models, std::uint64_t seed);

/// Node lists: "openb" (sn,cpu_milli,memory_mib,gpu,model). Consecutive equal rows are one entry.
struct NodeRow {
  ServerShape shape;
  std::uint32_t count = 1;
};
struct NodeList {
  std::vector<NodeRow> rows;  // in file order
  std::string sha256;
};
Result<NodeList> read_nodes(std::string_view format, const std::string& file, ModelNames& models);

}  // namespace hyperdc
