#include "scenario/resolve_training_storage.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"
#include "scenario/resolve_storage.hpp"
#include "scenario/resolve_training.hpp"

namespace hyperdc {
namespace {

constexpr std::uint64_t kChunks = 4;  // that are read ahead: as many as fit, and no less than two

/// Stores and storage systems, by name.
std::vector<std::string> known_places(const Resolution& r) {
  std::vector<std::string> known = storage_names(r);
  std::vector<std::string> stores;
  for (const auto& [name, value, _] : r.spec["stores"].each()) stores.push_back(name);
  known.insert(known.begin(), stores.begin(), stores.end());
  return known;
}

std::uint32_t region_of(const Resolution& r, const JobsWorkload& workload) {
  return r.scenario.racks[r.scenario.pools[workload.pool].racks.front()].region;
}

bool check_stripe(Resolution& r, const View& at, const View& stripe, const StorageSpec& system,
                  double part_bytes) {
  const auto fragment = static_cast<double>(system.fragment_bytes);
  if (stripe ? stripe.number() <= fragment : part_bytes <= fragment) return true;
  r.error("E034", stripe ? stripe : at,
          fmt::format("{}, and a fragment of \"{}\" has {}",
                      stripe ? "is too large"
                             : fmt::format("the part of a server has {}",
                                           format_for_people(part_bytes, Dimension::bytes)),
                      system.name, format_for_people(fragment, Dimension::bytes)),
          stripe ? "at most that" : R"(add "stripe": "64 MB")");
  return false;
}

}  // namespace

std::optional<TrainingPlace> training_place(Resolution& r, const View& of, const char* key,
                                            const JobsWorkload& workload, double part_bytes) {
  const View at = of[key], stripe = of["stripe"], at_once = of["stripes_at_once"];
  const std::vector<std::string> known = known_places(r);
  if (std::ranges::find(known, at.text()) == known.end()) {
    r.unknown(at, "store or storage system", known);
    return std::nullopt;
  }
  TrainingPlace out;
  std::uint32_t region = 0;
  const auto store = std::ranges::find(r.scenario.stores, at.text(), &StoreSpec::name);
  const auto system = std::ranges::find(r.scenario.storage, at.text(), &StorageSpec::name);
  if (store != r.scenario.stores.end()) {
    out.store = static_cast<std::uint32_t>(store - r.scenario.stores.begin());
    region = store->region;
    for (const View& stated : {stripe, at_once}) {
      if (stated) r.error("E034", stated, "a store has no stripes", "remove it");
    }
  } else if (system != r.scenario.storage.end()) {
    out.system = static_cast<std::uint32_t>(system - r.scenario.storage.begin());
    region = system->region;
    if (const auto fabric = fabric_of_region(r.scenario.fabrics, region)) {
      out.fabric = true;
      out.endpoints = r.scenario.fabrics[*fabric].topology->endpoints_per_server();
    }
    if (stripe) out.stripe_bytes = static_cast<std::uint64_t>(stripe.number());
    out.at_once = static_cast<std::uint32_t>(at_once.number());
    if (!check_stripe(r, at, stripe, *system, part_bytes)) return std::nullopt;
  } else {
    return std::nullopt;  // it has problems of its own
  }
  if (region == region_of(r, workload)) return out;
  r.error(
      "E034", at,
      fmt::format("\"{}\" is in {}, and the run in {}", at.text(), r.scenario.regions[region].name,
                  r.scenario.regions[region_of(r, workload)].name),
      "one where the run is");
  return std::nullopt;
}

double alone_s(const Scenario& scenario, const TrainingPlace& place, double bytes, double servers,
               bool write) {
  if (place.store) {
    const StoreSpec& store = scenario.stores[*place.store];
    const double all = write && store.write_rate_Bps > 0 ? store.write_rate_Bps : store.rate_Bps;
    double each = store.client_rate_Bps < store.rate_Bps ? store.client_rate_Bps : all;
    if (place.server_Bps > 0) each = std::min(each, place.server_Bps);
    return to_seconds(store.latency) + bytes / std::min(all, servers * each);
  }
  const StorageSpec& system = scenario.storage[*place.system];
  const double part = bytes / servers;
  const double stripe = place.stripe_bytes > 0 ? static_cast<double>(place.stripe_bytes) : part;
  const double stripes = servers * std::ceil(part / stripe);
  const double k = system.code.data(), n = system.code.fragments();
  const double accesses = write ? stripes * n : stripes;
  const double moved = write ? bytes * n / k : bytes;
  const double work_s = accesses * to_seconds(system.seek) + moved / system.drive_Bps;
  return std::max(work_s / system.drives,
                  to_seconds(system.seek) + (write ? stripe / k : stripe) / system.drive_Bps);
}

std::optional<SharedCheckpoints> shared_checkpoints(Resolution& r, const View& checkpoint,
                                                    const JobsWorkload& workload,
                                                    std::size_t tier) {
  const TrainingSpec& training = *workload.training;
  for (const char* key : {"write", "limit", "load"}) {
    if (checkpoint[key].json() == nullptr) continue;
    r.error("E015", checkpoint[key], "what it is written into says how long that takes",
            "remove it, or \"into\"");
  }
  SharedCheckpoints out;
  out.tier = tier;
  out.bytes = checkpoint["bytes_per_parameter"].number() * training.parameters;
  out.blocking = checkpoint["blocking"].flag();
  out.stall = checkpoint["stall"].duration();
  const auto place = training_place(r, checkpoint, "into", workload, out.bytes / training.servers);
  if (!place) return std::nullopt;
  out.place = *place;
  const View rate = checkpoint["rate"];
  if (rate && place->system) {
    r.error("E034", rate, "drives and fabric say what a server gets of a storage system",
            "remove it");
  }
  out.place.server_Bps = rate.number();
  out.alone = seconds(std::min(2 * kLongestRun_s,
                               alone_s(r.scenario, out.place, out.bytes, training.servers, true)));
  if (place->store) r.scenario.stores[*place->store].written = true;
  return out;
}

void resolve_dataset(Resolution& r, const View& workload, JobsWorkload& out) {
  const View dataset = workload["dataset"];
  if (!dataset || !dataset["from"]) return;
  TrainingSpec& training = *out.training;
  const auto batch = static_cast<double>(training.plan.batch);
  const View of_token = dataset["bytes_per_token"], of_sample = dataset["bytes_per_sample"];
  TrainingData data;
  data.step_bytes =
      batch * (of_token ? of_token.number() * static_cast<double>(training.plan.sequence)
                        : of_sample.number());
  const double step_s = to_seconds(training.course.step);
  const double ahead = std::floor(dataset["ahead"].number() / step_s);
  if (dataset["ahead"] && ahead < 2) {
    r.error("E034", dataset["ahead"],
            fmt::format("a step takes {}", format_for_people(step_s, Dimension::time)),
            "at least two of them");
    return;
  }
  data.ahead = static_cast<std::uint64_t>(ahead);
  data.chunk = std::max<std::uint64_t>(1, data.ahead / kChunks);
  const double part = data.step_bytes * static_cast<double>(data.chunk) / training.servers;
  const auto place = training_place(r, dataset, "from", out, part);
  if (!place) return;
  data.place = *place;
  const auto chunk = static_cast<double>(data.chunk);
  const double chunk_s =
      alone_s(r.scenario, *place, data.step_bytes * chunk, training.servers, false);
  if (chunk_s > kLongestRun_s) {
    r.error("E034", dataset["from"], "what is read at a time takes longer than 90 y",
            "a higher rate, or less \"ahead\"");
    return;
  }
  training.data = data;
  const double reads_s = chunk_s / chunk;
  if (reads_s > step_s) {
    r.warning("E034", dataset["from"],
              fmt::format("gives the data of a step in {} where nobody else reads; a step takes {}",
                          format_for_people(reads_s, Dimension::time),
                          format_for_people(step_s, Dimension::time)),
              "a higher rate");
  }
}

}  // namespace hyperdc
