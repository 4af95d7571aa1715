#include "world/bill.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/data_transfer.hpp"
#include "world/nodes/nodes.hpp"

namespace hyperdc {

namespace {

constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kHour_s = 3600;

Int128 micro(double usd) {
  constexpr double kMostUsd = 1e27;  // beyond what the schema can add up to; 128 bits hold 1e32
  HYPERDC_CHECK(std::fabs(usd) < kMostUsd, "an item of the bill of more than 1e27 USD");
  return static_cast<Int128>(std::round(usd * 1e6));
}

/// By rack group: its pool, if that has a node autoscaler.
std::vector<const PoolState*> switched_racks(const World& world) {
  std::vector<const PoolState*> pools(world.scenario->racks.size(), nullptr);
  for (const PoolState& pool : world.pools) {
    if (pool.nodes == nullptr) continue;
    for (const std::uint32_t rack : pool.spec->racks) pools[rack] = &pool;
  }
  return pools;
}

class Biller {
 public:
  Biller(const World& world, SimTime end)
      : world_(world),
        scenario_(*world.scenario),
        end_(end),
        from_s_(to_seconds(world.scenario->warmup)),
        to_s_(std::max(from_s_, to_seconds(end))),
        switched_(switched_racks(world)) {}

  std::vector<BillItem> take() {
    for (region_ = 0; region_ < scenario_.regions.size(); ++region_) {
      add_servers();
      add_drives();
      add_requests();
      add_data_transfer();
      add_energy();
      add_facility();
    }
    std::stable_sort(items_.begin(), items_.end(), [](const BillItem& a, const BillItem& b) {
      return std::pair(a.region, a.account) < std::pair(b.region, b.account);
    });
    return std::move(items_);
  }

 private:
  struct Stock {
    double servers = 0;  // that stand there
    double on_s = 0;     // server * s in which they were not off
  };

  BillItem& add(Account account, std::string item, double quantity, std::string_view unit,
                double usd, std::string source) {
    return items_.emplace_back(BillItem{account, region_, std::move(item), quantity, unit,
                                        micro(usd), "", std::move(source)});
  }

  /// Servers of this region by type.
  std::vector<Stock> stock() const {
    std::vector<Stock> out(scenario_.server_types.size());
    for (std::uint32_t i = 0; i < scenario_.racks.size(); ++i) {
      const RackGroup& rack = scenario_.racks[i];
      if (rack.region != region_) continue;
      for (const RackGroup::Run& run : rack.servers) {
        out[run.type].servers += run.count;
        if (switched_[i] == nullptr) out[run.type].on_s += run.count * (to_s_ - from_s_);
      }
      if (switched_[i] != nullptr) add_switched(*switched_[i], i, out);
    }
    return out;
  }

  void add_switched(const PoolState& pool, std::uint32_t rack, std::vector<Stock>& out) const {
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      if (pool.block_racks[block] != rack) continue;
      out[pool.block_type[block]].on_s += per_second(billed_ns(world_, *pool.nodes, block, end_));
    }
  }

  void add_servers() {
    const std::vector<Stock> all = stock();
    for (std::size_t t = 0; t < all.size(); ++t) {
      const Stock& stock = all[t];
      const ServerType& type = scenario_.server_types[t];
      if (stock.servers == 0) continue;
      if (!type.price) {
        BillItem& item = add(Account::servers, type.name, stock.on_s / kHour_s, "server h", 0, "");
        if (stock.on_s > 0 || to_s_ == from_s_) item.missing = type.name + " has no price";
        continue;
      }
      const double span_s = to_s_ - from_s_;
      const bool owned = type.price->is_owned();
      const double standing = owned ? stock.servers : (span_s > 0 ? stock.on_s / span_s : 0);
      add(Account::servers, type.name, (owned ? stock.servers * span_s : stock.on_s) / kHour_s,
          "server h", standing * type.price->charge(from_s_, to_s_), type.price_source);
      const double upkeep = stock.servers * type.price->upkeep(from_s_, to_s_);
      if (owned) {
        add(Account::upkeep, type.name, stock.servers * span_s / kHour_s, "server h", upkeep,
            type.price_source);
      }
    }
  }

