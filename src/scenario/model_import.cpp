#include "scenario/model_import.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <optional>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/hints.hpp"
#include "scenario/json_text.hpp"
#include "scenario/resolve_models.hpp"

namespace hyperdc {
namespace {

/// How an architecture states what it has instead of one dense MLP a layer.
enum class Family { dense, mixtral, qwen_moe, gpt_oss, deepseek, llama4, encoder };

struct Architecture {
  std::string_view name;
  Family family;
};

constexpr std::array<Architecture, 12> kArchitectures = {{
    {"LlamaForCausalLM", Family::dense},
    {"MistralForCausalLM", Family::dense},
    {"Qwen2ForCausalLM", Family::dense},
    {"Qwen3ForCausalLM", Family::dense},
    {"MixtralForCausalLM", Family::mixtral},
    {"Qwen3MoeForCausalLM", Family::qwen_moe},
    {"GptOssForCausalLM", Family::gpt_oss},
    {"DeepseekV2ForCausalLM", Family::deepseek},
    {"DeepseekV3ForCausalLM", Family::deepseek},
    {"Llama4ForConditionalGeneration", Family::llama4},
    {"BertModel", Family::encoder},
    {"BertForMaskedLM", Family::encoder},
}};

/// Writes the card of one config.json; what is wrong becomes a problem at its key.
class Importer {
 public:
  Importer(const Json& config, Problems& problems)
      : whole_(config), config_(config), problems_(problems) {}

  Json card(const std::string& name, const std::string& source, const std::string& sha256) {
    Json out = Json::object();
    out.add("name", Json::of_text(name));
    const auto family = architecture();
    const bool encodes = family && *family == Family::encoder;
    out.add("kind", Json::of_text(encodes ? "encoder" : "transformer"));
    if (!family) return out;
    if (encodes) {
      add_encoder(out, source, sha256);
      return out;
    }
    if (*family == Family::llama4) enter("text_config");
    layers_ = required_count("num_hidden_layers");
    out.add("layers", Json::of_number(layers_));
    out.add("hidden", Json::of_number(required_count("hidden_size")));
    add_attention(out, *family);
    add_window(out, *family);
    add_mlp(out, *family);
    out.add("vocabulary", Json::of_number(required_count("vocab_size")));
    if (flag("tie_word_embeddings")) out.add("tied_embeddings", truth());
    const bool stated = add_formats(out);
    add_sources(out, source, sha256, stated, "formats", "bf16");
    return out;
  }

 private:
  void add_encoder(Json& out, const std::string& source, const std::string& sha256) {
    out.add("layers", Json::of_number(required_count("num_hidden_layers")));
    out.add("hidden", Json::of_number(required_count("hidden_size")));
    out.add("heads", Json::of_number(required_count("num_attention_heads")));
    out.add("intermediate", Json::of_number(required_count("intermediate_size")));
    out.add("vocabulary", Json::of_number(required_count("vocab_size")));
    out.add("positions", Json::of_number(required_count("max_position_embeddings")));
    const Json* places = find("position_embedding_type");
    if (places != nullptr && places->text != "absolute") {
      error("E034", "position_embedding_type", "only \"absolute\" positions can be imported", "");
    }
    for (const std::string_view key : {"is_decoder", "add_cross_attention"}) {
      if (flag(key)) error("E034", key, "only encoders can be imported", "");
    }
    out.add("segments", Json::of_number(count_or("type_vocab_size", 0)));
    if (const Json* quantised = find(whole_, "quantization_config")) {
      problems_.error("E013", "quantization_config", "a quantised encoder cannot be imported",
                      "import it without, and change \"format\"", quantised->span);
    }
    const std::string stated = weights();
    out.add("format", Json::of_text(stated.empty() ? "fp32" : stated));
    add_sources(out, source, sha256, !stated.empty(), "format", "fp32");
  }

  static Json truth() {
    Json value = Json::of_number(1);
    value.kind = Json::Kind::boolean;
    return value;
  }

