// The metrics of money, carbon and water: a part of the table of metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr auto kCostMetrics = std::to_array<MetricInfoRow>({
    {"workloads", "cost", "", "USD", Better::lower, Show::money, "cost",
     "Price of the shares of servers that a workload held after the warm-up (a training run: over "
     "the whole run); of what is owned the mean over its life."},
    {"workloads", "loaded_cost", "", "USD", Better::lower, Show::money, "loaded cost",
     "The same times the whole bill over that of servers and their upkeep: with its part of "
     "energy, buildings and the rest."},
    {"workloads", "cost_per_mtoken", "", "USD", Better::lower, Show::money, "cost of 1 M tokens",
     "Cost of the endpoint over a million tokens of prompts and answers that it served."},
    {"workloads", "loaded_cost_per_mtoken", "", "USD", Better::lower, Show::money,
     "loaded cost of 1 M tokens",
     "Loaded cost over a million tokens: served by an endpoint, or trained on in steps that "
     "count."},
    {"workloads", "loaded_cost_per_pflop_hour", "", "USD", Better::lower, Show::money,
     "loaded cost of 1 PFLOP h",
     "Of a training run: over 3.6e18 operations of the model in steps that count."},
    {"regions", "cost.servers", "", "USD", Better::lower, Show::money, "cost of servers",
     "Rent of all servers after the warm-up, used or not, or what is written off of them."},
    {"regions", "cost.upkeep", "", "USD", Better::lower, Show::money, "upkeep",
     "Maintenance, spare parts and support of owned servers after the warm-up."},
    {"regions", "cost.energy", "", "USD", Better::lower, Show::money, "cost of energy",
     "Energy after the warm-up at the tariff of the region."},
    {"regions", "cost.demand", "", "USD", Better::lower, Show::money, "demand charge",
     "For the greatest mean power of each billing period after the warm-up, by the share of the "
     "period that was run."},
    {"regions", "cost.carbon", "", "USD", Better::lower, Show::money, "cost of carbon",
     "Price of emissions after the warm-up."},
    {"regions", "cost.water", "", "USD", Better::lower, Show::money, "cost of water",
     "Price of water after the warm-up."},
    {"regions", "cost.building", "", "USD", Better::lower, Show::money, "cost of buildings",
     "Of the time after the warm-up."},
    {"regions", "cost.network", "", "USD", Better::lower, Show::money, "cost of networks",
     "Of the time after the warm-up."},
    {"regions", "cost.staff", "", "USD", Better::lower, Show::money, "cost of staff",
     "Of the time after the warm-up."},
    {"", "cost.servers", "", "USD", Better::lower, Show::money, "cost of servers",
     "Of all regions."},
    {"", "cost.upkeep", "", "USD", Better::lower, Show::money, "upkeep", "Of all regions."},
    {"", "cost.energy", "", "USD", Better::lower, Show::money, "cost of energy", "Of all regions."},
    {"", "cost.demand", "", "USD", Better::lower, Show::money, "demand charge", "Of all regions."},
    {"", "cost.carbon", "", "USD", Better::lower, Show::money, "cost of carbon", "Of all regions."},
    {"", "cost.water", "", "USD", Better::lower, Show::money, "cost of water", "Of all regions."},
    {"", "cost.building", "", "USD", Better::lower, Show::money, "cost of buildings",
     "Of all regions."},
    {"", "cost.network", "", "USD", Better::lower, Show::money, "cost of networks",
     "Of all regions."},
    {"", "cost.staff", "", "USD", Better::lower, Show::money, "cost of staff", "Of all regions."},
    {"", "cost.total", "", "USD", Better::lower, Show::money, "cost",
     "The sum of all of these, to the millionth of a dollar."},
    {"", "cost.per_accelerator_hour", "", "USD", Better::lower, Show::money,
     "cost of 1 accelerator h",
     "The whole bill over accelerators that stand there times hours after the warm-up."},
    {"", "cost.per_held_accelerator_hour", "", "USD", Better::lower, Show::money,
     "cost of 1 held accelerator h",
     "The whole bill over accelerators that jobs and replicas held times hours after the warm-up."},
    {"regions", "carbon.average", "", "kg", Better::lower, Show::mass, "carbon, average",
     "Emissions of the energy after the warm-up by the mean of all that the grid generates "
     "(attributed, location-based)."},
    {"", "carbon.average", "", "kg", Better::lower, Show::mass, "carbon, average",
     "Of all regions."},
    {"regions", "carbon.marginal", "", "kg", Better::lower, Show::mass, "carbon, marginal",
     "The same by what would not be generated without this load (caused or avoided)."},
    {"", "carbon.marginal", "", "kg", Better::lower, Show::mass, "carbon, marginal",
     "Of all regions."},
    {"regions", "carbon.market", "", "kg", Better::lower, Show::mass, "carbon, market",
     "The same by the contracts of who runs it (attributed, market-based)."},
    {"", "carbon.market", "", "kg", Better::lower, Show::mass, "carbon, market", "Of all regions."},
    {"regions", "carbon.embodied", "", "kg", Better::lower, Show::mass, "carbon, embodied",
     "Carbon of making all servers, for the time after the warm-up."},
    {"", "carbon.embodied", "", "kg", Better::lower, Show::mass, "carbon, embodied",
     "Of all regions."},
    {"regions", "water", "", "m3", Better::lower, Show::volume, "water",
     "Water that evaporates on site after the warm-up."},
    {"", "water", "", "m3", Better::lower, Show::volume, "water", "Of all regions."},
});

}  // namespace hyperdc
