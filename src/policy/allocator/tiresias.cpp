// Tiresias over elastic jobs: the accelerators and the batch that were asked for, least attained
// service first.
//
// Two queues: jobs whose attained service (accelerator-seconds) is below `threshold`, and the
// others; within each by order of coming to it. From the first on, each job has what it asked for
// if that is still free, whoever runs now; who runs and still may stays where it is.
// Source: Gu et al., NSDI'19, 2D-LAS with two queues, as the baseline of Qiao et al. (Pollux,
// OSDI'21), whose artefact has 16 accelerator-hours. Units: accelerator-seconds.
// Cost: O(jobs + servers) a decision.
// Leaves out: promotion, the Gittins variant (the scheduler "las" has the first).
#include <unordered_map>

#include "policy/allocator/allocators.hpp"
#include "policy/allocator/packing.hpp"

namespace hyperdc {
namespace {

class Tiresias final : public Allocator {
 public:
  explicit Tiresias(double threshold_s) : threshold_s_(threshold_s) {}

  std::vector<Allocation> allocate(const AllocatorView& view) override {
    std::unordered_map<std::uint64_t, std::size_t> index;  // of numbers
    for (std::size_t i = 0; i < view.jobs.size(); ++i) index[view.jobs[i].number] = i;
    drop_ended(first_, index);
    drop_ended(second_, index);
    for (const ElasticJobView& job : view.jobs) {
      if (job.number < next_) continue;
      first_.push_back(job.number);
      next_ = job.number + 1;
    }
    std::erase_if(first_, [&](std::uint64_t number) {  // in order of number, as view.jobs
      if (view.jobs[index.at(number)].attained_s < threshold_s_) return false;
      second_.push_back(number);
      return true;
    });
    std::uint32_t left = accelerators_in(view.capacity);
    std::vector<std::size_t> chosen;
    for (const auto* queue : {&first_, &second_}) {
      for (const std::uint64_t number : *queue) {
        const std::size_t job = index.at(number);
        if (view.jobs[job].asked > left) continue;
        left -= view.jobs[job].asked;
        chosen.push_back(job);
      }
    }
    std::vector<Allocation> out(view.jobs.size(), Allocation(view.capacity.size(), 0));
    for (const std::size_t job : chosen) out[job] = *view.jobs[job].held;
    std::vector<std::uint32_t> free = free_beside(view, out);
    for (const std::size_t job : chosen) {
      if (accelerators_in(out[job]) == 0) out[job] = pack(view.jobs[job].asked, free);
    }
    return out;
  }

  bool keeps_requested() const override { return true; }

 private:
  static void drop_ended(std::vector<std::uint64_t>& queue,
                         const std::unordered_map<std::uint64_t, std::size_t>& there) {
    std::erase_if(queue, [&](std::uint64_t number) { return !there.contains(number); });
  }

  const double threshold_s_;
  std::vector<std::uint64_t> first_, second_;  // numbers of jobs
  std::uint64_t next_ = 0;                     // number of the first job that is not known
};

constexpr ParamSpec kParams[] = {
    {.name = "threshold",
     .kind = ParamKind::quantity,
     .dimension = Dimension::time,
     .doc = "Attained service, as run time on one accelerator, at which a job moves to the second "
            "queue; longer keeps large jobs in the first.",
     .fallback = R"("16 h")",
     .min = 0,
     .max = 1e12,
     .example = R"("16 h")"},
};

constexpr AllocatorEntry kEntry = {
    "tiresias",
    "Accelerators and batch as asked; jobs below a threshold of attained service go first.",
    kParams, [](const Params& params, const AllocatorContext&) -> std::unique_ptr<Allocator> {
      return std::make_unique<Tiresias>(params.number("threshold"));
    }};

}  // namespace

const AllocatorEntry& tiresias_allocator() {
  return kEntry;
}

}  // namespace hyperdc
