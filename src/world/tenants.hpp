// What a pool says of its tenants, and books of those that it names: what they wait and hold.
//
// Computes: what a tenant holds = sum over its jobs of cores (accelerators) * time from start to
// stop. Units: 1/1000 core (accelerator) * ns. Source: definition.
// Leaves out: books of tenants that the pool does not name.
#pragma once

#include <cstdint>
#include <vector>

#include "world/world.hpp"

namespace hyperdc {

/// The pool learns what it says of a tenant that it has not met.
void meet_tenant(const World& world, PoolState& pool, std::uint32_t tenant);

/// Of the tenant of a job, if the pool names it.
inline TenantBooks* books_of(PoolState& pool, JobId job) {
  if (pool.tenant_books.empty()) return nullptr;
  const std::uint32_t named = pool.named[pool.jobs[job.value].tenant];
  return named < pool.tenant_books.size() ? &pool.tenant_books[named] : nullptr;
}

/// What jobs of each tenant that the pool names held until the end.
struct TenantHeld {
  Int128 core_milli_ns = 0, accelerator_milli_ns = 0;
};
std::vector<TenantHeld> held_by_tenants(const PoolState& pool, SimTime end);

}  // namespace hyperdc
