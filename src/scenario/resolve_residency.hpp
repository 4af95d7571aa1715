// Where workloads may be served, what they move between regions and what that costs.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// After the deployments of the service are known.
void resolve_residency(Resolution& r, const View& workload, ServiceWorkload& out);
void resolve_payload(Resolution& r, const View& workload, ServiceWorkload& out);
/// Of jobs, in a pool that is known.
void resolve_job_residency(Resolution& r, const View& workload, JobsWorkload& out);
/// After all regions.
void resolve_data_transfer(Resolution& r);
/// Says of which endpoints what leaves a region cannot be priced; after the services.
void check_transfer_sizes(Resolution& r);

}  // namespace hyperdc
