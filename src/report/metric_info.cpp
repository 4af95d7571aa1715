#include "report/metric_info.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace hyperdc {
namespace {

constexpr std::string_view kSample = "mean p50 p90 p95 p99 max count";
constexpr std::string_view kLevel = "mean max";

constexpr auto kTable = std::to_array<MetricInfoRow>({
    {"workloads", "wait", kSample, "s", Better::lower, Show::time, "wait",
     "From submission to the first start, of jobs submitted after the warm-up that started."},
    {"workloads", "completion", kSample, "s", Better::lower, Show::time, "completion",
     "From submission to completion, of jobs submitted after the warm-up that completed."},
    {"workloads", "slowdown", kSample, "1", Better::lower, Show::factor, "slowdown",
     "Completion time over run time, at least 1, of the same jobs as completion; runs shorter than "
     "10 s count as 10 s."},
    {"workloads", "submitted", "", "jobs", Better::neither, Show::count, "submitted",
     "Jobs submitted after the warm-up."},
    {"workloads", "started", "", "jobs", Better::neither, Show::count, "started",
     "Jobs that started at least once, over the whole run."},
    {"workloads", "finished", "", "jobs", Better::higher, Show::count, "finished",
     "Jobs that completed after the warm-up."},
    {"workloads", "rejected", "", "jobs", Better::lower, Show::count, "rejected",
     "Jobs submitted after the warm-up that no empty pool could hold or that met a full queue."},
    {"workloads", "preempted", "", "times", Better::neither, Show::count, "preempted",
     "How often a running job gave way to another, over the whole run."},
    {"workloads", "unfinished", "", "jobs", Better::neither, Show::count, "unfinished",
     "Jobs that still wait or run at the end."},
    {"workloads", "interrupted", "", "times", Better::lower, Show::count, "interrupted",
     "How often a running job lost a server or an accelerator, over the whole run."},
    {"workloads", "failed", "", "jobs", Better::lower, Show::count, "failed",
     "Jobs that were given up after a failure, over the whole run."},
    {"workloads", "lost.cores", "", "core s", Better::lower, Show::number, "work lost, cores",
     "Core-time of work that failures destroyed, over the whole run."},
    {"workloads", "lost.accelerators", "", "accelerator s", Better::lower, Show::accelerator_time,
     "work lost", "Accelerator-time of work that failures destroyed, over the whole run."},
    {"workloads", "throughput", "", "jobs/s", Better::higher, Show::rate, "throughput",
     "Jobs that completed after the warm-up over the time since then."},
    {"workloads", "makespan", "", "s", Better::lower, Show::time, "makespan",
     "From the first submission to the last completion."},
    {"workloads", "flow_time", kSample, "s", Better::lower, Show::time, "flow time",
     "From the start of a transfer until its last byte arrives, of transfers that started after "
     "the warm-up and completed."},
    {"workloads", "flow_slowdown", kSample, "1", Better::lower, Show::factor, "flow slowdown",
     "Flow time over what the transfer would take alone on the whole fabric, of the same "
     "transfers."},
    {"workloads", "sizes.SIZE.flow_slowdown", kSample, "1", Better::lower, Show::factor,
     "flow slowdown",
     "Of transfers of one class of size: small is below 100 kB, medium below 10 MB, large the "
     "rest."},
    {"workloads", "flows", "", "flows", Better::neither, Show::count, "flows",
     "Transfers that started after the warm-up."},
    {"workloads", "flows_completed", "", "flows", Better::neither, Show::count, "completed",
     "Transfers that completed after the warm-up."},
    {"workloads", "flows_unfinished", "", "flows", Better::lower, Show::count, "unfinished",
     "Transfers that have not completed at the end."},
    {"workloads", "flow_bytes", "", "B", Better::higher, Show::bytes, "moved",
     "Bytes of transfers that completed after the warm-up."},
    {"workloads", "flow_throughput", "", "B/s", Better::higher, Show::data_rate, "throughput",
     "These bytes over the time since the warm-up."},
    {"workloads", "exchange", kSample, "s", Better::lower, Show::time, "exchange",
     "Time of a collective, of those whose computation began after the warm-up."},
    {"workloads", "iteration", kSample, "s", Better::lower, Show::time, "iteration",
     "Computation and collective together, of the same."},
    {"workloads", "exchange_slowdown", kSample, "1", Better::lower, Show::factor,
     "exchange slowdown", "Time of a collective over its closed form, of the same."},
    {"workloads", "collectives", "", "times", Better::higher, Show::count, "collectives",
     "Collectives that completed after the warm-up."},
    {"workloads", "exchange_alone", "", "s", Better::lower, Show::time, "exchange, alone",
     "Time of a collective by its closed form, without other traffic."},
    {"workloads", "bus_bandwidth", "", "B/s", Better::higher, Show::data_rate, "bus bandwidth",
     "As nccl-tests define it, of the mean time of a collective."},
    {"workloads", "exchange_share", "", "1", Better::lower, Show::share, "exchanging",
     "Share of the time of iterations in which ranks exchange."},
    {"workloads", "latency", kSample, "s", Better::lower, Show::time, "latency",
     "From arrival to answer as callers see it, of answered requests that arrived after the "
     "warm-up."},
    {"workloads", "queue_wait", kSample, "s", Better::lower, Show::time, "queue wait",
     "From arrival at a replica to the beginning of service, of attempts that were served; first "
     "come, first served only."},
    {"workloads", "ttft", kSample, "s", Better::lower, Show::time, "first token",
     "From arrival to the first token as callers see it, by the engine that gave it."},
    {"workloads", "tpot", kSample, "s", Better::lower, Show::time, "token to token",
     "Mean time from one token to the next of a request, of those with two or more."},
    {"workloads", "prompt_tokens", "", "tokens", Better::neither, Show::count, "prompt tokens",
     "Of requests that engines served after the warm-up."},
    {"workloads", "output_tokens", "", "tokens", Better::neither, Show::count, "output tokens",
     "Of requests that engines served after the warm-up."},
    {"workloads", "kv_preemptions", "", "times", Better::lower, Show::count, "preempted",
     "Requests that lost their cache to others and were computed anew, after the warm-up."},
    {"workloads", "network", kSample, "s", Better::lower, Show::time, "on the fabric",
     "Time of request and answer on the fabric of the region, of answered requests that arrived "
     "after the warm-up."},
    {"workloads", "network_held", kLevel, "requests", Better::lower, Show::count, "without a path",
     "Answers that wait at their replica for a path that is alive."},
    {"workloads", "classes.CLASS.latency", kSample, "s", Better::lower, Show::time, "latency",
     "Latency of the requests of one class."},
    {"workloads", "offered", "", "requests", Better::neither, Show::count, "requests",
     "Requests that arrived after the warm-up."},
    {"workloads", "completed", "", "requests", Better::neither, Show::count, "completed",
     "Requests that were answered after the warm-up."},
    {"workloads", "failed", "", "requests", Better::lower, Show::count, "failed",
     "Requests that were given up after the warm-up."},
    {"workloads", "failed_share", "", "1", Better::lower, Show::share, "failed",
     "Failed over offered requests."},
    {"workloads", "good", "", "requests", Better::higher, Show::count, "within slo",
     "Requests that were answered within their slo, after the warm-up."},
    {"workloads", "attainment", "", "1", Better::higher, Show::share, "within slo",
     "Requests that were answered within their slo over offered requests: a request that failed or "
     "was not answered is a miss."},
    {"workloads", "retries", "", "requests", Better::lower, Show::count, "retries",
     "Further attempts of requests, after the warm-up."},
    {"workloads", "timed_out", "", "requests", Better::lower, Show::count, "timed out",
     "Attempts that were not answered in time, after the warm-up."},
    {"workloads", "blocked", "", "requests", Better::lower, Show::count, "blocked",
     "Attempts that an open circuit breaker did not let out, after the warm-up."},
    {"workloads", "wasted", "", "requests", Better::lower, Show::count, "wasted",
     "Answers that nobody waited for any more, after the warm-up."},
    {"workloads", "refused", "", "requests", Better::lower, Show::count, "refused",
     "Attempts that no replica took, or that one threw out of its queue, after the warm-up."},
    {"workloads", "crashed", "", "requests", Better::lower, Show::count, "crashed",
     "Attempts that were at a replica when it was lost, after the warm-up."},
    {"workloads", "unreachable", "", "requests", Better::lower, Show::count, "unreachable",
     "Attempts that were sent to a replica that was gone, before the load balancer knew, after the "
     "warm-up."},
    {"workloads", "availability", "", "1", Better::higher, Show::share, "availability",
     "Share of the time in which at least one replica serves, over the whole run."},
    {"workloads", "answered_share", "", "1", Better::higher, Show::share, "answered",
     "Answered over offered requests, over the whole run."},
    {"workloads", "regions.N.availability", "", "1", Better::higher, Show::share,
     "availability in N", "Share of the time in which at least one replica serves in the region."},
    {"workloads", "regions.N.answered_share", "", "1", Better::higher, Show::share,
     "answered, from N", "Answered over offered requests of those that come from the region."},
    {"workloads", "zones.N.availability", "", "1", Better::higher, Show::share, "availability in N",
     "Share of the time in which at least one replica serves in the zone."},
    {"workloads", "zones.N.answered_share", "", "1", Better::higher, Show::share, "answered, in N",
     "Of the attempts sent to replicas in the zone, those whose answer reached a caller that still "
     "waited; what is under way at the end is not."},
    {"workloads", "rollouts.finished", "", "rollouts", Better::neither, Show::count,
     "rollouts finished", "Rollouts that reached every replica and were not taken back."},
    {"workloads", "rollouts.rolled_back", "", "rollouts", Better::neither, Show::count,
     "rolled back", "Rollouts whose new version was seen to be bad, and is gone again."},
    {"workloads", "rollouts.bad", "", "rollouts", Better::neither, Show::count, "bad versions",
     "Rollouts whose new version is bad, seen or not."},
    {"workloads", "rollouts.errors", "", "requests", Better::lower, Show::count,
     "failed by a version", "Attempts that a bad version failed, over the whole run."},
    {"workloads", "rollouts.exposure", "", "1", Better::lower, Show::share, "exposed",
     "Share of the attempts that a bad version worked on, over the whole run."},
    {"workloads", "rollouts.time", "", "s", Better::neither, Show::time, "rollouts under way",
     "Time in which a rollout, its bake times included, or its way back was under way."},
    {"workloads", "replica_time", "", "replica s", Better::lower, Show::replica_time,
     "replicas held", "Time that replicas held servers, over the whole run."},
    {"workloads", "POOL.wanted", kLevel, "replicas", Better::neither, Show::count, "wanted",
     "Replicas that the autoscaler asks for."},
    {"workloads", "POOL.ready", kLevel, "replicas", Better::neither, Show::count, "ready",
     "Replicas that serve."},
    {"workloads", "POOL.undetected", kLevel, "replicas", Better::lower, Show::count, "undetected",
     "Replicas that are gone and still get requests, because their health checks have not failed "
     "often enough."},
    {"workloads", "POOL.missed_decisions", "", "times", Better::lower, Show::count,
     "decisions missed",
     "Evaluations of the autoscaler that its control plane was out for, over the whole run."},
    {"workloads", "POOL.utilization", kLevel, "1", Better::neither, Show::share, "utilization",
     "Share of the slots of ready replicas that are taken, by the scrapes of the sensors."},
    {"workloads", "POOL.kv_use", kLevel, "1", Better::neither, Show::share, "cache in use",
     "Blocks of the caches of serving replicas in use, as of the last change of a batch."},
    {"workloads", "POOL.waiting", kLevel, "requests", Better::lower, Show::count, "waiting",
     "Requests that wait at replicas, by the scrapes of the sensors."},
    {"workloads", "POOL.in_system", "", "requests", Better::lower, Show::count, "in system",
     "Requests at replicas, mean over the whole run."},
    {"workloads", "POOL.placement_wait", kSample, "s", Better::lower, Show::time, "placement wait",
     "From the wish for a replica to its place on a server."},
    {"workloads", "POOL.replica_time", "", "replica s", Better::lower, Show::replica_time, "held",
     "Time that replicas of this pool held servers, over the whole run."},
    {"workloads", "POOL.scaled_out", "", "times", Better::neither, Show::count, "scaled out",
     "Decisions for more replicas, over the whole run."},
    {"workloads", "POOL.scaled_in", "", "times", Better::neither, Show::count, "scaled in",
     "Decisions for fewer replicas, over the whole run."},
    {"workloads", "POOL.lost_replicas", "", "replicas", Better::lower, Show::count, "lost",
     "Replicas that lost their server, over the whole run."},
    {"pools", "allocation.accelerators", kLevel, "1", Better::higher, Show::share,
     "accelerators allocated", "Share of the pool's accelerators held by jobs, over time."},
    {"pools", "allocation.cores", kLevel, "1", Better::higher, Show::share, "cores allocated",
     "Share of the pool's cores held by jobs, over time."},
    {"pools", "allocation.memory", kLevel, "1", Better::higher, Show::share, "memory allocated",
     "Share of the pool's memory held by jobs, over time."},
    {"pools", "fragmentation", kLevel, "1", Better::lower, Show::share, "fragmented",
     "Accelerators that are free where the usual jobs cannot use them, share of the pool's."},
    {"pools", "waiting", kLevel, "jobs", Better::lower, Show::count, "waiting",
     "Jobs that wait to start."},
    {"pools", "running", kLevel, "jobs", Better::neither, Show::count, "running", "Jobs that run."},
    {"pools", "utilization", "", "1", Better::higher, Show::share, "utilization",
     "Accelerators (or cores, where there are none) held by jobs from the first submission to the "
     "last completion, share of the pool's."},
    {"pools", "busy", "", "accelerator s", Better::neither, Show::accelerator_time, "busy",
     "Accelerator-time held by jobs, over the whole run."},
    {"pools", "idle", "", "accelerator s", Better::neither, Show::accelerator_time, "idle",
     "Accelerator-time held by no job, over the whole run."},
    {"pools", "down", "", "accelerator s", Better::lower, Show::accelerator_time, "down",
     "Accelerator-time out of service (failed, in maintenance, draining, booting or off), over the "
     "whole run."},
    {"pools", "availability", "", "1", Better::higher, Show::share, "availability",
     "Server-time up or draining over server-time that is not switched off, over the whole run."},
    {"pools", "servers.down", kLevel, "servers", Better::lower, Show::count, "servers down",
     "Servers that failed or are in maintenance."},
    {"pools", "nodes", kLevel, "servers", Better::lower, Show::count, "servers on",
     "Servers that are not off, of a pool with a node autoscaler."},
    {"pools", "nodes.up", kLevel, "servers", Better::neither, Show::count, "servers up",
     "Servers of it that take jobs."},
    {"pools", "nodes.booting", kLevel, "servers", Better::neither, Show::count, "servers booting",
     "Servers of it that were asked for and boot."},
    {"pools", "nodes.draining", kLevel, "servers", Better::neither, Show::count, "servers draining",
     "Servers of it that take no more jobs and are not empty."},
    {"pools", "nodes.time", "", "server s", Better::lower, Show::server_time, "servers paid for",
     "Server-time that is not off, after the warm-up: what is paid for."},
    {"pools", "nodes.booted", "", "servers", Better::neither, Show::count, "booted",
     "Servers that were switched on, after the warm-up."},
    {"pools", "nodes.removed", "", "servers", Better::neither, Show::count, "removed",
     "Servers of which the removal began, after the warm-up."},
    {"pools", "nodes.given_up", "", "servers", Better::lower, Show::count, "given up",
     "Servers that booted or were down for too long, after the warm-up."},
    {"pools", "nodes.moved", "", "jobs", Better::lower, Show::count, "moved",
     "Replicas and jobs that had to leave a server that was removed, after the warm-up."},
    {"pools", "nodes.stock_outs", "", "servers", Better::lower, Show::count, "out of stock",
     "Servers that were asked for and not to be had, after the warm-up."},
    {"pools", "nodes.provision", kSample, "s", Better::lower, Show::time, "provision time",
     "From the request for a server until it takes jobs, of requests after the warm-up."},
    {"pools", "split_gangs", "", "jobs", Better::lower, Show::count, "gangs split",
     "Starts whose members lie in more than one scale-up domain."},
    {"pools", "allocation_at.N", "", "1", Better::higher, Show::share, "allocated at N % of demand",
     "Share of the pool's accelerators held by jobs when the accelerator demand of all jobs that "
     "arrived is N % of the pool, mean over the arrivals at which it rounds to N."},
    {"pools", "fragmentation_at.N", "", "1", Better::lower, Show::share,
     "fragmented at N % of demand",
     "Fragmentation at the same arrivals as allocation_at.N, share of the pool's accelerators."},
    {"regions", "power", kLevel, "W", Better::neither, Show::power, "power",
     "Power drawn from the grid, cooling included (IT power times PUE)."},
    {"regions", "power.share_of_limit", "", "1", Better::neither, Show::share, "peak of limit",
     "Highest power over the power of the facility."},
    {"regions", "availability", "", "1", Better::higher, Show::share, "availability",
     "Server-time up or draining over server-time that is not switched off, of the region's pooled "
     "servers, over the whole run."},
    {"regions", "zones.N.availability", "", "1", Better::higher, Show::share,
     "availability of zone N", "The same for the servers of one zone."},
    {"regions", "energy", "", "J", Better::neither, Show::energy, "energy",
     "Energy drawn from the grid after the warm-up, cooling included."},
    {"workloads", "cost", "", "USD", Better::lower, Show::money, "cost",
     "Price of the shares of servers that the replicas of a service held after the warm-up."},
    {"regions", "cost.servers", "", "USD", Better::lower, Show::money, "cost of servers",
     "Price of all servers of the region after the warm-up, used or not."},
    {"regions", "cost.energy", "", "USD", Better::lower, Show::money, "cost of energy",
     "Energy after the warm-up at the tariff of the region."},
    {"", "cost.servers", "", "USD", Better::lower, Show::money, "cost of servers",
     "Of all regions."},
    {"", "cost.energy", "", "USD", Better::lower, Show::money, "cost of energy", "Of all regions."},
    {"", "cost.total", "", "USD", Better::lower, Show::money, "cost", "Servers and energy."},
    {"fabrics", "flows", kLevel, "flows", Better::neither, Show::number, "flows",
     "Flows on the fabric of region R, or on the WAN (`fabrics.wan`), that have not ended."},
    {"fabrics", "waiting", kLevel, "flows", Better::lower, Show::number, "without a path",
     "Flows that wait because no path between their ends is alive."},
    {"fabrics", "delivered", "", "B", Better::neither, Show::bytes, "delivered",
     "Bytes of flows that ended after the warm-up."},
    {"fabrics", "tiers.TIER.utilization", "mean p50 p99 max", "1", Better::neither, Show::share,
     "used",
     "What crossed the links of a tier after the warm-up over what their whole capacity could "
     "carry: of all together, of the middle link, of the link that 1 % are above, of the hottest "
     "link."},
    {"failures", "count", "", "items", Better::neither, Show::count, "failures",
     "Items (servers, racks, ...) that failed after the warm-up; racks that were worked on in "
     "maintenance."},
    {"failures", "down", kLevel, "items", Better::lower, Show::count, "down",
     "Items that this cause holds down; servers in maintenance."},
    {"failures", "waiting", kLevel, "items", Better::lower, Show::count, "waiting for repair",
     "Failed items whose repair has not begun, for want of technicians or parts."},
    {"failures", "replaced", "", "items", Better::neither, Show::count, "replaced",
     "Cubes of a slice whose place a spare cube took, after the warm-up."},
    {"failures", "spares", kLevel, "items", Better::higher, Show::count, "spares",
     "Spare cubes that are free."},
    {"control_planes", "outages", "", "times", Better::lower, Show::count, "outages",
     "How often the control plane went out, after the warm-up."},
    {"control_planes", "down", kLevel, "1", Better::lower, Show::share, "out",
     "1 while the control plane is out: the mean is the share of time."},
    {"regions", "it_power", kLevel, "W", Better::neither, Show::power, "IT power",
     "Power drawn by the servers, where losses depend on load and weather."},
    {"regions", "pue", "", "1", Better::lower, Show::factor, "PUE",
     "Energy of the facility over energy of its servers, after the warm-up."},
    {"regions", "devices.D.load", kLevel, "1", Better::neither, Show::share, "load of a device",
     "Load of the power device over its capacity."},
    {"regions", "devices.D.trips", "", "times", Better::lower, Show::count, "trips",
     "Trips of the power device by overload."},
    {"regions", "devices.D.racks.allowed", "", "racks", Better::neither, Show::count,
     "racks at the stated risk",
     "Racks that the device may feed at the stated probability of a trip in a year."},
    {"regions", "devices.D.racks.extra", "", "racks", Better::neither, Show::count, "extra racks",
     "Those beyond its capacity over the peak of a rack."},
    {"regions", "groups.D.load", kLevel, "1", Better::neither, Show::share, "load of a group",
     "Load of the redundancy group over the capacity of the devices that it needs: above 1 the "
     "loss "
     "of one is an overload."},
    {"regions", "racks.dark", kLevel, "racks", Better::lower, Show::count, "racks without power",
     "Racks of which no feed lives."},
    {"regions", "racks.slowed", kLevel, "racks", Better::lower, Show::count, "racks slowed down",
     "Racks that a power cap or warm air slows down."},
    {"regions", "cooling.D.throttled", kLevel, "1", Better::lower, Show::share, "too warm",
     "Share of the time in which the inlet of the zone is too warm for full speed."},
    {"regions", "cooling.D.inlet.max", "", "degC", Better::lower, Show::number, "warmest inlet",
     "Warmest inlet of the zone in degrees Celsius, over the whole run."},
    {"", "energy.total", "", "J", Better::neither, Show::energy, "energy",
     "Energy of all regions after the warm-up."},
    {"", "makespan", "", "s", Better::lower, Show::time, "makespan",
     "From the first submission to the last completion, over all pools."},
});

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const bool begins = at == 0 || words[at - 1] == ' ';
    const bool ends = at + word.size() == words.size() || words[at + word.size()] == ' ';
    if (begins && ends && !word.empty()) return true;
  }
  return false;
}

