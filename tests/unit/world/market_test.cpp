// Rental markets: Erlang's loss, a fixed point, and rentals, auctions, reservations, blocks and
// their money by hand.
#include "world/market/market.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "core/erlang.hpp"
#include "support/load_example.hpp"
#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/market/zone_bids.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr double kHour = 3600;

/// One zone "a", products and tenants as given.
json market(int accelerators, const json& products, const json& tenants) {
  return {{"name", "m"},
          {"duration", "100 h"},
          {"market",
           {{"m",
             {{"zones", {{"a", {{"accelerators", accelerators}}}}},
              {"products", products},
              {"tenants", tenants}}}}}};
}

Simulation traded(json text, const json& changes = json::object()) {
  text.merge_patch(changes);
  const test::TemporaryDirectory home;
  return simulate(test::load_text(home, text), {});
}

double market_value(const Simulation& run, const std::string& metric) {
  return test::value(run, "market.m." + metric);
}

json on_demand(const std::string& price) {
  return {{"kind", "on-demand"}, {"pricing", {{"policy", "posted"}, {"price", price}}}};
}

/// Requests that all come within 10 ms after `at`: the first is served, and the zone is full.
json burst(const std::string& at, const std::string& after) {
  const json points = {{{"at", "0 s"}, {"rate", "0 /s"}},
                       {{"at", at}, {"rate", "10000 /s"}},
                       {{"at", after}, {"rate", "0 /s"}}};
  return {{"piecewise", {{"points", points}}}};
}

/// Requests of 2 h, of which the seed makes one for tenants "late" and "third".
json once() {
  const json points = {{{"at", "0 s"}, {"rate", "0 /s"}},
                       {{"at", "7199 s"}, {"rate", "1 /s"}},
                       {{"at", "2 h"}, {"rate", "0 /s"}}};
  return {{"piecewise", {{"points", points}}}};
}

json first(const json& more) {
  json out = {{"demand", burst("1 ns", "10 ms")}, {"accelerators", 4}, {"duration", "10 h"}};
  out.merge_patch(more);
  return out;
}

}  // namespace

TEST_CASE("one zone of on-demand loses what Erlang says, and takes what it carries") {
  const json tenants = {{"t",
                         {{"demand", "8 /h"},
                          {"duration", {{"exponential", {{"mean", "1 h"}}}}},
                          {"products", {"d"}}}}};
  const json ten = market(10, {{"d", on_demand("2 USD/h")}}, tenants);
  const Simulation run = traded(ten, {{"duration", "2000 h"}});
  const double blocked = erlang_b(10, 8);
  CHECK(market_value(run, "tenants.t.served_share") == Approx(1 - blocked).margin(0.025));
  CHECK(market_value(run, "utilization.mean") == Approx(0.8 * (1 - blocked)).margin(0.025));
  const double carried_h = market_value(run, "utilization.mean") * 10 * 2000;
  CHECK(market_value(run, "revenue") == Approx(2 * carried_h).epsilon(1e-6));
  CHECK(market_value(run, "tenants.t.useful_time") == Approx(carried_h * kHour).epsilon(1e-6));
  // Fewer accelerators, more stock-outs.
  const json fewer = {{"duration", "2000 h"},
                      {"market", {{"m", {{"zones", {{"a", {{"accelerators", 8}}}}}}}}}};
  CHECK(market_value(traded(ten, fewer), "zones.a.stock_outs") >
        market_value(run, "zones.a.stock_outs"));
}

TEST_CASE("demand that answers to a price that answers to utilization finds its fixed point") {
  // n = 200 * 2 / p and p = 1 + 4 n / 400: n = 50 (sqrt(17) - 1).
  const json priced = {
      {"kind", "on-demand"},
      {"pricing",
       {{"policy", "utilization"}, {"floor", "1 USD/h"}, {"ceiling", "5 USD/h"}, {"exponent", 1}}}};
  const json tenants = {{"t",
                         {{"demand", "200 /h"},
                          {"elasticity", 1},
                          {"reference", "2 USD/h"},
                          {"duration", {{"exponential", {{"mean", "1 h"}}}}},
                          {"products", {"d"}}}}};
  const Simulation run = traded(market(400, {{"d", priced}}, tenants));
  CHECK(market_value(run, "utilization.mean") * 400 ==
        Approx(50 * (std::sqrt(17) - 1)).epsilon(0.05));
}

