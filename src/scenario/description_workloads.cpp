// Workloads: jobs from traces or distributions; services and transfers are described elsewhere.
#include "scenario/description.hpp"
#include "workload/trace.hpp"

namespace hyperdc {
namespace {

TypeRef rate_type() {
  return quantity_type(Dimension::frequency, "0.5 /s", {1e-9, 1e9});
}

TypeRef cv_type() {
  return number_type({1e-3, 100}, "1.4");
}

TypeRef trace_type() {
  const Field file = required("file", file_type("jobs.csv"), "The trace, plain or gz.");
  const Field limit =
      optional("limit", integer_type({1, kMaxJobs}, "1000"), "Only the first rows.");
  const Field scale = defaulted("time_scale", number_type({1e-6, 1e6}), "1",
                                "Multiplies submit times: 0.5 doubles the load.");
  const TypeRef windows = object_type(
      "trace window", "Each run replays one window of the trace: seeds of a study are windows.",
      {required("length", time_type("1 d", 1),
                "Seed 1 replays the first of this length, seed 2 the next, after the last the "
                "first again."),
       defaulted("from", time_type("21 d"), "\"0 s\"", "Where the first begins.")});
  const Field window = optional("window", windows, "A piece of it for each seed.");
  const Field members =
      defaulted("cpus_are_members", boolean_type(), "false",
                "A job of n processors is n members of one core each, on any servers; otherwise "
                "one member of n cores.");
  return tagged_type(
      "trace", "A file of jobs.", "format",
      {{"openb", "Alibaba's GPU cluster (FGD, ATC'23).", {file, limit, scale, window}, {}},
       {"philly",
        "Microsoft's GPU cluster (ATC'19).",
        {file,
         defaulted("accelerators_per_server", integer_type({1, 32}, "8"), "8",
                   "A job of more accelerators is split over servers."),
         defaulted("cores_per_accelerator", number_type({0, 1000}, "4"), "0",
                   "Cores that come with each accelerator; the trace has none."),
         limit, scale, window},
        {}},
       {"swf", "Standard Workload Format.", {file, members, limit, scale, window}, {}},
       {"gaia",
        "Batch traces of GAIA (ASPLOS'24): PAI, Azure, Mustang.",
        {file, members,
         defaulted("time_unit", quantity_type(Dimension::time, "1 h", {1e-3, 86400}), "\"1 s\"",
                   "What one unit of the time columns is."),
         limit, scale, window},
        {}},
       {"csv",
        "A table with a header; see the reference of traces.",
        {file, limit, scale, window,
         optional("throughputs", file_type("throughputs.csv"),
                  "Steps a second of applications on each model of accelerators, for jobs that say "
                  "their steps instead of a run time.")},
        {}}});
}

TypeRef generator_type() {
  const auto number = [](std::string_view example, double min, double max) {
    return distribution_type(Dimension::none, example, {min, max});
  };
  return object_type(
      "job generator", "Jobs drawn at random; each key is a value or a distribution.",
      {defaulted("count", integer_type({0, kMaxJobs}, "1000"), "0",
                 "Number of jobs; 0: until the end of the run."),
       required("run", distribution_type(Dimension::time, "10 min", {0, kMaxSeconds}), "Run time."),
       defaulted("cores", number("4", 0, kMaxCores), "1", "Of one member."),
       defaulted("memory", distribution_type(Dimension::bytes, "8 GiB", {0, kMaxMemory}), "\"0 B\"",
                 "Of one member."),
       defaulted("accelerators", number("1", 0, 32), "0",
                 "Of one member; below 1 a share of one device, else rounded up."),
       defaulted("members", number("1", 1, 1e6), "1", "Servers-worth that start together."),
       defaulted("models", list_type(text_type("H100")), "[]",
                 "Accelerator models that will do; empty: any."),
       defaulted("priority", number("0", -1e9, 1e9), "0", "Higher is more urgent."),
       defaulted("tenants", integer_type({1, kMaxTenants}, "4"), "1",
                 "Each job belongs to one of so many tenants."),
       defaulted("estimate_factor", number_type({1e-3, 1e3}), "1",
                 "What users say: this times the run time.")});
}

TypeRef utilization_type() {
  const auto share = [] { return number_type({0, 1}, "0.6"); };
  return object_type("utilization", "How hard running jobs drive what they hold, for power.",
                     {defaulted("cores", share(), "1", "Of allocated cores."),
                      defaulted("accelerators", share(), "1", "Of allocated accelerators.")});
}

}  // namespace

TypeRef arrivals_type() {
  const Field rate = required("rate", rate_type(), "Mean number of arrivals a second.");
  const Field cv = required("cv", cv_type(), "Standard deviation of the gaps over their mean.");
  const auto gaps = [](const char* name, const char* doc, std::vector<Field> fields) {
    return object_type(name, doc, std::move(fields));
  };
  return one_key_type(
      "arrivals", "When jobs are submitted: exactly one key.", nullptr,
      {optional("every", time_type("1 s", 1e-9), "Equal gaps; the first job comes at 0."),
       optional("poisson", gaps("poisson arrivals", "Exponential gaps.", {rate}),
                "A Poisson process."),
       optional("gamma", gaps("gamma arrivals", "Gamma gaps.", {rate, cv}),
                "Independent gamma gaps: cv above 1 makes bursts."),
       optional("weibull", gaps("weibull arrivals", "Weibull gaps.", {rate, cv}),
                "Independent Weibull gaps.")});
}

TypeRef time_type(std::string_view example, double least) {
  return quantity_type(Dimension::time, example, {least, kMaxSeconds});
}

TypeRef distribution_type(Dimension dimension, std::string_view example, Range range) {
  const TypeRef value = quantity_type(dimension, example, range);
  const Field mean = required("mean", value, "Mean of the values.");
  const Field cv = required("cv", cv_type(), "Standard deviation over mean.");
  const auto entry = [](const std::string& name, const std::string& doc,
                        std::vector<Field> fields) {
    return optional(name, object_type(name + " distribution", doc, std::move(fields)), doc);
  };
  return one_key_type(
      "distribution", "A constant, or exactly one distribution.", value,
      {entry("uniform", "Uniform between low and high.",
             {required("low", value, "Least value."), required("high", value, "Largest value.")}),
       entry("exponential", "Exponential distribution.", {mean}),
       entry("lognormal", "Lognormal distribution; mean and cv of the values themselves.",
             {mean, cv}),
       entry("gamma", "Gamma distribution.", {mean, cv}),
       entry("weibull", "Weibull distribution; the shape is solved from cv.", {mean, cv}),
       entry("pareto", "Pareto distribution: P(X > x) = (minimum / x)^shape.",
             {required("minimum", value, "Least value."),
              required("shape", number_type({0.01, 1000}, "1.5"), "Smaller is heavier-tailed."),
              optional("maximum", value, "Largest value; without it there is none.")}),
       entry("interpolated",
             "A measured distribution: straight lines between points of its cumulative shares.",
             {required("values", list_type(value, 2), "Not falling."),
              required("shares", list_type(number_type({0, 1}), 2),
                       "Share of all that is not above the value; from 0 to 1.")}),
       entry("empirical", "One of the values, in proportion to the weights.",
             {required("values", list_type(value, 1), "The values, in any order."),
              optional("weights", list_type(number_type({0, 1e12})),
                       "One a value; all equal if absent.")})});
}

TypeRef workload_type() {
  const auto with_trace = [](Field field) { return only_with("trace", std::move(field)); };
  return tagged_type(
      "workload", "Something that asks for resources.", "kind",
      {{"jobs",
        "Batch and accelerator jobs, from a trace or from distributions.",
        {optional("pool", text_type("h100"), "Where they run; may be left out if there is one."),
         optional("trace", trace_type(), "Jobs from a file."),
         optional("generate", generator_type(), "Jobs from distributions; needs arrivals."),
         optional("arrivals", arrivals_type(), "Submit times; they replace those of a trace."),
         with_trace(defaulted("shuffle", boolean_type(), "false",
                              "The jobs of the trace in a random order.")),
         with_trace(optional("inflate_to", number_type({1e-3, 100}, "1.3"),
                             "Jobs are drawn again or left out until the accelerators that they "
                             "ask for are this share of the pool's.")),
         defaulted("departures", boolean_type(), "true", "false: no job ever leaves."),
         optional("communication", communication_type(),
                  "What the members of a job exchange over the fabric of their region."),
         job_residency_field(), platform_field(),
         defaulted("utilization", utilization_type(), "{}", "For power.")},
        {{{"trace", "generate"}, true}}},
       service_variant(),
       inference_variant(),
       transfers_variant(),
       collectives_variant(),
       storage_requests_variant(),
       training_variant(),
       elastic_variant()});
}

}  // namespace hyperdc