  void add_drives() {
    for (const StorageSpec& system : scenario_.storage) {
      if (system.region != region_ || !system.drive_price) continue;
      const auto put = [&](Account account, double usd) {
        add(account, system.drive, system.drive_seconds(from_s_, to_s_) / kHour_s, "drive h", usd,
            system.drive_price_source);
      };
      put(Account::servers, system.drive_charge(from_s_, to_s_));
      const double upkeep = system.drive_upkeep(from_s_, to_s_);
      if (upkeep > 0) put(Account::upkeep, upkeep);
    }
  }

  /// What clients asked storage systems of the region for after the warm-up.
  void add_requests() {
    for (const StorageRequestsState& state : world_.storage_requests) {
      const StorageSpec& system = scenario_.storage[state.spec->system];
      const auto& prices = system.service.prices;
      if (system.region != region_ || !prices) continue;
      const auto put = [&](Account account, const char* what, MetricId of, const char* unit,
                           double each) {
        const double quantity = world_.recorder->total(of);
        add(account, state.spec->name + what, quantity, unit, quantity * each, prices->source);
      };
      put(Account::requests, ": reads", state.reads, "requests", prices->read);
      put(Account::requests, ": writes", state.writes, "requests", prices->write);
      if (state.spec->outside) put(Account::egress, "", state.egress, "B", prices->egress_B);
    }
  }

  /// What endpoints and transfers sent out of the region, and what people asked for there.
  void add_data_transfer() {
    const auto& prices = scenario_.regions[region_].transfer;
    if (!prices) return;
    const DataTransfers& all = *world_.transfer_books;
    for (const auto* books : {&all.services, &all.transfers}) {
      for (const auto& of : *books) {
        if (of) add_moved(all, *of, *prices);
      }
    }
  }

  void add_moved(const DataTransfers& all, const DataTransfers::Books& of,
                 const DataTransferPrices& prices) {
    const auto put = [&](Account account, const std::string& what, double quantity,
                         const char* unit, double each) {
      if (quantity == 0) return;
      add(account, of.name + what, quantity, unit, quantity * each, prices.source);
    };
    put(Account::requests, "", of.requests[region_], "requests", prices.request);
    for (std::size_t to = 0; to < all.regions; ++to) {
      put(Account::egress, " to " + scenario_.regions[to].name, all.moved(of, region_, to), "B",
          prices.region_B[to]);
    }
    put(Account::egress, " to the internet", all.moved(of, region_, all.regions), "B",
        prices.internet_B);
  }

  void add_energy() {
    const Region& region = scenario_.regions[region_];
    const PowerMeter::RegionReading& reading = world_.power.regions()[region_];
    const EnergyBooks& books = world_.power.books(region_);
    const std::size_t first = items_.size();
    const auto kwh = [&] {
      return reading.known ? world_.recorder->integral(reading.power) / kJoulesPerKwh : 0;
    };
    BillItem& energy = add(Account::energy, "electricity", kwh(), "kWh", books.energy_usd(),
                           region.cost_sources.electricity);
    if (!region.energy.price) {
      energy.missing = fmt::format("region {} has no \"electricity\"", region.name);
    }
    if (region.energy.demand) {
      add(Account::demand, "highest mean power", books.peak_w() * 1e-3, "kW", books.demand_usd(),
          region.cost_sources.demand);
    }
    if (const auto& price = region.costs.carbon_usd_per_kg) {
      const double kg = books.carbon_kg(region.costs.carbon_method);
      add(Account::carbon, "emissions", kg * 1e-3, "t", kg * *price, region.cost_sources.carbon);
    }
    if (const auto& price = region.costs.water_usd_per_m3) {
      const double m3 = books.water_m3();
      add(Account::water, "water", m3, "m3", m3 * *price, region.cost_sources.water);
    }
    for (std::size_t i = first; i < items_.size() && !reading.known; ++i) {
      items_[i].missing = reading.reason;
    }
  }

