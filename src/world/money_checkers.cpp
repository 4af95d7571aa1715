// Laws of money, energy and carbon at the end of a run: bills, growth plans, markets, buyers.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "world/buyer/buyer.hpp"
#include "world/growth/growth.hpp"
#include "world/law_book.hpp"
#include "world/market/market.hpp"

namespace hyperdc {
namespace {

/// Of a rate that never changes the books are the energy of the metric times it; of another one the
/// sum over its steps, to what the sums of a whole period keep of a short stretch.
void check_rate(LawBook& book, const std::string& name, const PeriodicRate& rate, double joules,
                const RateWalk* walk, double factor, const char* unit, double booked) {
  if (walk == nullptr) {
    const double metered = joules * rate.value(SimTime{}) * factor;
    const double error = relative_error(metered, booked);
    book.note(name,
              fmt::format("{:.9g} J are {:.9g} {}, booked {:.9g}", joules, metered, unit, booked),
              error, error <= kRoundingTolerance);
    return;
  }
  constexpr double kStepsTolerance = 1e-7;
  const double walked = walk->sum() * factor;
  const double size = std::max(walk->size() * factor, std::fabs(booked));
  const double error = size == 0 ? 0 : std::fabs(walked - booked) / size;
  book.note(name,
            fmt::format("{:.9g} J are {:.9g} {} step by step, booked {:.9g}", joules, walked, unit,
                        booked),
            error, error <= kStepsTolerance);
}

/// Each future was checked on its own by growth_laws.
void check_growth(const GrowthState& state, LawBook& book) {
  const GrowthLaws laws = growth_laws(state);
  const std::uint64_t out = laws.there + laws.failed + laws.retired + laws.cancelled;
  book.note("accelerators growth." + state.context.spec.name,
            fmt::format("ordered {} = there or on order {} + failed {} + retired {} + cancelled {}",
                        laws.ordered, laws.there, laws.failed, laws.retired, laws.cancelled),
            relative_error(static_cast<double>(laws.ordered), static_cast<double>(out)),
            laws.ordered == out);
  book.note(
      "cents growth." + state.context.spec.name,
      fmt::format("net {} = by year {}; racks {} = by order {}", laws.net_cents,
                  laws.net_by_year_cents, laws.racks_cents, laws.racks_by_order_cents),
      relative_error(static_cast<double>(laws.net_cents),
                     static_cast<double>(laws.net_by_year_cents)),
      laws.net_cents == laws.net_by_year_cents && laws.racks_cents == laws.racks_by_order_cents);
  if (!state.context.spec.tax || !state.closed) return;
  book.note(
      "books growth." + state.context.spec.name,
      fmt::format("capex {} = written off or left {}", laws.capex_cents, laws.books_cents),
      relative_error(static_cast<double>(laws.capex_cents), static_cast<double>(laws.books_cents)),
      laws.capex_cents == laws.books_cents);
}

/// What the provider takes is what the tenants pay, in the books of four.
void check_market(const MarketState& state, LawBook& book) {
  const MarketState::Laws laws = state.laws();
  const auto whole = [](auto micro) { return static_cast<double>(micro); };
  book.note("requests market." + state.spec().name,
            fmt::format("{} = served, lost or waiting {}", laws.requests, laws.ended),
            relative_error(static_cast<double>(laws.requests), static_cast<double>(laws.ended)),
            laws.requests == laws.ended);
  book.note("micro-dollars market." + state.spec().name,
            fmt::format("revenue {:.0f} = costs of tenants {:.0f} = rentals {:.0f} = zones {:.0f}",
                        whole(laws.revenue_micro), whole(laws.costs_micro),
                        whole(laws.rentals_micro), whole(laws.zones_micro)),
            relative_error(static_cast<double>(laws.revenue_micro),
                           static_cast<double>(laws.rentals_micro)),
            laws.revenue_micro == laws.costs_micro && laws.revenue_micro == laws.rentals_micro &&
                laws.revenue_micro == laws.zones_micro);
  // Payments are rounded each to a micro-dollar.
  const double rounded_usd = 1e-6 * static_cast<double>(laws.payments) + 1e-9 * laws.price_usd;
  book.note("prices market." + state.spec().name,
            fmt::format("taken at one price {:.6f} USD = price times paid time {:.6f} USD",
                        laws.fixed_usd, laws.price_usd),
            relative_error(laws.fixed_usd, laws.price_usd),
            std::fabs(laws.fixed_usd - laws.price_usd) <= rounded_usd);
  const double error = relative_error(laws.paid_s, laws.running_s);
  book.note("paid time market." + state.spec().name,
            fmt::format("on-demand and spot {:.9g} s = in use {:.9g} s; useful above paid of {} "
                        "tenants",
                        laws.paid_s, laws.running_s, laws.useful_above_paid),
            error, error <= kRoundingTolerance && laws.useful_above_paid == 0);
}

void check_buyer(const BuyerState& state, LawBook& book) {
  const BuyerState::Laws laws = state.laws();
  book.note("micro-dollars buyers." + state.spec().name,
            fmt::format("paid {:.6f} USD = by kind {:.6f} USD, in {} futures not", laws.paid_usd,
                        laws.by_kind_usd, laws.wrong_books),
            relative_error(laws.paid_usd, laws.by_kind_usd), laws.wrong_books == 0);
  const double error = relative_error(laws.needed_s, laws.carried_s);
  book.note(
      "accelerators buyers." + state.spec().name,
      fmt::format("needed {:.9g} s = carried or missed {:.9g} s", laws.needed_s, laws.carried_s),
      error, error <= kRoundingTolerance);
  const double rounded_usd =
      1e-6 * state.spec().futures * state.spec().steps() + 1e-9 * laws.at_price_usd;
  book.note("prices buyers." + state.spec().name,
            fmt::format("on-demand that keeps its price {:.6f} USD = price times time {:.6f} USD",
                        laws.on_demand_usd, laws.at_price_usd),
            relative_error(laws.on_demand_usd, laws.at_price_usd),
            std::fabs(laws.on_demand_usd - laws.at_price_usd) <= rounded_usd);
}

}  // namespace

void check_energy_books(const World& world, LawBook& book) {
  for (std::uint32_t r = 0; r < world.scenario->regions.size(); ++r) {
    const EnergyTerms& terms = world.scenario->regions[r].energy;
    const PowerMeter::RegionReading& reading = world.power.regions()[r];
    if (!reading.known) continue;
    const double joules = world.recorder->integral(reading.power);
    const EnergyBooks& books = world.power.books(r);
    if (terms.price) {
      check_rate(book, "cost regions." + reading.name, *terms.price, joules, books.price_walk(), 1,
                 "USD", books.energy_usd());
    }
    for (std::size_t m = 0; m < kCarbonMethods; ++m) {
      if (!terms.carbon[m]) continue;
      const auto method = static_cast<CarbonMethod>(m);
      check_rate(book, fmt::format("carbon {} regions.{}", kCarbonNames[m], reading.name),
                 *terms.carbon[m], joules, books.carbon_walk(method), 1e-3, "kg",
                 books.carbon_kg(method));
    }
  }
}

void check_plans(const World& world, LawBook& book) {
  for (const auto& state : world.growth) check_growth(*state, book);
  for (const auto& state : world.markets) check_market(*state, book);
  for (const auto& state : world.buyers) check_buyer(*state, book);
}

}  // namespace hyperdc
