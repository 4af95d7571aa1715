// Models of the catalog beside published counts, and what is wrong with entries of a scenario.
#include <catch2/catch.hpp>
#include <cmath>

#include "files.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/resolve.hpp"
#include "scenario/resolve_models.hpp"

using namespace hyperdc;
using test::has;

namespace {

/// What a workload gets that names a model.
struct Named {
  Sources sources;
  Problems problems{sources};
  Catalog catalog{{}, sources, problems};
  LoadOptions options;
  Json spec;
  Resolution resolution{options, sources, problems, catalog, {}, {}};

  explicit Named(std::string_view own = "{}") {
    Json raw = Json::object();
    raw.add("model_types", parse_builtin(own));
    spec = decode(raw, *scenario_type(), {}, unheard_);
    resolution.spec = View(&spec, "");
  }

  std::optional<ModelCard> card(const std::string& name) {
    const Json text = Json::of_text(name);
    const auto found = model_card_of(resolution, View(&text, "workloads.chat.model"));
    if (!found) return std::nullopt;
    return std::get<ModelCard>(*found);
  }

 private:
  Problems unheard_{sources};
};

ModelCard catalog_card(const std::string& name) {
  Named named;
  const auto card = named.card(name);
  INFO(name << "\n" << test::print(named.problems.take()));
  REQUIRE(card);
  return *card;
}

double kv_bytes(const std::string& name) {
  return work_of(catalog_card(name)).kv_bytes;
}

struct Published {
  const char* name;
  double total, tolerance;
};

}  // namespace

TEST_CASE("parameters of the catalog's models are those published") {
  // Of the weights that were published. The tolerance is what was measured, rounded up: norms and
  // biases are left out (gpt-oss has biases in its experts), and the vision tower of Llama 4.
  const auto of = GENERATE(values<Published>({
      {"llama-2-7b", 6738415616, 4e-5},          {"llama-2-70b", 68976648192, 2e-5},
      {"llama-3-1-8b", 8030261248, 4e-5},        {"llama-3-1-70b", 70553706496, 2e-5},
      {"llama-3-1-405b", 405853388800, 2e-5},    {"llama-3-3-70b", 70553706496, 2e-5},
      {"mistral-7b", 7248023552, 4e-5},          {"mistral-nemo", 12247782400, 4e-5},
      {"mixtral-8x7b", 46702792704, 1e-5},       {"mixtral-8x22b", 140630071296, 8e-5},
      {"qwen2-5-7b", 7615616512, 5e-5},          {"qwen2-5-32b", 32763876352, 4e-5},
      {"qwen2-5-72b", 72706203648, 3e-5},        {"qwen3-8b", 8190735360, 4e-5},
      {"qwen3-32b", 32762123264, 3e-5},          {"qwen3-30b-a3b", 30532122624, 1e-5},
      {"qwen3-235b-a22b", 235093634560, 1e-5},   {"yi-34b", 34388917248, 3e-5},
      {"deepseek-v3", 671026419200, 1e-5},       {"kimi-k2", 1026408232448, 1e-5},
      {"gpt-oss-20b", 20914757184, 4e-4},        {"gpt-oss-120b", 116829156672, 4e-4},
      {"llama-4-scout", 108641793536, 0.009},    {"llama-4-scout-fp8", 108641793536, 0.009},
      {"llama-4-maverick", 401583781376, 0.003},
  }));
  const double total = parameters_of(catalog_card(of.name)).total;
  INFO(of.name << " has " << total << ", published " << of.total << ", off by "
               << total / of.total - 1);
  CHECK(std::fabs(total / of.total - 1) <= of.tolerance);
}

TEST_CASE("active parameters of the catalog's models are those published") {
  // Published in billions, to two or three digits.
  const auto of = GENERATE(values<Published>({
      {"mixtral-8x7b", 12.9e9, 0.01},
      {"mixtral-8x22b", 39e9, 0.01},
      {"qwen3-30b-a3b", 3.3e9, 0.02},
      {"qwen3-235b-a22b", 22e9, 0.01},
      {"deepseek-v3", 37e9, 0.02},
      {"kimi-k2", 32e9, 0.03},
      {"llama-4-scout", 17e9, 0.02},
      {"llama-4-maverick", 17e9, 0.02},
  }));
  const double active = parameters_of(catalog_card(of.name)).active;
  INFO(of.name << " has " << active << ", published " << of.total);
  CHECK(std::fabs(active / of.total - 1) <= of.tolerance);
}

