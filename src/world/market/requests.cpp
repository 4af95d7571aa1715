// Requests of a rental market: when they come, what they ask for, and who serves them.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "world/market/market.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {
namespace {

// Attributes of a request; a distribution has 1024 of them.
constexpr std::uint64_t kAccelerators = 0, kDuration = 1024, kBid = 2048, kAhead = 3072;

double micro_to_usd(std::int64_t micro) {
  return static_cast<double>(micro) * 1e-6;
}

}  // namespace

MarketTenantState::MarketTenantState(const RentalTenant& tenant, const std::string& market,
                                     std::uint64_t seed, SimTime end)
    : curve(tenant.demand, seed),
      arrivals(curve, RandomStream(seed, fmt::format("market.{}.{}.arrivals", market, tenant.name)),
               end),
      stream(seed, fmt::format("market.{}.{}", market, tenant.name)),
      accelerators(tenant.accelerators),
      duration_s(tenant.duration_s),
      ahead_s(tenant.ahead_s) {
  if (tenant.bid_usd_per_s) bid.emplace(*tenant.bid_usd_per_s);
  if (tenant.busy_s) {
    busy.emplace(*tenant.busy_s);
    idle.emplace(*tenant.idle_s);
  }
}

void MarketState::schedule_arrival(std::uint32_t tenant) {
  MarketTenantState& state = *tenants_[tenant];
  const std::optional<SimTime> at = state.arrivals.next(end_);
  state.next = at ? engine_->schedule(*at, Phase::workload, self_, kArrive, tenant) : kNoEvent;
}

RentalRequest MarketState::draw(std::uint32_t tenant, std::uint64_t number) const {
  const MarketTenantState& state = *tenants_[tenant];
  RentalRequest out;
  out.tenant = tenant;
  out.number = number;
  const double size = state.accelerators.draw(state.stream, number, kAccelerators);
  out.accelerators = static_cast<std::uint64_t>(std::max(1.0, std::floor(size + 0.5)));
  out.work = within_run(state.duration_s.draw(state.stream, number, kDuration));
  out.ahead = within_run(state.ahead_s.draw(state.stream, number, kAhead));
  out.bid = state.bid ? state.bid->draw(state.stream, number, kBid)
                      : std::numeric_limits<double>::infinity();
  return out;
}

void MarketState::arrive(std::uint32_t tenant) {
  MarketTenantState& state = *tenants_[tenant];
  schedule_arrival(tenant);
  ask(draw(tenant, state.requests++));
}

void MarketState::wait(const RentalRequest& request, SimTime until) {
  const std::uint32_t id = new_rental(request);
  rentals_[id].state = Rental::State::asking;
  rentals_[id].order = orders_++;
  hear(id, true);
  engine_->schedule(until, Phase::workload, self_, kRetry, id);
}

/// While a request waits to ask again it bids in all auctions that it names, and for all it wants
/// in each. More than a zone has is never heard.
void MarketState::hear(std::uint32_t id, bool waits) {
  const Rental& rental = rentals_[id];
  const RentalTenant& tenant = tenant_of(rental);
  for (const std::uint32_t p : tenant.products) {
    if (products_[p].pricing == nullptr || !products_[p].pricing->auctions()) continue;
    for (const std::uint32_t z : tenant.zones) {
      if (rental.request.accelerators > spec_.zones[z].accelerators) continue;
      BidBook& book = zones_[z].heard[p];
      if (waits) {
        book.insert({rental.request.bid, rental.order, id, rental.request.accelerators});
      } else {
        book.erase(rental.request.bid, rental.order);
      }
    }
  }
}

/// Serves the request, or lets it wait, or loses it.
void MarketState::ask(RentalRequest request) {
  MarketTenantState& state = *tenants_[request.tenant];
  const RentalTenant& tenant = spec_.tenants[request.tenant];
  if (serve(request)) {
    if (!request.served) ++state.served;
    return;
  }
  const SimTime now = engine_->now();
  if (!request.patience) request.patience = now + tenant.retry_for;
  if (tenant.retry_every.ns > 0 && now + tenant.retry_every <= *request.patience) {
    if (!request.served) ++state.asking;
    wait(request, now + tenant.retry_every);
    return;
  }
  ++(request.served ? state.abandoned : state.lost);
  state.lost_s += static_cast<double>(request.accelerators) * to_seconds(request.work);
}

/// By product in the tenant's order, each in the cheapest zone that takes the request.
bool MarketState::serve(const RentalRequest& request) {
  const RentalTenant& tenant = spec_.tenants[request.tenant];
  for (const std::uint32_t product : tenant.products) {
    std::vector<std::uint32_t> order = tenant.zones;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return zones_[a].usd_per_s[product] < zones_[b].usd_per_s[product];
    });
    for (const std::uint32_t zone : order) {
      if (admit(request, product, zone)) {
        ++products_[product].rentals;
        return true;
      }
      refuse(request, product, zone);
    }
  }
  return false;
}

/// A stock-out is counted once for each request, product and zone.
void MarketState::refuse(const RentalRequest& request, std::uint32_t product, std::uint32_t zone) {
  if (request.patience || request.resumed) return;
  ++zones_[zone].stock_outs;
  ++products_[product].stock_outs;
  zones_[zone].refused_s += static_cast<double>(request.accelerators) * to_seconds(request.work);
}

void MarketState::read_tenants(const std::string& prefix, std::vector<MetricValue>& values) const {
  for (std::size_t t = 0; t < tenants_.size(); ++t) {
    const MarketTenantState& state = *tenants_[t];
    const std::string name = prefix + "tenants." + spec_.tenants[t].name + ".";
    const auto count = [&](const char* what, const char* unit, std::uint64_t n) {
      put(values, name + what, unit, static_cast<double>(n));
    };
    count("requests", "requests", state.requests);
    count("served", "requests", state.served);
    count("lost", "requests", state.lost);
    count("abandoned", "requests", state.abandoned);
    count("interruptions", "times", state.interruptions);
    if (state.requests > 0) {
      put(values, name + "served_share", "1",
          static_cast<double>(state.served) / static_cast<double>(state.requests));
    } else {
      put_missing(values, name + "served_share", "1", "no requests");
    }
    put(values, name + "cost", "USD", micro_to_usd(state.cost_micro));
    put(values, name + "paid_time", "accelerator s", state.paid_s);
    put(values, name + "useful_time", "accelerator s", state.useful_s);
    put(values, name + "lost_time", "accelerator s", state.lost_s);
    if (state.useful_s > 0) {
      put(values, name + "cost_per_useful_hour", "USD",
          micro_to_usd(state.cost_micro) / (state.useful_s / 3600));
    } else {
      put_missing(values, name + "cost_per_useful_hour", "USD", "no work was done");
    }
  }
}

}  // namespace hyperdc
