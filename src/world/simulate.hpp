// simulate: one run of a scenario, from an empty world to checked numbers. Pure: no files, no
// globals, no clock; two calls on two threads do not know of each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/place_maps.hpp"
#include "metrics/recorder.hpp"
#include "scenario/scenario.hpp"
#include "world/bill.hpp"
#include "world/checkers.hpp"
#include "world/flow_log.hpp"
#include "world/job_log.hpp"
#include "world/job_timeline.hpp"
#include "world/request_log.hpp"

namespace hyperdc {

/// Told about every ten thousandth event or so; returns false to stop the run cleanly.
class SimulationMonitor {
 public:
  virtual ~SimulationMonitor() = default;
  virtual bool tick(SimTime now, std::uint64_t events) = 0;
};

/// Where a run may go on under another scenario: after everything that happens at `at`, before the
/// end. `choose` is called once there, and gives the scenario from then on (world/branch.hpp says
/// what may differ; it must outlive the run), or null: nothing changes.
struct BranchPoint {
  SimTime at;
  std::function<const Scenario*()> choose;
};

struct SimulateOptions {
  std::uint64_t seed = 1;
  std::optional<SimTime> until;  // ends earlier than the scenario says
  JobLog* log = nullptr;
  FlowLog* flow_log = nullptr;
  RequestLog* request_log = nullptr;
  JobTimeline* timeline = nullptr;
  SimulationMonitor* monitor = nullptr;
  bool distributions = false;           // collect them
  const BranchPoint* branch = nullptr;  // only with an end: by `until` or by the duration
  bool places = false;                  // record what racks and links did over time
};

struct Simulation {
  std::uint64_t fingerprint = 0;
  std::vector<std::uint64_t> hourly_fingerprints;
  SimTime end;
  std::uint64_t events = 0;
  bool complete = true;  // false: the monitor stopped it
  std::vector<MetricValue> metrics;
  std::vector<MetricDistribution> distributions;  // if asked for
  std::vector<CheckOutcome> checks;
  std::vector<BillItem> bill;
  std::vector<std::string> series_columns;  // "time_s" first
  std::vector<double> series_rows;
  Duration series_step;        // longer than asked for where the series would not have ended
  bool series_joined = false;  // it is
  std::shared_ptr<const PlaceMaps> places;  // only if asked for
};

/// Throws InvariantError with seed, time and event when an invariant or a checker fails.
Simulation simulate(const Scenario& scenario, const SimulateOptions& options);

/// True when jobs of this pool ask for its accelerators in few enough kinds to have a usual mix:
/// what FGD needs.
bool has_job_mix(const Scenario& scenario, std::uint32_t pool);

/// True when a run may draw from a random stream, so that its numbers may depend on the seed.
/// False: every seed gives the same Simulation, bit for bit. Each new user of a stream belongs in
/// here.
bool depends_on_seed(const Scenario& scenario);

/// The names that simulate() will report, with their units, without running: objectives are
/// checked against them before anything runs.
std::vector<MetricValue> metric_names(const Scenario& scenario);

}  // namespace hyperdc