  /// A key that is null is absent: config.json writes many of them so.
  static const Json* find(const Json& in, std::string_view key) {
    const Json* found = in.find(key);
    return found == nullptr || found->is(Json::Kind::null) ? nullptr : found;
  }
  const Json* find(std::string_view key) const { return find(config_.get(), key); }
  std::string path(std::string_view key) const { return prefix_ + std::string(key); }

  void error(std::string_view code, std::string_view key, std::string message, std::string hint) {
    const Json* at = find(key);
    problems_.error(code, path(key), std::move(message), std::move(hint),
                    at == nullptr ? config_.get().span : at->span);
  }

  void enter(std::string_view key) {
    const Json* part = find(key);
    if (part == nullptr) return;  // some publish the language part alone
    config_ = *part;
    prefix_ = std::string(key) + ".";
  }

  std::optional<double> count(std::string_view key) {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is(Json::Kind::number) || value->number < 0 ||
        std::floor(value->number) != value->number) {
      error("E010", key, "is no whole number", "");
      return 0;
    }
    return value->number;
  }

  double required_count(std::string_view key) {
    const auto value = count(key);
    if (!value) error("E011", key, "is missing", "a card cannot be made without it");
    return value.value_or(0);
  }

  double count_or(std::string_view key, double otherwise) { return count(key).value_or(otherwise); }

  bool flag(std::string_view key, bool otherwise = false) {
    const Json* value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is(Json::Kind::boolean)) error("E010", key, "is not true or false", "");
    return value->number != 0;
  }

  std::optional<Family> architecture() {
    const Json* list = find("architectures");
    const bool stated = list != nullptr && list->is(Json::Kind::list) && !list->members.empty();
    const std::string name = stated ? list->members.front().value.text : "";
    std::vector<std::string> known;
    for (const Architecture& each : kArchitectures) {
      if (each.name == name) return each.family;
      known.emplace_back(each.name);
    }
    std::string message =
        stated ? hyperdc::quoted(name) + " is not an architecture that can be imported"
               : "is missing: it says how to read the rest";
    error(stated ? "E013" : "E011", "architectures", std::move(message),
          "there are: " + list_of(known));
    return std::nullopt;
  }

  void add_attention(Json& out, Family family) {
    const double heads = required_count("num_attention_heads");
    out.add("heads", Json::of_number(heads));
    if (family == Family::deepseek) {
      Json latent = Json::object();
      if (const auto rank = count("q_lora_rank")) latent.add("q_rank", Json::of_number(*rank));
      latent.add("kv_rank", Json::of_number(required_count("kv_lora_rank")));
      latent.add("nope", Json::of_number(required_count("qk_nope_head_dim")));
      latent.add("rope", Json::of_number(required_count("qk_rope_head_dim")));
      latent.add("value", Json::of_number(required_count("v_head_dim")));
      out.add("latent", std::move(latent));
      return;
    }
    out.add("kv_heads", Json::of_number(count_or("num_key_value_heads", heads)));
    const double hidden = count_or("hidden_size", 0);
    const double even = heads > 0 ? std::floor(hidden / heads) : 0;
    out.add("head_size", Json::of_number(count_or("head_dim", even)));
  }

  void add_window(Json& out, Family family) {
    double tokens = 0, layers = layers_;
    if (family == Family::llama4) {
      // Chunks; every fourth layer sees all.
      tokens = count_or("attention_chunk_size", 0);
      layers = layers_ - std::floor(layers_ / 4);
    } else if (flag("use_sliding_window", true)) {
      tokens = count_or("sliding_window", 0);
    }
    if (const Json* types = find("layer_types"); types != nullptr && family != Family::llama4) {
      if (!types->is(Json::Kind::list)) error("E010", "layer_types", "is not a list", "");
      layers = static_cast<double>(
          std::count_if(types->members.begin(), types->members.end(),
                        [](const Member& m) { return m.value.text == "sliding_attention"; }));
    }
    if (tokens == 0 || layers == 0) return;
    Json window = Json::object();
    window.add("tokens", Json::of_number(tokens));
    window.add("layers", Json::of_number(layers));
    out.add("window", std::move(window));
  }

