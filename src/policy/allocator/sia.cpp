// Sia: of each job one configuration of accelerators of one kind, so that normalised goodput of all
// is best, by an integer program; jobs choose their batch for what they have.
//
// Servers of the same kind and number R of accelerators are a group. A configuration is a group and
// a number: powers of two below R and R on one server, multiples of R on whole ones. For job i and
// configuration c
//   value     G(i, c) = goodput(i, c) / the least of all that it may have; on a kind that it has
//             not run on, goodput on one that it has, times what one accelerator of this is faster;
//             a job that has not run at all may have one accelerator, of any kind, worth 1
//   restarts  where c is not what the job has, G x max(0, age - restarts x r) / (age + r) for a
//             restart of r; 1 from the start until the job is as old as that
//   program   minimise sum over jobs of G^p (`fairness` p < 0; above 0: -G^p; 0: -log G) of its
//             configuration, or `unallocated` without one; no more of a group than there is
// A job has at most twice what it ever had, and keeps what it has while it comes up. Whoever keeps
// its configuration keeps its place; then the largest go first: whole servers that are free, else
// the fullest that has room; where fragments leave no room, the smallest jobs of one server move.
// Units: accelerators, s. Source: Jayaram Subramanya et al., "Sia", SOSP'23, par. 3.3 and 3.4;
// restarts and the job that has not run as in their artefact (siasosp23/artifacts), which rounds
// G^p to 0.01 and asks a solver for 0.01 %, as here.
// Cost: core/choice_program.hpp; items are jobs, resources groups. Valid: powers of two on servers;
// of other numbers a job that finds no room waits for the next decision. Leaves out: jobs whose
// accelerators or batch are fixed, pipelines.
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/choice_program.hpp"
#include "core/math.hpp"
#include "policy/allocator/allocators.hpp"
#include "policy/allocator/packing.hpp"

namespace hyperdc {
namespace {

constexpr double kSiaGap = 1e-4;

struct SiaOptions {
  double fairness, unallocated;
};

/// Servers alike.
struct SiaGroup {
  std::uint32_t kind = 0, each = 0;
  std::vector<std::uint32_t> servers;

  auto total() const { return each * static_cast<std::uint32_t>(servers.size()); }
};

std::vector<SiaGroup> groups_of(const AllocatorView& view) {
  std::vector<SiaGroup> out;
  for (std::uint32_t s = 0; s < view.capacity.size(); ++s) {
    if (view.capacity[s] == 0) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const SiaGroup& g) {
      return g.kind == view.kinds[s] && g.each == view.capacity[s];
    });
    SiaGroup& group =
        same == out.end() ? out.emplace_back(SiaGroup{view.kinds[s], view.capacity[s], {}}) : *same;
    group.servers.push_back(s);
  }
  return out;
}

/// Accelerators of a configuration; of none group 0.
struct SiaConfiguration {
  std::uint32_t group = 0, accelerators = 0;
  bool operator==(const SiaConfiguration&) const = default;
};

/// Puts configurations on servers.
class SiaPlacer {
 public:
  SiaPlacer(const AllocatorView& view, const std::vector<SiaGroup>& groups,
            const std::vector<SiaConfiguration>& given)
      : view_(view),
        groups_(groups),
        given_(given),
        free_(view.capacity.begin(), view.capacity.end()) {
    out_.assign(given.size(), Allocation(view.capacity.size(), 0));
  }

