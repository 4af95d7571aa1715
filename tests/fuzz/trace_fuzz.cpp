// libFuzzer target: the first byte chooses the format ('0' openb to '4' csv, '5' a node list), the
// others are the file, plain or gzip.
// A file is refused with problems, or gives exactly the jobs that the check counted, in order.
// A good start: trace_fuzz -max_len=4096 CORPUS tests/fuzz/traces
#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "workload/trace.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_jobs(const hyperdc::TraceSpec& trace, std::uint64_t shuffled) {
  hyperdc::ModelNames models;
  const auto result = hyperdc::check_trace(trace, models);
  if (!hyperdc::ok(result)) {
    require(!std::get<1>(result).empty() && std::get<1>(result).size() <= 21);
    return;
  }
  const hyperdc::TraceFacts& facts = std::get<0>(result);
  hyperdc::JobsSpec spec;
  spec.workload = "fuzz";
  spec.trace = trace;
  spec.shuffle = shuffled != 0;
  const auto source = hyperdc::open_jobs(spec, &facts, models, 1);
  hyperdc::JobRecord job;
  hyperdc::SimTime last;
  std::uint64_t jobs = 0;
  while (source->next(job)) {
    ++jobs;
    require(job.submit >= last && job.members >= 1 && job.estimate.ns >= 0);
    require(!job.run || job.run->ns >= 0);
    require(job.tenant < source->tenants().size());
    const auto& each = job.each;
    require(each.cores_milli >= 0 && each.memory_bytes >= 0 && each.accelerators >= 0);
    require(each.accelerators <= 1 || each.accelerator_milli == hyperdc::kWholeAccelerator);
    last = job.submit;
  }
  require(jobs == facts.rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string file = "/tmp/hyperdc-fuzz-XXXXXX";
  const int fd = mkstemp(file.data());
  require(fd >= 0 && write(fd, data + 1, size - 1) == static_cast<ssize_t>(size - 1));
  close(fd);
  const unsigned kind = data[0] % 6U;
  if (kind == 5) {
    hyperdc::ModelNames models;
    (void)hyperdc::read_nodes("openb", file, models);
  } else {
    hyperdc::TraceSpec trace;
    trace.format = static_cast<hyperdc::TraceFormat>(kind);
    trace.file = file;
    trace.cpus_are_members = (data[0] & 0x80U) != 0;
    read_jobs(trace, data[0] & 0x40U);
  }
  unlink(file.c_str());
  return 0;
}
