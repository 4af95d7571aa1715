#include "world/market/market.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "scenario/policy_entry.hpp"
#include "world/metric_values.hpp"

namespace hyperdc {
namespace {

double rented_usd(std::int64_t micro) {
  return static_cast<double>(micro) * 1e-6;
}

}  // namespace

MarketState::MarketState(World& world, const MarketSpec& spec)
    : world_(world), spec_(spec), end_(SimTime{} + *world.scenario->duration), paid_until_(end_) {
  const std::string prefix = "market." + spec.name + ".";
  const auto declare = [&](const std::string& name, const char* unit, const char* meaning,
                           MetricKind kind) {
    return world.recorder->declare({prefix + name, unit, meaning, kind});
  };
  utilization_ = declare("utilization", "1", "In use, of all accelerators.", MetricKind::level);
  world.recorder->level(utilization_, SimTime{}, 0);
  for (const RentalProduct& product : spec.products) {
    MarketProductState& state = products_.emplace_back();
    if (product.kind == RentalKind::spot || product.kind == RentalKind::on_demand) {
      state.pricing =
          entry_of(pricings(), product.pricing).make(product.pricing.params, PricingContext{});
    }
    longest_notice_ = std::max(longest_notice_, product.notice);
  }
  for (const MarketZone& zone : spec.zones) {
    MarketZoneState& state = zones_.emplace_back();
    const std::string of = "zones." + zone.name + ".";
    state.utilization = declare(of + "utilization", "1", "In use.", MetricKind::level);
    state.spot_level = declare(of + "spot", "accelerators", "On spot.", MetricKind::level);
    state.sold_level = declare(of + "reserved", "accelerators", "Reserved.", MetricKind::level);
    for (const MetricId id : {state.utilization, state.spot_level, state.sold_level}) {
      world.recorder->level(id, SimTime{}, 0);
    }
    state.placed.resize(spec.products.size());
    state.heard.resize(spec.products.size());
    state.paid.resize(spec.products.size());
    for (std::size_t p = 0; p < spec.products.size(); ++p) {
      state.usd_per_s.push_back(spec.products[p].usd_per_s);
      state.price.emplace_back();
      if (products_[p].pricing == nullptr) continue;
      state.price.back() =
          declare(fmt::format("prices.{}/{}.per_hour", zone.name, spec.products[p].name), "USD",
                  "Price.", MetricKind::level);
    }
  }
  for (const RentalTenant& tenant : spec.tenants) {
    tenants_.push_back(std::make_unique<MarketTenantState>(tenant, spec.name, world.seed, end_));
  }
}

void MarketState::begin(ProcessId self, Engine& engine) {
  engine_ = &engine;
  self_ = self;
  for (std::uint32_t t = 0; t < tenants_.size(); ++t) schedule_arrival(t);
  reprice();
}

void MarketState::handle(const Event& event) {
  const auto id = static_cast<std::uint32_t>(event.arg);
  switch (event.kind) {
    case kArrive:
      return arrive(id);
    case kRetry: {
      const RentalRequest request = rentals_[id].request;
      hear(id, false);
      release(id);
      if (!request.served) --tenants_[request.tenant]->asking;
      return ask(request);
    }
    case kReprice:
      return reprice();
    case kClaim:
      return claim_block(id);
    case kStart:
      return start_due(id);
    case kStop:
      return stop(id);
    case kTerm:
      return renew(id);
    default:
      return turn(id);
  }
}

std::uint64_t MarketState::meaning(const Event& event) const {
  if (event.kind == kReprice) {
    std::uint64_t sum = 0;
    for (const MarketZoneState& zone : zones_) {
      sum = sum * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(zone.revenue_micro);
    }
    return sum;
  }
  if (event.kind == kArrive) return event.arg;
  const Rental& rental = rentals_[event.arg];
  return rental.request.number * spec_.tenants.size() + rental.request.tenant;
}

void MarketState::close(SimTime end) {
  for (MarketZoneState& zone : zones_) zone.by_time.change(end, 0);
  for (Rental& rental : rentals_) {
    if (rental.state == Rental::State::free || rental.state == Rental::State::asking) continue;
    accrue(rental, end);
    close_prepaid(rental, end);
    if (rental.state != Rental::State::running) continue;
    MarketTenantState& tenant = *tenants_[rental.request.tenant];
    const RentalTenant& spec = tenant_of(rental);
    const auto k = static_cast<double>(rental.request.accelerators);
    const RentalKind kind = kind_of(rental);
    if (kind == RentalKind::reserved || kind == RentalKind::block) {
      tenant.useful_s += k * worked_s(rental, end);
      continue;
    }
    Duration done = end - rental.since;
    if (rental.request.restarts && spec.checkpoint) done = done - spec.checkpoint->restart;
    if (kind == RentalKind::spot && spec.checkpoint) {
      done = work_done(*spec.checkpoint, rental.request.work, done);
    }
    tenant.useful_s += k * std::max(0.0, to_seconds(done));
  }
}

MarketState::Laws MarketState::laws() const {
  Laws out;
  for (const auto& tenant : tenants_) {
    out.requests += tenant->requests;
    out.ended += tenant->served + tenant->lost + tenant->asking;
    out.costs_micro += tenant->cost_micro;
    constexpr double kRounding = 1e-9, kOneSecond = 1;
    if (tenant->useful_s > tenant->paid_s * (1 + kRounding) + kOneSecond) ++out.useful_above_paid;
  }
  for (const MarketZoneState& zone : zones_) {
    out.zones_micro += zone.revenue_micro;
    out.running_s += zone.by_time.accelerator_s;
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const MarketProductState& product = products_[p];
    const RentalProduct& spec = spec_.products[p];
    out.revenue_micro += product.revenue_micro;
    if (product.pricing != nullptr) out.paid_s += product.paid_s;
    const bool posted = spec.pricing.policy == "posted";
    if (!posted && spec.kind != RentalKind::block) continue;
    const double price = posted ? spec.pricing.params.number("price") : spec.usd_per_s;
    out.fixed_usd += rented_usd(product.revenue_micro);
    out.price_usd += price * product.paid_s;
  }
  out.payments = payments_;
  out.rentals_micro = ended_micro_;
  for (const Rental& rental : rentals_) {
    if (rental.state != Rental::State::free) out.rentals_micro += rental.paid_micro;
  }
  return out;
}

void MarketState::read(std::vector<MetricValue>& values) const {
  const std::string prefix = "market." + spec_.name + ".";
  put(values, prefix + "revenue", "USD",
      rented_usd(static_cast<std::int64_t>(laws().revenue_micro)));
  for (std::size_t z = 0; z < zones_.size(); ++z) {
    const MarketZoneState& zone = zones_[z];
    const std::string name = prefix + "zones." + spec_.zones[z].name + ".";
    put(values, name + "stock_outs", "requests", static_cast<double>(zone.stock_outs));
    put(values, name + "refused_time", "accelerator s", zone.refused_s);
    put(values, name + "interruptions", "times", static_cast<double>(zone.interruptions));
    put(values, name + "breaches", "times", static_cast<double>(zone.breaches));
    put(values, name + "revenue", "USD", rented_usd(zone.revenue_micro));
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const MarketProductState& product = products_[p];
    const std::string name = prefix + "products." + spec_.products[p].name + ".";
    put(values, name + "rentals", "rentals", static_cast<double>(product.rentals));
    put(values, name + "stock_outs", "requests", static_cast<double>(product.stock_outs));
    put(values, name + "paid_time", "accelerator s", product.paid_s);
    put(values, name + "revenue", "USD", rented_usd(product.revenue_micro));
  }
  read_tenants(prefix, values);
}

void build_markets(World& world) {
  for (const auto& spec : world.scenario->markets) {
    world.markets.push_back(std::make_unique<MarketState>(world, *spec));
  }
}

void end_markets_at(World& world, SimTime end) {
  for (const auto& market : world.markets) market->end_at(end);
}

void close_markets(World& world, SimTime end) {
  for (const auto& market : world.markets) market->close(end);
}

void read_markets(const World& world, std::vector<MetricValue>& values) {
  for (const auto& market : world.markets) market->read(values);
}

}  // namespace hyperdc
