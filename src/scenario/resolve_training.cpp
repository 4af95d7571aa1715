#include "scenario/resolve_training.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "scenario/resolve_models.hpp"
#include "scenario/resolve_plan.hpp"

namespace hyperdc {
namespace {

constexpr std::array<std::string_view, 9> kTrainingFacts = {
    "efficiency",      "latencies",     "overlap",        "fused_attention", "dropout",
    "overlap_experts", "overlap_sends", "overlap_tensor", "schedules"};

SizeEfficiency by_size(Resolution& r, const View& stated) {
  const std::vector<double> sizes = stated["sizes"].numbers();
  const std::vector<double> shares = stated["shares"].numbers();
  SizeEfficiency out;
  if (stated["sizes"] && stated["shares"] && sizes.size() != shares.size()) {
    r.error("E022", stated["shares"],
            fmt::format("{} shares for {} sizes", shares.size(), sizes.size()));
    return out;
  }
  for (std::size_t i = 0; i < sizes.size() && i < shares.size(); ++i) {
    if (i > 0 && sizes[i] <= sizes[i - 1]) {
      r.error("E034", stated["sizes"], "sizes do not rise");
      return out;
    }
    out.points.push_back({sizes[i], shares[i]});
  }
  return out;
}

/// Shares of links and latencies beside what the step needs of software.
struct TrainingEntry {
  TrainingSoftware software;
  std::vector<Schedule> schedules;
  double scale_up = 1, network = 1;
  double scale_up_latency_s = 0, network_latency_s = 0;
};

std::optional<TrainingEntry> entry_named(Resolution& r, const View& at) {
  if (!at) return std::nullopt;  // reported
  const std::string name = at.text();
  const Json* found = r.catalog.find(kTraining, name);
  if (found == nullptr) {
    if (r.catalog.file(kTraining, name).empty()) {
      r.unknown(at, "training software", r.catalog.names(kTraining));
    }
    return std::nullopt;
  }
  const View file(found, fmt::format("{}.{}", kTraining, name));
  note_catalog_file(r, at, kTraining, {name, file}, kTrainingFacts);
  const View share = file["efficiency"], latency = file["latencies"];
  TrainingEntry out;
  out.software.matrices = by_size(r, share["matrices"]);
  out.software.memory = by_size(r, share["memory"]);
  out.software.compute = share["compute"].number();
  out.software.overlap = file["overlap"].number();
  out.software.overlap_tensor = file["overlap_tensor"].number();
  out.software.overlap_experts = file["overlap_experts"].number();
  out.software.overlap_sends = file["overlap_sends"].number();
  for (const std::string& order : file["schedules"].texts()) {
    out.schedules.push_back(schedule_named(order));
  }
  out.software.fused_attention = file["fused_attention"].flag();
  out.software.dropout = file["dropout"].flag();
  out.scale_up = share["scale_up"].number();
  out.network = share["network"].number();
  out.scale_up_latency_s = latency["scale_up"].number();
  out.network_latency_s = latency["network"].number();
  return out;
}

/// The one type of server of a pool, if there is one.
const ServerType* server_of(const Resolution& r, const PoolSpec& pool) {
  std::set<std::uint32_t> types;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) types.insert(run.type);
  }
  return types.size() == 1 ? &r.scenario.server_types[*types.begin()] : nullptr;
}

