// The metrics of what there is to manage: a part of the table of metric_table.cpp.
#pragma once

#include <array>

#include "report/metric_info.hpp"

namespace hyperdc {

inline constexpr auto kComplexityMetrics = std::to_array<MetricInfoRow>({
    {"fabrics", "endpoints", "", "endpoints", Better::neither, Show::count, "endpoints",
     "Endpoints of the fabric; this and the other rows of complexity with `complexity` only."},
    {"fabrics", "cables", "", "cables", Better::lower, Show::count, "cables",
     "Cables of the fabric, those to endpoints included, those inside a server (of scale-up, to "
     "shared NICs, between neighbours in a torus) not."},
    {"fabrics", "switches", "", "switches", Better::lower, Show::count, "switches",
     "Switches of the fabric, those inside a server not included."},
    {"fabrics", "tiers.TIER.cables", "", "cables", Better::lower, Show::count, "cables of a tier",
     "Cables of one tier, those inside a server too: scale-up, and rows of a torus."},
    {"fabrics", "tiers.TIER.switches", "", "switches", Better::lower, Show::count,
     "switches of a tier",
     "Switches of one tier: leaf, spine, core, ...; those inside a server too: scale-up, NIC."},
    {"", "complexity.servers", "", "servers", Better::neither, Show::count, "servers",
     "Servers that stand in all regions."},
    {"", "complexity.accelerators", "", "accelerators", Better::neither, Show::count,
     "accelerators", "Accelerators of these."},
    {"", "complexity.cables", "", "cables", Better::lower, Show::count, "cables",
     "Cables of all fabrics."},
    {"", "complexity.switches", "", "switches", Better::lower, Show::count, "switches",
     "Switches of all fabrics."},
    {"", "complexity.failures_per_day", "", "1/d", Better::lower, Show::number, "failures a day",
     "Items that failed after the warm-up, of all causes, a day."},
    {"", "complexity.routing", "", "1/s", Better::lower, Show::number, "routing decisions/s",
     "Attempts of requests, those that found no replica too, a second; twice where a region is "
     "chosen first."},
    {"", "complexity.scheduling", "", "1/s", Better::lower, Show::number, "scheduling decisions/s",
     "Jobs and replicas that schedulers placed, stopped or rejected, a second."},
    {"", "complexity.scaling", "", "1/s", Better::lower, Show::number, "scaling decisions/s",
     "Evaluations of autoscalers of replicas and nodes and of allocators, a second."},
    {"", "complexity.decisions", "", "1/s", Better::lower, Show::number, "control decisions/s",
     "The three together."},
});

}  // namespace hyperdc