  void add_facility() {
    const Region& region = scenario_.regions[region_];
    const auto put = [&](Account account, const std::optional<Price>& price,
                         const std::string& source) {
      if (!price) return;
      const double usd = price->charge(from_s_, to_s_) + price->upkeep(from_s_, to_s_);
      add(account, std::string(account_name(account)), (to_s_ - from_s_) / kHour_s, "h", usd,
          source);
    };
    put(Account::building, region.costs.building, region.cost_sources.building);
    put(Account::network, region.costs.network, region.cost_sources.network);
    put(Account::staff, region.costs.staff, region.cost_sources.staff);
  }

  const World& world_;
  const Scenario& scenario_;
  SimTime end_;
  double from_s_, to_s_;
  std::vector<const PoolState*> switched_;
  std::uint32_t region_ = 0;
  std::vector<BillItem> items_;
};

bool has_prices(const Region& region) {
  const FacilityCosts& costs = region.costs;
  return region.energy.price || region.energy.demand || costs.building || costs.network ||
         costs.staff || costs.carbon_usd_per_kg || costs.water_usd_per_m3 || region.transfer;
}

}  // namespace

std::string_view account_name(Account account) {
  constexpr std::array<std::string_view, kAccounts> kNames{
      "servers",  "upkeep",  "energy", "demand",   "carbon", "water",
      "building", "network", "staff",  "requests", "egress"};
  return kNames[static_cast<std::size_t>(account)];
}

bool has_prices(const Scenario& scenario) {
  return std::any_of(scenario.server_types.begin(), scenario.server_types.end(),
                     [](const ServerType& type) { return type.price.has_value(); }) ||
         std::any_of(scenario.storage.begin(), scenario.storage.end(),
                     [](const StorageSpec& spec) {
                       return spec.service.prices.has_value() || spec.drive_price.has_value();
                     }) ||
         std::any_of(scenario.regions.begin(), scenario.regions.end(),
                     [](const Region& region) { return has_prices(region); });
}

std::vector<BillItem> bill_of(const World& world, SimTime end) {
  if (!has_prices(*world.scenario)) return {};
  return Biller(world, end).take();
}

void BillSum::add(const BillItem& item) {
  micro_usd += item.micro_usd;
  if (item.missing.empty()) known_micro_usd += item.micro_usd;
  there = true;
  if (missing.empty()) missing = item.missing;
}

void BillSum::add(const BillSum& other) {
  micro_usd += other.micro_usd;
  known_micro_usd += other.known_micro_usd;
  there = there || other.there;
  if (missing.empty()) missing = other.missing;
}

Ledger ledger_of(const std::vector<BillItem>& bill, std::size_t regions) {
  Ledger out;
  out.regions.resize(regions);
  for (const BillItem& item : bill) {
    out.regions[item.region][static_cast<std::size_t>(item.account)].add(item);
  }
  for (const BillAccounts& accounts : out.regions) {
    for (std::size_t i = 0; i < kAccounts; ++i) out.all[i].add(accounts[i]);
  }
  for (const BillSum& account : out.all) out.total.add(account);
  return out;
}

CheckOutcome check_bill(const std::vector<BillItem>& bill, std::size_t regions) {
  const Ledger ledger = ledger_of(bill, regions);
  Int128 items = 0;
  for (const BillItem& item : bill) items += item.micro_usd;
  Int128 by_region = 0;
  for (const BillAccounts& accounts : ledger.regions) {
    for (const BillSum& account : accounts) by_region += account.micro_usd;
  }
  Int128 by_account = 0;
  for (const BillSum& account : ledger.all) by_account += account.micro_usd;
  const Int128 total = ledger.total.micro_usd;
  const auto usd = [](Int128 micro) { return static_cast<double>(micro) / 1e6; };
  CheckOutcome out{
      "bill",
      fmt::format("{} items of {:.6f} USD = regions {:.6f} = accounts {:.6f} = total "
                  "{:.6f}",
                  bill.size(), usd(items), usd(by_region), usd(by_account), usd(total)),
      relative_error(usd(items), usd(total))};
  HYPERDC_CHECK(items == by_region && items == by_account && items == total,
                "the bill does not balance: " + out.text);
  return out;
}

}  // namespace hyperdc