  /// Layers that have experts.
  double expert_layers(Family family) {
    if (family == Family::deepseek) {
      if (count_or("moe_layer_freq", 1) != 1) {
        error("E034", "moe_layer_freq", "only 1 can be imported", "");
      }
      return layers_ - count_or("first_k_dense_replace", 0);
    }
    if (family == Family::qwen_moe) {
      const Json* dense = find("mlp_only_layers");
      if (count_or("decoder_sparse_step", 1) != 1 ||
          (dense != nullptr && !dense->members.empty())) {
        error("E034", "decoder_sparse_step", "only experts in every layer can be imported", "");
      }
    }
    const double step = family == Family::llama4 ? count_or("interleave_moe_layer_step", 1) : 1;
    return step > 0 ? std::floor(layers_ / step) : 0;
  }

  void add_mlp(Json& out, Family family) {
    if (family == Family::dense) {
      out.add("intermediate", Json::of_number(required_count("intermediate_size")));
      return;
    }
    const bool own_size = family == Family::qwen_moe || family == Family::deepseek;
    const double size = required_count(own_size ? "moe_intermediate_size" : "intermediate_size");
    double shared = 0;
    if (family == Family::deepseek) shared = size * count_or("n_shared_experts", 0);
    if (family == Family::llama4) shared = size;
    std::string_view experts = "num_local_experts";
    if (family == Family::deepseek) experts = "n_routed_experts";
    if (family == Family::qwen_moe) experts = "num_experts";
    const double layers = expert_layers(family);
    if (layers < layers_) {
      out.add("intermediate",
              Json::of_number(required_count(family == Family::llama4 ? "intermediate_size_mlp"
                                                                      : "intermediate_size")));
    }
    Json moe = Json::object();
    moe.add("layers", Json::of_number(layers));
    moe.add("experts", Json::of_number(required_count(experts)));
    moe.add("per_token", Json::of_number(required_count("num_experts_per_tok")));
    moe.add("intermediate", Json::of_number(size));
    if (shared > 0) moe.add("shared_intermediate", Json::of_number(shared));
    out.add("moe", std::move(moe));
  }

  /// Of "torch_dtype", which newer files call "dtype"; empty where neither is stated.
  std::string weights() {
    for (const Json* in : {&config_.get(), &whole_}) {
      for (const std::string_view key : {"torch_dtype", "dtype"}) {
        const Json* value = find(*in, key);
        if (value == nullptr) continue;
        if (value->text == "bfloat16") return "bf16";
        if (value->text == "float16") return "fp16";
        if (value->text == "float32") return "fp32";
        problems_.error("E013", std::string(key),
                        hyperdc::quoted(value->text) + " is not a known format",
                        R"(there are: "bfloat16", "float16", "float32")", value->span);
        return "bf16";
      }
    }
    return {};
  }

  /// Whether a list of modules that stay as they were names one of the language model's.
  static bool kept(const Json& quantised, std::string_view list, std::string_view part) {
    const Json* modules = find(quantised, list);
    if (modules == nullptr) return false;
    return std::any_of(modules->members.begin(), modules->members.end(), [&](const Member& m) {
      return m.value.text.find(part) != std::string::npos && !m.value.text.starts_with("vision");
    });
  }

  /// "fp8" and the like, of all quantised matrices; empty with a problem where it is not known.
  std::string quantised_format(const Json& quantised) {
    const Json* method = find(quantised, "quant_method");
    const std::string name = method == nullptr ? "" : method->text;
    if (name == "fp8" || name == "mxfp4") return name;
    if (name == "compressed-tensors") {
      const Json* groups = find(quantised, "config_groups");
      const bool one = groups != nullptr && groups->members.size() == 1;
      const Json* of = one ? find(groups->members.front().value, "weights") : nullptr;
      const Json* bits = of == nullptr ? nullptr : find(*of, "num_bits");
      const Json* type = of == nullptr ? nullptr : find(*of, "type");
      // Without quantised activations products are those of 16 bits: a card cannot say so.
      const Json* activations =
          one ? find(groups->members.front().value, "input_activations") : nullptr;
      if (activations != nullptr && bits != nullptr && type != nullptr && type->text == "float") {
        if (bits->number == 8) return "fp8";
        if (bits->number == 4) return "nvfp4";
      }
    }
    problems_.error("E013", "quantization_config",
                    "weights of " + hyperdc::quoted(name) + " in this form cannot be imported",
                    "there are: fp8, mxfp4, and compressed-tensors with floats of 8 or 4 bits, of "
                    "weights and activations",
                    quantised.span);
    return {};
  }

