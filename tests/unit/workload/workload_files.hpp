// Files for the tests of src/workload: written to a directory that is removed at the end.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include "support/temporary_directory.hpp"
#include "workload/trace.hpp"

namespace hyperdc::testing {

using TempDir = test::TemporaryDirectory;

/// `text` as one gzip member.
inline std::string gzip(std::string_view text) {
  z_stream z{};
  if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  std::string out(deflateBound(&z, static_cast<uLong>(text.size())) + 64, '\0');
  std::string in(text);
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return out;
}

inline TraceSpec trace_of(TraceFormat format, const std::string& file) {
  TraceSpec spec;
  spec.format = format;
  spec.file = file;
  return spec;
}

inline JobsSpec jobs_of(const TraceSpec& trace) {
  JobsSpec jobs;
  jobs.workload = "test";
  jobs.trace = trace;
  return jobs;
}

/// All jobs of a source.
inline std::vector<JobRecord> drain(JobSource& source) {
  std::vector<JobRecord> jobs;
  JobRecord job;
  while (source.next(job)) jobs.push_back(job);
  return jobs;
}

/// Checks and reads a trace whole; fails the test when it has problems.
struct ReadTrace {
  TraceFacts facts;
  ModelNames models;
  std::vector<JobRecord> jobs;
  std::vector<std::string> tenants;
};
inline ReadTrace read_trace(JobsSpec spec, std::uint64_t seed = 1) {
  ReadTrace read;
  auto facts = check_trace(*spec.trace, read.models);
  if (!ok(facts)) throw std::runtime_error(std::get<1>(facts).front().message);
  read.facts = std::get<0>(facts);
  const auto source = open_jobs(spec, &read.facts, read.models, seed);
  read.jobs = drain(*source);
  read.tenants.assign(source->tenants().begin(), source->tenants().end());
  return read;
}

}  // namespace hyperdc::testing
