#include "world/tenants.hpp"

#include <algorithm>

namespace hyperdc {

void meet_tenant(const World& world, PoolState& pool, std::uint32_t tenant) {
  const std::vector<PoolTenant>& said = pool.spec->tenants;
  while (pool.terms.size() <= tenant) {
    const std::string& name = world.tenants[pool.terms.size()];
    const auto known =
        std::find_if(said.begin(), said.end(), [&](const PoolTenant& t) { return t.name == name; });
    pool.named.push_back(static_cast<std::uint32_t>(known - said.begin()));
    pool.terms.push_back(known == said.end() ? TenantTerms{} : known->terms);
  }
  pool.view.terms = pool.terms;
}

std::vector<TenantHeld> held_by_tenants(const PoolState& pool, SimTime end) {
  std::vector<TenantHeld> held(pool.tenant_books.size());
  for (std::size_t t = 0; t < held.size(); ++t) {
    held[t] = {pool.tenant_books[t].core_milli_ns, pool.tenant_books[t].accelerator_milli_ns};
  }
  if (held.empty()) return held;
  for (const JobId job : pool.running) {
    const JobView& view = pool.jobs[job.value];
    const std::uint32_t named = pool.named[view.tenant];
    if (named >= held.size()) continue;
    const Int128 ran = (end - view.started).ns;
    held[named].core_milli_ns += view.total.cores_milli * ran;
    held[named].accelerator_milli_ns += view.total.accelerator_milli * ran;
  }
  return held;
}

}  // namespace hyperdc
