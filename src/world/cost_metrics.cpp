#include "world/cost_metrics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "world/held_servers.hpp"
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

Amount amount_of(const BillSum& sum) {
  return {static_cast<double>(sum.micro_usd) / 1e6, sum.missing};
}

void put_accounts(Values& values, const std::string& prefix, const BillAccounts& accounts) {
  for (std::size_t i = 0; i < kAccounts; ++i) {
    if (!accounts[i].there) continue;
    put(values, prefix + std::string(account_name(static_cast<Account>(i))),
        amount_of(accounts[i]));
  }
}

/// Price of the servers that were held.
Amount price_of(const World& world, const std::vector<HeldServers>& all_held, SimTime end) {
  const double from_s = to_seconds(world.scenario->warmup);
  Amount amount;
  for (const HeldServers& held : all_held) {
    const ServerType& server = world.scenario->server_types[held.type];
    if (server.price) {
      amount.usd += server.price->usd_per_s(from_s, to_seconds(end)) * held.server_s;
    } else if (held.server_s > 0 && amount.missing.empty()) {
      amount.missing = fmt::format("{} has no price", server.name);
    }
  }
  return amount;
}

/// A request can be answered in time or too late.
bool has_any_objective(const ServiceWorkload& service) {
  for (std::size_t k = 0; k < service.classes.size(); ++k) {
    if (has_objective(service, k)) return true;
  }
  return false;
}

class CostReader {
 public:
  CostReader(const World& world, const std::vector<BillItem>& bill, SimTime end, Values& values)
      : world_(world),
        ledger_(ledger_of(bill, world.scenario->regions.size())),
        total_(amount_of(ledger_.total)),
        end_(end),
        values_(values) {}

  void read() {
    read_bill();
    std::vector<Amount> services;
    std::vector<Amount> jobs;
    for (const ServiceState& service : world_.services) {
      services.push_back(hold(price_of(world_, held_servers_of(world_, service, end_), end_)));
    }
    for (const WorkloadState& workload : world_.workloads) {
      jobs.push_back(workload.held_ppm.empty()
                         ? Amount{}
                         : hold(price_of(world_, held_servers_of(world_, workload, end_), end_)));
    }
    for (std::size_t i = 0; i < services.size(); ++i) read_service(world_.services[i], services[i]);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!world_.workloads[i].held_ppm.empty()) read_jobs(world_.workloads[i], jobs[i]);
    }
    read_total();
    read_accelerators();
  }

 private:
  void read_bill() {
    const auto& regions = world_.scenario->regions;
    for (std::size_t r = 0; r < regions.size(); ++r) {
      put_accounts(values_, "regions." + regions[r].name + ".cost.", ledger_.regions[r]);
    }
  }

  /// Where a price is not known, what is.
  void read_total() {
    put_accounts(values_, "cost.", ledger_.all);
    put(values_, "cost.total", total_);
    if (total_.missing.empty()) return;
    put(values_, "cost.known", "USD", static_cast<double>(ledger_.total.known_micro_usd) / 1e6);
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
      out.usd = total_.usd * (cost.usd / held_.usd);
    } else if (out.missing.empty()) {
      out.missing = "no workload held anything that costs";
    }
    return out;
  }

  void read_service(const ServiceState& service, const Amount& cost) {
    const std::string name = "workloads." + service.spec->name + ".";
    put(values_, name + "cost", cost);
    put(values_, name + "loaded_cost", loaded(cost));
    const auto count = [&](Count what) {
      return world_.recorder->total(service.metrics.counts[static_cast<std::size_t>(what)]);
    };
    const auto put_both = [&](const char* per, double number, const char* none) {
      put_per(values_, name + "cost_per_" + per, cost, number, none);
      put_per(values_, name + "loaded_cost_per_" + per, loaded(cost), number, none);
    };
    put_both("request", count(Count::completed), "no request was answered");
    if (has_any_objective(*service.spec)) {
      put_both("good_request", count(Count::good), "no request was answered within its slo");
    }
    if (!service.inference) return;
    put_both("mtoken", tokens_served(service, *world_.recorder) * 1e-6, "no token was served");
  }

  void read_jobs(const WorkloadState& workload, const Amount& cost) {
    const std::string name = "workloads." + workload.spec->name + ".";
    put(values_, name + "cost", cost);
    put(values_, name + "loaded_cost", loaded(cost));
    if (workload.training == nullptr) return;
    const TrainingSpec& spec = *workload.training->spec;
    const double kept = steps_counted(world_, *workload.training, end_);
    put_per(values_, name + "loaded_cost_per_mtoken", loaded(cost),
            kept * tokens_of_step(spec) * 1e-6, "no step counts");
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
    put_per(values_, "cost.per_accelerator_hour", total_, standing * span_s / kAnHour_s,
            "the warm-up is the whole run");
    put_per(values_, "cost.per_held_accelerator_hour", total_, held_s / kAnHour_s,
            "no accelerator was held");
  }

  const World& world_;
  const Ledger ledger_;
  const Amount total_;
  SimTime end_;
  Values& values_;
  Amount held_;  // by all workloads
};

}  // namespace

void read_costs(const World& world, const std::vector<BillItem>& bill, SimTime end,
                std::vector<MetricValue>& values) {
  if (!bill.empty()) CostReader(world, bill, end, values).read();
}

}  // namespace hyperdc
