// Pollux: accelerators where they make most goodput of the whole cluster, fairly, by a genetic
// search; jobs choose their batch for what they have.
//
// For n jobs on G accelerators, a state says how many accelerators each job has on each server.
//   speedup    s_j = goodput(servers, accelerators) / goodput(1, ceil(G / n)), x servers / G, so
//              that a fair share counts 1 for each server's worth; k / ceil(G / n) for a job that
//              has not run yet; a fair share is no more than the job can use
//   restarts   where a state changes what a job has: s_j x max(0, age - restarts x r) / (age + r)
//   fitness    the power mean of s_j + 1e-3 with exponent p (`fairness`; -1: harmonic)
//   search     from the states that the last decision ended with, and the present one: in each of
//              `generations`, `population` children of two parents, each the better of two, that
//              exchange the jobs behind a point; then some jobs go back to what they have (1 in
//              10), some (1 in 10) lose each server with 1 in 10, and each server with room gives
//              some to one job, and some more to one that is there; then they are repaired; parents
//              and children that are not alike compete for the next generation
//   repair     jobs by attained service: a second job over several servers leaves a server that
//              has one (`avoid_interference`), no job has more than it can use or twice what it
//              tried, and no server gives more than it has
//   `patience` generations without a better state end a search early.
//   kinds      of accelerators are not told apart: a job that would have several is left with those
//              of the kind of which it would have most, and the others idle until the next decision
// Units: accelerators, s. Source: Qiao et al., "Pollux", OSDI'21, par. 4.2 and 5.3; rates of
// mutation, penalty and scale as in their artefact (petuum/adaptdl, osdi21-artifact), which keeps
// the utilization of the cluster as a second objective, for autoscaling: left out here.
// Cost: O(generations x population x jobs x servers) a decision, and O(jobs x accelerators)
// goodputs. Valid: up to 255 accelerators on a server. Leaves out: autoscaling of the
// cluster.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "core/math.hpp"
#include "core/rng.hpp"
#include "policy/allocator/allocators.hpp"
#include "policy/allocator/packing.hpp"

namespace hyperdc {
namespace {

struct PolluxOptions {
  std::size_t population, generations, patience;
  double fairness;
  bool avoid_interference;
};

/// Small whole numbers, many of them: xoshiro256++ (Blackman, Vigna), seeded for each decision from
/// the counted stream, so that no decision depends on how many draws another one took.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t decision) {
    const RandomStream stream(seed, "pollux");
    for (std::uint64_t i = 0; i < 2; ++i) {
      const auto bits = stream.bits(decision, i);
      state_[2 * i] = bits[0], state_[2 * i + 1] = bits[1];
    }
  }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  static std::uint64_t turned(std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }
  std::uint64_t next() {
    const std::uint64_t out = turned(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = turned(state_[3], 45);
    return out;
  }
  std::array<std::uint64_t, 4> state_{};
};

/// Accelerators by job, then server.
using State = std::vector<std::uint8_t>;

struct Member {
  State state;
  double fitness = 0;
};

/// One decision: the jobs in order of attained service, and what is known of them.
class Search {
 public:
  Search(const AllocatorView& view, const PolluxOptions& options, Draws& draws)
      : view_(view), options_(options), draws_(draws), servers_(view.capacity.size()) {
    order_.resize(view.jobs.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return view.jobs[a].attained_s < view.jobs[b].attained_s;
    });
    total_ = accelerators_in(view.capacity);
    for (const std::size_t j : order_) add_job(view.jobs[j]);
    used_.resize(servers_);
  }

  std::size_t jobs() const { return order_.size(); }
  const ElasticJobView& job(std::size_t i) const { return view_.jobs[order_[i]]; }
  const State& base() const { return base_; }

