// Optimus: accelerators go where they save most of the time that is left, with the batch that was
// asked for.
//
// Each job gets one accelerator while there are any, in order of submission; then one at a time to
// the job with the largest remaining(k) - remaining(k + 1) > 0. A job whose number stays keeps its
// place; the others are placed from the smallest on, on the servers with most free.
// Source: Peng et al., "Optimus", EuroSys'18, as "Optimus+Oracle" of Qiao et al. (Pollux, OSDI'21):
// what is left is not estimated but read from the profile. Units: s.
// Cost: O(accelerators x jobs) a decision.
// Leaves out: parameter servers, the fit of the loss curve.
#include <numeric>

#include "policy/allocator/allocators.hpp"
#include "policy/allocator/packing.hpp"

namespace hyperdc {
namespace {

class Optimus final : public Allocator {
 public:
  std::vector<Allocation> allocate(const AllocatorView& view) override {
    const std::vector<std::uint32_t> wanted = numbers(view);
    std::vector<Allocation> out(view.jobs.size(), Allocation(view.capacity.size(), 0));
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (accelerators_in(*view.jobs[i].held) == wanted[i]) out[i] = *view.jobs[i].held;
    }
    std::vector<std::uint32_t> free = free_beside(view, out);
    std::vector<std::size_t> order(out.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
    for (const std::size_t job : order) {
      if (accelerators_in(out[job]) == 0) out[job] = pack(wanted[job], free);
    }
    return out;
  }

 private:
  static double gain(const ElasticJobView& job, std::uint32_t has, std::uint32_t left) {
    if (has + 1 > job.most || left == 0) return 0;
    return job.speed->remaining_s(has) - job.speed->remaining_s(has + 1);
  }

  static std::vector<std::uint32_t> numbers(const AllocatorView& view) {
    std::uint32_t left = accelerators_in(view.capacity);
    std::vector<std::uint32_t> wanted(view.jobs.size(), 0);
    std::vector<double> gains(view.jobs.size(), 0);
    for (std::size_t i = 0; i < wanted.size() && left > 0; ++i) {
      wanted[i] = 1;
      --left;
      gains[i] = gain(view.jobs[i], 1, left);
    }
    while (left > 0 && !gains.empty()) {
      const auto best = std::max_element(gains.begin(), gains.end());
      if (*best <= 0) break;
      const auto job = static_cast<std::size_t>(best - gains.begin());
      ++wanted[job];
      --left;
      *best = gain(view.jobs[job], wanted[job], left);
    }
    return wanted;
  }
};

constexpr AllocatorEntry kEntry = {
    "optimus",
    "Accelerators where they save most of the remaining time, which it knows; batch as asked.",
    {},
    [](const Params&, const AllocatorContext&) -> std::unique_ptr<Allocator> {
      return std::make_unique<Optimus>();
    }};

}  // namespace

const AllocatorEntry& optimus_allocator() {
  return kEntry;
}

}  // namespace hyperdc
