#include "world/orchestration_metrics.hpp"

#include <string>

#include "world/defragment.hpp"
#include "world/gang_domains.hpp"
#include "world/metric_values.hpp"
#include "world/reservations.hpp"

namespace hyperdc {
namespace {

using Values = std::vector<MetricValue>;

void read_domains(const GangDomains& domains, const std::string& prefix, Values& values) {
  const GangDomains::Books& books = domains.books();
  put(values, prefix + "gangs.started", "times", static_cast<double>(books.gangs));
  const auto mean = [&](const char* name, const char* unit, std::uint64_t sum) {
    if (books.gangs == 0) return put_missing(values, prefix + name, unit, "no gang started");
    put(values, prefix + name, unit, static_cast<double>(sum) / static_cast<double>(books.gangs));
  };
  mean("gangs.racks", "racks", books.racks);
  mean("gangs.pods", "pods", books.pods);
  mean("gangs.in_one_rack", "1", books.in_rack);
  mean("gangs.in_one_pod", "1", books.in_pod);
}

void read_reservations(const PoolReservations& reserved, bool accelerators,
                       const std::string& prefix, SimTime end, Values& values) {
  const PoolReservations::Books& books = reserved.books();
  const auto begun = static_cast<double>(books.begun);
  put(values, prefix + "reservations.begun", "times", begun);
  put(values, prefix + "reservations.late", "times", static_cast<double>(books.late));
  if (books.begun > 0) {
    put(values, prefix + "reservations.lateness", "s",
        per_second(reserved.lateness_ns(end)) / begun);
  } else {
    put_missing(values, prefix + "reservations.lateness", "s", "no reservation began");
  }
  if (accelerators) {
    put(values, prefix + "reservations.idle", "accelerator s",
        per_second(books.idle_milli.until(end)) / 1000);
  }
  put(values, prefix + "reservations.idle_cores", "core s",
      per_second(books.idle_cores_milli.until(end)) / 1000);
}

void read_moves(const DefragmentState& state, const std::string& prefix, Values& values) {
  put(values, prefix + "defragment.gangs", "jobs", static_cast<double>(state.gangs));
  put(values, prefix + "defragment.migrations", "times", static_cast<double>(state.migrations));
  put(values, prefix + "defragment.moved", "accelerators",
      static_cast<double>(state.moved_milli) / 1000);
  put(values, prefix + "defragment.spent", "accelerator s",
      per_second(state.spent_milli_ns) / 1000);
}

}  // namespace

void read_orchestration(const PoolState& pool, SimTime end, Values& values) {
  const std::string prefix = "pools." + pool.spec->name + ".";
  if (pool.domains != nullptr) read_domains(*pool.domains, prefix, values);
  if (pool.reserved != nullptr) {
    read_reservations(*pool.reserved, pool.fleet->capacity().accelerator_milli > 0, prefix, end,
                      values);
  }
  if (pool.defragment != nullptr) read_moves(*pool.defragment, prefix, values);
}

}  // namespace hyperdc