  /// The best of what the search ends with comes first.
  void run(std::vector<Member>& population) {
    population.push_back({base_, 0});
    for (Member& member : population) {
      repair(member.state);
      member.fitness = fitness(member.state);
    }
    select(population);
    std::size_t idle = 0;
    for (std::size_t g = 0; g < options_.generations && idle < options_.patience; ++g) {
      const double before = population.front().fitness;
      const std::size_t parents = population.size();
      for (std::size_t c = 0; c < options_.population; ++c) {
        const State& mother = population[parent(parents)].state;
        const State& father = population[parent(parents)].state;
        Member child{mother, 0};
        const std::size_t from = draws_.below(static_cast<std::uint32_t>(jobs())) * servers_;
        std::copy(father.begin() + static_cast<std::ptrdiff_t>(from), father.end(),
                  child.state.begin() + static_cast<std::ptrdiff_t>(from));
        mutate(child.state);
        repair(child.state);
        child.fitness = fitness(child.state);
        population.push_back(std::move(child));
      }
      select(population);
      idle = population.front().fitness > before ? 0 : idle + 1;
    }
  }

  std::vector<Allocation> answer(const State& state) const {
    std::vector<Allocation> out(jobs());
    for (std::size_t i = 0; i < jobs(); ++i) {
      const auto row = state.begin() + static_cast<std::ptrdiff_t>(i * servers_);
      Allocation& given = out[order_[i]];
      given.assign(row, row + static_cast<std::ptrdiff_t>(servers_));
      keep_one_kind(given, view_.kinds);
    }
    return out;
  }

 private:
  void add_job(const ElasticJobView& job) {
    base_.insert(base_.end(), job.held->begin(), job.held->end());
    const std::uint32_t most = std::min({std::max(2 * job.tried, 1U), job.most, total_});
    most_.push_back(most);
    const auto n = static_cast<std::uint32_t>(view_.jobs.size());
    const std::uint32_t fair = std::min((total_ + n - 1) / n, job.most);
    auto fair_goodput = job.speed->goodput(1, fair, 0);
    if (fair_goodput && *fair_goodput <= 0) fair_goodput = job.speed->goodput(1, 1, 0);
    const double scale = static_cast<double>(servers_) / static_cast<double>(total_);
    auto& table = speedups_.emplace_back(2 * (most + 1), 0.0);
    for (std::uint32_t far = 0; far < 2; ++far) {
      for (std::uint32_t k = far + 1; k <= most; ++k) {
        double speedup = static_cast<double>(k) / fair;
        if (fair_goodput) {
          speedup = *fair_goodput > 0 ? *job.speed->goodput(far + 1, k, 0) / *fair_goodput : 0;
        }
        table[far * (most + 1) + k] = speedup * scale;
      }
    }
    const double delay = to_seconds(job.restart);
    const double age = to_seconds(view_.now - job.submit);
    kept_.push_back(age + delay <= 0 ? 1
                                     : std::max(age - job.restarts * delay, 0.0) / (age + delay));
  }

  std::size_t parent(std::size_t parents) {
    const auto n = static_cast<std::uint32_t>(parents);
    return std::min(draws_.below(n), draws_.below(n));  // they are sorted
  }

