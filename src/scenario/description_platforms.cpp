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
                            "by default without it.")}),
      "What its jobs go through on their servers beside their run, and what is billed for it.");
}

}  // namespace hyperdc
