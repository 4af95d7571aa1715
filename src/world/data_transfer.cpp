#include "world/data_transfer.hpp"

#include <algorithm>

#include "world/service/inference.hpp"

namespace hyperdc {
namespace {

bool is_priced(const Scenario& scenario) {
  return std::any_of(scenario.regions.begin(), scenario.regions.end(),
                     [](const Region& region) { return region.transfer.has_value(); });
}

/// Where nothing says what a message moves (not `sized`) it has no bytes: not even none.
DataTransfers::Books books_of(Recorder& recorder, std::size_t regions, const std::string& name,
                              bool sized) {
  DataTransfers::Books books;
  books.name = name;
  if (sized) {
    books.egress = recorder.declare({"workloads." + name + ".egress", "B",
                                     "bytes that went to another region", MetricKind::counter});
  }
  books.moved.assign(regions * (regions + 1), 0);
  books.requests.assign(regions, 0);
  return books;
}

void note_moved(const World& world, DataTransfers::Books& books, std::size_t from, std::size_t to,
                double bytes, SimTime now) {
  if (from == to) return;
  const DataTransfers& all = *world.transfer_books;
  if (to < all.regions) world.recorder->add(books.egress, now, bytes);
  if (now >= all.measured_from) books.moved[from * (all.regions + 1) + to] += bytes;
}

DataTransfers::Books* books_of(World& world, const ServiceState& service) {
  if (world.transfer_books == nullptr) return nullptr;
  auto& books = world.transfer_books->services[service.index];
  return books ? &*books : nullptr;
}

std::size_t region_of(const ServiceState& service, const RequestState& request) {
  return service.deployments[request.deployment].spec->region;
}

}  // namespace

void build_data_transfers(World& world) {
  const Scenario& scenario = *world.scenario;
  const bool priced = is_priced(scenario);
  const bool asks = std::any_of(
      scenario.regions.begin(), scenario.regions.end(),
      [](const Region& region) { return region.transfer && region.transfer->request > 0; });
  const bool sized = std::any_of(
      scenario.services.begin(), scenario.services.end(),
      [](const ServiceWorkload& service) { return service.payload && !service.network; });
  if (!priced && !sized) return;
  world.transfer_books = std::make_shared<DataTransfers>();
  DataTransfers& all = *world.transfer_books;
  all.regions = scenario.regions.size();
  all.measured_from = SimTime{} + scenario.warmup;
  for (const ServiceWorkload& service : scenario.services) {
    auto& books = all.services.emplace_back();
    const bool has_bytes = service.payload || service.replication;
    if (has_bytes || asks) {
      books = books_of(*world.recorder, all.regions, service.name, has_bytes);
    }
  }
  for (const TransfersWorkload& transfers : scenario.transfers) {
    auto& books = all.transfers.emplace_back();
    const bool between = scenario.fabrics[transfers.fabric].type == kWan;
    if (between && priced) books = books_of(*world.recorder, all.regions, transfers.name, true);
  }
}

void request_leaves(World& world, const ServiceState& service, std::uint32_t slot, SimTime now) {
  DataTransfers::Books* const books = books_of(world, service);
  if (books == nullptr) return;
  const RequestState& request = service.requests[slot];
  const bool people = request.parent == kNoSlot;
  if (people && now >= world.transfer_books->measured_from) ++books->requests[request.origin];
  if (!service.spec->payload) return;
  const PayloadSpec& payload = *service.spec->payload;
  double bytes = payload.request;
  if (service.inference) {
    bytes += payload.prompt_token * static_cast<double>(service.inference->tokens[slot].prompt);
  }
  note_moved(world, *books, request.origin, region_of(service, request), bytes, now);
}

void answer_leaves(World& world, const ServiceState& service, std::uint32_t slot, SimTime now) {
  DataTransfers::Books* const books = books_of(world, service);
  if (books == nullptr || !service.spec->payload) return;
  const RequestState& request = service.requests[slot];
  const PayloadSpec& payload = *service.spec->payload;
  double bytes = payload.response;
  if (service.inference) {
    bytes += payload.output_token * static_cast<double>(service.inference->tokens[slot].output);
  }
  note_moved(world, *books, region_of(service, request), request.origin, bytes, now);
  const bool people = request.parent == kNoSlot && !request.abandoned;
  if (people) note_moved(world, *books, request.origin, world.transfer_books->regions, bytes, now);
}

void copy_moved(World& world, const ServiceState& service, std::size_t from, std::size_t to,
                double bytes, SimTime now) {
  DataTransfers::Books* const books = books_of(world, service);
  if (books != nullptr) note_moved(world, *books, from, to, bytes, now);
}

void transfer_moved(World& world, std::uint32_t workload, const Transfer& transfer, SimTime now) {
  if (world.transfer_books == nullptr) return;
  auto& books = world.transfer_books->transfers[workload];
  if (!books) return;
  note_moved(world, *books, transfer.from, transfer.to, static_cast<double>(transfer.bytes), now);
}

}  // namespace hyperdc
