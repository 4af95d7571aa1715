// The metrics of power devices, caps and cooling of facilities: a part of the table of
// metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr std::string_view kOfPlant = "mean max";

inline constexpr auto kPlantMetrics = std::to_array<MetricInfoRow>({
    {"regions", "devices.D.load", kOfPlant, "1", Better::neither, Show::share, "load of a device",
     "Load of the power device over its capacity."},
    {"regions", "devices.D.trips", "", "times", Better::lower, Show::count, "trips",
     "Trips of the power device by overload."},
    {"regions", "devices.D.racks.allowed", "", "racks", Better::neither, Show::count,
     "racks at the stated risk",
     "Racks that the device may feed at the stated probability of a trip in a year."},
    {"regions", "devices.D.racks.extra", "", "racks", Better::neither, Show::count, "extra racks",
     "Those beyond its capacity over the peak of a rack."},
    {"regions", "groups.D.load", kOfPlant, "1", Better::neither, Show::share, "load of a group",
     "Load of the redundancy group over the capacity of the devices that it needs: above 1 the "
     "loss "
     "of one is an overload."},
    {"regions", "racks.dark", kOfPlant, "racks", Better::lower, Show::count, "racks without power",
     "Racks of which no feed lives."},
    {"regions", "racks.slowed", kOfPlant, "racks", Better::lower, Show::count, "racks slowed down",
     "Racks that a power cap or warm air slows down."},
    {"regions", "cooling.D.throttled", kOfPlant, "1", Better::lower, Show::share, "too warm",
     "Share of the time in which the inlet of the zone is too warm for full speed."},
    {"regions", "cooling.D.inlet.max", "", "degC", Better::lower, Show::number, "warmest inlet",
     "Warmest inlet of the zone in degrees Celsius, over the whole run."},
    {"regions", "devices.D.racks.trips", "", "1/y", Better::lower, Show::number, "trips a year",
     "Trips a year by overload that the racks below the device are expected to cause, caps that "
     "come "
     "too late included where there are some."},
    {"regions", "devices.D.racks.trips.uncapped", "", "1/y", Better::lower, Show::number,
     "trips a year without caps", "The same without caps."},
    {"regions", "devices.D.racks.uncapped", "", "racks", Better::neither, Show::count,
     "racks without caps", "Racks at the stated probability without caps."},
    {"regions", "devices.D.racks.shaved", "", "W", Better::neither, Show::power, "shaved",
     "What caps are expected to take from the racks that stand there, in the mean."},
    {"regions", "groups.D.racks.allowed", "", "racks", Better::neither, Show::count,
     "racks at the stated risk",
     "Racks that the devices of the group may feed together at the stated probability of a trip in "
     "a "
     "year, with none, one and two of them lost as often as they are."},
    {"regions", "groups.D.racks.extra", "", "racks", Better::neither, Show::count, "extra racks",
     "Those beyond the capacity of the devices that it needs over the peak of a rack."},
    {"regions", "groups.D.racks.trips", "", "1/y", Better::lower, Show::number, "trips a year",
     "Trips a year by overload that the racks below the group are expected to cause, caps that "
     "come "
     "too late included where there are some."},
    {"regions", "groups.D.racks.trips.uncapped", "", "1/y", Better::lower, Show::number,
     "trips a year without caps", "The same without caps."},
    {"regions", "groups.D.racks.uncapped", "", "racks", Better::neither, Show::count,
     "racks without caps", "Racks at the stated probability without caps."},
    {"regions", "groups.D.racks.shaved", "", "W", Better::neither, Show::power, "shaved",
     "What caps are expected to take from the racks that stand there, in the mean."},
    {"regions", "groups.D.racks.trips.none_lost", "", "1/y", Better::lower, Show::number,
     "trips a year, none lost", "Of the trips a year, those while no device of the group is lost."},
    {"regions", "groups.D.racks.trips.one_lost", "", "1/y", Better::lower, Show::number,
     "trips a year, one lost", "Those while one is."},
    {"regions", "groups.D.racks.trips.two_lost", "", "1/y", Better::lower, Show::number,
     "trips a year, two lost", "Those while two are."},
    {"regions", "capping.shaved", kOfPlant, "W", Better::neither, Show::power, "shaved by caps",
     "What racks would draw more without caps."},
    {"regions", "capping.down", kOfPlant, "1", Better::lower, Show::share, "caps out of order",
     "Share of the time in which the controller of caps is out of order."},
    {"regions", "capping.misread", "", "times", Better::lower, Show::count, "misread",
     "Readings of devices on the wrong side of the limit."},
    {"regions", "capping.lost", "", "times", Better::lower, Show::count, "commands lost",
     "Commands of caps that did not reach a rack group."},
    {"workloads", "swing", kOfPlant, "W", Better::neither, Show::power, "swing",
     "What its accelerators draw less while they exchange."},
    {"workloads", "swing.ramp", "", "W/s", Better::neither, Show::number, "steepest ramp",
     "Greatest swing of the gang's power between the phases of a step, over the time it takes."},
});

}  // namespace hyperdc
