// open_jobs: the source that fits a workload. In-order traces are streamed; the others, and those
// that are shuffled or inflated, go through a JobList.
#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

#include "workload/arrivals.hpp"
#include "workload/generator.hpp"
#include "workload/job_list.hpp"
#include "workload/trace_stream.hpp"

namespace hyperdc {

namespace {

/// The rows of a file that was checked before; anything unexpected is InputChanged.
class CheckedRows {
 public:
  CheckedRows(const TraceSpec& spec, const TraceFacts& facts, const ModelNames& models)
      : problems_(spec.file), stream_(spec, ModelLookup(models), problems_), facts_(facts) {
    if (problems_.count() == 0 && stream_.size() != facts.bytes) changed("its size is different");
  }

  bool next(JobRecord& job) {
    if (stream_.next(job)) {
      if (problems_.count() > 0) changed(problems_.first());
      ++rows_;
      return true;
    }
    if (problems_.count() > 0) changed(problems_.first());
    if (rows_ != facts_.rows) changed("it has another number of rows");
    if (stream_.sha256() != facts_.sha256) changed("its SHA-256 is different");
    return false;
  }

  [[noreturn]] void changed(const std::string& how) const {
    throw InputChanged(fmt::format("{}: changed since it was checked: {}", problems_.file(), how));
  }
  const std::vector<std::string>& tenants() const { return stream_.tenants(); }

 private:
  RowProblems problems_;
  TraceStream stream_;
  const TraceFacts facts_;
  std::uint64_t rows_ = 0;
};

/// The window of a trace that a seed stands for: seed 1 for the first, after the last the first
/// again. Jobs of before and after it do not come.
class TraceWindow {
 public:
  TraceWindow(const TraceSpec& spec, const TraceFacts& facts, std::uint64_t seed) {
    if (!spec.window) return;
    const std::uint64_t windows = windows_in(spec, facts);
    HYPERDC_CHECK(windows > 0, "a trace is shorter than its window");
    const std::uint64_t number = (seed % windows + windows - 1) % windows;
    begin_ = SimTime{spec.windows_from.ns + spec.window->ns * static_cast<std::int64_t>(number)};
    end_ = begin_ + *spec.window;
  }

  /// False: the job is not of this window. Its submit time counts from the begin of the window.
  bool takes(JobRecord& job) const {
    if (!end_) return true;
    if (job.submit < begin_ || job.submit >= *end_) return false;
    job.submit = SimTime{} + (job.submit - begin_);
    return true;
  }

 private:
  SimTime begin_;
  std::optional<SimTime> end_;
};

class StreamedJobs final : public JobSource {
 public:
  StreamedJobs(const JobsSpec& spec, const TraceFacts& facts, const ModelNames& models,
               std::uint64_t seed)
      : rows_(*spec.trace, facts, models),
        window_(*spec.trace, facts, seed),
        departures_(spec.departures) {
    if (spec.arrivals) arrivals_.emplace(*spec.arrivals, spec.workload, seed);
  }

  bool next(JobRecord& job) override {
    do {
      if (!rows_.next(job)) return false;
    } while (!window_.takes(job));
    if (arrivals_) {
      job.submit = arrivals_->next();
    } else if (job.submit < last_) {
      rows_.changed("it is no longer in order of submission");
    }
    last_ = job.submit;
    if (!departures_) job.run.reset();
    return true;
  }
  std::span<const std::string> tenants() const override { return rows_.tenants(); }

 private:
  CheckedRows rows_;
  TraceWindow window_;
  bool departures_;
  std::optional<Arrivals> arrivals_;
  SimTime last_;
};

class ListedJobs final : public JobSource {
 public:
  ListedJobs(const JobsSpec& spec, const TraceFacts& facts, const ModelNames& models,
             std::uint64_t seed)
      : departures_(spec.departures) {
    CheckedRows rows(*spec.trace, facts, models);
    JobRecord job;
    const TraceWindow window(*spec.trace, facts, seed);
    while (rows.next(job)) {
      if (window.takes(job)) list_.add(job);
    }
    tenants_ = rows.tenants();
    list_.sort_by_submit();
    if (spec.shuffle) {
      if (spec.trace->format == TraceFormat::openb) list_.sort_by_name();
      list_.shuffle(seed, spec.workload);
    }
    if (spec.inflate_to) {
      const auto pool = static_cast<double>(spec.pool_accelerator_milli);
      list_.inflate(*spec.inflate_to * pool, seed, spec.workload);
    }
    if (spec.arrivals) arrivals_.emplace(*spec.arrivals, spec.workload, seed);
  }

  bool next(JobRecord& job) override {
    if (position_ == list_.size()) return false;
    list_.get(position_++, job);
    if (arrivals_) job.submit = arrivals_->next();
    if (!departures_) job.run.reset();
    return true;
  }
  std::span<const std::string> tenants() const override { return tenants_; }

 private:
  JobList list_;
  bool departures_;
  std::vector<std::string> tenants_;
  std::optional<Arrivals> arrivals_;
  std::size_t position_ = 0;
};

}  // namespace

std::uint64_t windows_in(const TraceSpec& spec, const TraceFacts& facts) {
  if (!spec.window) return 1;
  const std::int64_t span = (facts.last_submit - SimTime{}).ns - spec.windows_from.ns;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, span) / spec.window->ns);
}

std::string jobs_problem(const JobsSpec& spec, const TraceFacts* facts) {
  if (!spec.trace || facts == nullptr) return {};
  const std::string limit = fmt::format("at most {} are held in memory", kMaxRowsInMemory);
  if ((spec.shuffle || spec.inflate_to || !facts->in_order) && facts->rows > kMaxRowsInMemory) {
    return fmt::format("{} jobs to sort, shuffle or inflate; {}", facts->rows, limit);
  }
  if (!spec.inflate_to) return {};
  const double target = *spec.inflate_to * static_cast<double>(spec.pool_accelerator_milli);
  const auto demand = static_cast<double>(facts->total.accelerator_milli);
  if (demand == 0 && target > 0) return "no job asks for accelerators: nothing to inflate with";
  // Half of the limit: the number of jobs that the draws need varies around this mean.
  if (demand > 0 && target / demand * static_cast<double>(facts->rows) > 0.5 * kMaxRowsInMemory) {
    return fmt::format("inflate_to needs about {:.0f} jobs; {}",
                       target / demand * static_cast<double>(facts->rows), limit);
  }
  return {};
}

std::unique_ptr<JobSource> open_jobs(const JobsSpec& spec, const TraceFacts* facts,
                                     const ModelNames& models, std::uint64_t seed) {
  HYPERDC_CHECK(spec.trace.has_value() != spec.generate.has_value(),
                "a workload needs one of trace and generate");
  if (spec.generate) return make_generator(spec, seed);
  HYPERDC_CHECK(facts != nullptr, "a trace must be checked before it is opened");
  const std::string problem = jobs_problem(spec, facts);
  HYPERDC_CHECK(problem.empty(), problem);
  if (facts->in_order && !spec.shuffle && !spec.inflate_to) {
    return std::make_unique<StreamedJobs>(spec, *facts, models, seed);
  }
  return std::make_unique<ListedJobs>(spec, *facts, models, seed);
}

}  // namespace hyperdc
