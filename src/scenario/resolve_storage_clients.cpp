// Reads and writes of clients of storage systems.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "scenario/resolve.hpp"
#include "scenario/resolve_costs.hpp"
#include "scenario/resolve_jobs.hpp"
#include "scenario/resolve_storage.hpp"

namespace hyperdc {
namespace {

constexpr double kMostStripes = 1e6;   // of a request, in the mean
constexpr double kClearlyMore = 1.05;  // than drives can do

/// The system that requests go to; nothing and a problem where none is meant, or nothing alone
/// where the system has problems of its own.
std::optional<std::uint32_t> system_of(Resolution& r, const View& workload) {
  const std::vector<std::string> known = storage_names(r);
  const View named = workload["system"];
  std::string name = named.text();
  if (!named) {
    if (named.json() != nullptr) return std::nullopt;
    if (known.empty()) {
      r.error("E034", workload, "no region has a storage system", R"(give one "storage")");
      return std::nullopt;
    }
    if (known.size() > 1) {
      r.error("E011", View(workload.json(), workload.path() + ".system"), "is missing",
              fmt::format("there are {} storage systems; add \"system\": \"{}\"", known.size(),
                          known[0]));
      return std::nullopt;
    }
    name = known[0];
  }
  const auto at = std::ranges::find(r.scenario.storage, name, &StorageSpec::name);
  if (at != r.scenario.storage.end()) {
    return static_cast<std::uint32_t>(at - r.scenario.storage.begin());
  }
  if (std::ranges::find(known, name) == known.end()) r.unknown(named, "storage system", known);
  return std::nullopt;
}

/// More than drives can do is no mistake, but requests then pile up, and the time to simulate them.
void warn_of_overload(Resolution& r, const View& workload, const StorageSpec& system,
                      const StorageRequests& requests) {
  const double bytes = Distribution(requests.bytes).mean();
  const double seek_s = to_seconds(system.seek);
  const double k = system.code.data(), n = system.code.fragments();
  const double stripes =
      requests.stripe_bytes > 0 ? std::max(1.0, bytes / requests.stripe_bytes) : 1;
  const double read_s = stripes * seek_s + bytes / system.drive_Bps;
  const double write_s = n * (stripes * seek_s + bytes / k / system.drive_Bps);
  const double each_s = requests.reads * read_s + (1 - requests.reads) * write_s;
  const double use = each_s / (requests.arrivals.mean_interval_s * system.drives);
  if (use <= kClearlyMore) return;
  r.warning("E053", workload["arrivals"],
            fmt::format("the drives would have to do {:.2g} times what they can: requests pile up, "
                        "and the run gets slow",
                        use),
            "fewer or smaller requests, or more drives");
}

/// More than a fragment cannot be in one group.
void read_stripes(Resolution& r, const View& workload, const StorageSpec& system,
                  StorageRequests& out) {
  const View stripe = workload["stripe"], at_once = workload["stripes_at_once"];
  out.stripe_bytes = std::floor(stripe.number());
  out.at_once = static_cast<std::uint32_t>(at_once.number());
  if (at_once && !stripe) {
    r.error("E034", at_once, "requests have no stripes", R"(add "stripe")");
  }
  const auto fragment = static_cast<double>(system.fragment_bytes);
  if (stripe && out.stripe_bytes > fragment) {
    r.error("E034", stripe, fmt::format("a fragment has {} bytes", fragment), "at most that");
  }
  if (stripe && Distribution(out.bytes).mean() > kMostStripes * out.stripe_bytes) {
    r.error("E034", stripe, "a request has more than a million stripes", "a larger stripe");
  }
}

void read_hedge(Resolution& r, const View& hedge, const StorageSpec& system, StorageRequests& out) {
  const View after = hedge["after"], quantile = hedge["quantile"];
  StorageHedge read;
  if (after) read.after = after.duration();
  read.quantile = quantile.number();
  if (bool(after) == bool(quantile)) {
    r.error("E034", hedge, "is after a time or after a quantile of the times of reads",
            R"(one of "after" and "quantile")");
  }
  if (system.code.fragments() == 1) {
    r.error("E034", hedge, "the system has one copy of its data", "remove this");
  }
  out.hedge = read;
}

/// What depends on a next tier.
void read_age(Resolution& r, const View& workload, const StorageSpec& system,
              StorageRequests& out) {
  const View age = workload["age"];
  const auto& tier = system.service.tier;
  if (age) out.age = random_time(r, age, 0);
  if (age && !tier) {
    r.error("E034", age, "the system has no next tier", R"(give it "tier", or remove this)");
  }
  if (!tier) return;
  if (const View popularity = workload["popularity"]) {
    r.error("E034", popularity, "what is written again and again does not get old",
            R"(remove this, or "tier" of the system)");
  }
  const auto fragment = static_cast<double>(r.scenario.storage[tier->to].fragment_bytes);
  if (out.stripe_bytes > fragment) {
    r.error("E034", workload["stripe"],
            fmt::format("a fragment of the next tier has {} bytes", fragment), "at most that");
  }
}

void resolve_requests(Resolution& r, const std::string& name, const View& workload) {
  StorageRequests out;
  out.name = name;
  const std::size_t before = r.problems.errors();
  const auto system = system_of(r, workload);
  const auto arrivals = arrivals_of(workload["arrivals"]);
  out.bytes = distribution_of(r, workload["bytes"]);
  out.reads = workload["reads"].number();
  if (!system) return;
  out.system = *system;
  const StorageSpec& spec = r.scenario.storage[*system];
  if (const View clients = workload["clients"]) {
    out.clients = racks_of_storage(r, workload, clients, spec.region);
    if (!fabric_of_region(r.scenario.fabrics, spec.region)) {
      r.error("E034", clients, "the region of the storage system has no fabric",
              "give it \"fabric\", or remove this");
    }
  }
  read_stripes(r, workload, spec, out);
  if (const View popularity = workload["popularity"]) {
    out.popularity = StoragePopularity{static_cast<std::uint64_t>(popularity["objects"].number()),
                                       popularity["exponent"].number()};
  }
  read_age(r, workload, spec, out);
  out.outside = workload["outside"].flag();
  if (out.outside && !out.clients.empty()) {
    r.error("E034", workload["outside"], "its clients are in the region",
            R"(remove this, or "clients")");
  }
  if (const View hedge = workload["hedge"]) read_hedge(r, hedge, spec, out);
  if (!arrivals || r.problems.errors() != before) return;
  out.arrivals = *arrivals;
  warn_of_overload(r, workload, spec, out);
  r.scenario.storage_requests.push_back(std::move(out));
}

/// The next tier of a system that was resolved.
void read_tier(Resolution& r, const View& tier, StorageSpec& spec) {
  const View to = tier["to"];
  const auto at = std::ranges::find(r.scenario.storage, to.text(), &StorageSpec::name);
  if (at == r.scenario.storage.end()) {
    std::vector<std::string> known;
    for (const StorageSpec& other : r.scenario.storage) {
      if (other.name != spec.name) known.push_back(other.name);
    }
    if (to) r.unknown(to, "storage system", known);
    return;
  }
  if (&*at == &spec) return r.error("E034", to, "is the system itself", "another system");
  if (at->region != spec.region) {
    return r.error("E034", to, "the system is in another region", "one of the same region");
  }
  spec.service.tier = StorageTier{static_cast<std::uint32_t>(at - r.scenario.storage.begin()),
                                  tier["after"].duration()};
}

void resolve_tiers(Resolution& r) {
  for (const auto& [region, value, _] : r.spec["regions"].each()) {
    for (const auto& [name, system, span] : value["storage"].each()) {
      const auto at =
          std::ranges::find(r.scenario.storage, region + "." + name, &StorageSpec::name);
      const View tier = system["tier"];
      if (tier && at != r.scenario.storage.end()) read_tier(r, tier, *at);
    }
  }
}

}  // namespace

void read_storage_service(Resolution& r, const View& system, StorageSpec& spec) {
  StorageService& out = spec.service;
  if (const View cache = system["cache"]) {
    out.cache =
        StorageCache{cache["capacity"].number(), cache["bandwidth"].number(),
                     cache["policy"].text() == "fifo" ? CachePolicy::fifo : CachePolicy::lru};
  }
  if (const View metadata = system["metadata"]) {
    out.metadata = StorageMetadata{random_time(r, metadata["time"], 0),
                                   static_cast<std::uint32_t>(metadata["servers"].number())};
  }
  if (const View prices = system["prices"]) {
    constexpr double kRequests = 10'000, kGb = 1e9;
    out.prices = StoragePrices{
        prices["reads_per_10k"].number() / kRequests, prices["writes_per_10k"].number() / kRequests,
        prices["egress_per_gb"].number() / kGb, source_of(prices["sources"], "prices")};
    check_facts(r, prices["sources"], std::vector<std::string>{"prices"});
    note_facts(r, prices["sources"], "storage." + spec.name + ".prices");
  }
}

void resolve_storage_requests(Resolution& r) {
  resolve_tiers(r);
  for (const auto& [name, workload, _] : r.spec["workloads"].each()) {
    if (workload && workload["kind"].text() == "storage") resolve_requests(r, name, workload);
  }
}

}  // namespace hyperdc
