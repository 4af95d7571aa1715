#include "scenario/resolve_costs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>
#include <variant>
#include <vector>

#include "core/text.hpp"
#include "scenario/description.hpp"
#include "scenario/hints.hpp"
#include "workload/rate_series.hpp"

namespace hyperdc {

namespace {

constexpr double kYear_s = 365.0 * 86'400;

std::optional<PeriodicRate> steps_of(Resolution& r, const View& steps, const char* key) {
  std::vector<RateStep> out;
  bool rises = true;
  for (const auto& [_, step, span] : steps.each()) {
    const Duration from = step["from"].duration();
    if (from >= whole_seconds(86'400)) {
      r.error("E021", step["from"], "a day has 24 h");
      rises = false;
    } else if (!out.empty() && from <= out.back().from) {
      r.error("E034", step["from"], "the steps do not rise");
      rises = false;
    }
    out.push_back({from, step[key].number()});
  }
  if (!rises || out.empty()) return std::nullopt;
  return PeriodicRate(std::move(out));
}

std::optional<PeriodicRate> series_of(Resolution& r, const View& series, const Range& range) {
  const View file = series["file"];
  const auto opened = r.opened.find(file.path());
  if (!r.options.check_traces || opened == r.opened.end()) return std::nullopt;
  const auto read =
      read_rate_series(opened->second, series["time_column"].text(), series["value_column"].text());
  if (const Issues* issues = std::get_if<Issues>(&read)) {
    r.report(file, *issues);
    return std::nullopt;
  }
  const RateSeries& rows = std::get<RateSeries>(read);
  r.note_file(file, rows.sha256);
  std::vector<RateStep> steps;
  for (std::size_t i = 0; i < rows.from.size(); ++i) {
    const double value = rows.value[i] * series["unit"].number();
    if (value < range.min || value > range.max) {
      r.error("E021", series["unit"],
              fmt::format("value {} of the file, {}, is outside what such a rate may be", i + 1,
                          rows.value[i]),
              "look at the column and at the unit");
      return std::nullopt;
    }
    steps.push_back({rows.from[i], value});
  }
  PeriodicRate rate(std::move(steps), rows.period);
  if (const View start = series["start"]) {
    const auto date = date_seconds(start.text());
    if (!date) {
      r.error("E021", start, hyperdc::quoted(start.text()) + " is not a date",
              "write \"2022-07-01\" or \"2022-07-01 06:00:00\"");
      return std::nullopt;
    }
    const std::int64_t since = *date - rows.first_s;
    if (since < 0 || since >= rows.period.ns / kNsPerSecond) {
      r.error("E021", start, hyperdc::quoted(start.text()) + " is not within the file");
      return std::nullopt;
    }
    rate.start_at(whole_seconds(since));
  }
  return rate;
}

/// One value, steps of a day or a file.
std::optional<PeriodicRate> rate_of(Resolution& r, const View& rate, const char* key,
                                    const Range& range) {
  if (!rate) return std::nullopt;
  if (!rate.json()->is(Json::Kind::object)) return PeriodicRate(rate.number());
  if (const View series = rate["series"]) return series_of(r, series, range);
  return steps_of(r, rate["time_of_use"], key);
}

std::optional<DemandCharge> demand_charge_of(Resolution& r, const View& charge) {
  if (!charge) return std::nullopt;
  const DemandCharge out{charge["price"].number(), charge["window"].duration(),
                         charge["period"].duration()};
  if (out.window.ns <= 0 || out.period.ns % out.window.ns != 0) {
    r.error("E034", charge["period"], "a period is not a whole number of windows");
    return std::nullopt;
  }
  return out;
}

std::optional<WaterUse> water_of(Resolution& r, const View& facility) {
  const View water = facility["water"];
  if (!water) return std::nullopt;
  if (water["per_kelvin"].number() > 0 && !facility["weather"]) {
    r.error("E034", water["per_kelvin"], "there is no weather to depend on",
            "add \"weather\" and losses that depend on it");
  }
  return WaterUse{water["per_energy"].number(), water["per_kelvin"].number(),
                  water["above"].number()};
}

}  // namespace

void note_facts(Resolution& r, const View& sources, const std::string& path) {
  for (const auto& [fact, source, _] : sources.each()) {
    note_source(r, source, fmt::format("{}.{}", path, fact));
  }
}

void check_facts(Resolution& r, const View& sources, const Type& type) {
  std::vector<std::string> facts;
  for (const Field& field : type.fields) {
    if (field.name == "sources") continue;
    facts.push_back(field.name);
    if (field.type->kind == Type::Kind::map) continue;
    for (const Field& part : field.type->fields) facts.push_back(field.name + "." + part.name);
  }
  check_facts(r, sources, facts);
}

void check_facts(Resolution& r, const View& sources, const std::vector<std::string>& facts) {
  for (const auto& [fact, source, span] : sources.each()) {
    if (std::find(facts.begin(), facts.end(), fact) != facts.end()) continue;
    r.problems.error("E012", source.path(), "unknown key", name_hint(fact, facts), span);
  }
}

std::string source_of(const View& sources, const std::string& fact) {
  const View source = sources[fact];
  if (!source) return "";
  const std::string date = source["date"].text();
  return source["source"].text() + (date.empty() ? "" : ", " + date);
}

std::optional<Price> price_of(Resolution& r, const View& price) {
  if (!price) return std::nullopt;
  const View bought = price["purchase"];
  if (!bought) return Price::rent(price.number());
  PurchaseTerms out;
  out.usd = bought["usd"].number();
  out.residual_usd = bought["residual"].number();
  out.life_s = bought["life"].number();
  out.age_s = bought["age"].number();
  out.factor = bought["factor"].number();
  out.upkeep_usd_per_s = bought["upkeep"].number();
  const std::string method = bought["depreciation"].text();
  if (method == "declining-balance") out.depreciation = Depreciation::declining_balance;
  if (method == "sum-of-years") out.depreciation = Depreciation::sum_of_years;
  bool good = out.life_s > 0;
  if (out.residual_usd > out.usd) {
    r.error("E034", bought["residual"], "it is worth more after its life than new");
    good = false;
  }
  const double years = out.life_s / kYear_s;
  if (out.depreciation != Depreciation::straight_line && years != std::round(years)) {
    r.error("E034", bought["life"], fmt::format("\"{}\" goes by whole years", method),
            "write \"5 y\", or \"depreciation\": \"straight-line\"");
    good = false;
  }
  if (!good) return std::nullopt;
  return Price::purchase(out);
}

void resolve_costs(Resolution& r, const View& facility, Region& out) {
  out.energy.price = rate_of(r, facility["electricity"], "price", kEnergyPriceRange);
  const View carbon = facility["carbon"];
  for (std::size_t i = 0; i < kCarbonMethods; ++i) {
    out.energy.carbon[i] = rate_of(r, carbon[kCarbonNames[i]], "intensity", kIntensityRange);
  }
  if (const View price = carbon["price"]) {
    const auto at = std::find(kCarbonNames.begin(), kCarbonNames.end(), carbon["price_of"].text());
    const auto method = static_cast<std::size_t>(at - kCarbonNames.begin()) % kCarbonMethods;
    out.costs.carbon_usd_per_kg = price.number();
    out.costs.carbon_method = static_cast<CarbonMethod>(method);
    if (!carbon[kCarbonNames[method]]) {
      r.error("E034", price,
              fmt::format("there is no \"{}\" that it is paid for", kCarbonNames[method]),
              "add it, or another \"price_of\"");
    }
  }
  out.energy.water = water_of(r, facility);
  if (const View price = facility["water"]["price"]) out.costs.water_usd_per_m3 = price.number();
  const View costs = facility["costs"];
  out.energy.demand = demand_charge_of(r, costs["demand_charge"]);
  out.costs.building = price_of(r, costs["building"]);
  out.costs.network = price_of(r, costs["network"]);
  out.costs.staff = price_of(r, costs["staff"]);
  const View sources = facility["sources"];
  if (!sources.each().empty()) check_facts(r, sources, *facility_type());
  const auto source = [&](const char* fact) { return source_of(sources, fact); };
  out.cost_sources = {source("electricity"), source("costs.demand_charge"), source("carbon"),
                      source("water"),       source("costs.building"),      source("costs.network"),
                      source("costs.staff")};
  note_facts(r, sources, fmt::format("regions.{}.facility", out.name));
}

}  // namespace hyperdc
