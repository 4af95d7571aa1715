// JobTimeline: the jobs of a run as bars that Perfetto opens. A group a pool; each running job
// takes the lowest free lane of its pool, so lanes are as many as jobs ran at once. Beside them
// curves of what waits, what runs and what is allocated.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <hyperdc/core/time.hpp>
#include <hyperdc/policy/scheduler.hpp>

namespace hyperdc {

class JobTimeline {
 public:
  /// A name that ends in .gz is compressed. A failure to write is kept for close().
  explicit JobTimeline(const std::string& path);
  ~JobTimeline();

  /// Pools are numbered in the order of these calls.
  void add_pool(std::string_view name);
  void started(std::uint32_t pool, JobId job);
  /// The job gives way or has finished: its bar from view.started to `at`.
  void stopped(std::uint32_t pool, JobId job, const JobView& view, std::string_view workload,
               std::string_view server, SimTime at);
  struct Levels {
    double waiting = 0, running = 0;
    double cores = 0, accelerators = 0;  // allocated shares
  };
  void levels(std::uint32_t pool, SimTime at, const Levels& levels);

  /// Completes the file; the first error or an empty text.
  std::string close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hyperdc
