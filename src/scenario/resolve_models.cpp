#include "scenario/resolve_models.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

/// Facts of an entry that a run rests on: "shape" stands for all keys without a source of their
/// own.
constexpr std::array<std::string_view, 14> kModelFacts = {
    "shape",  "layers",       "hidden", "heads", "kv_heads",   "head_size",       "latent",
    "window", "intermediate", "gated",  "moe",   "vocabulary", "tied_embeddings", "formats"};

std::uint64_t extent(const View& at) {
  return static_cast<std::uint64_t>(at.number());
}

NumberFormat format_of(const View& at, NumberFormat otherwise) {
  const std::string text = at.text();
  for (const NumberFormatName& each : kNumberFormats) {
    if (each.name == text) return each.format;
  }
  return otherwise;
}

void read_formats(const View& formats, ModelCard& card) {
  card.weights = format_of(formats["weights"], NumberFormat::bf16);
  card.attention = format_of(formats["attention"], card.weights);
  card.mlp = format_of(formats["mlp"], card.weights);
  card.experts = format_of(formats["experts"], card.weights);
  card.cache = format_of(formats["cache"], card.weights);
}

ModelCard read_card(const View& entry) {
  ModelCard card;
  card.layers = extent(entry["layers"]);
  card.hidden = extent(entry["hidden"]);
  card.heads = extent(entry["heads"]);
  card.kv_heads = extent(entry["kv_heads"]);
  card.head_size = extent(entry["head_size"]);
  if (const View latent = entry["latent"]) {
    card.latent = {extent(latent["q_rank"]), extent(latent["kv_rank"]), extent(latent["nope"]),
                   extent(latent["rope"]), extent(latent["value"])};
  }
  card.window = extent(entry["window"]["tokens"]);
  card.window_layers = extent(entry["window"]["layers"]);
  card.intermediate = extent(entry["intermediate"]);
  card.gated = entry["gated"].flag();
  if (const View moe = entry["moe"]) {
    card.moe = {extent(moe["layers"]), extent(moe["experts"]), extent(moe["per_token"]),
                extent(moe["intermediate"]), extent(moe["shared_intermediate"])};
  }
  card.vocabulary = extent(entry["vocabulary"]);
  card.tied_embeddings = entry["tied_embeddings"].flag();
  read_formats(entry["formats"], card);
  return card;
}

/// Says what does not fit together, all of it.
void check_card(const View& entry, const ModelCard& card, Problems& problems) {
  const auto error = [&](const View& at, std::string message, std::string hint = "") {
    if (at) problems.error("E034", at.path(), std::move(message), std::move(hint), at.span());
  };
  if (card.kv_heads > 0 && card.heads % card.kv_heads != 0) {
    error(entry["kv_heads"],
          fmt::format("{} heads do not share {} heads of keys evenly", card.heads, card.kv_heads));
  }
  const View moe = entry["moe"], window = entry["window"];
  if (card.window_layers > card.layers) {
    error(window["layers"], fmt::format("more than the {} layers of the model", card.layers));
  }
  if (!card.moe) return;
  if (card.moe->layers > card.layers) {
    error(moe["layers"], fmt::format("more than the {} layers of the model", card.layers));
  }
  if (card.moe->per_token > card.moe->experts) {
    error(moe["per_token"], fmt::format("more than the {} experts of a layer", card.moe->experts));
  }
  const bool dense = card.moe->layers < card.layers;
  if (dense && card.intermediate == 0) {
    error(moe["layers"],
          fmt::format("{} of {} layers have a dense MLP of no size", card.layers - card.moe->layers,
                      card.layers),
          R"(add "intermediate" beside "moe")");
  }
  if (!dense && card.intermediate > 0) {
    error(entry["intermediate"], "all layers have experts: none has a dense MLP",
          R"(the size of an expert is "moe.intermediate")");
  }
}

}  // namespace

std::optional<ModelCard> card_of_entry(const View& entry, Problems& problems) {
  const std::size_t before = problems.errors();
  ModelCard card = read_card(entry);
  check_card(entry, card, problems);
  if (problems.errors() > before) return std::nullopt;
  return card;
}

std::optional<ModelCard> model_card_of(Resolution& r, const View& at) {
  const Hardware entry = find_entry(r, kModels, at.text());
  if (!entry.value) {
    const bool broken = !r.catalog.file(kModels, at.text()).empty() || entry.value.json();
    if (!broken) r.unknown(at, "model", known_names(r, kModels));
    return std::nullopt;
  }
  if (entry.value["kind"].text() != "transformer") {
    r.error("E034", at,
            fmt::format("\"{}\" is no language model but of kind {}", entry.name,
                        entry.value["kind"].text()));
    return std::nullopt;
  }
  note_assumptions(r, kModels, entry, kModelFacts);
  // Own entries are checked whether they are named or not: not a second time here.
  const bool own = r.spec[types_key(kModels)][entry.name].json() != nullptr;
  Problems unheard(r.sources);
  return card_of_entry(entry.value, own ? unheard : r.problems);
}

void resolve_models(Resolution& r) {
  for (const auto& [name, entry, _] : r.spec[types_key(kModels)].each()) {
    if (entry["kind"].text() == "transformer") card_of_entry(entry, r.problems);
  }
}

}  // namespace hyperdc