  std::vector<Allocation> place(const std::vector<bool>& keeps) {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (given_[i].accelerators == 0) continue;
      if (keeps[i]) {
        out_[i] = *view_.jobs[i].held;
        for (std::size_t s = 0; s < free_.size(); ++s) free_[s] -= out_[i][s];
      } else {
        waiting.push_back(i);
      }
    }
    while (!waiting.empty()) {
      const auto largest =
          std::max_element(waiting.begin(), waiting.end(), [&](std::size_t a, std::size_t b) {
            return given_[a].accelerators < given_[b].accelerators;
          });
      const std::size_t job = *largest;
      waiting.erase(largest);
      if (given_[job].accelerators > group(job).each) {
        place_whole(job, waiting);
      } else {
        place_part(job, waiting);
      }
    }
    return std::move(out_);
  }

 private:
  const SiaGroup& group(std::size_t job) const { return groups_[given_[job].group]; }

  void take(std::size_t job, std::uint32_t server, std::uint32_t accelerators) {
    out_[job][server] += accelerators;
    free_[server] -= accelerators;
  }
  void place_whole(std::size_t job, std::vector<std::size_t>& waiting) {
    const std::uint32_t each = group(job).each;
    std::vector<std::uint32_t> chosen;
    std::vector<std::uint32_t> order = group(job).servers;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return free_[a] > free_[b]; });
    for (const std::uint32_t server : order) {
      if (chosen.size() * each == given_[job].accelerators) break;
      if (!can_empty(server, each, given_[job].accelerators)) continue;
      chosen.push_back(server);
    }
    if (chosen.size() * each < given_[job].accelerators) return;  // no room: it waits
    for (const std::uint32_t server : chosen) {
      clear(server, each, given_[job].accelerators, waiting);
      take(job, server, each);
    }
  }
  /// One server: the fullest that has room, else that with most room after smaller jobs moved.
  void place_part(std::size_t job, std::vector<std::size_t>& waiting) {
    const std::uint32_t wanted = given_[job].accelerators;
    std::optional<std::uint32_t> best;
    for (const std::uint32_t server : group(job).servers) {
      if (free_[server] >= wanted && (!best || free_[server] < free_[*best])) best = server;
    }
    if (!best) {
      for (const std::uint32_t server : group(job).servers) {
        if (!can_empty(server, wanted, wanted)) continue;
        if (!best || free_[server] > free_[*best]) best = server;
      }
      if (!best) return;  // no room: it waits
      clear(*best, wanted, wanted, waiting);
    }
    take(job, *best, wanted);
  }
  /// Jobs with fewer than `below` accelerators leave so many there, with what is free.
  bool can_empty(std::uint32_t server, std::uint32_t wanted, std::uint32_t below) const {
    std::uint32_t there = free_[server];
    for (std::size_t i = 0; i < out_.size(); ++i) {
      if (given_[i].accelerators < below) there += out_[i][server];
    }
    return there >= wanted;
  }
  /// They go, the smallest first, and who comes up last: each smaller than who comes, so that no
  /// two push each other out for ever.
  void clear(std::uint32_t server, std::uint32_t wanted, std::uint32_t below,
             std::vector<std::size_t>& waiting) {
    while (free_[server] < wanted) {
      std::optional<std::size_t> least;
      const auto rank = [&](std::size_t i) {
        return std::pair(view_.jobs[i].coming_up, given_[i].accelerators);
      };
      for (std::size_t i = 0; i < out_.size(); ++i) {
        if (out_[i][server] == 0 || given_[i].accelerators >= below) continue;
        if (!least || rank(i) < rank(*least)) least = i;
      }
      for (std::size_t s = 0; s < free_.size(); ++s) {
        free_[s] += std::exchange(out_[*least][s], 0);
      }
      waiting.push_back(*least);
    }
  }

  const AllocatorView& view_;
  const std::vector<SiaGroup>& groups_;
  const std::vector<SiaConfiguration>& given_;
  std::vector<std::uint32_t> free_;
  std::vector<Allocation> out_;
};

class Sia final : public Allocator {
 public:
  explicit Sia(const SiaOptions& options) : options_(options) {}

  std::vector<Allocation> allocate(const AllocatorView& view) override {
    const std::vector<SiaGroup> groups = groups_of(view);
    ChoiceProgram program;
    program.gap = kSiaGap;
    for (const SiaGroup& group : groups) program.capacity.push_back(group.total());
    std::vector<SiaConfiguration> given(view.jobs.size());
    std::vector<bool> keeps(view.jobs.size(), true);
    std::vector<std::size_t> asked;
    std::vector<std::optional<SiaConfiguration>> held;
    for (std::size_t i = 0; i < view.jobs.size(); ++i) {
      const ElasticJobView& job = view.jobs[i];
      held.push_back(configuration_held(job, groups));
      if (job.coming_up && held[i]) {
        given[i] = *held[i];
        program.capacity[held[i]->group] -= held[i]->accelerators;
        continue;
      }
      asked.push_back(i);
      program.items.push_back(choices_of(job, view.now, groups, held[i]));
    }
    const ChoicePlan plan = solve(program);
    for (std::size_t k = 0; k < asked.size(); ++k) {
      const Choice& choice = program.items[k][plan.chosen[k]];
      given[asked[k]] = {choice.resource, choice.amount};
      keeps[asked[k]] = held[asked[k]] && *held[asked[k]] == given[asked[k]];
    }
    return SiaPlacer(view, groups, given).place(keeps);
  }
  bool adapts_batch() const override { return true; }
  AcceleratorKinds kinds() const override { return AcceleratorKinds::apart; }

