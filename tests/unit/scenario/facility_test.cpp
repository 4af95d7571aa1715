// The facility in a scenario: what is in it, and every problem of it.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "files.hpp"

using namespace hyperdc;
using test::has;

namespace {

/// One region; `facility` and `rack` are members of their objects.
std::string scenario(const std::string& facility, const std::string& rack) {
  return R"({"name": "plant", "duration": "1 h",
    "server_types": {"box": {"cores": 8, "memory": "1 GiB",
      "host_power": {"idle": "100 W", "full": "500 W"}}},
    "regions": {"r": {"facility": {)" +
         facility + R"(}, "racks": {"web": {"server": "box", "servers_per_rack": 10, "count": 2)" +
         rack + R"(}}}}, "pools": {"p": {}}})";
}

Loaded load_text(const std::string& text) {
  const test::Files files;
  return test::load(files.write("scenario.json", text));
}

const std::string kDevices = R"("devices": {
  "grid": {"kind": "utility"},
  "gen": {"kind": "generator", "capacity": "20 kW", "start": "12 s"},
  "ups-a": {"kind": "ups", "capacity": "10 kW", "feeds": ["grid", "gen"], "transfer": "2 s",
    "battery": {"energy": "1 kWh", "recharge": "500 W"}},
  "ups-b": {"kind": "ups", "capacity": "10 kW", "feeds": ["grid", "gen"],
    "trip": [{"load": 1.2, "time": "1 min"}, {"load": 1.5, "time": "10 s"}],
    "outages": [{"at": "10 min", "lasts": "5 min"}, {"at": "30 min"}]}})";

}  // namespace

TEST_CASE("devices, feeds, groups and caps arrive as they are written") {
  const Loaded loaded = load_text(
      scenario(kDevices + R"(, "groups": {"pair": {"devices": ["ups-a", "ups-b"], "scheme": "2N"}},
        "capping": {"every": "3 s", "delay": "1 s", "actuate": "2 s", "priority": {"web": 4}})",
               R"(, "feeds": ["ups-b", "ups-a"], "supply": "first")"));
  REQUIRE(loaded.scenario.regions[0].plant);
  const FacilitySpec& spec = *loaded.scenario.regions[0].plant;
  REQUIRE(spec.devices.size() == 4);
  CHECK(!spec.devices[0].power.capacity_w);
  CHECK(spec.devices[1].power.starts == whole_seconds(12));
  CHECK(spec.devices[2].power.battery_j == 3.6e6);
  CHECK(spec.devices[2].power.transfer == whole_seconds(2));
  CHECK(*spec.devices[2].power.curve.time_s(1.25) == Approx(30));  // the curve of the kind
  CHECK(*spec.devices[3].power.curve.time_s(1.2) == Approx(60));
  REQUIRE(spec.devices[3].faults.planned.size() == 2);
  CHECK(!spec.devices[3].faults.planned[1].lasts);
  REQUIRE(spec.groups.size() == 1);
  CHECK(spec.groups[0].needed == 1);
  REQUIRE(spec.racks.size() == 1);
  CHECK(spec.racks[0].feeds == std::vector<DeviceId>{DeviceId{3}, DeviceId{2}});
  CHECK(spec.racks[0].supply == Supply::first);
  CHECK(spec.racks[0].priority == 4);
  REQUIRE(spec.capping);
  CHECK(spec.capping->target == 0.95);
  bool said = false;  // a curve that rests on no document is an assumption
  for (const Assumption& a : loaded.scenario.assumptions) {
    said = said || a.path == "regions.r.facility.devices.ups-a";
  }
  CHECK(said);
}

TEST_CASE("losses, weather and cooling arrive as they are written") {
  const Loaded loaded = load_text(scenario(
      R"("pue": {"losses": {"design": "10 kW", "fixed": 0.02, "proportional": 0.05,
           "per_kelvin": 0.004}},
         "weather": {"points": [{"time": "0 s", "celsius": 10}, {"time": "1 h", "celsius": 30}]},
         "cooling": {"hall": {"kind": "air", "time_per_kelvin": "10 s",
           "units": {"crah-1": {"capacity": "6 kW"}, "crah-2": {"capacity": "6 kW"}}}})",
      R"(, "cooling": "hall")"));
  const Region& region = loaded.scenario.regions[0];
  REQUIRE(region.losses);
  CHECK(region.losses->model.free_below_c == 18);
  CHECK(region.losses->weather->celsius(1800) == Approx(20));
  REQUIRE(region.plant);
  const CoolingSpec& hall = region.plant->cooling.at(0);
  CHECK(hall.zone.heat_capacity_j_per_k == Approx(120e3));  // 10 s/K * 12 kW
  CHECK(hall.zone.throttle_c == 35);
  CHECK(hall.racks == std::vector<std::uint32_t>{0});
}

TEST_CASE("a constant PUE and no devices are a region without a plant") {
  const Loaded loaded = load_text(scenario(R"("pue": 1.2)", ""));
  CHECK(loaded.scenario.regions[0].pue == 1.2);
  CHECK(!loaded.scenario.regions[0].plant);
  CHECK(!loaded.scenario.regions[0].losses);
}

