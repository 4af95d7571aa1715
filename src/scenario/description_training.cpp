// Workloads of kind training, and the software that trains: files of the catalog.
#include "scenario/description.hpp"
#include "scenario/description_checkpoints.hpp"

namespace hyperdc {
namespace {

/// A part of the plan.
Field part_field(const char* name, TypeRef type, const std::string& doc, const char* without) {
  return optional(name, std::move(type),
                  doc + " Without it " + without + ", or beside accelerators what is fastest.");
}

Field ranks_field(const char* name, const char* example, const char* doc) {
  return part_field(name, integer_type({1, 1e6}, example), doc, "1");
}

TypeRef sizes_type(const char* title, const char* of, const char* example) {
  return object_type(title, "Shares of a peak by the size of the work, straight in its logarithm.",
                     {required("sizes", list_type(number_type({1, 1e18}, example), 1), of),
                      required("shares", list_type(number_type({0.001, 1.5}, "0.9"), 1),
                               "One a size; that of the first below it, of the last above.")});
}

Field network_field() {
  return optional(
      "network",
      object_type(
          "training network",
          "Exchanges between servers take the fabric of their region, where the gang lies. Without "
          "it each rank has its share of the network adapters, wherever it is.",
          {defaulted("exchanges", choice_type({"auto", "loads", "flows"}), "\"auto\"",
                     "By the loads of links when the run begins, or as flows among all others; "
                     "auto: as flows where something else uses the fabric or it may fail."),
           defaulted("steps_at_once", integer_type({1, 1e6}, "10"), "1",
                     "Of flows: steps whose exchanges are one, with the bytes of all.")}),
      "Where exchanges go that leave a server.");
}

}  // namespace

Variant training_variant() {
  std::vector<Field> fields = {
      optional("pool", text_type("h100"), "Where it runs; may be left out if there is one."),
      required("model", text_type("llama-3-1-405b"),
               "A transformer: an entry of catalog/models or of model_types."),
      required("software", text_type("megatron-lm-2021"), "An entry of catalog/training."),
      required("sequence", integer_type({1, 1e8}, "8192"), "Tokens of a sequence."),
      required("batch", integer_type({1, 1e8}, "2048"), "Sequences of a step."),
      optional("accelerators", integer_type({1, 1e8}, "4096"),
               "How many; over which the model is spread so that a step is fastest and fits into "
               "memory. Without it the product of the ranks that are stated."),
      part_field("micro_batch", integer_type({1, 1e6}, "1"),
                 "Sequences that go through the stages at a time.", "1"),
      ranks_field("tensor_parallel", "8", "Accelerators that share each matrix."),
      ranks_field("context_parallel", "16", "Accelerators that share each sequence."),
      ranks_field("pipeline_parallel", "16", "Stages, each with a part of the layers."),
      ranks_field("data_parallel", "64", "Copies of all that, each with a part of the batch."),
      ranks_field("expert_parallel", "8",
                  "Of these and of context_parallel, accelerators that share the experts."),
      part_field("interleave", integer_type({1, 1000}, "4"),
                 "Parts of the layers that a stage has, apart from each other.", "1"),
      part_field("sequence_parallel", boolean_type(),
                 "Norms and dropouts are shared by tensor_parallel too.", "false"),
      part_field("recompute", choice_type({"none", "selective", "full"}),
                 "Activations that are computed again: none, those of attention, or all.",
                 "\"none\""),
      part_field("zero", integer_type({0, 3}, "1"),
                 "What copies share: 1 optimizer, 2 gradients too, 3 weights too.", "1"),
      part_field(
          "schedule", choice_type({"1f1b", "zb-h1", "zb-h2", "dualpipe"}),
          "Order of forward and backward in the stages: one of each in turn; zero bubble, with "
          "the memory of that or of twice as many micro-batches; from both ends, with two "
          "stages on each rank.",
          "\"1f1b\""),
      defaulted("precision", choice_type({"bf16", "fp8"}), "\"bf16\"",
                "Of the matrices of layers; attention, routers and head stay in bf16."),
      optional("imbalance", number_type({1, 1000}, "1.2"),
               "Tokens of the busiest rank of experts over the mean of ranks. Without it 1."),
      optional("expert_domains", integer_type({1, 1e6}, "4"),
               "Scale-up domains that the experts of a token lie in at most: it goes to each once. "
               "Without it once to each expert."),
      optional("steps", integer_type({1, 1e12}, "1000"), "How many."),
      optional("tokens", number_type({1, 1e18}, "2e11"), "Or tokens, in whole steps."),
      defaulted("start", time_type("1 h"), "\"0 s\"", "When it is submitted."),
      defaulted("cores", number_type({0, 1000}, "16"), "1", "That come with each accelerator."),
      defaulted("memory", quantity_type(Dimension::bytes, "64 GiB", {0, 1e13}), "\"0 B\"",
                "The same."),
      defaulted("utilization", number_type({0, 1}, "0.76"), "1", "Of accelerators, for power."),
  };
  const TypeRef swing =
      object_type("swing", "Accelerators draw less while they exchange, all of the run at once.",
                  {required("low", number_type({0, 1}, "0.3"),
                            "Share that busy accelerators then add to their idle power."),
                   optional("share", number_type({0.001, 0.999}, "0.2"),
                            "Of a step; without it the exchanges that nothing hides."),
                   required("edge", time_type("100 ms", 1e-6),
                            "From one phase to the other; for the ramp alone.")});
  fields.push_back(
      optional("swing", swing, "Power by phase of a step; without it the utilization is a mean."));
  fields.push_back(network_field());
  for (Field& field : training_run_fields()) fields.push_back(std::move(field));
  return {"training",
          "One training run of a language model: a gang of accelerators in step.",
          std::move(fields),
          {{{"steps", "tokens"}, true}}};
}

TypeRef training_file_type() {
  const TypeRef share = number_type({0.001, 1.5}, "0.7");
  const TypeRef efficiency = object_type(
      "training efficiencies", "Shares of data sheets that are reached.",
      {required("compute", share, "Of what `matrices` says, for all matrices alike."),
       required("matrices", sizes_type("efficiency of products", "Operations of one.", "1e9"),
                "Of the peak operations of an accelerator, by product."),
       required("memory", sizes_type("efficiency of memory", "Bytes moved at once.", "1e7"),
                "Of its memory bandwidth."),
       required("scale_up", share, "Of its scale-up link."),
       required("network", share, "Of its share of the network adapters.")});
  const auto time = [](std::string_view example) {
    return quantity_type(Dimension::time, example, {0, 1});
  };
  const TypeRef latencies =
      object_type("training latencies", "Of a step of an exchange.",
                  {required("scale_up", time("3 us"), "Within a scale-up domain."),
                   required("network", time("5 us"), "Between them.")});
  return object_type(
      "training software file", "A catalog file: what training software makes of accelerators.",
      {required("name", text_type("NAME"), "As the file is named."),
       required("version", text_type("2021"), "Of the software."),
       required("efficiency", efficiency, "Shares of peaks."),
       required("latencies", latencies, "Before the bytes."),
       required("overlap", number_type({0, 1}, "0.9"),
                "Share of the exchange of gradients that backward passes hide."),
       defaulted("overlap_tensor", number_type({0, 1}, "0.9"), "0",
                 "Of exchanges within layers, as far as matrices go beside them."),
       defaulted("overlap_experts", number_type({0, 1}, "1"), "0",
                 "Of exchanges of experts, as far as there is time beside them."),
       defaulted("overlap_sends", number_type({0, 1}, "0.9"), "0",
                 "Of what goes from stage to stage."),
       defaulted("schedules", list_type(choice_type({"1f1b", "zb-h1", "zb-h2", "dualpipe"}), 1),
                 "[\"1f1b\"]", "That it has; of these the fastest is searched."),
       required("fused_attention", boolean_type(),
                "Scores stay in the chip, and what is masked is not computed."),
       required("dropout", boolean_type(), "There is some."), sources_field()});
}

}  // namespace hyperdc
