// StorageTierProcess: what one workload writes onto a storage system goes on to the next tier when
// it is old enough.
//
// Computes: the moves. An object that was written is due `after` later: all of it is read from the
// one system and then written onto the other, in the stripes of the workload, over the fabric by
// way of a server of the other system where its clients use one.
// Equation: in the mean hot bytes = rate of writes * after * bytes of one, and the moves take as
// much from the drives of both systems as a read and a write of each object.
// Before the run the workload wrote as it does in it: what was written in the last `after` before
// its begin is drawn from streams of its own, and falls due in the run.
// Units: bytes, ns. Source: lifecycle rules of object stores (transition after days).
// Leaves out: moves back, by access instead of age; deletes; batches of small objects; an object
// whose move fails stays in the first tier.
#pragma once

#include <string>

#include "core/distribution.hpp"
#include "workload/arrivals.hpp"
#include "world/storage_objects_state.hpp"

namespace hyperdc {

/// What it is told by others.
inline constexpr std::uint32_t kTierDue = 1;  // arg: number of the object

class StorageTierProcess final : public Process {
 public:
  StorageTierProcess(World& world, std::uint32_t workload);

  /// Schedules what was written before the run. Call once, after Engine::add.
  void begin(ProcessId self, Engine& engine);

  void handle(const Event& event, Engine& engine) override;
  std::string_view name() const override { return name_; }
  std::uint32_t kinds() const override;
  std::string_view kind_name(std::uint32_t kind) const override;

 private:
  struct Move {
    std::uint64_t object = 0;
    std::uint64_t bytes = 0;
    SimTime since;
  };

  std::uint64_t bytes_of(std::uint64_t object) const;
  bool written(std::uint64_t object) const;
  void next_of_before(Engine& engine);
  void due(std::uint64_t object, Engine& engine);
  void access(std::uint32_t move, bool read, Engine& engine);
  void end(std::uint32_t move, bool failed, SimTime now);

  World& world_;
  StorageRequestsState& state_;
  std::string name_;
  ProcessId self_;
  Arrivals before_;
  std::uint64_t drawn_ = 0;  // of before the run
  Distribution bytes_;
  RandomStream draws_, sizes_;       // those of the requests
  std::uint32_t from_ = 0, to_ = 0;  // streams of objects in the two systems
  Slots<Move> moves_;
};

}  // namespace hyperdc
