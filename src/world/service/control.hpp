// The clockwork of a service: scrapes of its sensors, decisions of its autoscaler, flushes of its
// counts into the recorder.
#pragma once

#include "world/service/requests.hpp"

namespace hyperdc {

/// One scrape of a deployment: sensors, books, power, levels. Once a moment at most.
void scrape(const ServiceContext& c, DeploymentState& deployment);
/// Asks the autoscaler, and does what it says.
void decide(const ServiceContext& c, DeploymentState& deployment);
/// Moves the counts of the service into the recorder.
void flush_counts(World& world, ServiceState& service, SimTime now);
/// Brings every book up to the end of the run.
void close_books(World& world, SimTime end);

}  // namespace hyperdc