const MetricInfoRow* find_row(std::string_view scope, std::string_view quantity,
                              std::string_view statistic) {
  const auto found = std::find_if(kTable.begin(), kTable.end(), [&](const MetricInfoRow& row) {
    return row.scope == scope && row.quantity == quantity &&
           (statistic.empty() ? row.statistics.empty() : has_word(row.statistics, statistic));
  });
  return found == kTable.end() ? nullptr : &*found;
}

/// A device, group or cooling zone within a region: its name is D.
std::string without_name(std::string_view quantity) {
  for (const std::string_view kind : {"devices.", "groups.", "cooling."}) {
    if (quantity.substr(0, kind.size()) != kind) continue;
    const std::size_t end = quantity.find('.', kind.size());
    if (end == std::string_view::npos) continue;
    return std::string(kind) + "D" + std::string(quantity.substr(end));
  }
  return std::string(quantity);
}

std::string better_text(Better better) {
  if (better == Better::neither) return "";
  return better == Better::lower ? "less" : "more";
}

/// "us-east.ready.mean": the row "POOL.ready", its part and its statistic.
void find_part(MetricParts& parts, std::string_view rest) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kKinds = {
      {{"classes.", "classes.CLASS."}, {"sizes.", "sizes.SIZE."}, {"tiers.", "tiers.TIER."}}};
  std::string_view shown = "POOL.";
  for (const auto& [kind, row] : kKinds) {
    if (!rest.starts_with(kind)) continue;
    rest.remove_prefix(kind.size());
    shown = row;
    break;
  }
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return;
  const std::string_view part = rest.substr(0, dot);
  const std::string quantity = std::string(shown) + std::string(rest.substr(dot + 1));
  parts.info = find_row(parts.scope, quantity, "");
  std::string_view statistic;
  if (parts.info == nullptr) {
    const std::size_t last = quantity.rfind('.');
    statistic = rest.substr(rest.rfind('.') + 1);
    parts.info = find_row(parts.scope, quantity.substr(0, last), statistic);
  }
  if (parts.info == nullptr) return;
  parts.quantity = parts.info->quantity;
  parts.statistic = statistic;
  parts.part = part;
}

}  // namespace