  /// Whether the file states the format of its weights.
  bool add_formats(Json& out) {
    const std::string stated = weights();
    Json formats = Json::object();
    formats.add("weights", Json::of_text(stated.empty() ? "bf16" : stated));
    const Json* quantised = find(whole_, "quantization_config");
    const std::string format = quantised == nullptr ? "" : quantised_format(*quantised);
    if (!format.empty()) {
      const std::string_view list = find(*quantised, "ignore") != nullptr
                                        ? std::string_view("ignore")
                                        : std::string_view("modules_to_not_convert");
      const bool experts_alone = format == "mxfp4";
      const bool attends = !experts_alone && !kept(*quantised, list, "self_attn");
      const bool feeds = !experts_alone && !kept(*quantised, list, "shared_expert");
      if (attends) formats.add("attention", Json::of_text(format));
      if (feeds) formats.add("mlp", Json::of_text(format));
      if (out.find("moe") != nullptr) formats.add("experts", Json::of_text(format));
      if (find(*quantised, "kv_cache_scheme") != nullptr) {
        formats.add("cache", Json::of_text("fp8"));
      }
    }
    out.add("formats", std::move(formats));
    return !stated.empty();
  }

  static void add_sources(Json& out, const std::string& source, const std::string& sha256,
                          bool stated, std::string_view key, const std::string& assumed) {
    Json shape = Json::object();
    shape.add("source", Json::of_text(source));
    shape.add("note", Json::of_text("Imported; sha256 of the file: " + sha256 + "."));
    Json sources = Json::object();
    if (!stated) {
      Json formats = Json::object();
      formats.add("source", Json::of_text(source));
      formats.add("note", Json::of_text("The file does not name the format of its weights: "
                                        "assumed to be " +
                                        assumed + "."));
      formats.add("assumed", truth());
      sources.add(std::string(key), std::move(formats));
    }
    sources.add("shape", std::move(shape));
    out.add("sources", std::move(sources));
  }

  const Json& whole_;
  std::reference_wrapper<const Json> config_;
  Problems& problems_;
  std::string prefix_;
  double layers_ = 0;
};

}  // namespace

Result<ImportedModel> import_model(const std::string& file, std::string_view name) {
  Sources sources;
  Problems problems(sources);
  if (!is_name(name)) {
    problems.error("E014", "", hyperdc::quoted(std::string(name)) + " is not a name",
                   "names are made of a-z, 0-9, _ and -, and begin with a letter or digit", {});
  }
  const auto config = read_json(file, sources, problems);
  if (!config) return problems.take();
  if (!config->is(Json::Kind::object)) {
    problems.error("E010", "", "a config.json is an object", "", config->span);
    return problems.take();
  }
  const std::size_t before = problems.errors();
  const Json card = Importer(*config, problems).card(std::string(name), file, sources.at(1).sha256);
  if (problems.errors() > before) return problems.take();
  // What was written is read as any other card is.
  const Json decoded = decode(card, *model_file_type(), {}, problems);
  if (problems.failed()) return problems.take();
  const auto read = card_of_entry(View(&decoded, ""), problems);
  if (!read) return problems.take();
  const ParameterCount parameters = parameters_of(*read);
  const ModelWork work = work_of(*read);
  return ImportedModel{print_json(card), parameters.total, parameters.active, work.weight_bytes(),
                       work.kv_bytes};
}

}  // namespace hyperdc
