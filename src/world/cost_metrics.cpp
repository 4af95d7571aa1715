#include "world/cost_metrics.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "world/held.hpp"
#include "world/metric_values.hpp"
#include "world/service/inference.hpp"
#include "world/training.hpp"

namespace hyperdc {

namespace {

using Values = std::vector<MetricValue>;

constexpr double kAnHour_s = 3600;
constexpr double kPflopHour = 1e15 * kAnHour_s;

/// An amount, or why there is none.
struct Amount {
  double usd = 0;
  std::string missing;
};

void put(Values& values, const std::string& name, const Amount& amount) {
  if (amount.missing.empty()) {
    put(values, name, "USD", amount.usd);
  } else {
    put_missing(values, name, "USD", amount.missing);
  }
}

/// Over `count`; `none` is why there is no value where that is 0.
void put_per(Values& values, const std::string& name, Amount amount, double count,
             const char* none) {
  if (count > 0) {
    amount.usd /= count;
  } else if (amount.missing.empty()) {
    amount.missing = none;
  }
  put(values, name, amount);
}

/// Sums in millionths of a dollar: whole numbers, in any order.
struct Sum {
  std::int64_t micro_usd = 0;
  bool there = false;
  std::string missing;

  void add(std::int64_t micro, const std::string& reason) {
    micro_usd += micro;
    there = true;
    if (missing.empty()) missing = reason;
  }
  void add(const Sum& other) {
    if (other.there) add(other.micro_usd, other.missing);
  }
  Amount amount() const { return {static_cast<double>(micro_usd) / 1e6, missing}; }
};

using Accounts = std::array<Sum, kAccounts>;

Sum total_of(const Accounts& accounts) {
  Sum sum;
  for (const Sum& account : accounts) sum.add(account);
  return sum;
}

void put_accounts(Values& values, const std::string& prefix, const Accounts& accounts) {
  for (std::size_t i = 0; i < kAccounts; ++i) {
    if (!accounts[i].there) continue;
    put(values, prefix + std::string(account_name(static_cast<Account>(i))), accounts[i].amount());
  }
}

/// Price of what was held: servers * 10^6 * ns of one type.
void add_held(const World& world, std::uint32_t type, Int128 held_ppm_ns, Amount& amount) {
  const ServerType& server = world.scenario->server_types[type];
  const double held_s = 1e-6 * per_second(held_ppm_ns);
  if (server.price) {
    amount.usd += server.price->mean_usd_per_s() * held_s;
  } else if (held_s > 0 && amount.missing.empty()) {
    amount.missing = fmt::format("{} has no price", server.name);
  }
}

Amount service_cost(const World& world, const ServiceState& service, SimTime end) {
  Amount amount;
  for (const DeploymentState& deployment : service.deployments) {
    const PoolState& pool = world.pools[deployment.spec->pool];
    for (const PartUse& use : deployment.parts) {
      const auto at = std::find(pool.power_part.begin(), pool.power_part.end(), use.part);
      const auto block = static_cast<std::size_t>(at - pool.power_part.begin());
      add_held(world, pool.block_type[block], use.held_ppm.until(end) - use.held_in_warmup, amount);
    }
  }
  return amount;
}

Amount jobs_cost(const World& world, const WorkloadState& workload, SimTime end) {
  Amount amount;
  const PoolState& pool = world.pools[workload.spec->pool];
  const SimTime from = SimTime{} + world.scenario->warmup;
  for (std::size_t block = 0; block < workload.held_ppm.size(); ++block) {
    add_held(world, pool.block_type[block], workload.held_ppm[block].until(std::max(end, from)),
             amount);
  }
  return amount;
}

class CostReader {
 public:
  CostReader(const World& world, const std::vector<BillItem>& bill, SimTime end, Values& values)
      : world_(world), bill_(bill), end_(end), values_(values) {}