/// Nothing, with problems, where data sheets do not say what a step needs.
std::optional<TrainingChip> chip_rates(Resolution& r, const View& workload,
                                       const AcceleratorType& chip, const ServerType& server,
                                       const TrainingEntry& entry, std::uint64_t accelerators,
                                       const TrainingPlan& plan) {
  TrainingChip out;
  out.flops = chip.rates.bf16_flops;
  out.fp8_flops = chip.rates.fp8_flops;
  out.memory_Bps = chip.rates.memory_Bps;
  out.scale_up_Bps = chip.rates.link_Bps * entry.scale_up;
  out.scale_up_domain = std::max(1U, chip.scale_up_domain);
  out.scale_up_latency_s = entry.scale_up_latency_s;
  out.network_latency_s = entry.network_latency_s;
  const double each = std::max<double>(1, static_cast<double>(server.shape.accelerators));
  out.network_Bps = server.nic_Bps / each * entry.network;
  bool known = true;
  const auto need = [&](bool there, std::string_view what, std::string_view fact) {
    if (there) return;
    known = false;
    r.error("E034", workload["software"],
            fmt::format("{} does not say \"{}\", which a training step needs", what, fact),
            "add it with its source");
  };
  const std::string of_chip = "accelerators." + chip.name;
  need(out.flops > 0, of_chip, "compute.bf16");
  need(plan.precision != Precision::fp8 || out.fp8_flops > 0, of_chip, "compute.fp8");
  need(out.memory_Bps > 0, of_chip, "memory_bandwidth");
  need(accelerators == 1 || out.scale_up_domain == 1 || out.scale_up_Bps > 0, of_chip,
       "scale_up.rate");
  need(accelerators <= out.scale_up_domain || out.network_Bps > 0, "servers." + server.name,
       "nics.rate");
  if (plan.tensor > out.scale_up_domain) {
    known = false;
    r.error("E034", workload["tensor_parallel"],
            fmt::format("{} accelerators share each matrix, and {} {} share a scale-up fabric",
                        plan.tensor, out.scale_up_domain, chip.name),
            fmt::format("at most {}", out.scale_up_domain));
  }
  if (!known) return std::nullopt;
  return out;
}

void check_memory(Resolution& r, const View& workload, const AcceleratorType& chip,
                  const TrainingMemory& memory) {
  if (chip.memory_bytes == 0) {
    r.warning("E034", workload["model"],
              fmt::format("accelerators.{} does not say \"memory\": whether it fits is not known",
                          chip.name));
  }
  if (chip.memory_bytes == 0 || memory.sum() <= chip.memory_bytes) return;
  const auto shown = [](double bytes) { return format_for_people(bytes, Dimension::bytes); };
  const std::string says = fmt::format(
      "each {} has to hold {}: weights {}, gradients {}, optimizer {}, activations {}; it has {}",
      chip.name, shown(memory.sum()), shown(memory.weights), shown(memory.gradients),
      shown(memory.optimizer), shown(memory.activations), shown(chip.memory_bytes));
  const char* const hint =
      "more tensor_parallel or pipeline_parallel, a higher \"zero\", or \"recompute\"";
  // What is kept of activations is up to the software: some frees more than is counted here.
  const bool without = memory.sum() - memory.activations <= chip.memory_bytes;
  if (without) return r.warning("E034", workload["model"], says, hint);
  r.error("E034", workload["model"], says, hint);
}

bool check_length(Resolution& r, const View& workload, const TrainingSpec& training) {
  const double length_s = static_cast<double>(training.course.steps) * training.time.step();
  if (length_s <= kLongestRun_s) return true;
  r.error("E034", workload[workload["steps"] ? "steps" : "tokens"],
          fmt::format("{} steps of {} take longer than 90 y", training.course.steps,
                      format_for_people(training.time.step(), Dimension::time)),
          "fewer, or more accelerators");
  return false;
}

/// Of a pool whose servers are all there from the beginning.
void check_pool(Resolution& r, const View& workload, std::uint32_t pool, const TrainingPlan& plan,
                const ServerType& server) {
  std::uint64_t there = 0;
  for (const std::uint32_t rack : r.scenario.pools[pool].racks) {
    there += accelerators_in(r.scenario, r.scenario.racks[rack]);
  }
  if (plan.accelerators() > there) {
    r.warning("E050", workload["data_parallel"],
              fmt::format("{} accelerators, of which the pool has {}: it will be rejected",
                          plan.accelerators(), there),
              "more racks, or a smaller plan");
  }
  const double each = std::min(static_cast<double>(server.shape.accelerators),
                               static_cast<double>(plan.accelerators()));
  const auto fits = [&](const char* key, double there_is) {
    if (workload[key].number() * each <= there_is) return;
    r.warning("E050", workload[key], "no server has so much for its accelerators",
              "less for each accelerator");
  };
  fits("cores", static_cast<double>(server.shape.cores_milli) / 1000);
  fits("memory", static_cast<double>(server.shape.memory_bytes));
}

