#include "experiment/kubernetes_job.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/json_writer.hpp"

namespace hyperdc {
namespace {

constexpr std::int64_t kTriesAfterTheFirst = 2;
/// Host names of pods are labels of 63 characters: the name, "-" and an index of up to 6 digits.
constexpr std::size_t kMostNameLength = 52;

/// Kubernetes puts variables in place of $(NAME) and a $ in place of $$.
std::string literally(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '$' ? std::string("$$") : std::string(1, c);
  return out;
}

void write_container(JsonStream& json, const KubernetesJob& job) {
  json.begin_object();
  json.key("name").string("hyperdc");
  json.key("image").string(job.image);
  json.key("command").begin_array().string(literally(job.command.front())).end_array();
  json.key("args").begin_array();
  for (std::size_t i = 1; i < job.command.size(); ++i) json.string(literally(job.command[i]));
  json.string("--part").string(fmt::format("$(JOB_COMPLETION_INDEX)/{}", job.tasks));
  json.string("--out");
  json.string(literally(job.shard_begin) + "$(JOB_COMPLETION_INDEX)" + literally(job.shard_end));
  json.string("--resume").end_array();
  json.key("resources").begin_object().key("requests").begin_object();
  json.key("cpu").string(fmt::format("{}", job.cpus)).end_object().end_object();
  json.key("volumeMounts").begin_array().begin_object();
  json.key("name").string("study").key("mountPath").string(job.mount);
  json.end_object().end_array();
  json.end_object();
}

/// Wrong input would be wrong again; a pod that had to make room is no failure of ours.
void write_failure_policy(JsonStream& json) {
  json.begin_object().key("rules").begin_array();
  json.begin_object().key("action").string("FailIndex").key("onExitCodes").begin_object();
  json.key("containerName").string("hyperdc").key("operator").string("In");
  json.key("values").begin_array().integer(2).end_array().end_object().end_object();
  json.begin_object().key("action").string("Ignore").key("onPodConditions").begin_array();
  json.begin_object().key("type").string("DisruptionTarget").key("status").string("True");
  json.end_object().end_array().end_object();
  json.end_array().end_object();
}

}  // namespace

std::string kubernetes_job_name(const std::string& study) {
  std::string out = "hyperdc-";
  for (const char c : study) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    out += letter ? c : capital ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  out.resize(std::min(out.size(), kMostNameLength));
  while (out.back() == '-') out.pop_back();
  return out;
}

std::string kubernetes_job_json(const KubernetesJob& job) {
  JsonStream json(2);
  json.begin_object();
  json.key("apiVersion").string("batch/v1").key("kind").string("Job");
  json.key("metadata").begin_object().key("name").string(kubernetes_job_name(job.study));
  json.key("labels").begin_object().key("app.kubernetes.io/name").string("hyperdc").end_object();
  json.end_object();
  json.key("spec").begin_object();
  json.key("completionMode").string("Indexed");
  json.key("completions").natural(job.tasks).key("parallelism").natural(job.tasks);
  json.key("backoffLimitPerIndex").integer(kTriesAfterTheFirst);
  json.key("podFailurePolicy");
  write_failure_policy(json);
  json.key("template").begin_object().key("spec").begin_object();
  json.key("restartPolicy").string("Never");
  json.key("containers").begin_array();
  write_container(json, job);
  json.end_array();
  json.key("volumes").begin_array().begin_object().key("name").string("study");
  json.key("persistentVolumeClaim").begin_object().key("claimName").string(job.claim);
  json.end_object().end_object().end_array();
  json.end_object().end_object();  // template
  json.end_object().end_object();
  return json.take() + "\n";
}

}  // namespace hyperdc
