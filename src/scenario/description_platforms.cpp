// Managed platforms: files of the catalog, and what a workload of jobs says of its own.
#include "scenario/description.hpp"

namespace hyperdc {
namespace {

TypeRef up_to_a_day(std::string_view example) {
  return quantity_type(Dimension::time, example, {0, 86'400});
}

TypeRef rate_of_a_server(std::string_view example) {
  return quantity_type(Dimension::data_rate, example, {1, 1e15});
}

TypeRef time_to_distribution(std::string_view example) {
  return distribution_type(Dimension::time, example, {1, 1e9});
}

TypeRef notice_type() {
  return time_type("2 min", 0);
}

constexpr const char* kInterruption =
    "From a start until one of its servers is taken back; the first of them ends it.";
constexpr const char* kAway = "From an interruption until there are servers for it again.";
constexpr const char* kNotice = "How long before it is gone a server says so.";
constexpr const char* kDiscount = "On the price of the servers.";

Field checkpoints_field() {
  return optional(
      "checkpoints",
      object_type(
          "checkpoints of a platform job",
          "What it uploads while it runs, so that its work outlives its servers.",
          {required("size", quantity_type(Dimension::bytes, "20 GB", {0, 1e18}),
                    "Of one; uploaded as results are."),
           optional("every", time_type("10 min", 1),
                    "Work from one to the next; without it there is one only in the notice of "
                    "an interruption.")}),
      "Without them an interruption takes all work.");
}

Field after_field() {
  return optional(
      "after", list_type(text_type("prepare"), 1),
      "Workloads on platforms whose jobs are the steps before it: its job k comes when job k of "
      "each has finished, and never if one is given up. It has no arrivals of its own.");
}

Field quota_field() {
  return optional(
      "quota",
      object_type("quota of a platform", "The most servers of its jobs at a time.",
                  {required("servers", integer_type({1, 1e6}, "8"),
                            "Of jobs that wait for servers or have them."),
                   optional("over", choice_type({"wait", "refuse"}),
                            "What becomes of a job that would make them more; as the platform does "
                            "without it.")}),
      "Without it there is none.");
}

Field spot_field() {
  return optional(
      "spot",
      object_type("spot servers of a platform", "Its servers are cheaper, and may be taken back.",
                  {optional("interruption", time_to_distribution("2 h"), kInterruption),
                   optional("away", time_to_distribution("30 min"), kAway),
                   optional("notice", notice_type(), kNotice),
                   optional("discount", number_type({0, 1}, "0.7"), kDiscount),
                   optional("max_wait", time_type("1 d"),
                            "From its submission, for waits and runs; a job that is not done then "
                            "is stopped. Without it they may last for ever.")}),
      "Runs its jobs on spot servers; what is left out is as the platform has it.");
}

TypeRef spot_of_platform() {
  return object_type("spot of a platform", "Its servers that may be taken back.",
                     {required("interruption", time_to_distribution("2 h"), kInterruption),
                      required("away", time_to_distribution("30 min"), kAway),
                      required("notice", notice_type(), kNotice),
                      required("discount", number_type({0, 1}, "0.7"), kDiscount)});
}

TypeRef autoscaling_type() {
  return object_type(
      "autoscaling of a platform", "What scales an endpoint where its owner changes nothing.",
      {required("autoscaler", autoscaler_type(), "Of endpoints that name the platform as preset."),
       defaulted("asks", list_type(text_type("target")), "[]",
                 "Its parameters that the platform has no default of: who uses it says them.")});
}

}  // namespace

TypeRef platform_file_type() {
  const TypeRef billing = object_type(
      "platform billing", "Which time of a job is billed.",
      {required("from", choice_type({"provision", "pull"}),
                "The first phase that is billed, with all that follow."),
       required("granularity", quantity_type(Dimension::time, "1 s", {kNanosecond, 86'400}),
                "The time of each start is rounded up to whole ones."),
       defaulted("least", up_to_a_day("1 min"), "\"0 s\"", "Billed at least, of each start.")});
  const TypeRef keep_alive =
      object_type("keep-alive", "Servers whose job has finished stay as they are for the next one.",
                  {required("default", up_to_a_day("2 min"), "Where a workload says nothing."),
                   required("most", time_type("1 h"), "The longest that may be asked for.")});
  return object_type(
      "platform file", "A catalog file of a managed platform.",
      {required("name", text_type("NAME"), "As the file is named."),
       required("provision", distribution_type(Dimension::time, "6 min", {0, 86'400}),
                "From the start of a job until its servers are up."),
       required("pull_rate", rate_of_a_server("80 MB/s"), "Of images, to each server."),
       required("stage_rate", rate_of_a_server("1 GB/s"), "Of data, to each server."),
       required("upload_rate", rate_of_a_server("1 GB/s"), "Of results, of a job."),
       required("billing", billing, "Which time is billed."),
       optional("keep_alive", keep_alive, "Without it servers are given back at once."),
       optional("spot", spot_of_platform(), "Without it there are none."),
       defaulted("over_quota", choice_type({"wait", "refuse"}), "\"wait\"",
                 "What becomes of jobs over a quota."),
       optional("autoscaling", autoscaling_type(), "Without it there is no preset of its name."),
       sources_field()});
}

Field platform_field() {
  const auto bytes = [](const char* name, const char* example, const char* doc) {
    return defaulted(name, quantity_type(Dimension::bytes, example, {0, 1e18}), "\"0 B\"", doc);
  };
  return optional(
      "platform",
      object_type("platform of jobs",
                  "A managed platform runs the jobs: provision, pull, stage, run, upload.",
                  {required("type", text_type("sagemaker"), "An entry of catalog/platforms."),
                   bytes("image", "10 GB", "Of the container, pulled by each server."),
                   bytes("data", "200 GB", "Staged by each server before the job runs."),
                   bytes("upload", "20 GB", "Results of one job, after it has run."),
                   optional("keep_alive", time_type("30 min"),
                            "How long servers stay for the next job of the same shape of this "
                            "workload, which then skips provision and pull; as the platform does "
                            "by default without it."),
                   checkpoints_field(), spot_field(), after_field(), quota_field()}),
      "What its jobs go through on their servers beside their run, and what is billed for it.");
}

}  // namespace hyperdc