  void read() {
    read_bill();
    std::vector<Amount> services;
    std::vector<Amount> jobs;
    for (const ServiceState& service : world_.services) {
      services.push_back(hold(service_cost(world_, service, end_)));
    }
    for (const WorkloadState& workload : world_.workloads) {
      jobs.push_back(workload.held_ppm.empty() ? Amount{}
                                               : hold(jobs_cost(world_, workload, end_)));
    }
    for (std::size_t i = 0; i < services.size(); ++i) read_service(world_.services[i], services[i]);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!world_.workloads[i].held_ppm.empty()) read_jobs(world_.workloads[i], jobs[i]);
    }
    put_accounts(values_, "cost.", all_);
    put(values_, "cost.total", total_.amount());
    read_accelerators();
  }

 private:
  void read_bill() {
    std::vector<Accounts> regions(world_.scenario->regions.size());
    for (const BillItem& item : bill_) {
      regions[item.region][static_cast<std::size_t>(item.account)].add(item.micro_usd,
                                                                       item.missing);
    }
    for (std::size_t r = 0; r < regions.size(); ++r) {
      put_accounts(values_, "regions." + world_.scenario->regions[r].name + ".cost.", regions[r]);
      for (std::size_t i = 0; i < kAccounts; ++i) all_[i].add(regions[r][i]);
    }
    total_ = total_of(all_);
  }

  Amount hold(Amount cost) {
    held_.usd += cost.usd;
    if (held_.missing.empty()) held_.missing = cost.missing;
    return cost;
  }

  /// Its part of the whole bill, by what workloads hold.
  Amount loaded(const Amount& cost) const {
    Amount out;
    for (const std::string& reason : {cost.missing, total_.missing, held_.missing}) {
      if (out.missing.empty()) out.missing = reason;
    }
    if (held_.usd > 0) {
      out.usd = static_cast<double>(total_.micro_usd) / 1e6 * (cost.usd / held_.usd);
    } else if (out.missing.empty()) {
      out.missing = "no workload held anything that costs";
    }
    return out;
  }

  void read_service(const ServiceState& service, const Amount& cost) {
    const std::string name = "workloads." + service.spec->name + ".";
    put(values_, name + "cost", cost);
    put(values_, name + "loaded_cost", loaded(cost));
    if (!service.inference) return;
    const double mtokens = tokens_served(service, *world_.recorder) * 1e-6;
    put_per(values_, name + "cost_per_mtoken", cost, mtokens, "no token was served");
    put_per(values_, name + "loaded_cost_per_mtoken", loaded(cost), mtokens, "no token was served");
  }

  void read_jobs(const WorkloadState& workload, const Amount& cost) {
    const std::string name = "workloads." + workload.spec->name + ".";
    put(values_, name + "cost", cost);
    put(values_, name + "loaded_cost", loaded(cost));
    if (workload.training == nullptr) return;
    if (world_.scenario->warmup.ns > 0) {
      for (const char* per : {"loaded_cost_per_mtoken", "loaded_cost_per_pflop_hour"}) {
        put_missing(values_, name + per, "USD",
                    "steps are counted over the whole run, costs after the warm-up");
      }
      return;
    }
    const TrainingSpec& spec = *workload.training->spec;
    const auto kept = static_cast<double>(training_books(world_, *workload.training, end_).kept);
    const double tokens = static_cast<double>(spec.plan.batch * spec.plan.sequence);
    put_per(values_, name + "loaded_cost_per_mtoken", loaded(cost), kept * tokens * 1e-6,
            "no step counts");
    put_per(values_, name + "loaded_cost_per_pflop_hour", loaded(cost),
            kept * spec.flops.model / kPflopHour, "no step counts");
  }

  void read_accelerators() {
    double standing = 0;
    for (const RackGroup& rack : world_.scenario->racks) {
      for (const RackGroup::Run& run : rack.servers) {
        standing += run.count * world_.scenario->server_types[run.type].shape.accelerators;
      }
    }
    if (standing == 0) return;
    const double span_s = std::max(0.0, to_seconds(end_) - to_seconds(world_.scenario->warmup));
    double held_s = 0;
    for (const PoolState& pool : world_.pools) {
      if (pool.fleet->capacity().accelerator_milli == 0) continue;  // it has no such level
      // The level is a share of what the pool has.
      held_s += world_.recorder->integral(pool.metrics.accelerators) *
                static_cast<double>(pool.fleet->capacity().accelerator_milli) / 1000;
    }
    put_per(values_, "cost.per_accelerator_hour", total_.amount(), standing * span_s / kAnHour_s,
            "the warm-up is the whole run");
    put_per(values_, "cost.per_held_accelerator_hour", total_.amount(), held_s / kAnHour_s,
            "no accelerator was held");
  }

