// Workloads of kind llm-inference: endpoints of language models.
#include <hyperdc/policy/autoscaler.hpp>

#include "scenario/description.hpp"
#include "scenario/description_service_parts.hpp"
#include "scenario/description_variants.hpp"
#include "workload/token_trace.hpp"

namespace hyperdc {
namespace {

TypeRef tokens_type(const char* example) {
  return distribution_type(Dimension::none, example, {0, kMostTokens});
}

TypeRef model_requests_type() {
  const TypeRef prefix =
      object_type("common prefixes", "Beginnings that prompts share, as system prompts.",
                  {required("groups", integer_type({1, 1e6}, "20"),
                            "Different ones; a request has one of them, equally likely."),
                   required("tokens", tokens_type("800"),
                            "Of each, drawn once; a prompt that is shorter is all of it.")});
  const TypeRef conversation = object_type(
      "conversations", "What arrives are conversations, whose context grows turn by turn.",
      {required("turns", distribution_type(Dimension::none, "5", {1, 1e6}),
                "Of a conversation, rounded to whole ones."),
       required("think", distribution_type(Dimension::time, "30 s", {0, kMaxSeconds}),
                "From an answer to the next turn."),
       defaulted("max_context", integer_type({1, kMostTokens}, "32768"), "32768",
                 "Tokens; a conversation that has so many ends.")});
  const TypeRef generate =
      object_type("token lengths", "Lengths of requests that come from a demand.",
                  {required("prompt", tokens_type("1024"), "Tokens that a request brings."),
                   required("output", tokens_type("200"), "Tokens that it asks for."),
                   optional("prefix", prefix, "What prompts have in common."),
                   optional("conversation", conversation,
                            "Requests are turns, which bring all that was said before too.")});
  const TypeRef trace = object_type(
      "token trace", "Requests from a file; the reference of traces has its columns.",
      {defaulted("format", choice_type({"csv", "mooncake", "azure-2023", "servegen"}), "\"csv\"",
                 "csv: arrival_ns, prompt and output; mooncake: lines of JSON with the blocks of "
                 "prompts (FAST'25); azure-2023: two models in Azure (ISCA'24); servegen: rates "
                 "and burstiness of clients of Alibaba Cloud, in windows of 600 s, from which "
                 "requests are drawn."),
       optional("scale", number_type({1e-9, 1e9}, "0.1"),
                "Of servegen: factor of all rates; without it 1."),
       optional("prompt", tokens_type("1024"), "Of servegen: tokens that a request brings."),
       optional("output", tokens_type("200"), "Of servegen: tokens that it asks for."),
       optional("prefix_block", integer_type({1, kMostTokens}, "512"),
                "Of csv with a column prefix: tokens that each name in it stands for."),
       required("file", file_type("requests.csv"), "The file, plain or gz.")});
  return one_key_type("model requests", "What requests bring and ask for.", nullptr,
                      {optional("generate", generate, "Lengths drawn at random."),
                       optional("trace", trace, "Arrivals and lengths from a file.")});
}

TypeRef iteration_type() {
  const auto ns = [](std::string_view example) {
    return quantity_type(Dimension::time, example, {0, 10});
  };
  const TypeRef linear =
      object_type("linear iteration time", "A time for what an iteration computes.",
                  {defaulted("base", ns("5 ms"), "\"0 s\"", "Of every iteration."),
                   defaulted("prompt_token", ns("20 us"), "\"0 s\"", "Of each token of a prompt."),
                   defaulted("sequence", ns("30 us"), "\"0 s\"", "Of each sequence that decodes."),
                   defaulted("cached_token", ns("40 ns"), "\"0 s\"",
                             "Of each token in the caches of those that decode.")});
  const TypeRef roofline = object_type(
      "roofline", "From the model, the data sheet of the accelerators and the software.",
      {required("software", text_type("vllm-0-15"), "An entry of catalog/serving.")});
  const TypeRef table =
      object_type("table of iteration times", "Measured times, and straight lines in between.",
                  {required("file", file_type("h100.csv"),
                            "Columns prompt (tokens of prompts), sequences (that decode), context "
                            "(cached tokens of each) and ns: a row for each combination of the "
                            "values that occur. Plain or gz.")});
  return one_key_type("iteration time", "How long an iteration takes.", nullptr,
                      {optional("linear", linear, "Sums a time for each thing that it computes."),
                       optional("roofline", roofline, "Computes it from what the chip can do."),
                       optional("table", table, "Looks it up in what was measured.")});
}

TypeRef speculation_type() {
  const TypeRef draft = one_key_type(
      "drafter", "Who proposes tokens.", nullptr,
      {optional("model", text_type("llama-3-1-8b"),
                "A smaller language model on the same accelerators, in iterations of its own: an "
                "entry of catalog/models or of model_types."),
       optional("time", quantity_type(Dimension::time, "500 us", {0, 10}),
                "Of each token of all sequences, as heads on the model take it (EAGLE, MTP).")});
  return object_type(
      "speculation", "Tokens that are proposed for each sequence, and verified at once.",
      {required("tokens", integer_type({1, 64}, "4"), "Proposed for each decode."),
       required("acceptance", number_type({0, 1}, "0.7"),
                "Probability that one is accepted if those before it are."),
       optional("draft", draft,
                "Of a roofline; without it proposals take no time, as those from the prompt.")});
}

TypeRef host_memory_type() {
  return object_type(
      "host memory", "Of each replica, for caches that its accelerators have no room for.",
      {required("size", quantity_type(Dimension::bytes, "256 GB", {1, 1e15}),
                "Whole blocks of it are used."),
       required("rate", quantity_type(Dimension::data_rate, "50 GB/s", {1e6, 1e15}),
                "Of moves to and from it, of all accelerators of a replica together."),
       optional("token_bytes", quantity_type(Dimension::bytes, "320 kB", {1, 1e7}),
                "Of a token in the cache; without it those of the model.")});
}

TypeRef engine_type() {
  return object_type(
      "inference engine", "How a replica batches what it serves.",
      {defaulted(
           "batching", choice_type({"chunked", "prefill-first", "static"}), "\"chunked\"",
           "chunked: decodes and parts of prompts share iterations (vLLM V1, Sarathi-Serve); "
           "prefill-first: iterations of whole prompts go before decodes (vLLM V0); static: the "
           "same, but nobody joins before all of a batch are done."),
       defaulted("delay", quantity_type(Dimension::time, "2 ms", {0, 60}), "\"0 s\"",
                 "How long an idle engine lets a request wait for more to come, unless "
                 "max_sequences wait (Triton's queue delay)."),
       defaulted("scheduling", choice_type({"fcfs", "priority"}), "\"fcfs\"",
                 "Who is admitted next, and who loses the cache when it is short: fcfs: by order "
                 "of arrival; priority: by the priority of its class first."),
       defaulted("chunked_prefill", boolean_type(), "true",
                 "Of chunked: false computes prompts whole."),
       defaulted("max_sequences", integer_type({1, 1e6}, "128"), "128",
                 "That run at a time; others wait in order of arrival."),
       defaulted("max_tokens", integer_type({1, 1e8}, "2048"), "2048",
                 "Of an iteration; not less than max_sequences."),
       defaulted("block", integer_type({1, 1e6}, "16"), "16", "Tokens of a block of the cache."),
       defaulted("prefix_caching", boolean_type(), "false",
                 "Full blocks of prompts stay until their place is needed, and who begins with the "
                 "same tokens does not compute them again (vLLM V1)."),
       optional("prefix_time_to_live", time_type("5 min", 1e-9),
                "What nobody used for so long is not found any more; without it all is."),
       optional("speculation", speculation_type(), "Speculative decoding."),
       optional("host_memory", host_memory_type(),
                "With prefix_caching full blocks stay there too when the accelerators lose them; "
                "without it, who loses its place keeps its cache there (vLLM's swapping)."),
       optional("adapters", adapters_type(), "Adapters (LoRA) of the model (vLLM's)."),
       optional("models", models_type(),
                "Several models instead of one (multi-model endpoints, Ray Serve's multiplexing)."),
       optional("blocks", integer_type({1, 1e12}, "8000"),
                "Blocks of the cache; without it those that memory has beside the model."),
       optional("model", text_type("llama-3-1-70b"),
                "An entry of catalog/models or of model_types; what a roofline needs."),
       defaulted("tensor_parallel", integer_type({1, 1024}, "4"), "1",
                 "Accelerators of a replica that share each of its matrices."),
       defaulted("data_parallel", integer_type({1, 1024}, "2"), "1",
                 "Groups of so many that a replica has, each with sequences of its own; they share "
                 "the experts of a model."),
       defaulted("expert_parallel", boolean_type(), "false",
                 "Each accelerator has whole experts, and tokens go to those of theirs; false: a "
                 "slice of every expert."),
       defaulted("pipeline_parallel", integer_type({1, 1024}, "4"), "1",
                 "Stages of a replica, each with a part of the layers on tensor_parallel "
                 "accelerators."),
       defaulted("memory_share", number_type({0.01, 1}, "0.9"), "0.9",
                 "Of the accelerators, for weights, cache and activations."),
       defaulted("asynchronous", boolean_type(), "false",
                 "Of chunked: composes an iteration while the one before it computes (vLLM from "
                 "0.14 on)."),
       optional("load_rate", quantity_type(Dimension::data_rate, "2 GB/s", {1e6, 1e15}),
                "At which a new replica reads the weights of its model, beside instance.start, and "
                "what its host does not keep of adapters or models; without it, and without "
                "load_from, that takes no time."),
       optional("load_from", text_type("weights"),
                "A store that new replicas read the weights from instead, and share."),
       optional("local_rate", quantity_type(Dimension::data_rate, "20 GB/s", {1e6, 1e15}),
                "With load_from: a server that has read the weights keeps them, and the next "
                "replica there reads them at this rate; without it nothing is kept."),
       optional("request_time", quantity_type(Dimension::time, "4 ms", {0, 3600}),
                "Of each request outside the engine; without it that of the software, or none."),
       required("iteration", iteration_type(), "How long an iteration takes.")});
}

TypeRef token_slo_type() {
  return object_type(
      "token objectives", "What a good answer needs: all that is stated.",
      {optional("ttft", time_type("500 ms", 1e-9), "Time to the first token."),
       optional("tpot", time_type("50 ms", 1e-9), "Mean time from one further token to the next.")},
      {{{"ttft", "tpot"}, false}});
}

TypeRef model_class_type() {
  return object_type("class of model requests", "Requests of one sort.",
                     {defaulted("share", number_type({1e-9, 1e9}, "0.9"), "1",
                                "Weight among the classes of the endpoint."),
                      defaulted("priority", integer_type({-1e6, 1e6}, "1"), "0",
                                "Higher is more urgent; engine.scheduling and admission go by it."),
                      optional("prompt", tokens_type("400"),
                               "Tokens that one brings; without it those of requests.generate."),
                      optional("output", tokens_type("100"), "Tokens that one asks for; the same."),
                      optional("slo", token_slo_type(),
                               "What a good answer needs; without it that of the endpoint.")});
}

TypeRef model_instance_type() {
  return object_type("model instance", "One replica.", holding_fields());
}

TypeRef handoff_type() {
  return object_type(
      "handoff", "Another endpoint decodes: it gets the cache of each prompt and its first token.",
      {required("to", text_type("decode"), "Its name; it has no requests of its own."),
       optional("rate", quantity_type(Dimension::data_rate, "50 GB/s", {1e7, 1e15}),
                "Of each transfer, whatever others do; over a fabric it may not have more."),
       defaulted("fabric", boolean_type(), "false",
                 "Caches go over the fabric of the region, from server to server, and share its "
                 "links with all other traffic."),
       defaulted("latency", quantity_type(Dimension::time, "100 us", {0, 3600}), "\"0 s\"",
                 "Before its first byte."),
       optional("token_bytes", quantity_type(Dimension::bytes, "320 kB", {0, 1e7}),
                "Of a token in the cache; without it those of the model.")});
}

}  // namespace

Variant inference_variant() {
  std::vector<Field> fields = {
      optional("requests", model_requests_type(),
               "What is asked for; without it requests come from a handoff."),
      optional("handoff", handoff_type(), "Prompts are computed here and decoded elsewhere."),
      optional("classes", map_type(model_class_type(), 1), "Sorts of requests."),
      optional("slo", token_slo_type(), "What a good answer needs."),
      required("engine", engine_type(), "How a replica batches what it serves."),
      required("instance", model_instance_type(), "What a replica holds of a server."),
      fidelity_field(),
  };
  for (Field& field : endpoint_fields()) {
    if (field.name == "arrivals") {  // a trace has its own
      field = optional("arrivals", request_arrivals_type(),
                       "How requests are spread around the demand; without it Poisson.");
    }
    fields.push_back(std::move(field));
  }
  fields.push_back(payload_field(true));
  return {"llm-inference",
          "Requests to a language model, served by replicas that batch them continuously.",
          std::move(fields),
          {}};
}

}  // namespace hyperdc
