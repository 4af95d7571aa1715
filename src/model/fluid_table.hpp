// FluidTable: the equilibrium of a station at rising loads, prepared once for a number of replicas:
// mean number in the system, share lost, and the distribution of the latency as 64 strata.
//
// Loads: 0 to 0.6 by tenths, then 1 - load falls by a factor of 1.13 to 0.001; with a queue limit
// on to 64 times capacity. Between loads all values are linear: the number in the system errs by at
// most 0.4 %. Equations and sources: queueing/split.hpp (what a request finds), queueing/gigc.hpp
// (waits of independent replicas), queueing/sojourn.hpp (latencies). Service times are those of the
// specification; a station that is slowed scales them. Strata are computed when first read, 0.3 ms.
// What no formula gives is found by somebody else (StationEquilibria), at loads of its choice;
// beyond the last of them what waits there grows as 1 / (1 - load).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/queueing/service_shape.hpp"
#include "model/queueing/split.hpp"

namespace hyperdc {

enum class FluidDiscipline { fcfs, sharing };

/// A station in equilibrium, at one load.
struct FluidNode {
  double load = 0;    // offered, of one slot
  double number = 0;  // mean in the system, a replica
  double loss = 0;
  double carried = 0;   // load (1 - loss)
  double all_busy = 0;  // P: every slot of the replica that a request is sent to
};
struct FluidTimes {
  queueing::Strata latency_s{};
  queueing::Strata latency_reach_s{};  // queueing::reach_of
  queueing::Strata wait_s{};           // before service; zeros under processor sharing
  queueing::Strata wait_reach_s{};
};

/// Equilibria of a station whose replicas have one slot each. What its table calls waits is what a
/// backlog adds to.
class StationEquilibria {
 public:
  struct Found {
    std::vector<FluidNode> nodes;  // of rising loads below 1, the first at 0
    std::vector<FluidTimes> times;
    double waiting = 0;      // of the number at the last node; beyond it grows as 1 / (1 - load)
    double at_capacity = 0;  // that a replica works on then: who is beyond them waits
  };
  virtual ~StationEquilibria() = default;
  /// The number of replicas that is taken for so many.
  virtual std::uint32_t alike(std::uint32_t replicas, queueing::Split split) const = 0;
  /// Of alike() replicas.
  virtual const Found& found(std::uint32_t replicas, queueing::Split split) = 0;
};

struct FluidService {
  DistributionSpec service = Exponential{1};  // s
  std::uint32_t concurrency = 1;              // slots of a replica
  FluidDiscipline discipline = FluidDiscipline::fcfs;
  queueing::Split split = queueing::Split::random;
  double arrivals_cv2 = 1;
  std::optional<std::uint64_t> queue_limit;  // waiting places of a replica
  /// Instead of formulas: `service` then takes 1 / capacity of a replica, and has no queue limit.
  std::shared_ptr<StationEquilibria> measured;
};

class FluidTable {
 public:
  FluidTable(const FluidService& config, const queueing::ServiceShape& shape,
             std::uint32_t replicas);

  using Node = FluidNode;
  using Times = FluidTimes;
  const std::vector<Node>& nodes() const { return nodes_; }
  /// Up to exact().
  const Times& times(std::size_t node);
  /// The last node that comes from the formulas themselves.
  std::size_t exact() const { return exact_; }
  /// With a number up to this nobody waits long: slots, or what replicas work on at capacity.
  double worked_on() const { return worked_on_; }

 private:
  struct Equilibrium {
    queueing::WaitShape wait;
    queueing::SlowdownShape slowdown;
    double loss = 0;
    double all_busy = 0;
  };
  Equilibrium equilibrium(double load) const;
  void compute();
  void add(Node node);
  void go_on_to_capacity(double waiting);

  const FluidService& config_;
  const queueing::ServiceShape& shape_;
  queueing::Moments first_end_;
  std::uint32_t replicas_;
  queueing::SplitModel split_;
  std::vector<Node> nodes_;
  std::size_t exact_ = 0;
  double worked_on_ = 0;
  std::vector<std::optional<Times>> times_;
};

}  // namespace hyperdc
