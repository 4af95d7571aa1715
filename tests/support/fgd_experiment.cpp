#include "support/fgd_experiment.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>
#include <random>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <zlib.h>

#include "world/placer.hpp"

namespace hyperdc::fgd {
namespace {

std::string contents(const std::string& file) {
  gzFile in = gzopen(file.c_str(), "rb");
  if (in == nullptr) throw std::runtime_error("cannot open " + file);
  std::string text;
  char buffer[1 << 16];
  int n = 0;
  while ((n = gzread(in, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  gzclose(in);
  return text;
}

std::vector<std::vector<std::string>> rows(const std::string& file) {
  std::istringstream text(contents(file));
  std::vector<std::vector<std::string>> result;
  std::string line;
  std::getline(text, line);  // names of the columns
  while (std::getline(text, line)) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == ',') {
        fields.emplace_back();
      } else if (c != '\r') {
        fields.back().push_back(c);
      }
    }
    result.push_back(std::move(fields));
  }
  return result;
}

ModelSet bit_of(Cluster& cluster, const std::string& model) {
  const auto it = std::find(cluster.models.begin(), cluster.models.end(), model);
  const auto bit = it - cluster.models.begin();
  if (it == cluster.models.end()) cluster.models.push_back(model);
  return ModelSet{1} << bit;
}

std::uint64_t below(std::mt19937_64& random, std::uint64_t n) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random()) * n) >> 64);
}

template <class T>
void shuffle(std::vector<T>& values, std::mt19937_64& random) {
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1], values[below(random, i)]);
}

void delete_until(std::vector<Request>& pods, std::int64_t sum, std::int64_t target,
                  std::mt19937_64& random) {
  while (sum > target) {
    const auto i = static_cast<std::ptrdiff_t>(below(random, pods.size()));
    sum -= pods[static_cast<std::size_t>(i)].total_accelerator_milli();
    pods.erase(pods.begin() + i);
  }
}

double cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

Cluster read_cluster(const std::string& file) {
  Cluster cluster;
  for (const auto& f : rows(file)) {  // sn, cpu_milli, memory_mib, gpu, model
    const ServerShape shape{std::stoll(f.at(1)), std::stoll(f.at(2)) << 20,
                            static_cast<std::uint32_t>(std::stoul(f.at(3))),
                            bit_of(cluster, f.at(4))};
    if (cluster.blocks.empty() || !(cluster.blocks.back().shape == shape)) {
      cluster.blocks.push_back({shape, 0});
    }
    cluster.blocks.back().count += 1;
  }
  return cluster;
}

PodList read_pods(const std::string& file, Cluster& cluster) {
  PodList list;
  std::map<std::tuple<std::int64_t, std::int32_t, std::int32_t, ModelSet>, std::size_t> index;
  for (const auto& f : rows(file)) {  // name, cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec
    Request pod{std::stoll(f.at(1)), std::stoll(f.at(2)) << 20, std::stoi(f.at(3)),
                std::stoi(f.at(4)), 0};
    if (pod.accelerators > 1) pod.accelerator_milli = kWholeAccelerator;
    if (pod.accelerators == 0) pod.accelerator_milli = 0;
    if (f.size() > 5) {
      std::istringstream models(f[5]);
      std::string model;
      while (std::getline(models, model, '|')) pod.models |= bit_of(cluster, model);
    }
    list.pods.push_back(pod);
    const auto [it, fresh] = index.try_emplace(
        {pod.cores_milli, pod.accelerators, pod.accelerator_milli, pod.models}, list.mix.size());
    if (fresh) {
      list.mix.push_back({pod, 0});
      list.mix.back().request.memory_bytes = 0;
    }
    list.mix[it->second].share += 1;
  }
  std::stable_sort(list.mix.begin(), list.mix.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  for (JobMixEntry& kind : list.mix) kind.share /= static_cast<double>(list.pods.size());
  return list;
}

std::vector<Request> offered(const PodList& list, std::int64_t capacity_milli, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Request> pods = list.pods;
  shuffle(pods, random);
  const auto target = static_cast<std::int64_t>(1.3 * static_cast<double>(capacity_milli));
  std::int64_t sum = 0;
  for (const Request& pod : pods) sum += pod.total_accelerator_milli();
  if (sum > target) {
    delete_until(pods, sum, target, random);
    return pods;
  }
  for (;;) {
    const Request& pod = list.pods[below(random, list.pods.size())];
    // As the artefact has it: it stops at the accelerator_milli of one device, not of all.
    if (sum + pod.accelerator_milli > target) return pods;
    sum += pod.total_accelerator_milli();
    pods.push_back(pod);
  }
}

const PlacementEntry& entry(std::string_view policy) {
  for (const PlacementEntry& entry : placements()) {
    if (entry.name == policy) return entry;
  }
  throw std::runtime_error("no placement " + std::string(policy));
}

Params defaults(const PlacementEntry& entry) {
  Params params;
  for (const ParamSpec& spec : entry.params) {
    const std::string fallback(spec.fallback);
    if (spec.kind == ParamKind::choice) {
      params.set(spec.name, fallback.substr(1, fallback.size() - 2));
    } else {
      params.set(spec.name, std::stod(fallback));
    }
  }
  return params;
}

Outcome run(const Cluster& cluster, const PodList& list, const PlacementEntry& policy,
            std::uint64_t seed, bool measure_fragmentation) {
  auto placement = policy.make(defaults(policy), PlacementContext{list.mix});
  std::uint32_t servers = 0;
  for (const FleetBlock& block : cluster.blocks) servers += block.count;
  std::vector<std::uint32_t> order(servers);
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937_64 random(seed ^ 0x7469652d6f726465);
  shuffle(order, random);
  Fleet fleet(cluster.blocks, std::move(order), placement->uses_holds());
  Placer placer(fleet, std::move(placement), RandomStream(seed, "placement"));
  FragmentationMeter meter(fleet, list.mix);
  if (measure_fragmentation) placer.watch(&meter);

  const auto capacity = static_cast<double>(fleet.capacity().accelerator_milli);
  const std::vector<Request> pods = offered(list, fleet.capacity().accelerator_milli, seed);
  Outcome outcome;
  std::vector<Share> shares;
  std::int64_t arrived = 0;
  const double begin = cpu_s();
  for (const Request& pod : pods) {
    arrived += pod.total_accelerator_milli();
    outcome.placed += placer.place(pod, 1, outcome.offered, shares);
    ++outcome.offered;
    if (!measure_fragmentation) continue;
    Point& point = outcome.at[std::llround(100 * static_cast<double>(arrived) / capacity)];
    const auto used =
        static_cast<double>(fleet.capacity().accelerator_milli - fleet.free().accelerator_milli);
    point.alloc_pct += 100 * used / capacity;
    point.frag_pct += 100 * meter.total_milli() / capacity;
    point.arrivals += 1;
  }
  outcome.cpu_s = cpu_s() - begin;
  for (auto& [x, point] : outcome.at) {
    point.alloc_pct /= static_cast<double>(point.arrivals);
    point.frag_pct /= static_cast<double>(point.arrivals);
  }
  return outcome;
}

}  // namespace hyperdc::fgd
