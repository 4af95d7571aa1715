// Fabrics in the world: flows with owners, the books of links, and where servers are attached.
#pragma once

#include <cstdint>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// Classes of flows by size, as papers on data center transport report them: below 100 kB, up to
/// 10 MB, and above (Alizadeh et al., pFabric, SIGCOMM 2013, section 5).
struct FlowSizeClass {
  std::string_view name;
  std::uint64_t below;  // bytes
};
inline constexpr FlowSizeClass kFlowSizes[] = {
    {"small", 100'000}, {"medium", 10'000'000}, {"large", ~std::uint64_t{0}}};

void build_fabrics(World& world);

/// The number of the first server of each rack group among those of its region.
std::vector<std::uint32_t> first_servers(const Scenario& scenario);
/// Numbers the endpoints of the servers of each region through its racks, in their order.
void attach_servers(World& world);
/// The first endpoint of a server, of `each` that servers have on the fabric of their region.
std::uint32_t first_endpoint(const PoolState& pool, ServerId server, std::uint32_t each);
/// Adds where a member of a job is attached: its accelerators, if each has an endpoint, or its
/// server.
void add_endpoints(const PoolState& pool, const Share& share, std::uint32_t each,
                   std::vector<EndpointId>& endpoints);

/// Starts a flow now; its owner is told when the last byte has arrived.
FlowId start_flow(World& world, std::uint32_t fabric, const FlowSpec& spec, const FlowOwner& owner,
                  Engine& engine);
/// Takes a flow out; its owner hears nothing. Returns the bytes that it sent.
std::uint64_t cancel_flow(World& world, std::uint32_t fabric, FlowId flow, Engine& engine);
/// After any change of a fabric: looks for its next end once all changes of this moment are made.
void fabric_changed(FabricState& state, Engine& engine);

/// A group of flows that began together; its owner is told when the last has been sent.
std::uint32_t start_flow_group(World& world, std::uint32_t fabric, std::span<const FlowSpec> flows,
                               const FlowOwner& owner, Engine& engine);
/// Takes out what is left of a group; its owner hears nothing.
void cancel_flow_group(World& world, std::uint32_t fabric, std::uint32_t group, Engine& engine);

/// One flow of a group has been sent: tells the owner of the group after the last.
void count_sent(FabricState& state, std::uint32_t group, Engine& engine);
void free_flow_group(FabricState& state, std::uint32_t group);

/// A cause leaves links `share` of their capacity, or takes that back, all at once; of a link the
/// least of all causes counts. A link that is there twice has two causes.
void degrade_links(World& world, std::uint32_t fabric, std::span<const LinkId> links, double share,
                   Engine& engine);
void restore_links(World& world, std::uint32_t fabric, std::span<const LinkId> links, double share,
                   Engine& engine);

/// Publishes how many flows there are.
void publish_flows(const World& world, const FabricState& state, SimTime now);

/// Numbers of a run that need the whole state.
void read_fabrics(const World& world, SimTime end, std::vector<MetricValue>& values);
/// Counts live flows into the links; before read_fabrics.
void close_fabrics(World& world, SimTime end);

}  // namespace hyperdc