TEST_CASE("active parameters of gpt-oss are published without its embeddings") {
  const auto active = [](const std::string& name) {
    const ModelCard card = catalog_card(name);
    return parameters_of(card).active - work_of(card).head_parameters;
  };
  CHECK(active("gpt-oss-20b") == Approx(3.61e9).epsilon(0.002));
  CHECK(active("gpt-oss-120b") == Approx(5.13e9).epsilon(0.002));
}

TEST_CASE("bytes of a token in the cache are exact") {
  CHECK(kv_bytes("llama-2-7b") == 524288);
  CHECK(kv_bytes("llama-3-1-8b") == 131072);
  CHECK(kv_bytes("llama-2-70b") == 327680);
  CHECK(kv_bytes("llama-3-1-405b") == 516096);
  CHECK(kv_bytes("deepseek-v3") == 61 * 576 * 2);
}

TEST_CASE("a model is found in the scenario, then in the catalog") {
  Named named(R"({"mistral-nemo": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4,
    "kv_heads": 2, "head_size": 2, "intermediate": 16, "vocabulary": 32,
    "formats": {"weights": "fp32", "mlp": "fp8"}}})");
  const auto own = named.card("mistral-nemo");
  REQUIRE(own);
  CHECK(own->layers == 2);
  CHECK(own->weights == NumberFormat::fp32);
  CHECK(own->attention == NumberFormat::fp32);
  CHECK(own->mlp == NumberFormat::fp8);
  CHECK(named.resolution.used.empty());
  REQUIRE(named.card("yi-34b"));
  CHECK(named.resolution.used.size() == 1);
  CHECK_FALSE(named.card("yi-43b"));
  CHECK(has(named.problems.take(), "E030", "workloads.chat.model", "did you mean \"yi-34b\"?"));
}

TEST_CASE("every contradiction in the shape of a model is said at once") {
  const Issues issues = test::issues_of_text(R"({"name": "s", "regions": {"r": {"racks": {"a":
    {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}}, "model_types": {
    "heads": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4, "kv_heads": 3,
      "head_size": 2, "intermediate": 16, "vocabulary": 32, "window": {"tokens": 4, "layers": 3}},
    "experts": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4, "kv_heads": 2,
      "head_size": 2, "vocabulary": 32,
      "moe": {"layers": 1, "experts": 2, "per_token": 3, "intermediate": 4}},
    "unused": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4, "kv_heads": 2,
      "head_size": 2, "vocabulary": 32, "intermediate": 16,
      "moe": {"layers": 2, "experts": 2, "per_token": 1, "intermediate": 4}}}})");
  INFO(test::print(issues));
  CHECK(issues.size() == 5);
  CHECK(has(issues, "E034", "model_types.heads.kv_heads", "4 heads do not share 3"));
  CHECK(has(issues, "E034", "model_types.heads.window.layers", "more than the 2 layers"));
  CHECK(has(issues, "E034", "model_types.experts.moe.per_token", "more than the 2 experts"));
  CHECK(has(issues, "E034", "model_types.experts.moe.layers", "dense MLP of no size"));
  CHECK(has(issues, "E034", "model_types.unused.intermediate", "none has a dense MLP"));
}

TEST_CASE("attention is of one of two kinds") {
  const Issues issues = test::issues_of_text(R"({"name": "s", "regions": {"r": {"racks": {"a":
    {"server": "hgx-h100", "count": 1}}}}, "pools": {"p": {}}, "model_types": {
    "both": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4, "kv_heads": 2,
      "head_size": 2, "latent": {"kv_rank": 4, "nope": 2, "rope": 2, "value": 2},
      "intermediate": 16, "vocabulary": 32},
    "none": {"kind": "transformer", "layers": 2, "hidden": 8, "heads": 4, "intermediate": 16,
      "vocabulary": 32, "formats": {"weights": "int3"}}}})");
  INFO(test::print(issues));
  CHECK(has(issues, "E015", "model_types.both", "kv_heads"));
  CHECK(has(issues, "E015", "model_types.none", "latent"));
  CHECK(has(issues, "E013", "model_types.none.formats.weights", "int3"));
}