/// Matrices of other formats are not known here.
bool known_model(Resolution& r, const View& workload, const ModelCard& model) {
  const bool fp8 = workload["precision"].text() == "fp8";
  for (const NumberFormat format : {model.weights, model.attention, model.mlp, model.experts}) {
    if (bytes_of(format) >= (fp8 ? 1 : 2)) continue;
    r.error("E034", workload["model"],
            fmt::format("has matrices of fewer than {} bits, and a training step is one of {}",
                        fp8 ? 8 : 16, fp8 ? "fp8" : "bf16"),
            fp8 || bytes_of(format) < 1 ? "the model before it was quantised"
                                        : "the model before it was quantised, or precision fp8");
    return false;
  }
  return true;
}

/// One gang, of whole servers where it needs more than one.
GeneratorSpec job_of(const View& workload, const TrainingSpec& training,
                     std::uint64_t accelerators_per_server) {
  const std::uint64_t accelerators = training.plan.accelerators();
  const std::uint64_t each = std::min(accelerators, accelerators_per_server);
  const auto per_member = static_cast<double>(each);
  GeneratorSpec job;
  job.count = 1;
  job.run_s =
      Constant{static_cast<double>(training.course.steps) * to_seconds(training.course.step)};
  const std::uint64_t members = (accelerators + each - 1) / each;
  job.members = Constant{static_cast<double>(members)};
  job.accelerators = Constant{per_member};
  job.cores = Constant{workload["cores"].number() * per_member};
  job.memory_bytes = Constant{workload["memory"].number() * per_member};
  job.priority = Constant{0};
  return job;
}

std::uint64_t steps_of(const View& workload, const TrainingPlan& plan) {
  if (const View steps = workload["steps"]) return static_cast<std::uint64_t>(steps.number());
  const double each = static_cast<double>(plan.batch) * static_cast<double>(plan.sequence);
  return static_cast<std::uint64_t>(std::ceil(workload["tokens"].number() / each));
}

/// Of all that are not fixed; nothing, with a problem, if there is none.
std::optional<TrainingPlan> fastest_plan(Resolution& r, const View& number,
                                         const PlanQuestion& question, const std::string& chip) {
  const PlanRanking ranking = rank_plans(question, 1);
  if (ranking.tried == 0) {
    r.error("E034", number,
            fmt::format("the model, a batch of {} and what is stated of the plan cannot be spread "
                        "over {} accelerators",
                        question.batch, question.accelerators),
            "another number, another batch, or less of the plan");
    return std::nullopt;
  }
  if (ranking.fitting == 0) {
    const auto shown = [](double bytes) { return format_for_people(bytes, Dimension::bytes); };
    r.error(
        "E034", number,
        fmt::format("of {} plans the one that needs least holds {} on each {}, which has {}",
                    ranking.tried, shown(ranking.least_bytes), chip, shown(question.memory_bytes)),
        "more accelerators, or less of the plan");
    return std::nullopt;
  }
  r.scenario.assumptions.push_back(
      {number.path(), fmt::format("the fastest of {} plans that fit: {}", ranking.fitting,
                                  describe_plan(ranking.best[0].plan))});
  return ranking.best[0].plan;
}

/// What a step takes and how many there are. False, with a problem, if that is too long.
bool time_plan(Resolution& r, const View& workload, const TrainingPlan& plan,
               TrainingSpec& training) {
  const PlanQuestion& question = training.question;
  training.plan = plan;
  training.time = training_time(question.model, plan, question.chip, question.software);
  training.flops = training_flops(question.model, plan, question.software);
  training.memory = training_memory(question.model, plan, question.software);
  training.parameters = parameters_of(question.model).total;
  training.course.steps = steps_of(workload, plan);
  if (!check_length(r, workload, training)) return false;
  training.course.step = seconds(training.time.step());
  return true;
}

void resolve_swing(Resolution& r, const View& workload, TrainingSpec& training) {
  const View swing = workload["swing"];
  if (!swing) return;
  TrainingSwing out{swing["low"].number(), 0, swing["edge"].number()};
  out.share =
      swing["share"] ? swing["share"].number() : training.time.exchanged() / training.time.step();
  if (out.share <= 0) {
    r.error("E033", swing, "no exchange of its steps is left beside products", "add \"share\"");
  }
  training.swing = out;
}

}  // namespace

