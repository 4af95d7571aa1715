#include "world/fault_items.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "world/availability.hpp"

namespace hyperdc {

FaultItems::FaultItems(const World& world, FaultItem of, std::span<const std::uint32_t> racks)
    : of_(of) {
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> zones;
  std::map<std::uint32_t, std::uint32_t> regions;
  for (const std::uint32_t rack : racks) {
    const RackGroup& group = world.scenario->racks[rack];
    const auto zone =
        zones.try_emplace({group.region, group.zone}, static_cast<std::uint32_t>(zones.size()));
    const auto region =
        regions.try_emplace(group.region, static_cast<std::uint32_t>(regions.size()));
    add_runs(world, rack, zone.first->second, region.first->second);
    racks_ += group.racks;
  }
  switch (of) {
    case FaultItem::server:
      count_ = servers_;
      break;
    case FaultItem::accelerator:
      count_ = devices_;
      break;
    case FaultItem::rack:
      count_ = racks_;
      break;
    case FaultItem::zone:
      count_ = static_cast<std::uint32_t>(zones.size());
      break;
    case FaultItem::region:
      count_ = static_cast<std::uint32_t>(regions.size());
      break;
  }
}

void FaultItems::add_runs(const World& world, std::uint32_t rack, std::uint32_t zone,
                          std::uint32_t region) {
  std::uint32_t in_group = 0;
  for (const PoolState& pool : world.pools) {
    for (std::size_t block = 0; block < pool.blocks.size(); ++block) {
      if (pool.block_racks[block] != rack) continue;
      Run run;
      run.pool = pool.index;
      run.first = pool.block_first[block];
      run.count = pool.blocks[block].count;
      run.accelerators = pool.blocks[block].shape.accelerators;
      run.servers_before = servers_;
      run.devices_before = devices_;
      run.in_group = in_group;
      run.servers_per_rack = world.scenario->racks[rack].servers_per_rack;
      run.rack = racks_;
      run.zone = zone;
      run.region = region;
      runs_.push_back(run);
      servers_ += run.count;
      devices_ += run.count * run.accelerators;
      in_group += run.count;
    }
  }
  HYPERDC_CHECK(in_group > 0, "failures of racks that are in no pool");
}

std::uint32_t FaultItems::number_of(const Run& run, std::uint32_t server, FaultItem group) {
  switch (group) {
    case FaultItem::rack:
      return run.rack + (run.in_group + server) / run.servers_per_rack;
    case FaultItem::zone:
      return run.zone;
    case FaultItem::region:
      return run.region;
    case FaultItem::server:
    case FaultItem::accelerator:
      break;
  }
  return run.servers_before + server;
}

/// The servers of the run that belong to a group.
FaultItems::Span FaultItems::span_of(const Run& run, FaultItem group, std::uint32_t number) {
  const auto cut = [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t most = run.count;
    return Span{static_cast<std::uint32_t>(std::clamp<std::int64_t>(begin, 0, most)),
                static_cast<std::uint32_t>(std::clamp<std::int64_t>(end, 0, most))};
  };
  switch (group) {
    case FaultItem::rack: {
      const std::int64_t begin =
          (std::int64_t{number} - run.rack) * run.servers_per_rack - run.in_group;
      return cut(begin, begin + run.servers_per_rack);
    }
    case FaultItem::zone:
      return run.zone == number ? Span{0, run.count} : Span{};
    case FaultItem::region:
      return run.region == number ? Span{0, run.count} : Span{};
    case FaultItem::server:
    case FaultItem::accelerator:
      break;
  }
  const std::int64_t begin = std::int64_t{number} - run.servers_before;
  return cut(begin, begin + 1);
}

FaultItems::Place FaultItems::find(std::uint32_t item) const {
  HYPERDC_CHECK(item < count_, "there is no such item");
  for (std::size_t r = 0; r < runs_.size(); ++r) {
    const Run& run = runs_[r];
    if (of_ == FaultItem::accelerator) {
      if (item >= run.devices_before + run.count * run.accelerators) continue;
      const std::uint32_t device = item - run.devices_before;
      return {r, device / run.accelerators, device % run.accelerators};
    }
    const Span span = span_of(run, of_, item);
    if (span.begin < span.end) return {r, span.begin, 0};
  }
  HYPERDC_CHECK(false, "an item without servers");
}

void FaultItems::for_each_server(std::uint32_t item, const VisitServer& visit) const {
  const auto visit_span = [&](const Run& run, const Span& span) {
    for (std::uint32_t server = span.begin; server < span.end; ++server) {
      visit(run.pool, ServerId{run.first + server});
    }
  };
  if (of_ == FaultItem::server || of_ == FaultItem::accelerator) {
    const Place place = find(item);
    return visit_span(runs_[place.run], {place.server, place.server + 1});
  }
  for (const Run& run : runs_) visit_span(run, span_of(run, of_, item));
}

void FaultItems::for_each_in_group(std::uint32_t item, FaultItem group,
                                   const VisitItem& visit) const {
  const Place place = find(item);
  const std::uint32_t number = number_of(runs_[place.run], place.server, group);
  std::uint32_t next = 0;  // items up to here were visited
  for (const Run& run : runs_) {
    const Span span = span_of(run, group, number);
    if (span.begin == span.end) continue;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    if (of_ == FaultItem::accelerator) {
      begin = run.devices_before + span.begin * run.accelerators;
      end = run.devices_before + span.end * run.accelerators;
    } else {
      begin = number_of(run, span.begin, of_);
      end = number_of(run, span.end - 1, of_) + 1;
    }
    for (begin = std::max(begin, next); begin < end; ++begin) visit(begin);
    next = std::max(next, end);
  }
}

void FaultItems::take_down(World& world, std::uint32_t item, Engine& engine,
                           std::string_view because) const {
  if (of_ == FaultItem::accelerator) {
    const Place place = find(item);
    const Run& run = runs_[place.run];
    return take_down_device(world, world.pools[run.pool], ServerId{run.first + place.server},
                            place.device, engine, because);
  }
  for_each_server(item, [&](std::uint32_t pool, ServerId server) {
    hyperdc::take_down(world, world.pools[pool], server, engine, because);
  });
}

void FaultItems::bring_up(World& world, std::uint32_t item, Engine& engine) const {
  if (of_ == FaultItem::accelerator) {
    const Place place = find(item);
    const Run& run = runs_[place.run];
    return bring_up_device(world, world.pools[run.pool], ServerId{run.first + place.server},
                           place.device, engine);
  }
  for_each_server(item, [&](std::uint32_t pool, ServerId server) {
    hyperdc::bring_up(world, world.pools[pool], server, engine);
  });
}

}  // namespace hyperdc