 private:
  /// What the job has, where that is one of the configurations.
  static std::optional<SiaConfiguration> configuration_held(const ElasticJobView& job,
                                                            const std::vector<SiaGroup>& groups) {
    const std::uint32_t all = accelerators_in(*job.held);
    if (all == 0) return std::nullopt;
    for (std::uint32_t g = 0; g < groups.size(); ++g) {
      std::uint32_t here = 0;
      std::uint32_t parts = 0;
      for (const std::uint32_t server : groups[g].servers) {
        here += (*job.held)[server];
        parts += (*job.held)[server] % groups[g].each != 0 ? 1 : 0;
      }
      if (here == all && parts == (all < groups[g].each ? 1 : 0)) return SiaConfiguration{g, all};
    }
    return std::nullopt;
  }

  /// Calls use(accelerators, servers) of each configuration of a group.
  template <class Use>
  static void each_configuration(const SiaGroup& group, std::uint32_t most, Use use) {
    for (std::uint32_t k = 1; k < group.each && k <= most; k *= 2) use(k, 1U);
    for (std::uint32_t n = 1; n <= group.servers.size() && n * group.each <= most; ++n) {
      use(n * group.each, n);
    }
  }

  std::vector<Choice> choices_of(const ElasticJobView& job, SimTime now,
                                 const std::vector<SiaGroup>& groups,
                                 const std::optional<SiaConfiguration>& held) const {
    const std::uint32_t most = std::min(std::max(2 * job.tried, 1U), job.most);
    std::vector<Choice> out;  // with goodputs for costs
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t g = 0; g < groups.size(); ++g) {
      each_configuration(groups[g], most, [&](std::uint32_t accelerators, std::uint32_t servers) {
        const auto known = job.speed->goodput(servers, accelerators, groups[g].kind);
        if (!known && accelerators > 1) return;
        const double goodput = known.value_or(1);
        if (goodput <= 0) return;
        least = std::min(least, goodput);
        out.push_back({goodput, g, accelerators});
      });
    }
    const double delay = to_seconds(job.restart);
    const double age = to_seconds(now - job.submit);
    const double kept =
        age < delay || age <= 0 ? 1 : std::max(age - job.restarts * delay, 0.0) / (age + delay);
    for (Choice& choice : out) {
      const bool same = held && *held == SiaConfiguration{choice.resource, choice.amount};
      const bool free = accelerators_in(*job.held) == 0;
      choice.cost = cost_of(std::max(choice.cost / least * (same || free ? 1 : kept), kLeast));
    }
    out.push_back({options_.unallocated, 0, 0});
    return out;
  }

  double cost_of(double value) const {
    const double p = options_.fairness;
    if (p == 0) return -math::log(value);
    return p < 0 ? math::pow(value, p) : -math::pow(value, p);
  }

  static constexpr double kLeast = 1e-7;  // of a value: its cost stays a number

  const SiaOptions options_;
};

constexpr ParamSpec kParams[] = {
    {.name = "fairness",
     .kind = ParamKind::number,
     .doc = "Exponent of normalised goodput: 1 its sum, 0 its logarithm, lower favours jobs that "
            "have least.",
     .fallback = "-0.5",
     .min = -5,
     .max = 1,
     .example = "-0.5"},
    {.name = "unallocated",
     .kind = ParamKind::number,
     .doc = "Cost of a job without accelerators, above the 1 of one with its least goodput where "
            "`fairness` is below 0; more lets fewer jobs wait.",
     .fallback = "1.1",
     .min = 1.001,
     .max = 100,
     .example = "1.1"},
};

constexpr AllocatorEntry kEntry = {
    "sia",
    "Most normalised goodput over kinds of accelerators, by an integer program; jobs choose their "
    "batch.",
    kParams, [](const Params& params, const AllocatorContext&) -> std::unique_ptr<Allocator> {
      return std::make_unique<Sia>(
          SiaOptions{params.number("fairness"), params.number("unallocated")});
    }};

}  // namespace

const AllocatorEntry& sia_allocator() {
  return kEntry;
}

}  // namespace hyperdc