const AcceleratorType* chip_of(Resolution& r, const View& at, const PoolSpec& pool,
                               std::string_view of_one) {
  std::set<std::uint32_t> types;
  for (const std::uint32_t rack : pool.racks) {
    for (const RackGroup::Run& run : r.scenario.racks[rack].servers) {
      const ServerType& server = r.scenario.server_types[run.type];
      if (server.accelerator) types.insert(*server.accelerator);
    }
  }
  if (types.size() == 1) return &r.scenario.accelerators[*types.begin()];
  r.error("E034", at,
          fmt::format("pool \"{}\" has {} types of accelerators; {} is that of one", pool.name,
                      types.size(), of_one),
          "a pool of its own for each");
  return nullptr;
}

void resolve_training(Resolution& r, const View& workload, JobsWorkload& out) {
  const auto entry = entry_named(r, workload["software"]);
  const FixedPlan fixed = fixed_of(workload);
  TrainingPlan plan = plan_of(workload, fixed);
  const View number = workload["accelerators"];
  const auto accelerators =
      number ? static_cast<std::uint64_t>(number.number()) : plan.accelerators();
  std::optional<AnyModelCard> card;
  if (workload["model"]) card = model_card_of(r, workload["model"]);
  const ModelCard* model = card ? std::get_if<ModelCard>(&*card) : nullptr;
  if (card && model == nullptr) {
    r.error("E034", workload["model"], "is no transformer", "a language model");
  }
  const bool known = model != nullptr && known_model(r, workload, *model);
  if (model != nullptr) check_experts(r, workload, *model);
  const PoolSpec& pool = r.scenario.pools[out.pool];
  const AcceleratorType* chip = chip_of(r, workload, pool, "a training step");
  const ServerType* server = server_of(r, pool);
  if (chip != nullptr && server == nullptr) {
    r.error("E034", workload, fmt::format("pool \"{}\" has several types of servers", pool.name),
            "a pool of its own for each");
  }
  const bool fits = number || check_plan(r, workload, plan, model);
  const bool saves = model != nullptr && model->latent;
  if (entry && entry->software.fused_attention && plan.recompute == Recompute::selective &&
      !saves) {
    r.warning("E016", workload["recompute"], "fused attention keeps no scores: this saves nothing",
              "\"none\" or \"full\"");
  }
  if (chip == nullptr || server == nullptr) return;
  const auto rates =
      chip_rates(r, workload, *chip, *server, entry.value_or(TrainingEntry{}), accelerators, plan);
  if (!fits || !known || !rates || !entry || !workload["batch"] || !workload["sequence"]) return;
  const auto per_server = static_cast<std::uint64_t>(server->shape.accelerators);
  if (accelerators > per_server && accelerators % per_server != 0) {
    r.error("E034", number ? number : workload["data_parallel"],
            fmt::format("{} accelerators are not whole servers of {}", accelerators, per_server),
            fmt::format("a multiple of {} in all", per_server));
    return;
  }
  TrainingSpec training;
  training.question = {*model,       *rates,        entry->software, chip->memory_bytes,
                       accelerators, plan.sequence, plan.batch,      fixed};
  training.question.precision = plan.precision;
  training.question.imbalance = plan.imbalance;
  training.question.expert_domains = plan.expert_domains;
  training.question.schedules = entry->schedules;
  if (number) {
    const auto best = fastest_plan(r, number, training.question, chip->name);
    if (!best) return;
    plan = *best;
  } else {
    training.question.fixed = {};  // a ranking is of any plan of so many
  }
  if (!time_plan(r, workload, plan, training)) return;
  const std::uint64_t in_server = std::min(accelerators, per_server);
  training.servers = static_cast<std::uint32_t>(accelerators / in_server);
  check_pool(r, workload, out.pool, plan, *server);
  check_memory(r, workload, *chip, training.memory);
  resolve_swing(r, workload, training);
  out.jobs.generate = job_of(workload, training, per_server);
  out.jobs.arrivals = ArrivalSpec{};
  out.jobs.arrivals->first_s = workload["start"].number();
  out.training = training;
}

}  // namespace hyperdc