  const World& world_;
  const std::vector<BillItem>& bill_;
  SimTime end_;
  Values& values_;
  Accounts all_;
  Sum total_;
  Amount held_;  // by all workloads
};

/// kg of the whole region and the time after the warm-up; nothing beyond the life of a server.
double embodied_kg(const World& world, std::uint32_t region, SimTime end) {
  double kg = 0;
  for (const RackGroup& rack : world.scenario->racks) {
    if (rack.region != region) continue;
    for (const RackGroup::Run& run : rack.servers) {
      const ServerType& type = world.scenario->server_types[run.type];
      if (type.embodied_kg == 0) continue;
      const double life_s = type.embodied_life_s;
      const double to_s = std::min(life_s, to_seconds(end));
      const double from_s = std::min(to_s, to_seconds(world.scenario->warmup));
      kg += run.count * type.embodied_kg * (to_s - from_s) / life_s;
    }
  }
  return kg;
}

/// A number of each region that knows it, and their sum.
class Totals {
 public:
  Totals(std::string name, const char* unit) : name_(std::move(name)), unit_(unit) {}

  void add(Values& values, const std::string& region, double amount, const std::string& missing) {
    there_ = true;
    sum_ += amount;
    if (missing_.empty()) missing_ = missing;
    write(values, "regions." + region + "." + name_, amount, missing);
  }
  void end(Values& values, const std::string& name) const {
    if (there_) write(values, name, sum_, missing_);
  }

 private:
  void write(Values& values, const std::string& name, double amount,
             const std::string& missing) const {
    if (missing.empty()) {
      put(values, name, unit_, amount);
    } else {
      put_missing(values, name, unit_, missing);
    }
  }

  std::string name_;
  const char* unit_;
  bool there_ = false;
  double sum_ = 0;
  std::string missing_;
};

void read_footprint(const World& world, SimTime end, Values& values) {
  const auto& regions = world.scenario->regions;
  const auto reason = [&](std::uint32_t r) {
    const PowerMeter::RegionReading& reading = world.power.regions()[r];
    return reading.known ? std::string() : reading.reason;
  };
  for (std::size_t m = 0; m < kCarbonMethods; ++m) {
    Totals totals(std::string("carbon.") + kCarbonNames[m], "kg");
    for (std::uint32_t r = 0; r < regions.size(); ++r) {
      if (!regions[r].energy.carbon[m]) continue;
      totals.add(values, regions[r].name,
                 world.power.books(r).carbon_kg(static_cast<CarbonMethod>(m)), reason(r));
    }
    totals.end(values, std::string("carbon.") + kCarbonNames[m]);
  }
  const bool embodied =
      std::any_of(world.scenario->server_types.begin(), world.scenario->server_types.end(),
                  [](const ServerType& type) { return type.embodied_kg > 0; });
  Totals made("carbon.embodied", "kg");
  Totals water("water", "m3");
  for (std::uint32_t r = 0; r < regions.size(); ++r) {
    if (embodied) made.add(values, regions[r].name, embodied_kg(world, r, end), "");
    if (!regions[r].energy.water) continue;
    water.add(values, regions[r].name, world.power.books(r).water_m3(), reason(r));
  }
  made.end(values, "carbon.embodied");
  water.end(values, "water");
}

}  // namespace

void read_costs(const World& world, const std::vector<BillItem>& bill, SimTime end,
                std::vector<MetricValue>& values) {
  if (!bill.empty()) CostReader(world, bill, end, values).read();
  read_footprint(world, end, values);
}

}  // namespace hyperdc
