// Variants of a model that share the replicas of an endpoint: adapters, and whole models.
#include "scenario/description_variants.hpp"

namespace hyperdc {
namespace {

/// Those that both have, around what tells the bytes of one.
std::vector<Field> variant_fields(const std::string& what, std::vector<Field> bytes) {
  std::vector<Field> out = {
      required("count", integer_type({1, 1e5}, "200"),
               "Different ones; each request asks for one of them."),
      defaulted("popularity", number_type({0, 10}, "1"), "1",
                "Zipf's exponent: the k-th is asked for in proportion to 1 / k^popularity; 0: all "
                "alike."),
  };
  out.insert(out.end(), bytes.begin(), bytes.end());
  out.push_back(required("max_loaded", integer_type({1, 1e4}, "8"),
                         "That a replica has loaded at a time; the least recently used " + what +
                             " that nobody needs makes room."));
  out.push_back(required("rate", quantity_type(Dimension::data_rate, "20 GB/s", {1e6, 1e15}),
                         "Of a load from the host, to all accelerators of a replica together; it "
                         "delays the iteration that needs it."));
  out.push_back(optional("host", integer_type({1, 1e5}, "100"),
                         "That the host of a replica keeps, those loaded included; others come "
                         "from storage at load_rate. Without it the host has all."));
  return out;
}

}  // namespace

TypeRef adapters_type() {
  return object_type(
      "adapters", "Low-rank additions (LoRA) to the model of an endpoint; a request has one.",
      variant_fields(
          "adapter",
          {optional("rank", integer_type({1, 4096}, "16"),
                    "Of each, on all matrices of attention and dense MLPs; with the model it tells "
                    "its bytes, two a number."),
           optional("bytes", quantity_type(Dimension::bytes, "80 MB", {1, 1e12}),
                    "Of each, instead of a rank.")}),
      {{{"rank", "bytes"}, true}});
}

TypeRef models_type() {
  return object_type(
      "models in turns",
      "Whole models of one shape that share replicas, of which each serves one "
      "at a time.",
      variant_fields("model",
                     {optional("bytes", quantity_type(Dimension::bytes, "16 GB", {1, 1e14}),
                               "Of the weights of each; without it those of the model.")}));
}

}  // namespace hyperdc