TEST_CASE("work between checkpoints by hand") {
  const CheckpointTerms terms{whole_seconds(100), whole_seconds(10), whole_seconds(5)};
  const Duration work = whole_seconds(1000);
  CHECK(work_done(terms, work, whole_seconds(99)) == whole_seconds(99));
  CHECK(work_done(terms, work, whole_seconds(105)) == whole_seconds(100));
  CHECK(work_done(terms, work, whole_seconds(250)) == whole_seconds(230));
  CHECK(work_done(terms, work, whole_seconds(9999)) == work);
  // A notice that is as long as a checkpoint saves all but its time; a shorter one what was saved.
  CHECK(work_saved(terms, whole_seconds(10), work, whole_seconds(250)) == whole_seconds(220));
  CHECK(work_saved(terms, whole_seconds(9), work, whole_seconds(250)) == whole_seconds(200));
  CHECK(work_saved(terms, whole_seconds(9), work, whole_seconds(105)) == Duration{});
  CHECK(work_saved(std::nullopt, whole_seconds(120), work, whole_seconds(250)) == Duration{});
}

TEST_CASE("spot has its notice, loses what its checkpoints say, and on-demand waits for it") {
  const json spot = {{"kind", "spot"},
                     {"notice", "120 s"},
                     {"pricing", {{"policy", "posted"}, {"price", "1 USD/h"}}}};
  const json checkpoint = {{"every", "30 min"}, {"cost", "60 s"}};
  const json tenants = {
      {"s", first({{"products", {"spot"}}, {"checkpoint", checkpoint}})},
      {"d",
       first({{"products", {"d"}}, {"duration", "1 h"}, {"demand", burst("1 h", "3600010 ms")}})}};
  const json text = market(4, {{"d", on_demand("5 USD/h")}, {"spot", spot}}, tenants);
  const Simulation saved = traded(text);
  CHECK(market_value(saved, "zones.a.interruptions") == 1);
  // It leaves at 3,720 s; a checkpoint takes the last 60: 1800 + 1800 of 3,660 s is work.
  CHECK(market_value(saved, "tenants.s.paid_time") == Approx(4 * 3720).margin(0.1));
  CHECK(market_value(saved, "tenants.s.useful_time") == Approx(4 * 3600).margin(0.1));
  CHECK(market_value(saved, "tenants.s.abandoned") == 1);
  CHECK(market_value(saved, "tenants.d.cost") == Approx(4 * 5.0));
  CHECK(market_value(saved, "utilization.max") == 1);
  const json notice = {{"market", {{"m", {{"products", {{"spot", {{"notice", "30 s"}}}}}}}}}};
  const Simulation lost = traded(text, notice);
  CHECK(market_value(lost, "tenants.s.paid_time") == Approx(4 * 3630).margin(0.1));
  CHECK(market_value(lost, "tenants.s.useful_time") == Approx(4 * 1800).margin(0.1));
}

TEST_CASE("spot that falls back to a reservation restarts in it") {
  const json spot = {{"kind", "spot"},
                     {"notice", "0 s"},
                     {"pricing", {{"policy", "posted"}, {"price", "1 USD/h"}}}};
  const json term = {{"kind", "reserved"}, {"term", "30 d"}, {"price", "2 USD/h"}};
  const json tenants = {
      {"v", first({{"products", {"spot"}}, {"duration", "90 h"}, {"zones", {"b"}}})},
      {"late", first({{"products", {"spot", "r"}},
                      {"duration", "20 h"},
                      {"demand", once()},
                      {"checkpoint", {{"every", "30 min"}, {"restart", "5 h"}}}})},
      {"d", first({{"products", {"d"}},
                   {"duration", "90 h"},
                   {"zones", {"a"}},
                   {"demand", burst("3 h", "10800010 ms")}})}};
  json text = market(4, {{"spot", spot}, {"d", on_demand("5 USD/h")}, {"r", term}}, tenants);
  text["market"]["m"]["zones"]["b"]["accelerators"] = 4;
  const Simulation run = traded(text);
  REQUIRE(market_value(run, "tenants.late.requests") == 1);
  CHECK(market_value(run, "tenants.late.interruptions") == 1);
  // From 2 h on spot in a, at 3 h told to go at once; 19 h are left, and the restart.
  CHECK(market_value(run, "tenants.late.useful_time") == Approx(4 * 20 * kHour));
  CHECK(market_value(run, "products.r.paid_time") == Approx(4 * 24 * kHour).margin(8));
}

