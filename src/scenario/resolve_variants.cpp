#include "scenario/resolve_variants.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <hyperdc/core/units.hpp>

namespace hyperdc {
namespace {

/// Of one: an iteration may wait for as many as are loaded, in 64 bits of ns.
constexpr double kLongestLoad_s = 3600;
constexpr double kPopularity = 1;  // as it is unless stated

/// Of one adapter; nothing with a problem if nobody says.
std::optional<AdapterWork> adapter_work(Resolution& r, const View& adapters,
                                        const AnyModelCard* card) {
  if (const View bytes = adapters["bytes"]) return adapter_of_bytes(bytes.number());
  const View rank = adapters["rank"];
  if (!rank) return std::nullopt;  // reported
  const auto* decoder = card == nullptr ? nullptr : std::get_if<ModelCard>(card);
  if (decoder != nullptr) return adapter_of(*decoder, static_cast<std::uint64_t>(rank.number()));
  r.error("E034", rank,
          card == nullptr ? "nothing tells the matrices that adapters add to"
                          : "only of language models are the matrices known",
          "\"bytes\": those of an adapter");
  return std::nullopt;
}

/// Bytes of the weights of one model.
std::optional<double> model_bytes(Resolution& r, const View& models, const AnyModelCard* card) {
  const View stated = models["bytes"];
  if (card == nullptr) {
    if (stated) return stated.number();
    r.error("E034", models, "nothing tells the bytes of a model", "add \"bytes\" or \"model\"");
    return std::nullopt;
  }
  if (stated) r.error("E016", stated, "the model tells the bytes of its weights", "remove it");
  return work_of(*card).weight_bytes();
}

/// How long one is on its way, from where `at` says.
Duration load_time(Resolution& r, const View& at, double bytes, const std::string& what) {
  const double load_s = bytes / at.number();
  if (load_s <= kLongestLoad_s) return seconds(load_s);
  r.error("E034", at, fmt::format("{} takes {}", what, format_for_people(load_s, Dimension::time)),
          fmt::format("{} at most", format_for_people(kLongestLoad_s, Dimension::time)));
  return {};
}

std::uint32_t count_of(const View& stated, const char* key) {
  return static_cast<std::uint32_t>(std::max(1.0, stated[key].number()));
}

void check_counts(Resolution& r, const View& stated, std::uint32_t count) {
  const View loaded = stated["max_loaded"], host = stated["host"];
  if (loaded && loaded.number() > count) {
    r.error("E034", loaded,
            fmt::format("places for {}, of which there are {}", loaded.number(), count),
            fmt::format("at most {}", count));
  }
  if (!host) return;
  if (loaded && host.number() < loaded.number()) {
    r.error("E034", host,
            fmt::format("{}, of which {} are loaded and kept there too", host.number(),
                        loaded.number()),
            "at least max_loaded");
  }
}

/// What is read from storage, and when.
void check_load_rate(Resolution& r, const View& engine, const View& stated, bool whole_models) {
  const View rate = engine["load_rate"];
  if (stated["host"] && !rate) {
    r.error("E034", stated["host"], "nothing tells the rate at which the others are read",
            "add \"load_rate\" to the engine");
  }
  if (whole_models && !stated["host"] && rate) {
    r.error("E016", rate, "the host has all models: none is read when a replica starts",
            "remove it, or state how many the \"host\" keeps");
  }
}

void check_server_memory(Resolution& r, const View& workload, const View& stated, double bytes) {
  const View memory = workload["instance"]["memory"];
  const View number = stated["host"] ? stated["host"] : stated["count"];
  if (!number || memory.number() <= 0) return;  // what it holds is not stated
  if (memory.number() >= number.number() * bytes) return;
  r.warning("E034", number,
            fmt::format("they have {}, and a replica holds {} of its server",
                        format_for_people(number.number() * bytes, Dimension::bytes),
                        format_for_people(memory.number(), Dimension::bytes)));
}

}  // namespace

AdapterWork resolve_variants(Resolution& r, const View& workload, const AnyModelCard* card,
                             InferenceSpec& spec) {
  const View engine = workload["engine"], adapters = engine["adapters"], models = engine["models"];
  for (const View& stated : {adapters, models}) {
    if (stated["count"]) check_counts(r, stated, count_of(stated, "count"));
    if (stated) check_load_rate(r, engine, stated, stated.path() == models.path());
  }
  if (adapters && models) {
    r.error("E015", models, "an engine has adapters of one model or several models",
            "remove one of both");
    return {};
  }
  const View stated = adapters ? adapters : models;
  if (!stated) return {};
  std::optional<AdapterWork> adapter;
  std::optional<double> bytes;
  if (adapters) {
    adapter = adapter_work(r, adapters, card);
    if (adapter) bytes = adapter->bytes;
  } else {
    bytes = model_bytes(r, models, card);
  }
  if (!stated["count"] || !stated["max_loaded"] || !stated["rate"]) return {};  // reported
  spec.variants = {count_of(stated, "count"), stated["popularity"].number()};
  VariantRules rules;
  rules.share = adapters ? VariantRules::Share::together : VariantRules::Share::in_turns;
  rules.max_loaded = count_of(stated, "max_loaded");
  if (stated["host"]) rules.host = count_of(stated, "host");
  for (EngineSpec& one : spec.engines) one.rules.variants = rules;
  if (!bytes) return {};  // reported
  // Each group has a copy.
  const double moved = *bytes * std::max(1.0, engine["data_parallel"].number());
  const std::string what = adapters ? "an adapter" : "a model";
  rules.load = load_time(r, stated["rate"], moved, what);
  if (const View rate = engine["load_rate"]; rate && stated["host"]) {
    rules.fetch = load_time(r, rate, *bytes, what);
  }
  check_server_memory(r, workload, stated, *bytes);
  for (EngineSpec& one : spec.engines) one.rules.variants = rules;
  return adapter.value_or(AdapterWork{});
}

void check_variant_router(Resolution& r, const View& workload, const InferenceSpec& spec) {
  const View policy = workload["router"]["policy"];
  if (policy.text() != "variant-aware" || spec.variants || workload["engine"]["adapters"] ||
      workload["engine"]["models"]) {
    return;
  }
  r.warning("E016", policy, "this endpoint has no adapters, and one model: it goes by loads",
            "\"least-loaded\"");
}

void check_handed_variants(Resolution& r, const View& to, const InferenceSpec& from,
                           const InferenceSpec& target) {
  const View engine = r.spec["workloads"][to.text()]["engine"];
  for (const char* key : {"adapters", "models"}) {
    const View popularity = engine[key]["popularity"];
    if (!popularity || popularity.number() == kPopularity) continue;
    r.error("E016", popularity, "requests that are handed over have their variant", "remove it");
  }
  const auto said = [](const InferenceSpec& spec) {
    if (!spec.variants) return std::string("no adapters and one model");
    const bool models = !spec.engines.empty() && spec.engines.front().rules.variants.in_turns();
    return fmt::format("{} {}", spec.variants->count, models ? "models" : "adapters");
  };
  const std::string ours = said(from), theirs = said(target);
  if (ours == theirs) return;
  r.error("E034", to,
          fmt::format("requests keep their variant: it has {}, and this endpoint {}", theirs, ours),
          "the same \"adapters\" or \"models\" in both");
}

}  // namespace hyperdc