  /// The best that are not alike, best first.
  void select(std::vector<Member>& population) const {
    std::stable_sort(population.begin(), population.end(),
                     [](const Member& a, const Member& b) { return a.fitness > b.fitness; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < population.size() && kept < options_.population; ++i) {
      bool alike = false;
      for (std::size_t k = kept; k-- > 0 && !alike;) {
        if (population[k].fitness != population[i].fitness) break;
        alike = population[k].state == population[i].state;
      }
      if (alike) continue;
      if (kept != i) std::swap(population[kept], population[i]);
      ++kept;
    }
    population.resize(kept);
  }

  double fitness(const State& state) const {
    double sum = 0;
    for (std::size_t i = 0; i < jobs(); ++i) {
      const std::uint8_t* row = state.data() + i * servers_;
      const std::uint8_t* base = base_.data() + i * servers_;
      std::uint32_t servers = 0;
      std::uint32_t accelerators = 0;
      bool changed = false;
      for (std::size_t s = 0; s < servers_; ++s) {
        servers += row[s] != 0 ? 1 : 0;
        accelerators += row[s];
        changed |= row[s] != base[s];
      }
      double speedup = speedups_[i][(servers > 1 ? most_[i] + 1 : 0) + accelerators];
      if (changed) speedup *= kept_[i];
      sum += powered(speedup + 1e-3, options_.fairness);
    }
    return powered_mean(sum / static_cast<double>(jobs()));
  }
  static double powered(double value, double p) {
    if (p == -1) return 1 / value;
    return p == 0 ? math::log(value) : math::pow(value, p);
  }
  double powered_mean(double mean) const {
    if (options_.fairness == -1) return 1 / mean;
    return options_.fairness == 0 ? math::exp(mean) : math::pow(mean, 1 / options_.fairness);
  }

  void mutate(State& state) {
    for (std::size_t i = 0; i < jobs(); ++i) {
      std::uint8_t* row = state.data() + i * servers_;
      if (draws_.one_in(10)) {
        std::copy_n(base_.data() + i * servers_, servers_, row);
      }
      if (!draws_.one_in(10)) continue;
      for (std::size_t s = 0; s < servers_; ++s) {
        if (draws_.one_in(10)) row[s] = 0;
      }
    }
    add_on_servers(state);
  }
  /// Each server with room gives some to one job, and some more to one that is there.
  void add_on_servers(State& state) {
    std::fill(used_.begin(), used_.end(), Used{});
    for (std::size_t i = 0; i < jobs(); ++i) {
      const std::uint8_t* row = state.data() + i * servers_;
      for (std::size_t s = 0; s < servers_; ++s) {
        used_[s].accelerators += row[s];
        used_[s].jobs += row[s] != 0 ? 1 : 0;
      }
    }
    for (std::size_t s = 0; s < servers_; ++s) {
      if (used_[s].accelerators >= view_.capacity[s]) continue;
      raise(state, draws_.below(static_cast<std::uint32_t>(jobs())), s);
      if (used_[s].jobs == 0) continue;
      std::uint32_t nth = draws_.below(used_[s].jobs);
      for (std::size_t i = 0; i < jobs(); ++i) {
        if (state[i * servers_ + s] == 0 || nth-- > 0) continue;
        raise(state, i, s);
        break;
      }
    }
  }
  /// To any number from what it is to all that the server has.
  void raise(State& state, std::size_t job, std::size_t server) {
    std::uint8_t& here = state[job * servers_ + server];
    here = static_cast<std::uint8_t>(here + draws_.below(view_.capacity[server] - here + 1));
  }

  void repair(State& state) {
    std::fill(used_.begin(), used_.end(), Used{});
    for (std::size_t i = 0; i < jobs(); ++i) {
      std::uint8_t* row = state.data() + i * servers_;
      std::uint32_t servers = 0;
      std::uint32_t accelerators = 0;
      for (std::size_t s = 0; s < servers_; ++s) servers += row[s] != 0 ? 1 : 0;
      if (options_.avoid_interference && servers > 1) {
        for (std::size_t s = 0; s < servers_; ++s) {
          if (row[s] == 0) continue;
          if (used_[s].spread) row[s] = 0;
          used_[s].spread = true;
        }
      }
      for (std::size_t s = 0; s < servers_; ++s) accelerators += row[s];
      if (accelerators > most_[i]) cut(row, accelerators - most_[i]);
      for (std::size_t s = 0; s < servers_; ++s) {
        row[s] = static_cast<std::uint8_t>(
            std::min<std::uint32_t>(row[s], view_.capacity[s] - used_[s].accelerators));
        used_[s].accelerators += row[s];
      }
    }
  }
  /// Takes so many away, from servers at random.
  void cut(std::uint8_t* row, std::uint32_t surplus) {
    auto s = static_cast<std::size_t>(draws_.below(static_cast<std::uint32_t>(servers_)));
    for (; surplus > 0; s = s + 1 == servers_ ? 0 : s + 1) {
      const std::uint32_t taken = std::min<std::uint32_t>(row[s], surplus);
      row[s] = static_cast<std::uint8_t>(row[s] - taken);
      surplus -= taken;
    }
  }

  struct Used {
    std::uint32_t accelerators = 0, jobs = 0;
    bool spread = false;  // by a job over several servers
  };

  const AllocatorView& view_;
  const PolluxOptions& options_;
  Draws& draws_;
  std::size_t servers_;
  std::uint32_t total_ = 0;
  std::vector<std::size_t> order_;             // of view_.jobs
  State base_;                                 // what they have
  std::vector<std::uint32_t> most_;            // accelerators
  std::vector<std::vector<double>> speedups_;  // one server by accelerators, then several
  std::vector<double> kept_;                   // of a speedup, when what it has changes
  std::vector<Used> used_;                     // scratch
};

class Pollux final : public Allocator {
 public:
  Pollux(const PolluxOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

  std::vector<Allocation> allocate(const AllocatorView& view) override {
    Draws draws(seed_, decisions_++);
    Search search(view, options_, draws);
    std::vector<Member> population = carried_over(search, view.capacity.size());
    search.run(population);
    std::vector<Allocation> out = search.answer(population.front().state);
    numbers_.clear();
    for (std::size_t i = 0; i < search.jobs(); ++i) numbers_.push_back(search.job(i).number);
    population_ = std::move(population);
    return out;
  }
  bool adapts_batch() const override { return true; }
  AcceleratorKinds kinds() const override { return AcceleratorKinds::alike; }
  bool draws() const override { return true; }

 private:
  /// What the last decision ended with, for the jobs of this one.
  std::vector<Member> carried_over(const Search& search, std::size_t servers) const {
    std::unordered_map<std::uint64_t, std::size_t> row_of;
    for (std::size_t i = 0; i < numbers_.size(); ++i) row_of[numbers_[i]] = i;
    std::vector<Member> out;
    for (const Member& old : population_) {
      Member& member = out.emplace_back(Member{State(search.jobs() * servers, 0), 0});
      for (std::size_t i = 0; i < search.jobs(); ++i) {
        const auto row = row_of.find(search.job(i).number);
        if (row == row_of.end()) continue;
        std::copy_n(old.state.data() + row->second * servers, servers,
                    member.state.data() + i * servers);
      }
    }
    return out;
  }

  const PolluxOptions options_;
  const std::uint64_t seed_;
  std::uint64_t decisions_ = 0;
  std::vector<Member> population_;      // of the last decision
  std::vector<std::uint64_t> numbers_;  // its jobs
};

constexpr ParamSpec kParams[] = {
    {.name = "population",
     .kind = ParamKind::integer,
     .doc = "States that compete in each generation; more search wider and take longer.",
     .fallback = "100",
     .min = 2,
     .max = 10'000,
     .example = "100"},
    {.name = "generations",
     .kind = ParamKind::integer,
     .doc = "Of a decision; more search longer.",
     .fallback = "100",
     .min = 1,
     .max = 10'000,
     .example = "100"},
    {.name = "patience",
     .kind = ParamKind::integer,
     .doc = "Generations without a better state that end the search of a decision.",
     .fallback = "25",
     .min = 1,
     .max = 10'000,
     .example = "25"},
    {.name = "fairness",
     .kind = ParamKind::number,
     .doc = "Exponent of the mean over jobs: 1 the sum of their speedups, lower favours those that "
            "have least.",
     .fallback = "-1",
     .min = -20,
     .max = 1,
     .example = "-1"},
    {.name = "avoid_interference",
     .kind = ParamKind::boolean,
     .doc = "At most one job over several servers on each server.",
     .fallback = "true",
     .example = "true"},
};

constexpr AllocatorEntry kEntry = {
    "pollux",
    "Most goodput, fairly, by a genetic search; jobs choose their batch for what they have.",
    kParams,
    [](const Params& params, const AllocatorContext& context) -> std::unique_ptr<Allocator> {
      const PolluxOptions options{
          .population = static_cast<std::size_t>(params.integer("population")),
          .generations = static_cast<std::size_t>(params.integer("generations")),
          .patience = static_cast<std::size_t>(params.integer("patience")),
          .fairness = params.number("fairness"),
          .avoid_interference = params.flag("avoid_interference")};
      return std::make_unique<Pollux>(options, context.seed);
    }};

}  // namespace

const AllocatorEntry& pollux_allocator() {
  return kEntry;
}

}  // namespace hyperdc
