#include "world/growth/growth.hpp"

#include <fmt/format.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void build_growth(World& world) {
  for (const auto& plan : world.scenario->growth) {
    auto state = std::make_unique<GrowthState>(*plan, world.seed);
    const std::string prefix = "growth." + plan->name + ".";
    const auto level = [&](const char* name, const char* unit, const char* meaning) {
      return world.recorder->declare({prefix + name, unit, meaning, MetricKind::level});
    };
    auto& m = state->metrics;
    m.demand = level("demand", "accelerators", "Demand, mean over futures.");
    m.capacity = level("capacity", "accelerators", "In service and powered, leases included.");
    m.served = level("served", "accelerators", "Demand that is served.");
    m.leased = level("leased", "accelerators", "Of others.");
    m.on_order = level("on_order", "accelerators", "Ordered and not there.");
    m.waiting = level("waiting", "accelerators", "Delivered, without a place.");
    m.grid = level("grid", "W", "Power that the sites may draw.");
    m.racks = level("racks", "W", "Of the racks that stand.");
    for (std::uint32_t f = 0; f < plan->futures; ++f) {
      state->futures.emplace_back(state->context, f);
    }
    world.growth.push_back(std::move(state));
  }
}

void step_growth(World& world, GrowthState& state) {
  GrowthLevels sum;
  for (GrowthFuture& future : state.futures) {
    step_future(state.context, future, state.steps);
    const GrowthLevels& now = future.now;
    sum.demand += now.demand;
    sum.capacity += now.capacity;
    sum.served += now.served;
    sum.leased += now.leased;
    sum.on_order += now.on_order;
    sum.waiting += now.waiting;
    sum.grid_w += now.grid_w;
    sum.racks_w += now.racks_w;
  }
  const SimTime at = SimTime{} + Duration{state.context.spec.step.ns * state.steps};
  const auto n = static_cast<double>(state.futures.size());
  const auto& m = state.metrics;
  world.recorder->level(m.demand, at, sum.demand / n);
  world.recorder->level(m.capacity, at, sum.capacity / n);
  world.recorder->level(m.served, at, sum.served / n);
  world.recorder->level(m.leased, at, sum.leased / n);
  world.recorder->level(m.on_order, at, sum.on_order / n);
  world.recorder->level(m.waiting, at, sum.waiting / n);
  world.recorder->level(m.grid, at, sum.grid_w / n);
  world.recorder->level(m.racks, at, sum.racks_w / n);
  note_windows(state);
  ++state.steps;
}

void close_growth(GrowthState& state) {
  for (GrowthFuture& future : state.futures) close_future(state.context, future);
  state.closed = true;
}

std::uint64_t growth_digest(const GrowthState& state) {
  std::uint64_t digest = 0;
  for (const GrowthFuture& future : state.futures) {
    digest = digest * 0x9E3779B97F4A7C15U + future.ordered;
    digest = digest * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(future.cash.net());
  }
  return digest;
}

namespace {

void add_cents(std::int64_t& sum, std::int64_t cents) {
  HYPERDC_CHECK(!__builtin_add_overflow(sum, cents, &sum),
                "the money of all futures of a growth plan is above 9e16 USD");
}

}  // namespace

GrowthLaws growth_laws(const GrowthState& state) {
  GrowthLaws out;
  for (const GrowthFuture& future : state.futures) {
    const std::uint64_t there = accelerators_there(state.context, future);
    HYPERDC_CHECK(
        future.ordered == there + future.failed + future.retired + future.cancelled,
        fmt::format("growth plan {}, future {}: {} accelerators ordered, {} there, {} failed, {} "
                    "retired, {} cancelled",
                    state.context.spec.name, future.index, future.ordered, there, future.failed,
                    future.retired, future.cancelled));
    std::int64_t racks = future.paid_and_gone_cents;
    for (const Cohort& cohort : future.cohorts) racks += cohort.paid_cents;
    for (const RackOrder& one : future.orders) racks += one.paid_cents;
    HYPERDC_CHECK(
        racks == future.cash.total(CashKind::racks) &&
            future.cash.net() == future.cash.net_by_year(),
        fmt::format("growth plan {}, future {}: {} cents paid for racks, {} by order; net "
                    "{} cents, {} by year",
                    state.context.spec.name, future.index, future.cash.total(CashKind::racks),
                    racks, future.cash.net(), future.cash.net_by_year()));
    if (state.context.spec.tax && state.closed) {
      const std::int64_t capex = future.cash.total(CashKind::racks) +
                                 future.cash.total(CashKind::halls) +
                                 future.cash.total(CashKind::grid);
      const std::int64_t books = future.books.written_off() + left_in_books(state.context, future);
      HYPERDC_CHECK(capex == books,
                    fmt::format("growth plan {}, future {}: {} cents of capex, {} written off and "
                                "left in the books",
                                state.context.spec.name, future.index, capex, books));
      add_cents(out.capex_cents, capex);
      add_cents(out.books_cents, books);
    }
    out.ordered += future.ordered;
    out.there += there;
    out.failed += future.failed;
    out.retired += future.retired;
    out.cancelled += future.cancelled;
    add_cents(out.net_cents, future.cash.net());
    add_cents(out.net_by_year_cents, future.cash.net_by_year());
    add_cents(out.racks_cents, future.cash.total(CashKind::racks));
    add_cents(out.racks_by_order_cents, racks);
  }
  return out;
}

}  // namespace hyperdc
