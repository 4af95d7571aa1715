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
    return model_card_of(resolution, View(&text, "workloads.chat.model"));
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
  // Of the weights that were published; what is left out (norms, biases, vision) is the tolerance.
  const auto of = GENERATE(values<Published>({
      {"llama-2-7b", 6738415616, 4e-5},
      {"llama-3-1-8b", 8030261248, 4e-5},
      {"llama-3-1-70b", 70553706496, 2e-5},
      {"mistral-nemo", 12247782400, 4e-5},
      {"mixtral-8x7b", 46702792704, 1e-5},
      {"qwen2-5-7b", 7615616512, 5e-5},
      {"yi-34b", 34388917248, 3e-5},
      {"llama-4-scout-fp8", 108641793536, 0.01},
  }));
  const double total = parameters_of(catalog_card(of.name)).total;
  INFO(of.name << " has " << total << ", published " << of.total << ", off by "
               << total / of.total - 1);
  CHECK(std::fabs(total / of.total - 1) <= of.tolerance);
}

TEST_CASE("bytes of a token in the cache are exact") {
  CHECK(kv_bytes("llama-2-7b") == 524288);
  CHECK(kv_bytes("llama-3-1-8b") == 131072);
  CHECK(kv_bytes("llama-3-1-70b") == 327680);
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
