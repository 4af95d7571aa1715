// The numbers of a buyer, over its futures.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include "world/buyer/buyer.hpp"
#include "world/over_futures.hpp"

namespace hyperdc {
namespace {

double mean_of(const std::vector<double>& all) {
  return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
}

void put_spread(const std::string& name, const char* unit, std::vector<double> all,
                std::vector<MetricValue>& values) {
  std::sort(all.begin(), all.end());
  put_over_futures(values, name, unit, all);
}

double part_of(double a, double b) {
  return b > 0 ? a / b : 0;
}

}  // namespace

double cvar95(std::vector<double> costs) {
  std::sort(costs.begin(), costs.end(), std::greater<>());
  const double tail = static_cast<double>(costs.size()) / 20;
  double sum = 0;
  for (std::size_t i = 0; static_cast<double>(i) < tail; ++i) {
    sum += costs[i] * std::min(1.0, tail - static_cast<double>(i));
  }
  return sum / tail;
}

void BuyerState::put_cost_per_hour(const std::string& name,
                                   std::vector<MetricValue>& values) const {
  std::vector<double> all;
  for (const BuyerFuture& future : futures_) {
    const double met_s = future.totals.demand - future.totals.missed;
    if (met_s > 0) all.push_back(static_cast<double>(future.paid_micro) * 1e-6 / (met_s / 3600));
  }
  if (all.size() == futures_.size()) return put_spread(name, "USD", std::move(all), values);
  put_over_futures_missing(values, name, "USD", "a future meets no demand");
}

void BuyerState::read(std::vector<MetricValue>& values) const {
  const std::string prefix = "buyers." + spec_.name + ".";
  const auto over = [&](const std::string& name, const char* unit, const auto& of) {
    std::vector<double> all;
    for (const BuyerFuture& future : futures_) all.push_back(of(future));
    put_spread(prefix + name, unit, all, values);
    return all;
  };
  const auto over_totals = [&](const char* name, const char* unit, const auto& of) {
    over(name, unit, [&](const BuyerFuture& future) { return of(future.totals); });
  };
  const std::vector<double> costs =
      over("cost", "USD", [](const BuyerFuture& future) { return future.present_usd; });
  const double tail = cvar95(costs);
  put(values, prefix + "cost.cvar95", "USD", tail);
  put(values, prefix + "objective", "USD", mean_of(costs) + spec_.risk_weight * tail);
  for (std::size_t kind = 0; kind < kBuyerCosts.size(); ++kind) {
    over(fmt::format("{}_cost", kBuyerCosts[kind]), "USD",
         [&](const BuyerFuture& future) { return static_cast<double>(future.micro[kind]) * 1e-6; });
  }
  put_cost_per_hour(prefix + "cost_per_hour", values);
  over_totals("missed_time", "accelerator s", [](const BuyerTotals& t) { return t.missed; });
  over_totals("missed_share", "1",
              [](const BuyerTotals& t) { return std::min(1.0, part_of(t.missed, t.demand)); });
  over_totals("spot_share", "1", [](const BuyerTotals& t) { return part_of(t.spot, t.demand); });
  over_totals("unused_share", "1",
              [](const BuyerTotals& t) { return part_of(t.unused, t.reserved); });
  over_totals("redone_time", "accelerator s", [](const BuyerTotals& t) { return t.redone; });
  over_totals("interruptions", "times", [](const BuyerTotals& t) { return t.interruptions; });
}

void build_buyers(World& world) {
  for (const auto& spec : world.scenario->buyers) {
    world.buyers.push_back(std::make_unique<BuyerState>(world, *spec));
  }
}

void end_buyers_at(World& world, SimTime end) {
  for (const auto& buyer : world.buyers) buyer->end_at(end);
}

void close_buyers(World& world) {
  for (const auto& buyer : world.buyers) buyer->close();
}

void read_buyers(const World& world, std::vector<MetricValue>& values) {
  for (const auto& buyer : world.buyers) buyer->read(values);
}

}  // namespace hyperdc
