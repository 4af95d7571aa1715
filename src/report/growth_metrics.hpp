// The metrics of growth plans: a part of the table of metric_table.cpp.
#pragma once

#include <array>
#include <string_view>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr std::string_view kOverFutures = "mean p10 p50 p90";
inline constexpr std::string_view kOverTime = "mean max";

inline constexpr auto kGrowthMetrics = std::to_array<MetricInfoRow>({
    {"growth", "demand", kOverTime, "accelerators", Better::neither, Show::count, "demand",
     "Demand of growth plan G in accelerators of performance 1, mean over futures, over time."},
    {"growth", "capacity", kOverTime, "accelerators", Better::neither, Show::count, "capacity",
     "The same, in service and with power, leased ones included."},
    {"growth", "served", kOverTime, "accelerators", Better::higher, Show::count, "served",
     "The same, of demand that is served."},
    {"growth", "leased", kOverTime, "accelerators", Better::neither, Show::count, "leased",
     "The same, leased from others."},
    {"growth", "on_order", kOverTime, "accelerators", Better::neither, Show::count, "on order",
     "The same, ordered and not delivered."},
    {"growth", "waiting", kOverTime, "accelerators", Better::lower, Show::count, "in store",
     "The same, delivered and without a place."},
    {"growth", "grid", kOverTime, "W", Better::neither, Show::power, "power of the sites",
     "Power that the sites may draw, bridging power included, mean over futures."},
    {"growth", "racks", kOverTime, "W", Better::neither, Show::power, "power of racks",
     "Full power of the racks that stand in rows, mean over futures."},
    {"growth", "unserved", kOverFutures, "accelerator s", Better::lower, Show::accelerator_time,
     "unserved", "Demand that was not served, over the years of the plan; quantiles over futures."},
    {"growth", "unserved_share", kOverFutures, "1", Better::lower, Show::share, "unserved",
     "The same, as a share of demand."},
    {"growth", "classes.CLASS.unserved_share", kOverFutures, "1", Better::lower, Show::share,
     "unserved", "The same, of one class."},
    {"growth", "idle", kOverFutures, "accelerator s", Better::lower, Show::accelerator_time, "idle",
     "Capacity in service that no demand used."},
    {"growth", "stored", kOverFutures, "accelerator s", Better::lower, Show::accelerator_time,
     "in store", "Capacity that was delivered and had no place."},
    {"growth", "orders", kOverFutures, "orders", Better::neither, Show::count, "orders",
     "Orders of racks."},
    {"growth", "failed", kOverFutures, "accelerators", Better::neither, Show::count, "failed",
     "Accelerators that failed for good."},
    {"growth", "retired", kOverFutures, "accelerators", Better::neither, Show::count, "retired",
     "Accelerators that were sold on at the end of their life."},
    {"growth", "cancelled", kOverFutures, "accelerators", Better::lower, Show::count, "cancelled",
     "Accelerators whose order was given up."},
    {"growth", "capex", kOverFutures, "USD", Better::lower, Show::money, "capex",
     "Paid for racks, halls and grid."},
    {"growth", "opex", kOverFutures, "USD", Better::lower, Show::money, "opex",
     "Paid for energy, minimum bills, rent, bridging power, leases, staff and porting."},
    {"growth", "revenue", kOverFutures, "USD", Better::higher, Show::money, "revenue",
     "What served demand brought."},
    {"growth", "resale", kOverFutures, "USD", Better::higher, Show::money, "sold on",
     "What retired racks brought, and what is left at the end would."},
    {"growth", "breakage", kOverFutures, "USD", Better::lower, Show::money, "breakage",
     "Paid for orders that were given up and for minimum take that was not ordered."},
    {"growth", "energy_cost", kOverFutures, "USD", Better::lower, Show::money, "energy",
     "Paid for energy."},
    {"growth", "lease_cost", kOverFutures, "USD", Better::lower, Show::money, "leases",
     "Paid for leases."},
    {"growth", "bridging_cost", kOverFutures, "USD", Better::lower, Show::money, "bridging power",
     "Paid for bridging power, beside its energy."},
    {"growth", "minimum_bill", kOverFutures, "USD", Better::lower, Show::money, "minimum bills",
     "Paid for contracted energy that was not drawn."},
    {"growth", "exit_fees", kOverFutures, "USD", Better::lower, Show::money, "exit fees",
     "Paid for power that was given up within its term."},
    {"growth", "staff_cost", kOverFutures, "USD", Better::lower, Show::money, "staff",
     "Paid to people who look after racks."},
    {"growth", "porting_cost", kOverFutures, "USD", Better::lower, Show::money, "porting",
     "Paid for software, once for each generation that came."},
    {"growth", "tax", kOverFutures, "USD", Better::lower, Show::money, "tax",
     "Paid on income; where the plan has taxes."},
    {"growth", "depreciation", kOverFutures, "USD", Better::neither, Show::money, "depreciation",
     "Capex written off in the books, what is left of racks that were sold included."},
    {"growth", "npv", kOverFutures, "USD", Better::higher, Show::money, "net present value",
     "All of that, each amount discounted from its step to the beginning."},
    {"growth", "regret", "mean p10 p50 p90 max", "USD", Better::lower, Show::money, "regret",
     "Net present value of the best plan of the run in a future, less that of this one in the same "
     "future; where a run has several plans of as many futures."},
    {"growth", "best_share", "", "1", Better::higher, Show::share, "best in",
     "Share of the futures in which no plan of the run has a higher net present value."},
    {"growth", "deliveries.GENERATION-QUARTER.racks", "", "racks", Better::neither, Show::count,
     "delivered",
     "Racks of a generation that came in a quarter (q1 is the first), mean over "
     "futures; where the step is a quarter."},
    {"growth", "cost_per_hour", kOverFutures, "USD", Better::lower, Show::money,
     "cost of a served hour",
     "Discounted costs less what is sold on, over discounted accelerator-hours served."},
    {"growth", "years.YEAR.capex", kOverFutures, "USD", Better::neither, Show::money, "capex",
     "Capex of one year, from 1."},
    {"growth", "years.YEAR.opex", kOverFutures, "USD", Better::neither, Show::money, "opex",
     "Opex of one year."},
    {"growth", "years.YEAR.unserved_share", kOverFutures, "1", Better::lower, Show::share,
     "unserved", "Demand of one year that was not served."},
    {"growth", "years.YEAR.income", kOverFutures, "USD", Better::neither, Show::money, "income",
     "Of one year in the books: revenue and what was sold on, less costs and what was written "
     "off."},
    {"growth", "years.YEAR.tax", kOverFutures, "USD", Better::lower, Show::money, "tax",
     "On that, less losses of earlier years if they are carried forward."},
    {"growth", "windows.WINDOW.demand", "", "accelerators", Better::neither, Show::count, "demand",
     "Of the class of a window, at its date, in its future; in accelerators of performance 1."},
    {"growth", "windows.WINDOW.capacity", "", "accelerators", Better::higher, Show::count,
     "capacity", "What the class may use then: all that the classes before it leave."},
    {"growth", "windows.WINDOW.load", "", "1", Better::lower, Show::share, "load",
     "Demand over capacity of the window."},
    {"growth", "windows.WINDOW.covered", "", "1", Better::neither, Show::share, "simulated",
     "Share of that demand which racks with a service in the window carry."},
    {"growth", "windows.WINDOW.attainment", "", "1", Better::higher, Show::share, "within slo",
     "Share of the window's requests that were answered within their objective, generations by "
     "their share of the demand."},
    {"growth", "windows.WINDOW.generations.GENERATION.replicas", "", "replicas", Better::neither,
     Show::count, "replicas", "Of the service of a generation that stand in the plan then."},
    {"growth", "windows.WINDOW.generations.GENERATION.simulated", "", "replicas", Better::neither,
     Show::count, "simulated", "Of these, with as much load each."},
    {"growth", "windows.WINDOW.generations.GENERATION.latency", "p50 p99", "s", Better::lower,
     Show::time, "latency", "From arrival to answer, in the window."},
    {"growth", "windows.WINDOW.generations.GENERATION.ttft", "p99", "s", Better::lower, Show::time,
     "first token", "To the first token, in the window."},
    {"growth", "windows.WINDOW.generations.GENERATION.tpot", "p99", "s", Better::lower, Show::time,
     "each next token", "Of each token after the first, in the window."},
    {"growth", "windows.WINDOW.generations.GENERATION.attainment", "", "1", Better::higher,
     Show::share, "within slo", "Of the requests of the window, by their objective."},
    {"growth", "windows.WINDOW.generations.GENERATION.failed_share", "", "1", Better::lower,
     Show::share, "failed", "Of the requests of the window that were given up."},
    {"growth", "limits.LIMIT.share", "", "1", Better::lower, Show::share, "binds",
     "Share of the futures in which the limit ever binds: chips (not delivered, or more than the "
     "vendor takes), budget, grid, halls (none is ready), ups (of the hall), staff, or positions, "
     "power, air, liquid, ports "
     "or weight of rows."},
    {"growth", "limits.LIMIT.first", "p10 p50 p90", "s", Better::higher, Show::time, "first binds",
     "From the beginning until the limit first binds; no value where the quantile falls on futures "
     "in which it never does."},
    {"growth", "stranded.LIMIT.power", kOverFutures, "W", Better::lower, Show::power, "stranded",
     "Power of rows that no rack of the kind last ordered can use, by what ends first there "
     "(power: less than one rack is left; ups and grid: hall and site do not carry it; staff: "
     "nobody "
     "looks after it), and of the grid that "
     "no row can take (halls); mean over time."},
});

}  // namespace hyperdc
