// Random damage to small valid traces: each file is either refused with problems that have a
// place, or gives exactly the jobs that the check counted, in order.
#include <catch2/catch.hpp>

#include "core/rng.hpp"
#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

struct Seedling {
  TraceFormat format;
  std::string text;
};

std::vector<Seedling> seedlings() {
  return {{TraceFormat::openb,
           "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
           "deletion_time,scheduled_time\na,12000,16384,1,460,T4|P100,LS,Running,0,100,10\n"
           "b,500,1,2,1000,,BE,Pending,5,65,\nc,4000,0,0,0,,BE,Running,7,,\n"},
          {TraceFormat::openb, "name,cpu_milli,memory_mib,num_gpu,gpu_milli\nz,1,1,8,1000\n"},
          {TraceFormat::philly,
           "timestamp,duration,num_gpus,gpu_time,cluster\n2017-09-04 10:30:41,2240.0,8,1.0,7f0\n"
           "2017-09-07 03:58:57,3256045.0,12,3256045.0,6214e9\n"},
          {TraceFormat::swf,
           "; Version: 2.2\n1 0 -1 1451 128 -1 -1 -1 -1 -1 -1 7 1 -1 -1 -1 -1 -1\n"
           "2 100 5 60 -1 -1 -1 4 3600 2048 1 8 1 -1 -1 -1 -1 -1\n"},
          {TraceFormat::gaia, "arrival_time,length,cpus\n0.0,6302.0,1\n68.0,1000.0,1\n"},
          {TraceFormat::csv,
           "submit_s,run_s,cores,accelerators,accelerator_milli,models,gang,name\n"
           "0,1,0.5,1,250,A|B,2,\"x\"\n3,,2,8,1000,,1,y\n"}};
}

/// One or two edits: a byte set, removed or doubled, a piece repeated, the end cut off.
std::string damage(std::string text, const RandomStream& draws, std::uint64_t k) {
  static constexpr std::string_view kBytes = "0123456789,.-+eE|\"\n\r\t ;anif\xC3\xFF";
  const std::uint64_t edits = 1 + draws.below(2, k, 0);
  for (std::uint64_t e = 0; e < edits && !text.empty(); ++e) {
    const std::uint64_t at = draws.below(text.size(), k, 10 + e);
    const char byte = kBytes[draws.below(kBytes.size(), k, 20 + e)];
    switch (draws.below(6, k, 30 + e)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
      case 3:
        text.insert(at, text.substr(at, 40));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text[at] = '\0';
        break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("damaged traces are refused or read, never anything else") {
  const TempDir dir;
  const RandomStream draws(1, "damage");
  int refused = 0, accepted = 0;
  std::uint64_t k = 0;
  for (const Seedling& seedling : seedlings()) {
    for (int round = 0; round < 250; ++round, ++k) {
      const std::string text = damage(seedling.text, draws, k);
      const std::string bytes = draws.below(4, k, 1) == 0 ? gzip(text) : text;
      const JobsSpec spec = jobs_of(trace_of(seedling.format, dir.write("a", bytes)));
      ModelNames models;
      const auto result = check_trace(*spec.trace, models);
      if (!ok(result)) {
        ++refused;
        REQUIRE_FALSE(std::get<1>(result).empty());
        for (const Issue& issue : std::get<1>(result)) REQUIRE_FALSE(issue.message.empty());
        continue;
      }
      ++accepted;
      const TraceFacts& facts = std::get<0>(result);
      const auto jobs = drain(*open_jobs(spec, &facts, models, 1));
      REQUIRE(jobs.size() == facts.rows);
      SimTime last;
      for (const JobRecord& job : jobs) {
        REQUIRE(job.submit >= last);
        last = job.submit;
        REQUIRE((!job.run || job.run->ns >= 0));
        REQUIRE(job.members >= 1);
        REQUIRE(job.tenant < facts.rows);
        const Request& each = job.each;
        REQUIRE((each.cores_milli >= 0 && each.memory_bytes >= 0));
        if (each.accelerators == 0) REQUIRE((each.accelerator_milli == 0 && each.models == 0));
        if (each.accelerators == 1) REQUIRE(each.accelerator_milli >= 1);
        if (each.accelerators > 1) REQUIRE(each.accelerator_milli == kWholeAccelerator);
      }
    }
  }
  CHECK(refused > 300);
  CHECK(accepted > 100);
}
