// The jobs of one trace file in the order of its rows, streamed.
#pragma once

#include <memory>

#include "workload/format_reader.hpp"
#include "workload/line_reader.hpp"

namespace hyperdc {

class TraceStream {
 public:
  /// `problems` must outlive the stream.
  TraceStream(const TraceSpec& spec, ModelLookup models, RowProblems& problems);
  TraceStream(const TraceStream&) = delete;  // the reader refers to the members of the stream
  TraceStream& operator=(const TraceStream&) = delete;

  /// The next well-formed job; problems are recorded on the way. False at the end, after
  /// spec.limit jobs, or when reading on is pointless.
  bool next(JobRecord& job);
  /// Line of the job that next() gave last.
  std::uint64_t line_number() const { return lines_.line_number(); }
  std::uint64_t size() const { return lines_.size(); }
  std::string sha256() { return lines_.sha256(); }
  const std::vector<std::string>& tenants() const { return tenants_.names(); }

 private:
  const TraceSpec spec_;
  RowProblems& problems_;
  LineReader lines_;
  TenantNames tenants_;
  std::unique_ptr<FormatReader> reader_;
  std::uint64_t jobs_ = 0;
  bool failure_recorded_ = false;
};

}  // namespace hyperdc
