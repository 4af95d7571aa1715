#include "scenario/resolve_models.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "scenario/resolve.hpp"

namespace hyperdc {
namespace {

/// Facts of an entry that a run rests on: "shape" stands for all keys without a source of their
/// own.
constexpr std::array<std::string_view, 23> kModelFacts = {
    "shape",  "layers",         "hidden", "heads",  "kv_heads",   "head_size", "latent",
    "window", "intermediate",   "gated",  "moe",    "vocabulary", "positions", "segments",
    "inputs", "bottom",         "top",    "tables", "macs",       "formats",   "parameters",
    "format", "tied_embeddings"};

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

ModelCard read_transformer(const View& entry) {
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

EncoderCard read_encoder(const View& entry) {
  EncoderCard card;
  card.layers = extent(entry["layers"]);
  card.hidden = extent(entry["hidden"]);
  card.heads = extent(entry["heads"]);
  card.intermediate = extent(entry["intermediate"]);
  card.gated = entry["gated"].flag();
  card.vocabulary = extent(entry["vocabulary"]);
  card.positions = extent(entry["positions"]);
  card.segments = extent(entry["segments"]);
  card.weights = format_of(entry["format"], NumberFormat::fp16);
  return card;
}

std::vector<std::uint64_t> widths_of(const View& list) {
  std::vector<std::uint64_t> out;
  for (const double width : list.numbers()) out.push_back(static_cast<std::uint64_t>(width));
  return out;
}

RecommenderCard read_recommender(const View& entry) {
  const View tables = entry["tables"];
  RecommenderCard card;
  card.inputs = extent(entry["inputs"]);
  card.bottom = widths_of(entry["bottom"]);
  card.top = widths_of(entry["top"]);
  card.tables = {extent(tables["count"]), tables["rows"].number(), extent(tables["dimension"]),
                 extent(tables["lookups"])};
  card.weights = format_of(entry["format"], NumberFormat::fp16);
  card.rows = format_of(tables["format"], card.weights);
  return card;
}

VisionCard read_vision(const View& entry) {
  return {extent(entry["layers"]), entry["parameters"].number(), entry["macs"].number(),
          format_of(entry["format"], NumberFormat::fp16)};
}

AnyModelCard read_card(const View& entry) {
  const std::string kind = entry["kind"].text();
  if (kind == "encoder") return read_encoder(entry);
  if (kind == "recommender") return read_recommender(entry);
  if (kind == "vision") return read_vision(entry);
  return read_transformer(entry);
}

void report(Problems& problems, const View& at, std::string message, std::string hint = "") {
  problems.error("E034", at.path(), std::move(message), std::move(hint), at.span());
}

void check_card(const View& entry, const EncoderCard& card, Problems& problems) {
  if (card.heads == 0 || card.hidden % card.heads == 0) return;
  report(problems, entry["heads"],
         fmt::format("{} numbers of an activation are not shared evenly by {} heads", card.hidden,
                     card.heads));
}

void check_card(const View& entry, const RecommenderCard& card, Problems& problems) {
  const View tables = entry["tables"];
  if (!card.bottom.empty() && card.bottom.back() != card.tables.dimension) {
    report(problems, entry["bottom"],
           fmt::format("it ends with {} numbers and rows have {}: their products need as many",
                       card.bottom.back(), card.tables.dimension),
           "the last width is tables.dimension");
  }
  if (tables["lookups"] && card.tables.lookups < card.tables.count) {
    report(problems, tables["lookups"],
           fmt::format("fewer than the {} tables, of which an item reads each", card.tables.count),
           "of all tables together");
  }
  if (tables["rows"] && card.tables.rows < static_cast<double>(card.tables.count)) {
    report(problems, tables["rows"], fmt::format("fewer than the {} tables", card.tables.count),
           "of all tables together");
  }
}

void check_card(const View& entry, const VisionCard& card, Problems& problems) {
  if (!entry["macs"] || card.macs >= card.parameters) return;
  report(problems, entry["macs"],
         fmt::format("{:.0f} multiply-and-adds of an image use {:.0f} parameters, each at least "
                     "once",
                     card.macs, card.parameters),
         "of an image, not in billions");
}

/// Says what does not fit together, all of it.
void check_card(const View& entry, const ModelCard& card, Problems& problems) {
  const auto error = [&](const View& at, std::string message, std::string hint = "") {
    if (at) report(problems, at, std::move(message), std::move(hint));
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

std::optional<AnyModelCard> card_of_entry(const View& entry, Problems& problems) {
  const std::size_t before = problems.errors();
  AnyModelCard card = read_card(entry);
  std::visit([&](const auto& one) { check_card(entry, one, problems); }, card);
  if (problems.errors() > before) return std::nullopt;
  return card;
}

std::optional<AnyModelCard> model_card_of(Resolution& r, const View& at) {
  const Hardware entry = find_entry(r, kModels, at.text());
  if (!entry.value) {
    const bool broken = !r.catalog.file(kModels, at.text()).empty() || entry.value.json();
    if (!broken) r.unknown(at, "model", known_names(r, kModels));
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
    if (entry["kind"]) card_of_entry(entry, r.problems);
  }
}

}  // namespace hyperdc
