// Measured profiles of training applications whose accelerators and batch may change while they
// run, and the traces that submit them.
//
// Computes: the time of a step on a placement, and how far an epoch takes the training.
//   step       of up to four servers and any placement that was measured, straight between the
//              local batches at which it was; a placement that begins at another server is the
//              same (3,1,2 is 1,2,3). Elsewhere by (servers, accelerators): straight between
//              local batches, then between numbers of accelerators, then between numbers of servers
//              of equal accelerators a server; the means of what was measured there. More servers
//              than were measured count as the most that were. Outside the measured batches and
//              accelerators the line of the nearest two goes on, never below half of the nearest.
//   progress   steps at the first batch that an epoch is worth: the least over the batches
//   gradients  squared norm and variance, straight between the batches, constant beyond them
// Units: s, samples, steps. Source: the artefact of Qiao et al., "Pollux", OSDI'21, whose own
// simulator interpolates by triangles where a placement was not measured.
// Leaves out: the quality that is reached (training ends after its epochs), noise of steps.
//
// Formats (CSV with a header, plain or gz). Steps: application, placement (accelerators by server
// as digits) or num_nodes and num_replicas, local_bsz, step_time (s), sync_time (s, part of it).
// Progress, in order of epochs: application, batch_size, progress, iteration, grad_sqr, grad_var.
// Jobs: name, time (s), application, num_replicas, batch_size.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <hyperdc/core/issue.hpp>
#include <hyperdc/core/time.hpp>

namespace hyperdc {

struct StepTime {
  double step_s = 0;
  double sync_s = 0;  // part of it that is left of the exchange of gradients
};

/// Squared norm and variance of the gradient at the first batch.
struct GradientNoise {
  double sqr = 0, var = 0;
  bool operator==(const GradientNoise&) const = default;
};

class ElasticProfile {
 public:
  struct Sample {
    double batch = 0;
    StepTime time;
  };
  struct Epoch {
    double progress = 0, iteration = 0;  // at its end, since the start
    GradientNoise noise;
  };

  explicit ElasticProfile(std::string name) : name_(std::move(name)) {}

  void add_placement(const std::string& digits, const Sample& sample);
  void add_size(std::uint32_t servers, std::uint32_t accelerators, const Sample& sample);
  void add_epoch(std::uint64_t batch, const Epoch& epoch);
  /// Sorts what was added. What is missing of steps and of progress, as sentences; empty: nothing.
  std::string close_steps();
  std::string close_progress();

  const std::string& name() const { return name_; }
  std::uint64_t first_batch() const { return batches_.begin()->first; }
  std::uint64_t last_batch() const { return batches_.rbegin()->first; }
  std::uint64_t least_local() const { return least_local_; }
  std::uint64_t most_local() const { return most_local_; }
  std::uint32_t epochs() const { return epochs_; }
  /// Accelerators of one server, at most, that were measured.
  std::uint32_t most_per_server() const { return most_per_server_; }

  /// Of accelerators that compute so many times as fast and exchange as these.
  ElasticProfile faster(double times) const;
  /// Samples a second of one accelerator with the largest local batch that was measured of one.
  double one_rate() const;

  /// Accelerators by server; servers without are left out.
  StepTime step(std::span<const std::uint32_t> placement, double local_batch) const;
  /// Progress at the end of so many epochs; 0 of none.
  double progress(std::uint32_t epochs) const;
  GradientNoise noise(double batch, std::uint32_t epoch) const;
  /// Steps of that batch from the start to the end of epoch number `epoch` (from 0).
  double iterations(double batch, std::uint32_t epoch) const;

 private:
  using Samples = std::vector<Sample>;
  template <class Read>
  double between(double batch, Read read) const;
  StepTime on_servers(std::uint32_t servers, double accelerators, double local_batch) const;

  std::string name_;
  std::map<std::string, Samples> placements_;                        // of the smallest rotation
  std::map<std::uint32_t, std::map<std::uint32_t, Samples>> sizes_;  // servers, accelerators
  std::map<std::uint64_t, std::vector<Epoch>> batches_;
  std::uint64_t least_local_ = 0, most_local_ = 0;
  std::uint32_t epochs_ = 0, most_per_server_ = 0;
  std::size_t most_measured_servers_ = 0;  // of a placement
};

struct ElasticProfiles {
  std::vector<ElasticProfile> applications;  // by name
  std::string steps_sha256, progress_sha256;
};

struct ElasticJob {
  std::string name;
  SimTime submit;
  std::uint32_t application = 0;   // of the profiles
  std::uint32_t accelerators = 1;  // asked for
  std::uint64_t batch = 1;         // the same
  std::uint64_t line = 0;          // of its row in the file
};

struct ElasticJobs {
  std::vector<ElasticJob> rows;  // by time
  std::string sha256;
};

Result<ElasticProfiles> read_elastic_profiles(const std::string& steps,
                                              const std::string& progress);
Result<ElasticJobs> read_elastic_jobs(const std::string& file, const ElasticProfiles& profiles);

}  // namespace hyperdc
