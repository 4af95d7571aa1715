// A sweep as an Indexed Job of Kubernetes: each index does one part of the runs into a shard of its
// own (docs/howto/sweep-on-a-cluster.md). JSON is YAML, so `kubectl apply -f -` takes it as it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hyperdc {

struct KubernetesJob {
  std::string study;                  // name
  std::string image;                  // has hyperdc in its PATH
  std::string claim;                  // the PersistentVolumeClaim with the study and its shards
  std::string mount;                  // where it is mounted
  std::vector<std::string> command;   // "hyperdc", "sweep", ...; without what says which runs
  std::string shard_begin;            // path of a shard up to the index
  std::string shard_end = ".sqlite";  // and after it
  std::uint64_t tasks = 1;            // completions, all at once
  unsigned cpus = 1;                  // of a pod
};

/// The manifest (batch/v1, Kubernetes 1.29 or later for limits by index).
std::string kubernetes_job_json(const KubernetesJob& job);

/// A name that Kubernetes takes for the Job of this study, and for its pods.
std::string kubernetes_job_name(const std::string& study);

}  // namespace hyperdc
