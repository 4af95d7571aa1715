#include "scenario/resolve_engine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include <hyperdc/core/units.hpp>

#include "scenario/resolve_host_memory.hpp"
#include "scenario/resolve_models.hpp"
#include "scenario/resolve_one_pass.hpp"
#include "scenario/resolve_speculation.hpp"
#include "scenario/resolve_stores.hpp"
#include "scenario/resolve_training.hpp"
#include "scenario/resolve_variants.hpp"

namespace hyperdc {
namespace {

/// Facts of an accelerator that a roofline, or the size of a cache, rests on.
constexpr std::array<std::string_view, 6> kChipFacts = {
    "compute.bf16", "compute.fp8", "compute.fp4", "memory", "memory_bandwidth", "scale_up.rate"};
constexpr std::array<std::string_view, 3> kServingFacts = {"efficiency", "times", "memory_reserve"};

/// What an engine is, whatever the chip.
struct Software {
  Efficiencies efficiencies;
  Duration request_time;
  double memory_reserve = 0;
};

LinearCoefficients linear_of(const View& linear) {
  const auto ns = [&](const char* key) { return linear[key].number() * 1e9; };
  return {ns("base"), ns("prompt_token"), ns("sequence"), ns("cached_token")};
}

std::shared_ptr<const IterationTable> table_of(Resolution& r, const View& engine) {
  const View file = engine["iteration"]["table"]["file"];
  const auto opened = r.opened.find(file.path());
  if (opened == r.opened.end()) return nullptr;  // reported
  auto read = read_iteration_table(opened->second);
  if (const auto* issues = std::get_if<Issues>(&read)) {
    r.report(file, *issues);
    return nullptr;
  }
  auto table = std::make_shared<const IterationTable>(std::get<IterationTable>(std::move(read)));
  r.note_file(file, table->sha256);
  return table;
}

/// Times that are stated, whatever the model and the chip.
void set_stated_times(Resolution& r, const View& engine, EngineSpec& out) {
  const View iteration = engine["iteration"];
  if (const View linear = iteration["linear"]) out.iteration = linear_of(linear);
  if (!iteration["table"]) return;
  if (auto table = table_of(r, engine)) out.iteration = std::move(table);
}

BatchRules rules_of(Resolution& r, const View& engine) {
  const auto whole = [&](const char* key) {
    return static_cast<std::uint64_t>(std::max(1.0, engine[key].number()));
  };
  BatchRules out;
  const std::string batching = engine["batching"].text();
  if (batching == "prefill-first") out.mode = BatchMode::prefill_first;
  if (batching == "static") out.mode = BatchMode::whole_batches;
  out.delay = engine["delay"].duration();
  out.chunked_prefill = engine["chunked_prefill"].flag();
  out.asynchronous = engine["asynchronous"].flag();
  out.max_sequences = static_cast<std::uint32_t>(whole("max_sequences"));
  out.max_tokens = static_cast<std::uint32_t>(whole("max_tokens"));
  out.block_tokens = static_cast<std::uint32_t>(whole("block"));
  if (engine["blocks"]) out.blocks = whole("blocks");
  out.prefix_caching = engine["prefix_caching"].flag();
  if (const View time = engine["prefix_time_to_live"]) {
    out.prefix_time_to_live = time.duration();
    if (!out.prefix_caching) {
      r.error("E016", time, "no prefix is cached", "\"prefix_caching\": true");
    }
  }
  if (out.asynchronous && out.mode != BatchMode::chunked) {
    r.error("E034", engine["asynchronous"], batching + " composes each iteration when it begins",
            "remove it, or \"batching\": \"chunked\"");
  }
  if (engine["max_tokens"] && out.max_tokens < out.max_sequences) {
    r.error("E034", engine["max_tokens"],
            fmt::format("{} tokens an iteration for {} sequences, of which each gets one",
                        out.max_tokens, out.max_sequences),
            "at least max_sequences");
  }
  return out;
}

std::optional<Software> software_named(Resolution& r, const View& at) {
  if (!at) return std::nullopt;  // reported
  const std::string name = at.text();
  const Json* found = r.catalog.find(kServing, name);
  if (found == nullptr) {
    if (r.catalog.file(kServing, name).empty()) {
      r.unknown(at, "serving software", r.catalog.names(kServing));
    }
    return std::nullopt;
  }
  const View file(found, fmt::format("{}.{}", kServing, name));
  note_catalog_file(r, at, kServing, {name, file}, kServingFacts);
  const View share = file["efficiency"], times = file["times"];
  Software out;
  out.efficiencies = {share["compute"].number(),
                      share["memory"].number(),
                      share["cache"].number(),
                      share["link"].number(),
                      times["layer"].number(),
                      times["iteration"].number(),
                      times["sum"].number(),
                      times["expert_layer"].number(),
                      share[share["gather"] ? "gather" : "memory"].number()};
  out.request_time = times["request"].duration();
  out.memory_reserve = file["memory_reserve"].number();
  return out;
}

/// True if the data sheet says what the time of an iteration needs.
bool known_chip(Resolution& r, const View& engine, const AcceleratorType& chip,
                const Parallelism& parallel) {
  const auto missing = [&](std::string_view fact) {
    r.error(
        "E034", engine["iteration"],
        fmt::format("accelerators.{} does not say \"{}\", which a roofline needs", chip.name, fact),
        "add it with its source");
    return false;
  };
  if (chip.rates.bf16_flops <= 0) return missing("compute.bf16");
  if (chip.rates.memory_Bps <= 0) return missing("memory_bandwidth");
  if (parallel.accelerators() <= 1) return true;
  if (chip.rates.link_Bps <= 0) return missing("scale_up.rate");
  if (parallel.tensor <= chip.scale_up_domain) return true;
  r.error("E034", engine["tensor_parallel"],
          fmt::format("{} accelerators share each matrix, and {} {} share a scale-up fabric",
                      parallel.tensor, chip.scale_up_domain, chip.name),
          fmt::format("at most {}", chip.scale_up_domain));
  return false;
}

/// Bytes that each accelerator of a replica holds.
double weights_on_each(const ModelWork& model, const Parallelism& parallel) {
  const double tensor = parallel.tensor, groups = parallel.data;
  if (model.table_bytes > 0) {  // these are shared, the matrices copied
    return model.weight_bytes() - model.table_bytes + model.table_bytes / tensor;
  }
  const double experts = static_cast<double>(model.moe_layers * model.experts) * model.expert_bytes;
  return (model.weight_bytes() - experts + experts / groups) / (tensor * parallel.pipeline);
}

/// Blocks that a replica has room for beside weights and reserve. 0 with a problem where the model
/// does not fit; 0 where it needs none.
std::uint64_t blocks_beside(Resolution& r, const View& engine, const RooflineSpec& spec,
                            const AcceleratorType& chip, const BatchRules& rules, double reserve) {
  const double tensor = spec.parallel.tensor, groups = spec.parallel.data;
  const ModelWork& model = spec.model;
  const VariantRules& variants = rules.variants;
  double weights = weights_on_each(model, spec.parallel);
  if (variants.in_turns()) weights *= variants.max_loaded;
  if (variants.together()) {
    weights += variants.max_loaded * spec.adapter.bytes / (tensor * spec.parallel.pipeline);
  }
  const double memory = engine["memory_share"].number() * chip.memory_bytes;
  const auto block_of = [&](const ModelWork& of) {
    const double split = std::min(tensor, static_cast<double>(of.kv_heads));
    return of.kv_bytes * static_cast<double>(rules.block_tokens) / (split * spec.parallel.pipeline);
  };
  double block = block_of(model);
  if (const auto& drafter = spec.drafts.model) {  // it has a cache of the same tokens
    weights += weights_on_each(*drafter, spec.parallel);
    block += block_of(*drafter);
  }
  const double left = memory - weights - reserve;
  if (left >= block && model.one_pass) return 0;
  if (left >= block) return static_cast<std::uint64_t>(groups * std::floor(left / block));
  if (!engine["memory_share"] || chip.memory_bytes == 0) return 0;  // reported, or not known
  const auto shown = [](double bytes) { return format_for_people(bytes, Dimension::bytes); };
  r.error(
      "E034", engine["model"],
      fmt::format("of {} each {} has to hold {}, with {} for the engine; it has {} for both",
                  engine["model"].text(), chip.name, shown(weights), shown(reserve), shown(memory)),
      variants.any() ? "less max_loaded, more tensor_parallel, or an accelerator with more memory"
                     : "more tensor_parallel, or an accelerator with more memory");
  return 0;
}

/// Stated blocks stand, but who states more than there is room for is told.
void set_blocks(Resolution& r, const View& engine, std::uint64_t room, const std::string& chip,
                BatchRules& rules) {
  if (!engine["blocks"]) {
    rules.blocks = room;
  } else if (room > 0 && rules.blocks > 2 * room) {
    r.warning("E034", engine["blocks"],
              fmt::format("{} blocks, where memory of {} has room for {} beside the model",
                          rules.blocks, chip, room));
  }
}

/// Each accelerator gets whole heads, and whole heads of the cache or a copy of one.
void check_heads(Resolution& r, const View& engine, const ModelCard& card, std::uint64_t kv_heads) {
  const auto tensor = static_cast<std::uint64_t>(std::max(1.0, engine["tensor_parallel"].number()));
  if (card.heads % tensor == 0 && (kv_heads % tensor == 0 || tensor % kv_heads == 0)) return;
  r.error("E034", engine["tensor_parallel"],
          fmt::format("{} heads, {} of them in the cache, are not shared evenly by {} accelerators",
                      card.heads, kv_heads, tensor),
          "a divisor of the number of heads");
}

/// How several accelerators can share one replica of the model.
void check_shares(Resolution& r, const View& engine, const AnyModelCard& card) {
  if (const auto* decoder = std::get_if<ModelCard>(&card)) {
    check_heads(r, engine, *decoder, work_of(*decoder).kv_heads);
  } else if (const auto* encoder = std::get_if<EncoderCard>(&card)) {
    const auto tensor = static_cast<std::uint64_t>(engine["tensor_parallel"].number());
    if (tensor <= 1 || encoder->heads % tensor == 0) return;
    r.error(
        "E034", engine["tensor_parallel"],
        fmt::format("{} heads are not shared evenly by {} accelerators", encoder->heads, tensor),
        "a divisor of the number of heads");
  } else if (std::holds_alternative<VisionCard>(card) && engine["tensor_parallel"].number() > 1) {
    r.error("E034", engine["tensor_parallel"],
            "how accelerators would share a vision model is not modelled", "1, and more replicas");
  }
}

/// What a model and a chip are needed for.
bool needs_model(Resolution& r, const View& engine) {
  const bool roofline = static_cast<bool>(engine["iteration"]["roofline"]);
  if (engine["model"]) {
    const View models = engine["models"];
    const bool sizes = engine["adapters"]["rank"] || (models && !models["bytes"]);
    if (roofline || !engine["blocks"] || engine["load_rate"] || engine["load_from"] || sizes) {
      return true;
    }
    r.error("E016", engine["model"], "iteration time and blocks are stated: a model adds nothing",
            "remove it, or one of those");
    return false;
  }
  if (roofline) {
    r.error("E034", engine["iteration"]["roofline"], "a roofline is that of a model",
            "add \"model\"");
  } else if (!engine["blocks"] && engine["iteration"]) {
    r.error("E034", engine, "nothing tells the blocks of the cache", "add \"blocks\" or \"model\"");
  }
  return false;
}

/// Keys of models and chips beside a stated time and stated blocks.
void check_unused(Resolution& r, const View& engine) {
  const bool from_storage = engine["adapters"]["host"] || engine["models"]["host"];
  for (const char* key : {"load_rate", "load_from", "local_rate"}) {
    const View rate = engine[key];
    if (!rate || (from_storage && key == std::string_view("load_rate"))) continue;
    r.error("E016", rate, "no model tells the bytes of its weights", "remove it, or add \"model\"");
  }
  for (const char* key :
       {"tensor_parallel", "data_parallel", "pipeline_parallel", "expert_parallel"}) {
    const bool flag = key == std::string_view("expert_parallel");
    if (engine[key].number() <= (flag ? 0 : 1)) continue;
    r.error("E016", engine[key], "the iteration time and the blocks are stated",
            "remove it, or use a roofline");
  }
}

/// Each accelerator gets whole experts of the model, and of its drafter, as many as the others.
void check_experts(Resolution& r, const View& engine, const RooflineSpec& spec) {
  if (!spec.parallel.expert) return;
  const View at = engine["expert_parallel"];
  const std::uint64_t sharing = std::uint64_t{spec.parallel.tensor} * spec.parallel.data;
  const auto check = [&](const ModelWork& model, std::string_view whose) {
    if (model.experts % sharing == 0) return;
    r.error("E034", at,
            fmt::format("{} experts of the {} are not shared evenly by {} accelerators",
                        model.experts, whose, sharing),
            "a divisor of the number of experts");
  };
  if (!engine["iteration"]["roofline"]) {
    r.error("E016", at, "the iteration time is stated", "remove it, or use a roofline");
  } else if (spec.model.experts == 0) {
    r.error("E034", at, "the model has no experts", "remove it, or a model with experts");
  } else if (sharing == 1) {
    r.error("E034", at, "one accelerator has all experts anyway",
            "remove it, or more tensor_parallel or data_parallel");
  } else {
    check(spec.model, "model");
    if (spec.drafts.model) check(*spec.drafts.model, "drafter");
  }
}

void check_accelerators(Resolution& r, const View& workload, const Parallelism& parallel,
                        const ModelWork& model) {
  const View held = workload["instance"]["accelerators"];
  const auto needed = static_cast<double>(parallel.accelerators());
  if (held && held.number() != needed) {
    r.error("E034", held,
            fmt::format("a replica holds {} accelerators and {} of them work in parallel",
                        held.number(), needed),
            fmt::format("{}", needed));
  }
  if (parallel.data > 1 && model.experts < parallel.data) {
    r.error("E034", workload["engine"]["data_parallel"],
            fmt::format("{} groups share {} experts a layer", parallel.data, model.experts),
            "at most the number of experts; without experts groups are replicas");
  }
  if (parallel.pipeline <= 1) return;
  const View stages = workload["engine"]["pipeline_parallel"];
  if (model.one_pass) {
    r.error("E034", stages, "models of one pass have no stages", "1, and more replicas");
  } else if (parallel.pipeline > model.layers) {
    r.error("E034", stages, fmt::format("{} stages of {} layers", parallel.pipeline, model.layers),
            fmt::format("at most {}", model.layers));
  }
  if (parallel.data > 1) {
    r.error("E034", stages, "groups with data_parallel have no stages",
            "1, or \"data_parallel\": 1 and more tensor_parallel");
  }
}

/// Stated blocks are not asked of memory.
void check_memory_share(Resolution& r, const View& engine) {
  constexpr double kShare = 0.9;  // as it is unless stated
  const View share = engine["memory_share"];
  if (!engine["blocks"] || !share || share.number() == kShare) return;
  r.error("E016", share, "the blocks of the cache are stated", "remove one of both");
}

void check_prefix_blocks(Resolution& r, const View& engine, const InferenceSpec& spec) {
  const auto check = [&](const View& at, std::uint64_t blocks) {
    if (blocks <= kMostPrefixBlocks) return true;
    r.error("E034", at, fmt::format("{} blocks with prefix caching", blocks),
            fmt::format("at most {}", kMostPrefixBlocks));
    return false;
  };
  for (const EngineSpec& one : spec.engines) {
    if (!one.rules.prefix_caching) continue;
    const bool fits = check(engine["prefix_caching"], one.rules.blocks);
    if (!check(engine["host_memory"]["size"], one.rules.host_blocks) || !fits) return;
  }
}

}  // namespace

void resolve_engines(Resolution& r, const View& workload, const ServiceWorkload& service,
                     InferenceSpec& spec) {
  const View engine = workload["engine"], iteration = engine["iteration"];
  EngineSpec common;
  common.rules = rules_of(r, engine);
  set_stated_times(r, engine, common);
  check_memory_share(r, engine);
  std::optional<Software> software;
  if (const View roofline = iteration["roofline"]) {
    software = software_named(r, roofline["software"]);
  }
  if (const View stated = engine["request_time"]) {
    spec.request_time = stated.duration();
  } else if (software) {
    spec.request_time = software->request_time;
  }
  spec.engines.assign(service.deployments.size(), common);
  if (!needs_model(r, engine)) {
    check_unused(r, engine);
    resolve_speculation(r, workload, spec);
    resolve_variants(r, workload, nullptr, spec);
    resolve_host_memory(r, workload, 0, spec);
    return check_prefix_blocks(r, engine, spec);
  }
  const auto card = model_card_of(r, engine["model"]);
  if (!card || (iteration["roofline"] && !software)) return;
  const auto number = [&](const char* key) {
    return static_cast<std::uint32_t>(std::max(1.0, engine[key].number()));
  };
  RooflineSpec roofline{work_of(*card),
                        {},
                        software ? software->efficiencies : Efficiencies{},
                        {number("tensor_parallel"), number("data_parallel"),
                         number("pipeline_parallel"), engine["expert_parallel"].flag()},
                        {},
                        {}};
  check_accelerators(r, workload, roofline.parallel, roofline.model);
  check_shares(r, engine, *card);
  set_one_pass(roofline.model, spec);
  roofline.drafts = resolve_speculation(r, workload, spec);
  check_experts(r, engine, roofline);
  roofline.adapter = resolve_variants(r, workload, &*card, spec);
  const double of_drafter = roofline.drafts.model ? roofline.drafts.model->kv_bytes : 0;
  resolve_host_memory(r, workload, roofline.model.kv_bytes + of_drafter, spec);
  resolve_loads(r, engine, service, roofline.model.weight_bytes(), spec);
  for (std::size_t i = 0; i < service.deployments.size(); ++i) {
    const std::uint32_t pool = service.deployments[i].pool;
    if (!r.pool_known[pool]) continue;
    const AcceleratorType* chip = chip_of(r, engine, r.scenario.pools[pool], "a roofline");
    if (chip == nullptr) continue;
    if (iteration["roofline"] && !known_chip(r, engine, *chip, roofline.parallel)) continue;
    note_assumptions(r, kAccelerators, find_entry(r, kAccelerators, chip->name), kChipFacts);
    EngineSpec& one = spec.engines[i];
    roofline.chip = chip->rates;
    if (iteration["roofline"]) one.iteration = roofline;
    const double reserve = software ? software->memory_reserve : 0;
    set_blocks(r, engine, blocks_beside(r, engine, roofline, *chip, one.rules, reserve), chip->name,
               one.rules);
  }
  check_prefix_blocks(r, engine, spec);
}

}  // namespace hyperdc
