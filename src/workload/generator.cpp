#include "workload/generator.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include <hyperdc/core/assert.hpp>

#include "workload/arrivals.hpp"
#include "workload/format_reader.hpp"

namespace hyperdc {

namespace {

constexpr double kMaxRunSeconds = to_seconds(kNeverEstimate);

/// One property: its distribution and its stream. A constant costs no draw.
class Property {
 public:
  Property(const DistributionSpec& spec, const JobsSpec& jobs, std::string_view name,
           std::uint64_t seed)
      : stream_(seed, fmt::format("workloads.{}.{}", jobs.workload, name)), distribution_(spec) {
    if (const auto* constant = std::get_if<Constant>(&spec)) constant_ = constant->value;
  }
  /// The value for job `k`, cut to [0, high].
  double draw(std::uint64_t k, double high) const { return std::clamp(raw(k), 0.0, high); }
  double raw(std::uint64_t k) const {
    return constant_ ? *constant_ : distribution_.draw(stream_, k);
  }

 private:
  RandomStream stream_;
  Distribution distribution_;
  std::optional<double> constant_;
};

std::int64_t up(double x) {
  return static_cast<std::int64_t>(std::ceil(x - 1e-9));
}

class Generator final : public JobSource {
 public:
  Generator(const JobsSpec& spec, std::uint64_t seed)
      : spec_(*spec.generate),
        departures_(spec.departures),
        arrivals_(*spec.arrivals, spec.workload, seed),
        run_(spec_.run_s, spec, "run", seed),
        cores_(spec_.cores, spec, "cores", seed),
        memory_(spec_.memory_bytes, spec, "memory", seed),
        accelerators_(spec_.accelerators, spec, "accelerators", seed),
        members_(spec_.members, spec, "members", seed),
        priority_(spec_.priority, spec, "priority", seed),
        tenant_(seed, fmt::format("workloads.{}.tenant", spec.workload)) {
    HYPERDC_CHECK(spec_.tenants >= 1 && spec_.tenants <= kMaxTenants,
                  "the number of tenants is outside its range");
    for (std::uint32_t t = 0; t < spec_.tenants; ++t) {
      tenants_.push_back(spec_.tenants == 1 ? std::string(kNoTenant) : fmt::format("tenant-{}", t));
    }
  }

  bool next(JobRecord& job) override {
    if (spec_.count != 0 && number_ >= spec_.count) return false;
    const std::uint64_t k = number_++;
    job.submit = arrivals_.next();
    const double run_s = run_.draw(k, kMaxRunSeconds);
    job.run.reset();
    if (departures_) job.run = seconds(run_s);
    job.estimate = seconds(std::min(run_s * spec_.estimate_factor, kMaxRunSeconds));
    draw_request(k, job.each);
    job.members =
        static_cast<std::uint32_t>(std::max(up(members_.draw(k, kMaxMembers)), std::int64_t{1}));
    constexpr double kLowest = std::numeric_limits<std::int32_t>::min();
    constexpr double kHighest = std::numeric_limits<std::int32_t>::max();
    job.priority = static_cast<std::int32_t>(
        std::clamp(std::floor(priority_.raw(k) + 0.5), kLowest, kHighest));
    job.tenant =
        spec_.tenants == 1 ? 0 : static_cast<std::uint32_t>(tenant_.below(spec_.tenants, k));
    job.name.clear();
    return true;
  }

  std::span<const std::string> tenants() const override { return tenants_; }

 private:
  void draw_request(std::uint64_t k, Request& each) const {
    each.cores_milli = milli_up(cores_.draw(k, kMaxCores));
    each.memory_bytes = up(memory_.draw(k, kMaxMemoryBytes));
    const double devices = accelerators_.draw(k, kMaxAcceleratorsPerServer);
    if (devices >= 1) {
      each.accelerators = static_cast<std::int32_t>(up(devices));
      each.accelerator_milli = kWholeAccelerator;
    } else {
      each.accelerator_milli = static_cast<std::int32_t>(milli_up(devices));
      each.accelerators = each.accelerator_milli > 0 ? 1 : 0;
    }
    each.models = each.accelerators > 0 ? spec_.models : 0;
  }

  const GeneratorSpec spec_;
  bool departures_;
  Arrivals arrivals_;
  Property run_, cores_, memory_, accelerators_, members_, priority_;
  RandomStream tenant_;
  std::vector<std::string> tenants_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<JobSource> make_generator(const JobsSpec& spec, std::uint64_t seed) {
  HYPERDC_CHECK(spec.generate && spec.arrivals, "a generator needs arrivals");
  return std::make_unique<Generator>(spec, seed);
}

}  // namespace hyperdc
