// Allocator: how many accelerators each elastic training job has, and on which servers.
//
// An allocator sees views of all jobs that have come and not ended, and answers with what each has
// from now on. It knows no engine, no clock but view.now, no metrics and no files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <hyperdc/core/params.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

/// What can be asked about the speed of a job.
class ElasticSpeed {
 public:
  virtual ~ElasticSpeed() = default;
  /// Useful samples a second with the best batch on accelerators of a kind (of AllocatorView; 0 of
  /// allocators that do not tell them apart), by what was measured while the job ran: on that kind,
  /// or on another one and by how much faster one accelerator of this is. Nothing before it ran. 0:
  /// no batch is possible.
  virtual std::optional<double> goodput(std::uint32_t servers, std::uint32_t accelerators,
                                        std::uint32_t kind) const = 0;
  /// Seconds that the job still needs with the batch that it asked for, on as few servers as hold
  /// so many accelerators: as the profile has it, which in reality nobody knows. Of whole epochs
  /// after the present one (in the last: one step); leaves out the rest of the present one,
  /// restarts, waiting and interference.
  virtual double remaining_s(std::uint32_t accelerators) const = 0;
};

/// Accelerators of a job by server.
using Allocation = std::vector<std::uint32_t>;

struct ElasticJobView {
  std::uint64_t number = 0;  // order of submission
  SimTime submit;
  double attained_s = 0;       // accelerator-seconds that it held so far
  std::uint32_t restarts = 0;  // starts but the first
  std::uint32_t asked = 1;     // accelerators; of allocators that keep them
  std::uint32_t most = 1;      // that its batch can be spread over
  std::uint32_t tried = 0;     // most that it ever ran on
  Duration restart;            // that it stands still when what it has changes
  bool coming_up = false;      // it stands still for that now
  const Allocation* held = nullptr;
  const ElasticSpeed* speed = nullptr;
};

struct AllocatorView {
  SimTime now;
  std::span<const ElasticJobView> jobs;     // by number
  std::span<const std::uint32_t> capacity;  // accelerators by server
  std::span<const std::uint32_t> kinds;     // of accelerators, by server, from 0
};

struct AllocatorContext {
  std::uint64_t seed = 0;  // of allocators that draw (named stream of the workload)
};

/// What an allocator makes of a pool with several kinds of accelerators.
enum class AcceleratorKinds : std::uint8_t {
  one,    // it is for pools of one
  alike,  // it takes them for the same, but gives a job those of one
  apart,  // it knows that jobs are faster on some
};

class Allocator {
 public:
  virtual ~Allocator() = default;
  /// What each job of the view has from now on, in its order: accelerators of one kind.
  virtual std::vector<Allocation> allocate(const AllocatorView& view) = 0;
  /// True: jobs choose their batch for what they have; else they keep the one that they asked for.
  virtual bool adapts_batch() const { return false; }
  /// True: a job has the accelerators that it asked for or none; else the number is the
  /// allocator's.
  virtual bool keeps_requested() const { return false; }
  virtual AcceleratorKinds kinds() const { return AcceleratorKinds::one; }
  /// True of an allocator that draws from AllocatorContext::seed: its runs differ between seeds.
  virtual bool draws() const { return false; }
};

using AllocatorEntry = Entry<Allocator, AllocatorContext>;
/// Every allocator, in the order of the reference. Listed by hand in policy/builtin.cpp.
std::span<const AllocatorEntry> allocators();

}  // namespace hyperdc