TEST_CASE("who takes a place starts when enough has left, not when all has") {
  const auto spot = [](const char* notice) {
    return json{{"kind", "spot"},
                {"notice", notice},
                {"pricing", {{"policy", "posted"}, {"price", "1 USD/h"}}}};
  };
  const json tenants = {{"x", first({{"products", {"soon"}}, {"duration", "90 h"}})},
                        {"y", first({{"products", {"late"}},
                                     {"accelerators", 3},
                                     {"duration", "90 h"},
                                     {"demand", burst("1 s", "1010 ms")}})},
                        {"d", first({{"products", {"d"}},
                                     {"accelerators", 3},
                                     {"duration", "90 h"},
                                     {"demand", burst("1 h", "3600010 ms")}})}};
  const Simulation run = traded(
      market(7, {{"d", on_demand("5 USD/h")}, {"soon", spot("120 s")}, {"late", spot("50 h")}},
             tenants),
      {{"duration", "10 h"}});
  // Both zones' spot is told at 1 h; of the two that came the first starts when 4 have left.
  CHECK(market_value(run, "tenants.d.served") == 2);
  CHECK(market_value(run, "zones.a.interruptions") == 2);
  CHECK(market_value(run, "tenants.d.paid_time") == Approx(3 * (9 * kHour - 120)).margin(0.1));
}

TEST_CASE("an auction by hand: who bids more takes the place, and all pay the highest that lost") {
  const json spot = {{"kind", "spot"},
                     {"notice", "120 s"},
                     {"pricing", {{"policy", "auction"}, {"floor", "1 USD/h"}}}};
  const json tenants = {{"low", first({{"products", {"spot"}}, {"bid", "3 USD/h"}})},
                        {"high", first({{"products", {"spot"}},
                                        {"bid", "4 USD/h"},
                                        {"duration", "1 h"},
                                        {"demand", burst("20 min", "1200010 ms")}})}};
  const Simulation run = traded(market(4, {{"spot", spot}}, tenants));
  // The second of the low bids loses: 3 until the next price at 5 min, then the floor; while it has
  // its notice from 20 min on, a second high bid has lost: 4, of which it pays its bid.
  CHECK(market_value(run, "tenants.low.cost") ==
        Approx(4 * (3 * 300 + 1 * 900 + 3 * 120) / kHour).epsilon(1e-4));
  // At 22 min the low one asks again and loses: 3, and the floor from 25 min on.
  CHECK(market_value(run, "tenants.high.cost") ==
        Approx(4 * (3 * 180 + 1 * 3420) / kHour).epsilon(1e-4));
  CHECK(market_value(run, "tenants.low.abandoned") == 1);
  CHECK(market_value(run, "zones.a.interruptions") == 1);
}

TEST_CASE("who asks for more than there is sets no price and interrupts nobody") {
  const json spot = {{"kind", "spot"},
                     {"notice", "120 s"},
                     {"pricing", {{"policy", "auction"}, {"floor", "1 USD/h"}}}};
  const auto later = [](int accelerators, const char* bid) {
    return first({{"products", {"spot"}},
                  {"bid", bid},
                  {"duration", "1 h"},
                  {"accelerators", accelerators},
                  {"demand", burst("20 min", "1200010 ms")}});
  };
  json low = first({{"products", {"spot"}}, {"bid", "3 USD/h"}, {"accelerators", 3}});
  json big = later(5, "10 USD/h");
  big["accelerators"] = {{"empirical", {{"values", {4, 5}}, {"weights", {1e-12, 1}}}}};
  const Simulation run = traded(market(4, {{"spot", spot}}, {{"low", low}, {"big", big}}));
  CHECK(market_value(run, "zones.a.interruptions") == 0);
  CHECK(market_value(run, "tenants.low.useful_time") == Approx(3 * 10 * kHour));
  CHECK(market_value(run, "prices.a/spot.per_hour.max") == 3);
  // Losers that ask again hold the price up: 3 for as long as they do.
  low["retry"] = {{"every", "1 min"}, {"for", "2 h"}};
  const Simulation held = traded(market(4, {{"spot", spot}}, {{"low", low}}));
  CHECK(market_value(held, "prices.a/spot.per_hour.mean") ==
        Approx((3 * 2 + 98) / 100.0).margin(0.003));
  CHECK(market_value(held, "tenants.low.cost") == Approx(3 * (3 * 2 + 8.0)).epsilon(0.02));
}

