// Demand curves and arrivals of a decoded scenario.
#pragma once

#include "scenario/resolve.hpp"
#include "workload/demand/demand_spec.hpp"
#include "workload/request_arrivals.hpp"

namespace hyperdc {

/// The curve of a value of demand_type(). Every problem is reported; the result can then be
/// computed with, but means nothing. Reads the traces, unless they are not to be checked: then they
/// are 0. Noise is drawn from a stream named after its place.
DemandSpec demand_of(Resolution& r, const View& demand);

/// The arrivals of a value of request_arrivals_type(); files are read and noted.
RequestArrivalSpec request_arrivals_of(Resolution& r, const View& arrivals);

}  // namespace hyperdc
