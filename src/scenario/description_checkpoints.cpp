// What interrupts training runs and what is kept of them: keys of workloads of kind training.
#include "scenario/description_checkpoints.hpp"

#include "scenario/description.hpp"

namespace hyperdc {
namespace {

constexpr double kMaxMtbf_s = 1e11;  // 3,000 years: of one item of a large fleet

TypeRef checkpoint_type() {
  TypeRef type = object_type(
      "checkpoint", "A copy of weights and optimizer from which a training run begins again.",
      {optional("every", time_type("10 min", 1e-3),
                "From the begin of one to that of the next, in whole steps; without it the period "
                "that loses least with the causes of failure of the scenario."),
       optional("write", time_type("60 s"), "How long it takes to write one; or rate, or into."),
       optional(
           "into", text_type("scratch"),
           "A store, or a storage system as REGION.NAME: written through what others use, too, "
           "and read from there at a restart."),
       optional("rate", quantity_type(Dimension::data_rate, "2 GB/s", {1e3, 1e18}),
                "At which each server writes its part; into a store at most."),
       only_with("rate",
                 optional("limit", quantity_type(Dimension::data_rate, "2 TB/s", {1e3, 1e18}),
                          "At which all servers together write at most.")),
       defaulted(
           "bytes_per_parameter", number_type({0.1, 64}, "12"), "14",
           "Of the checkpoint: weights in bf16 and in fp32, two moments. Nothing with write."),
       only_with("into", optional("stripe", quantity_type(Dimension::bytes, "64 MB", {1, 1e15}),
                                  "Into a storage system: the part of a server goes over groups in "
                                  "stripes; without it in one.")),
       only_with("stripe", optional("stripes_at_once", integer_type({1, 1'000'000}, "16"),
                                    "Of each server; without it all.")),
       defaulted("blocking", boolean_type(), "true",
                 "Steps stand still while it is written; otherwise only for stall."),
       optional("stall", time_type("2 s"),
                "Of one that is not blocking: steps stand still for the copy that is then written. "
                "Without it 0 s."),
       optional("load", time_type("3 min"),
                "From its store at a restart; without it as long as writing."),
       defaulted("survives", choice_type({"accelerator", "server", "rack", "everything"}),
                 "\"everything\"",
                 "The most that may be lost at once for it to be there still: in the memory of its "
                 "host accelerator, with a copy at a peer server."),
       optional("keep", integer_type({1, 1e6}, "3"), "How many, the last; without it all.")},
      {{{"write", "rate", "into"}, false}});
  return type;
}

TypeRef dataset_type() {
  const auto bytes = [](const char* example) {
    return quantity_type(Dimension::bytes, example, {1e-3, 1e12});
  };
  return object_type(
      "dataset", "What the steps compute with, read ahead of them.",
      {required("from", text_type("scratch"), "A store, or a storage system as REGION.NAME."),
       optional("bytes_per_token", bytes("4 B"), "Or of a sample, which is a sequence."),
       optional("bytes_per_sample", bytes("150 kB"), "Or of a token."),
       required("ahead", time_type("5 min", 1e-3),
                "Steps of so much time are read ahead at most; lost at a restart."),
       optional(
           "stripe", quantity_type(Dimension::bytes, "4 MB", {1, 1e15}),
           "Of a storage system: what a server reads at a time comes in stripes; without it in "
           "one."),
       only_with("stripe", optional("stripes_at_once", integer_type({1, 1'000'000}, "16"),
                                    "Of each server; without it all."))},
      {{{"bytes_per_token", "bytes_per_sample"}, true}});
}

}  // namespace

std::vector<Field> training_run_fields() {
  const TypeRef restart = object_type(
      "restart", "From a failure to the next step of a training run, beside the load.",
      {defaulted("detect", distribution_type(Dimension::time, "8 min", {0, kMaxMtbf_s}), "\"0 s\"",
                 "Until it is known what failed; the others hang meanwhile."),
       defaulted("start", time_type("3 min"), "\"0 s\"",
                 "Of processes, communicators and the first step, at the first start too.")});
  const TypeRef stragglers = object_type(
      "stragglers", "Servers that are slow for a while, and all others with them.",
      {required("mtbf", quantity_type(Dimension::time, "3000 d", {1, kMaxMtbf_s}),
                "From one time to the next, of one server."),
       required("lasts", distribution_type(Dimension::time, "2 h", {0, kMaxMtbf_s}), "How long."),
       required("speed", number_type({0.01, 0.999}, "0.8"), "Of full speed, meanwhile."),
       optional(
           "replaced_after", time_type("20 min"),
           "If it lasts longer the run leaves its servers and begins at its newest checkpoint.")});
  const TypeRef corruption = object_type(
      "silent corruption", "Results that are wrong without a word, until somebody sees it.",
      {required("mtbf", quantity_type(Dimension::time, "400 y", {1, kMaxMtbf_s}),
                "From one time to the next, of one accelerator."),
       required("detect", distribution_type(Dimension::time, "6 h", {0, kMaxMtbf_s}),
                "Until it is found; checkpoints written meanwhile are of no use.")});
  const TypeRef elastic = object_type(
      "elastic gang", "Goes on with fewer copies (data_parallel) where servers are missing.",
      {required("least", integer_type({1, 1e6}, "96"), "Copies without which it waits."),
       defaulted("after", time_type("10 min"), "\"0 s\"", "It waits for all of them for so long."),
       defaulted("rejoin", time_type("30 min", 1), "\"1 h\"",
                 "Between looks for servers for more copies; if there are, it begins again at its "
                 "newest checkpoint.")});
  return {optional("elastic", elastic, "Fewer copies instead of waiting."),
          optional("checkpoints", map_type(checkpoint_type(), 1, 8),
                   "By name, the most lasting last: it is also written at the end of the run."),
          optional("dataset", dataset_type(), "Data that is read; without it there is enough."),
          optional("restart", restart, "What a failure costs beside lost work."),
          optional("stragglers", stragglers, "Slow servers."),
          optional("corruption", corruption, "Silent corruption of data.")};
}

}  // namespace hyperdc
