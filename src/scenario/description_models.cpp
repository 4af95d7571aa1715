// Models: entries of the catalog, or inline in a scenario.
#include "scenario/description.hpp"
#include "scenario/resolve_models.hpp"

namespace hyperdc {
namespace {

TypeRef count_type(std::string example, double least = 1) {
  return integer_type({least, 1e7}, std::move(example));
}

TypeRef format_type() {
  std::vector<std::string> names;
  for (const NumberFormatName& each : kNumberFormats) names.emplace_back(each.name);
  return choice_type(std::move(names));
}

TypeRef formats_type() {
  const TypeRef format = format_type();
  return object_type(
      "number formats", "How numbers are kept; mxfp4 and nvfp4 with their scales.",
      {defaulted("weights", format, "\"bf16\"",
                 "Of all that is not named below: embeddings, head, routers, activations."),
       optional("attention", format, "Of its matrices; without it as weights."),
       optional("mlp", format, "Of dense MLPs and shared experts; without it as weights."),
       optional("experts", format, "Of experts; without it as weights."),
       optional("cache", format, "Of keys and values; without it as weights.")});
}

TypeRef latent_type() {
  return object_type("latent attention",
                     "Attention whose cache is one latent vector a token (MLA).",
                     {optional("q_rank", count_type("1536"),
                               "Of queries; without it they come from the hidden vector."),
                      required("kv_rank", count_type("512"), "Of the latent vector."),
                      required("nope", count_type("128"), "Part of a head without positions."),
                      required("rope", count_type("64"), "Part of a head with positions."),
                      required("value", count_type("128"), "Of a head's values.")});
}

TypeRef moe_type() {
  return object_type(
      "experts", "Layers whose MLP is a choice of experts.",
      {required("layers", count_type("32"), "That have experts; the others have a dense MLP."),
       required("experts", count_type("8"), "Of a layer, those that a router chooses from."),
       required("per_token", count_type("2"), "That a token passes."),
       required("intermediate", count_type("14336"), "Of one expert."),
       defaulted("shared_intermediate", count_type("2048", 0), "0",
                 "Of all shared experts of a layer together.")});
}

Variant transformer_variant() {
  const TypeRef window =
      object_type("attention window", "Layers that see the latest tokens alone.",
                  {required("tokens", count_type("128"), "That they see."),
                   required("layers", count_type("18"), "That have it; the others see all.")});
  return {"transformer",
          "A language model: layers of attention and an MLP.",
          {required("layers", count_type("32"), "Layers."),
           required("hidden", count_type("4096"), "Numbers of an activation."),
           required("heads", count_type("32"), "Of queries."),
           optional("kv_heads", count_type("8"), "Of keys and values."),
           only_with("kv_heads", required("head_size", count_type("128"), "Numbers of a head.")),
           optional("latent", latent_type(), "Latent attention instead."),
           optional("window", window, "Layers that see the latest tokens alone."),
           optional("intermediate", count_type("14336"), "Of a dense MLP."),
           defaulted("gated", boolean_type(), "true", "Three matrices in an MLP; else two."),
           optional("moe", moe_type(), "Layers with experts."),
           required("vocabulary", count_type("128256"), "Tokens that it knows."),
           defaulted("tied_embeddings", boolean_type(), "false",
                     "The head is the table of embeddings."),
           defaulted("formats", formats_type(), "{}", "How numbers are kept.")},
          {{{"kv_heads", "latent"}, true}, {{"intermediate", "moe"}, false}}};
}

Field format_field(const std::string& what) {
  return defaulted("format", format_type(), "\"fp16\"", "In which " + what + " are kept.");
}

Variant encoder_variant() {
  return {"encoder",
          "A model that embeds a text in one pass, each token attending to all (BERT).",
          {required("layers", count_type("24"), "Layers."),
           required("hidden", count_type("1024"), "Numbers of an activation."),
           required("heads", count_type("16"), "Of attention."),
           required("intermediate", count_type("4096"), "Of an MLP."),
           defaulted("gated", boolean_type(), "false", "Three matrices in an MLP; else two."),
           required("vocabulary", count_type("30522"), "Tokens that it knows."),
           required("positions", count_type("512"),
                    "Rows of their table, and the most tokens of a text: longer ones are refused."),
           defaulted("segments", count_type("2", 0), "0", "Rows of their table."),
           format_field("weights and activations")},
          {}};
}

Variant recommender_variant() {
  const TypeRef widths = list_type(count_type("512"), 1);
  const TypeRef tables = object_type(
      "embedding tables", "Tables of embeddings of a ranking model.",
      {required("count", integer_type({1, 1e5}, "26"), "Tables."),
       required("rows", number_type({1, 1e14}, "187767399"), "Of all tables together."),
       required("dimension", count_type("128"), "Numbers of a row."),
       required("lookups", count_type("26"), "Rows that an item reads, of all tables together."),
       optional("format", format_type(), "In which rows are kept; without it as weights.")});
  return {"recommender",
          "A ranking model that scores items by embeddings from tables and two MLPs (DLRM).",
          {required("inputs", count_type("13"), "Dense ones of an item."),
           required("bottom", widths, "Widths of the MLP of the dense inputs."),
           required("tables", tables, "Tables of embeddings."),
           required("top", widths, "Widths of the MLP that scores."),
           format_field("weights and activations")},
          {}};
}

Variant vision_variant() {
  return {"vision",
          "A model that takes images of one size, by its published operations.",
          {required("layers", count_type("24"),
                    "Layers, or blocks of them: each takes what software adds to a layer."),
           required("parameters", number_type({1, 1e13}, "25557032"), "Of all of it."),
           required("macs", number_type({1, 1e16}, "4089000000"),
                    "Multiply-and-adds of an image, each two operations."),
           format_field("weights")},
          {}};
}

std::vector<Variant> kinds() {
  std::vector<Variant> variants = {transformer_variant(), encoder_variant(), recommender_variant(),
                                   vision_variant()};
  for (Variant& variant : variants) variant.fields.push_back(sources_field());
  return variants;
}

}  // namespace

TypeRef model_type() {
  return tagged_type("model", "The shape of a model.", "kind", kinds());
}

TypeRef model_file_type() {
  std::vector<Variant> variants = kinds();
  for (Variant& variant : variants) {
    variant.fields.insert(variant.fields.begin(),
                          required("name", text_type("NAME"), "As the file is named."));
    variant.fields.push_back(
        optional("description", text_type("8 billion parameters"), "What it is, in a sentence."));
  }
  return tagged_type("model file", "A catalog file of a model.", "kind", std::move(variants));
}

}  // namespace hyperdc
