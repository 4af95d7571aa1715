// Cards from config.json: the published files become the catalog's cards; the rest is refused.
#include "scenario/model_import.hpp"

#include <catch2/catch.hpp>

#include "files.hpp"
#include "scenario/json_text.hpp"
#include "scenario/load.hpp"

using namespace hyperdc;
using test::has;

namespace {

const std::string kData = HYPERDC_SOURCE_DIR "/tests/data/models/";

ImportedModel imported(const std::string& file, std::string_view name) {
  const auto result = import_model(file, name);
  if (const auto* issues = std::get_if<Issues>(&result)) FAIL(test::print(*issues));
  return std::get<ImportedModel>(result);
}

Issues refused(const std::string& config, std::string_view name = "m") {
  const test::Files files;
  const auto result = import_model(files.write("config.json", config), name);
  REQUIRE(std::holds_alternative<Issues>(result));
  return std::get<Issues>(result);
}

/// A card without what differs between an import and the catalog.
std::string shape(const std::string& text) {
  Json card = parse_builtin(text);
  std::erase_if(card.members,
                [](const Member& m) { return m.key == "sources" || m.key == "description"; });
  return print_json(card);
}

}  // namespace

TEST_CASE("published files become the cards of the catalog") {
  for (const std::string name : {"gpt-oss-20b", "deepseek-v3", "llama-4-scout-fp8"}) {
    INFO(name);
    const auto shown = show_catalog({}, "models", name);
    REQUIRE(ok(shown));
    CHECK(shape(imported(kData + name + ".json", name).text) ==
          shape(std::get<std::string>(shown)));
  }
}

TEST_CASE("an import says what the model takes") {
  const ImportedModel model = imported(kData + "deepseek-v3.json", "v3");
  CHECK(model.parameters == Approx(671026419200).epsilon(1e-5));
  CHECK(model.active_parameters == Approx(37.5e9).epsilon(0.01));
  CHECK(model.kv_bytes == 70272);
  CHECK(model.weight_bytes > 671e9);
  CHECK(model.weight_bytes < 675e9);
}

TEST_CASE("keys that are null are absent, and a window that is not used is none") {
  const test::Files files;
  const ImportedModel model = imported(files.write("config.json", R"({
    "architectures": ["Qwen2ForCausalLM"], "num_hidden_layers": 2, "hidden_size": 64,
    "num_attention_heads": 4, "num_key_value_heads": null, "head_dim": null,
    "intermediate_size": 128, "vocab_size": 100, "sliding_window": 32,
    "use_sliding_window": false, "tie_word_embeddings": true, "torch_dtype": "float16",
    "quantization_config": null})"),
                                       "tiny");
  CHECK(shape(model.text) == shape(R"({"name": "tiny", "kind": "transformer", "layers": 2,
    "hidden": 64, "heads": 4, "kv_heads": 4, "head_size": 16, "intermediate": 128,
    "vocabulary": 100, "tied_embeddings": true, "formats": {"weights": "fp16"}})"));
  // Attention 4 x 64^2, MLP 3 x 64 x 128, embeddings once.
  CHECK(model.parameters == 2 * (16384 + 24576) + 6400);
  CHECK(model.kv_bytes == 2 * 2 * 64 * 2);
}

TEST_CASE("a window without a list of layers is in all of them") {
  const test::Files files;
  const std::string config = R"({"architectures": ["MistralForCausalLM"],
    "num_hidden_layers": 3, "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 128,
    "vocab_size": 100, "sliding_window": 32})";
  const std::string text = imported(files.write("config.json", config), "tiny").text;
  CHECK(text.find("\"layers\": 3\n  }") != std::string::npos);
  CHECK(text.find("assumed to be bf16") != std::string::npos);  // no dtype is stated
}

TEST_CASE("BERT and the like become encoders") {
  const test::Files files;
  const std::string config = R"({"architectures": ["BertModel"], "model_type": "bert",
    "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
    "intermediate_size": 4096, "vocab_size": 30522, "max_position_embeddings": 512,
    "type_vocab_size": 2, "torch_dtype": "float16"})";
  const ImportedModel model = imported(files.write("config.json", config), "mine");
  const auto shown = show_catalog({}, "models", "bge-large-en-v1-5");
  REQUIRE(ok(shown));
  std::string text = std::get<std::string>(shown);
  text.replace(text.find("bge-large-en-v1-5"), 17, "mine");
  CHECK(shape(model.text) == shape(text));
  CHECK(model.parameters == 24 * 12.0 * 1024 * 1024 + 31036.0 * 1024);
  CHECK(model.kv_bytes == 0);
  const Issues issues = refused(R"({"architectures": ["BertModel"], "hidden_size": 10,
    "num_attention_heads": 4, "intermediate_size": 40, "vocab_size": 9,
    "max_position_embeddings": 8, "quantization_config": {"quant_method": "awq"}})");
  CHECK(has(issues, "E011", "num_hidden_layers", "is missing"));
  CHECK(has(issues, "E013", "quantization_config", "quantised encoder"));
  const Issues other = refused(R"({"architectures": ["BertModel"], "hidden_size": 8,
    "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 40, "vocab_size": 9,
    "max_position_embeddings": 8, "position_embedding_type": "relative_key", "is_decoder": true})");
  CHECK(other.size() == 2);
  CHECK(has(other, "E034", "position_embedding_type", "absolute"));
  CHECK(has(other, "E034", "is_decoder", "only encoders"));
  CHECK(has(refused(R"({"architectures": ["XLMRobertaModel"]})"), "E013", "architectures",
            "not an architecture that can be imported"));
}

TEST_CASE("what cannot be imported is refused, all of it at once") {
  Issues issues = refused(R"({"architectures": ["Qwen3NextForCausalLM"]})", "A b");
  CHECK(has(issues, "E013", "architectures", "not an architecture that can be imported"));
  CHECK(has(issues, "E014", "", "is not a name"));

  issues = refused(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": "64",
    "num_attention_heads": 4, "torch_dtype": "int4",
    "quantization_config": {"quant_method": "awq", "bits": 4}})");
  INFO(test::print(issues));
  CHECK(has(issues, "E011", "num_hidden_layers", "is missing"));
  CHECK(has(issues, "E010", "hidden_size", "no whole number"));
  CHECK(has(issues, "E011", "intermediate_size", "is missing"));
  CHECK(has(issues, "E011", "vocab_size", "is missing"));
  CHECK(has(issues, "E013", "torch_dtype", "int4"));
  CHECK(has(issues, "E013", "quantization_config", "awq"));

  CHECK(has(refused("{}"), "E011", "architectures", "is missing"));
  CHECK(has(refused("[]"), "E010", "", "is an object"));
  issues = refused(R"({"architectures": ["Llama4ForConditionalGeneration"], "text_config": {}})");
  CHECK(has(issues, "E011", "text_config.hidden_size", "is missing"));
}