TEST_CASE("those that wait hold the price up for who comes in, too") {
  const json spot = {{"kind", "spot"},
                     {"notice", "120 s"},
                     {"pricing", {{"policy", "auction"}, {"floor", "1 USD/h"}}}};
  const json tenants = {
      {"aa", first({{"products", {"spot"}}, {"bid", "5 USD/h"}, {"accelerators", 3}})},
      {"bb", first({{"products", {"spot"}},
                    {"bid", "4 USD/h"},
                    {"accelerators", 2},
                    {"retry", {{"every", "3 h"}, {"for", "9 h"}}},
                    {"demand", burst("1 h", "3600010 ms")}})},
      {"third", first({{"products", {"spot"}},
                       {"bid", "6 USD/h"},
                       {"accelerators", 1},
                       {"duration", "6 h"},
                       {"demand", once()}})}};
  json text = market(4, {{"spot", spot}}, tenants);
  text["duration"] = "9 h";
  text["market"]["m"]["reprice"] = "8 h";
  const Simulation run = traded(text);
  REQUIRE(market_value(run, "tenants.third.requests") == 1);
  // Others like aa lose at first: 5; from 1 h on bb loses for three hours and tries again.
  CHECK(market_value(run, "tenants.aa.cost") == Approx(3 * (5 * 1 + 4 * 8)).epsilon(1e-4));
  CHECK(market_value(run, "tenants.third.cost") == Approx(4 * 6).epsilon(1e-4));
}

TEST_CASE("a book of bids answers as a list of them does") {
  std::mt19937 random(1);
  BidBook book;
  std::vector<StandingBid> list;
  const auto first_beyond = [](std::vector<StandingBid> bids, std::uint64_t supply,
                               std::uint64_t heard) -> std::optional<double> {
    std::sort(bids.begin(), bids.end());
    for (const StandingBid& bid : bids) {
      if (bid.accelerators > heard) continue;
      if (bid.accelerators > supply) return bid.usd_per_s;
      supply -= bid.accelerators;
    }
    return {};
  };
  std::size_t lost = 0;
  for (std::uint64_t order = 0; order < 600; ++order) {
    if (random() % 3 != 0 || list.empty()) {
      list.push_back({static_cast<double>(random() % 20), order, 0, 1 + random() % 30});
      book.insert(list.back());
    } else {
      const auto out = list.begin() + static_cast<std::ptrdiff_t>(random() % list.size());
      book.erase(out->usd_per_s, out->order);
      list.erase(out);
    }
    if (list.empty()) continue;
    CHECK(book.last().order == std::max_element(list.begin(), list.end())->order);
    const std::uint64_t supply = random() % 2000, heard = 10 + random() % 40;
    const auto lowest = static_cast<double>(random() % 22);
    std::uint64_t sum = 0;
    for (const StandingBid& bid : list) {
      if (bid.usd_per_s >= lowest && bid.accelerators <= heard) sum += bid.accelerators;
    }
    CHECK(book.at_least(lowest, heard) == sum);
    CHECK(book.first_beyond(supply, heard) == first_beyond(list, supply, heard));
    // With one that is not in it yet.
    RentalRequest request;
    request.bid = lowest;
    request.accelerators = 1 + random() % 30;
    std::vector<StandingBid> with = list;
    with.push_back({request.bid, order + 1, 0, request.accelerators});
    const auto expected = first_beyond(with, supply, heard);
    CHECK(ZoneBids(book, &request, heard).first_beyond(supply) == expected);
    lost += expected ? 1 : 0;
  }
  CHECK(lost > 50);
  CHECK(lost < 590);
}