TEST_CASE("problems of a facility are all reported") {
  const Issues issues = test::issues_of_text(scenario(
      R"("devices": {
           "grid": {"kind": "utility"},
           "a": {"kind": "ups", "capacity": "10 kW", "feeds": ["b", "grid"]},
           "b": {"kind": "pdu", "capacity": "5 kW", "feeds": ["a"]},
           "c": {"kind": "pdu", "capacity": "5 kW", "feeds": ["nobody", "grid", "grid"],
             "trip": [{"load": 1.5, "time": "1 s"}, {"load": 1.2, "time": "9 s"}]},
           "d": {"kind": "pdu", "capacity": "5 kW", "feeds": ["grid"],
             "outages": [{"at": "10 min"}, {"at": "20 min"}]}},
         "groups": {"g": {"devices": ["a", "b"], "scheme": "4N3"}},
         "weather": {"wave": {"mean": 10, "yearly": 8, "daily": 5}},
         "cooling": {"hall": {"kind": "air", "setpoint": 40, "units": {"u": {"capacity": "1 kW"}}}},
         "capping": {"every": "3 s", "delay": "1 s", "actuate": "2 s", "target": 1.0,
           "priority": {"wob": 1}})",
      R"(, "cooling": "hal")"));
  const std::string facility = "regions.r.facility.";
  CHECK(has(issues, "E081", facility + "devices.a.feeds", "feeds itself"));
  CHECK(has(issues, "E081", facility + "devices.b.feeds", "feeds itself"));
  CHECK(has(issues, "E030", facility + "devices.c.feeds.0", "nobody"));
  CHECK(has(issues, "E034", facility + "devices.c.feeds.2", "twice"));
  CHECK(has(issues, "E034", facility + "devices.c.trip.1", "rise"));
  CHECK(has(issues, "E034", facility + "devices.d.outages.1", "overlap"));
  CHECK(has(issues, "E034", facility + "groups.g.scheme", "4N3"));
  CHECK(has(issues, "E034", facility + "groups.g.devices", "equal capacities"));
  CHECK(has(issues, "E016", facility + "weather", "constant PUE"));
  CHECK(has(issues, "E034", facility + "cooling.hall", "rise"));
  CHECK(has(issues, "E034", facility + "capping", "above"));
  CHECK(has(issues, "E030", facility + "capping.priority.wob", "web"));
  CHECK(has(issues, "E080", "regions.r.racks.web", "feeds"));
  CHECK(has(issues, "E030", "regions.r.racks.web.cooling", "hall"));
}

TEST_CASE("caps without devices, weather that nothing needs, losses without their weather") {
  CHECK(has(test::issues_of_text(
                scenario(R"("capping": {"every": "3 s", "delay": "1 s", "actuate": "2 s"})", "")),
            "E016", "regions.r.facility.capping", "power devices"));
  CHECK(has(test::issues_of_text(scenario(
                R"("pue": {"losses": {"design": "1 MW", "fixed": 0, "proportional": 0.1,
                     "per_kelvin": 0.01}})",
                "")),
            "E034", "regions.r.facility.pue.losses.per_kelvin", "weather"));
}

TEST_CASE("racks that may draw more than a device carries are a warning") {
  // 20 servers of 500 W on 8 kW: 125 %.
  const Issues issues = test::issues_of_text(scenario(
      R"("devices": {"row": {"kind": "utility", "capacity": "8 kW"}})", R"(, "feeds": ["row"])"));
  CHECK(has(issues, "E082", "regions.r.facility.devices.row", "125 %"));
}

TEST_CASE("a plan of racks wants a curve, a time in which it trips, and a peak above the mean") {
  const auto device = [](const std::string& more, const std::string& plan) {
    return scenario(R"("devices": {"grid": {"kind": "utility"}, "gen": {"kind": "generator",
             "capacity": "20 kW")" +
                        more +
                        R"(, "oversubscription": {"trips_per_year": 0.01, "mean": "2 kW",
             "deviation": "1 kW", )" +
                        plan + "}}}",
                    R"(, "feeds": ["gen"])");
  };
  const auto said = [](const std::string& text) { return test::issues_of_text(text); };
  const std::string at = "regions.r.facility.devices.gen.oversubscription";
  const std::string trip = R"(, "trip": [{"load": 1.1, "time": "1 min"}])";
  CHECK(has(said(device("", R"("peak": "4 kW")")), "E033", at, "any number of racks would do"));
  CHECK(has(said(device(trip, R"("peak": "1 kW")")), "E034", at + ".peak", "below its mean"));
  CHECK(has(said(device(trip, R"("peak": "4 kW", "alike_for": "1 s")")), "E034", at + ".alike_for",
            "in so short a time"));
  CHECK(has(said(device(trip, R"("peak": "4 kW", "capped": {"least": "1 kW", "shaved": 0.1})")),
            "E033", at + ".capped", "nothing caps these racks"));
  CHECK(has(said(device(trip, R"("peak": "4 kW", "capped": {"least": "3 kW", "shaved": 0.1})")),
            "E034", at + ".capped.least", "more than on average"));
}

TEST_CASE("a plan of a group wants one trip curve and lineups that are repaired") {
  const Issues issues = test::issues_of_text(scenario(
      R"("devices": {"a": {"kind": "ups", "capacity": "20 kW", "feeds": ["grid"]},
           "b": {"kind": "ups", "capacity": "20 kW", "feeds": ["grid"], "time_to_failure": "1 y",
                 "trip": [{"load": 1.1, "time": "1 min"}]}, "grid": {"kind": "utility"}},
         "groups": {"pair": {"devices": ["a", "b"], "scheme": "2N", "oversubscription": {
           "trips_per_year": 0.01, "mean": "2 kW", "deviation": "1 kW", "peak": "4 kW"}}})",
      R"(, "feeds": ["a", "b"])"));
  const std::string at = "regions.r.facility.devices.b";
  CHECK(has(issues, "E034", at, "same trip curve"));
  CHECK(has(issues, "E033", at + ".time_to_failure", "never repaired"));
}