std::span<const MetricInfoRow> metric_info_table() {
  return kTable;
}

MetricParts metric_parts(std::string_view name) {
  MetricParts parts;
  std::string_view rest = name;
  for (const std::string_view scope :
       {"workloads", "pools", "regions", "fabrics", "failures", "control_planes"}) {
    if (name.substr(0, scope.size() + 1) != std::string(scope) + ".") continue;
    rest.remove_prefix(scope.size() + 1);
    const std::size_t dot = rest.find('.');
    parts.scope = scope;
    parts.owner = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  const std::string part = without_name(rest);  // "devices.ups-a.load": "devices.D.load"
  rest = part;
  parts.quantity = rest;
  const std::size_t dot = rest.rfind('.');
  const std::string_view head = rest.substr(0, dot);
  const std::string_view tail = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
  for (const std::string_view kind : {"zones.", "regions."}) {
    if (!head.starts_with(kind) || (tail != "availability" && tail != "answered_share")) continue;
    parts.number = head.substr(kind.size());
    parts.quantity = std::string(kind) + "N." + std::string(tail);
  }
  if (is_number(tail)) {
    parts.quantity = std::string(head) + ".N";
    parts.number = tail;
  }
  parts.info = find_row(parts.scope, parts.quantity, "");
  if (parts.info == nullptr && dot != std::string_view::npos) {
    parts.info = find_row(parts.scope, head, tail);
    if (parts.info != nullptr) {
      parts.quantity = head;
      parts.statistic = tail;
    }
  }
  const bool has_parts = parts.scope == "workloads" || parts.scope == "fabrics";
  if (parts.info == nullptr && has_parts) find_part(parts, rest);
  return parts;
}

Better better_of(const MetricParts& parts) {
  if (parts.info == nullptr || parts.statistic == "count") return Better::neither;
  return parts.info->better;
}

Show show_of(std::string_view name, std::string_view unit) {
  const MetricParts parts = metric_parts(name);
  if (parts.statistic == "count") return Show::count;
  if (parts.info != nullptr) return parts.info->show;
  if (unit == "s") return Show::time;
  if (unit == "W") return Show::power;
  if (unit == "J") return Show::energy;
  if (unit == "jobs") return Show::count;
  if (unit == "accelerator s") return Show::accelerator_time;
  if (unit == "replica s") return Show::replica_time;
  if (unit == "server s") return Show::server_time;
  if (unit == "USD") return Show::money;
  if (unit == "B") return Show::bytes;
  if (unit == "B/s") return Show::data_rate;
  return Show::number;
}

std::string metric_label(const MetricParts& parts, std::string_view name) {
  if (parts.info == nullptr) return std::string(name);
  std::string label(parts.info->label);
  if (!parts.number.empty()) {
    const std::size_t at = label.find('N');
    if (at != std::string::npos) label.replace(at, 1, parts.number);
  }
  if (!parts.part.empty()) label = parts.part + ": " + label;
  if (parts.statistic.empty()) return label;
  return label + ", " + (parts.statistic == "max" ? "highest" : parts.statistic);
}

std::string metric_reference() {
  std::string out =
      "# Metrics\n\n"
      "A metric is named by its path in the scenario and its quantity: `workloads.W.wait.p95`. "
      "Values are in SI units; 1 is a pure number. Quantiles are within 0.2 % of the value. A "
      "metric that has no value says why. *Better* says which way `run` of several scenarios "
      "counts as an improvement.\n\n"
      "| metric | statistics | unit | better | meaning |\n|---|---|---|---|---|\n";
  for (const MetricInfoRow& row : kTable) {
    std::string name(row.scope);
    if (row.scope == "workloads") name += ".W.";
    if (row.scope == "pools") name += ".P.";
    if (row.scope == "regions") name += ".R.";
    if (row.scope == "fabrics") name += ".R.";
    if (row.scope == "failures") name += ".F.";
    if (row.scope == "control_planes") name += ".C.";
    name += row.quantity;
    std::string statistics;
    for (const char c : row.statistics) statistics += c == ' ' ? ", " : std::string(1, c);
    out += "| `" + name + "` | " + statistics + " | " + std::string(row.unit) + " | " +
           better_text(row.better) + " | " + std::string(row.meaning) + " |\n";
  }
  return out;
}

}  // namespace hyperdc