TEST_CASE("what is set aside and not lent is taken from spot") {
  const json term = {{"kind", "reserved"}, {"term", "10 d"}, {"price", "2 USD/h"}};
  const json spot = {{"kind", "spot"},
                     {"notice", "0 s"},
                     {"pricing", {{"policy", "posted"}, {"price", "1 USD/h"}}}};
  const json use = {{"busy", "1 h"}, {"idle", "1000 h"}};
  const json tenants = {{"s", first({{"products", {"spot"}}, {"duration", "20 h"}})},
                        {"r", first({{"products", {"r"}},
                                     {"duration", "50 h"},
                                     {"use", use},
                                     {"demand", burst("2 h", "7200010 ms")}})}};
  json text = market(4, {{"r", term}, {"spot", spot}}, tenants);
  text["market"]["m"]["zones"]["a"]["lend"] = false;
  const Simulation run = traded(text);
  CHECK(market_value(run, "zones.a.interruptions") == 1);
  CHECK(market_value(run, "tenants.s.paid_time") == Approx(4 * 2 * kHour).margin(0.1));
}

TEST_CASE("a reservation that is left early by hand, and what one that is oversold misses") {
  const json term = {{"kind", "reserved"},
                     {"term", "7 d"},
                     {"price", "2 USD/h"},
                     {"upfront", 0.5},
                     {"breakage", 0.5}};
  const json tenants = {{"r", first({{"products", {"r"}}, {"duration", "10 d"}})}};
  const json text = market(4, {{"r", term}}, tenants);
  const json long_run = {{"duration", "20 d"}};
  // Two terms, half of each upfront; ten days at 1 USD/h; half of the four days that are left.
  const double usd = 4 * (2 * 0.5 * 2 * 168 + 240 * 1 + 0.5 * 96 * 1);
  const Simulation kept = traded(text, long_run);
  CHECK(market_value(kept, "revenue") == Approx(usd));
  CHECK(market_value(kept, "zones.a.breaches") == 0);
  CHECK(market_value(kept, "zones.a.reserved.max") == 4);
  json oversold = long_run;
  oversold["market"]["m"]["zones"]["a"]["oversell"] = 2;
  const Simulation missed = traded(text, oversold);
  CHECK(market_value(missed, "tenants.r.served") == 2);
  CHECK(market_value(missed, "zones.a.breaches") == 1);
  CHECK(market_value(missed, "revenue") == Approx(2 * usd));
}

TEST_CASE("a reservation that had no room goes to work as soon as there is some") {
  const json term = {{"kind", "reserved"}, {"term", "30 d"}, {"price", "2 USD/h"}};
  const json tenants = {
      {"d", first({{"products", {"d"}}, {"accelerators", 3}})},
      {"r",
       first({{"products", {"r"}}, {"duration", "80 h"}, {"demand", burst("2 h", "7200010 ms")}})}};
  json text = market(4, {{"d", on_demand("1 USD/h")}, {"r", term}}, tenants);
  text["market"]["m"]["zones"]["a"]["oversell"] = 4;
  text["market"]["m"]["reprice"] = "50 h";  // has nothing to do with it
  const Simulation run = traded(text);
  CHECK(market_value(run, "zones.a.breaches") == 1);
  // On-demand leaves at 10 h, the reservation at 82 h.
  CHECK(market_value(run, "tenants.r.useful_time") == Approx(4 * 72 * kHour).margin(0.1));
}

TEST_CASE("who leaves a reservation pays nothing for the time after the run") {
  const json term = {{"kind", "reserved"},
                     {"term", "30 d"},
                     {"price", "2 USD/h"},
                     {"upfront", 0.5},
                     {"breakage", 1}};
  const auto cost = [&](const char* stays) {
    const json tenants = {{"r", first({{"products", {"r"}}, {"duration", stays}})}};
    return market_value(traded(market(4, {{"r", term}}, tenants), {{"duration", "10 d"}}),
                        "revenue");
  };
  // Ten days at 2 USD/h: by the hour, prepaid, or as breakage of all that is still to be paid.
  CHECK(cost("40 d") == Approx(4 * 240 * 2).epsilon(1e-6));
  CHECK(cost("4 d") == Approx(cost("40 d")));
  // Nor where the run is stopped before its scenario ends.
  SimulateOptions ten_days;
  ten_days.until = SimTime{} + whole_seconds(10 * 86'400);
  const json tenants = {{"r", first({{"products", {"r"}}, {"duration", "4 d"}})}};
  json text = market(4, {{"r", term}}, tenants);
  text["duration"] = "100 d";
  const test::TemporaryDirectory home;
  const Simulation stopped = simulate(test::load_text(home, text), ten_days);
  CHECK(market_value(stopped, "revenue") == Approx(4 * 240 * 2).epsilon(1e-6));
}

TEST_CASE("a calendar of blocks has room where every moment of it has") {
  constexpr std::uint64_t kRoom = 10;
  constexpr int kEnd = 200;
  std::mt19937 random(1);
  BlockCalendar calendar;
  std::vector<std::uint64_t> booked(kEnd);
  const auto at = [](int s) { return SimTime{} + whole_seconds(s); };
  int fitted = 0;
  for (int now = 0; now < 150; ++now) {
    const int from = now + static_cast<int>(random() % 20);
    const int to = from + 1 + static_cast<int>(random() % 30);
    const std::uint64_t k = 1 + random() % 4;
    const bool fits = std::all_of(booked.begin() + from, booked.begin() + to,
                                  [&](std::uint64_t level) { return level + k <= kRoom; });
    REQUIRE(calendar.fits(at(from), at(to), k, kRoom) == fits);
    calendar.forget(at(now));
    if (!fits) continue;
    ++fitted;
    calendar.book(at(from), at(to), k);
    for (int s = from; s < to; ++s) booked[static_cast<std::size_t>(s)] += k;
  }
  CHECK(fitted > 30);
  CHECK(fitted < 140);
}

TEST_CASE("blocks are booked where their calendar has room, and spot makes room in time") {
  const json block = {{"kind", "block"}, {"price", "3 USD/h"}};
  const json spot = {{"kind", "spot"},
                     {"notice", "120 s"},
                     {"pricing", {{"policy", "posted"}, {"price", "1 USD/h"}}}};
  const json tenants = {
      {"b", first({{"products", {"b"}}, {"ahead", "24 h"}, {"duration", "12 h"}})},
      {"s", first({{"products", {"spot"}}, {"duration", "50 h"}})}};
  json text = market(6, {{"b", block}, {"spot", spot}}, tenants);
  text["market"]["m"]["zones"]["a"]["blocks"] = 6;
  const Simulation run = traded(text);
  CHECK(market_value(run, "tenants.b.served") == 1);
  CHECK(market_value(run, "tenants.b.cost") == 4 * 12 * 3);
  CHECK(market_value(run, "tenants.b.useful_time") == Approx(4 * 12 * kHour).margin(0.1));
  CHECK(market_value(run, "tenants.s.paid_time") == Approx(4 * 24 * kHour).margin(0.1));
  CHECK(market_value(run, "tenants.s.useful_time") == 0);  // it has no checkpoints
  json not_lent = text;
  not_lent["market"]["m"]["zones"]["a"]["lend"] = false;
  CHECK(market_value(traded(not_lent), "tenants.s.served") == 0);
  // Booked for now it begins when spot has had its notice, and is whole all the same.
  json at_once = text;
  at_once["market"]["m"]["tenants"]["b"]["ahead"] = "0 s";
  const Simulation soon = traded(at_once);
  CHECK(market_value(soon, "tenants.b.cost") == 4 * 12 * 3);
  CHECK(market_value(soon, "tenants.b.useful_time") == Approx(4 * 12 * kHour).margin(0.1));
  // What is booked for the time after the run is not of the run.
  at_once["duration"] = "6 h";
  at_once["market"]["m"]["products"]["spot"]["notice"] = "0 s";
  const Simulation half = traded(at_once);
  CHECK(market_value(half, "tenants.b.cost") == Approx(4 * 6 * 3).epsilon(1e-6));
  CHECK(market_value(half, "tenants.b.cost_per_useful_hour") == Approx(3).epsilon(1e-6));
}

}  // namespace hyperdc
