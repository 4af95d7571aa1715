// Every placement while servers and devices go out of service, against a search over a fleet that
// never closes.
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "support/random_pool.hpp"
#include "unit/policy/placement_cases.hpp"
#include "world/placer.hpp"

using namespace hyperdc;
using namespace hyperdc::test;

namespace {

struct Slow {
  Fleet plain;
  std::set<std::uint32_t> servers;
  std::map<std::uint32_t, std::uint32_t> devices;

  bool choose(const Placement& policy, const Request& request, Share& share) const {
    bool found = false;
    std::int64_t best = 0;
    for (std::uint32_t place = 0; place < plain.servers(); ++place) {
      const ServerId id = plain.server_at(place);
      if (servers.contains(id.value) || plain.memory_left(id) < request.memory_bytes) continue;
      const auto all = plain.accelerators_left_milli(id);
      std::vector<std::uint16_t> left(all.begin(), all.end());
      const auto out = devices.find(id.value);
      for (std::uint32_t d = 0; out != devices.end() && d < left.size(); ++d) {
        if ((out->second >> d & 1) != 0) left[d] = 0;
      }
      const NodeView view{&plain.shape(id), plain.cores_left_milli(id), left, plain.holds(id)};
      if (!fits(request, view)) continue;
      const std::int64_t score = policy.score(request, view);
      if (found && score <= best) continue;
      found = true;
      best = score;
      share = {id, policy.devices(request, view, 0)};
    }
    return found;
  }
};

struct Placed {
  Request request;
  std::vector<Share> shares;
};

void compare(std::string_view name, std::uint64_t seed) {
  Dice dice(seed);
  std::vector<Request> requests;
  std::vector<JobMixEntry> mix;
  for (int i = 0; i < 8; ++i) requests.push_back(random_request(dice));
  for (const Request& request : requests) mix.push_back({request, 0.125});
  const std::vector<FleetBlock> blocks = random_blocks(dice, 40);
  const std::vector<std::uint32_t> order = random_order(dice, blocks);
  const auto policy = make_placement(name, mix);
  Fleet fleet(blocks, order, policy->uses_holds());
  Slow slow{Fleet(blocks, order, policy->uses_holds()), {}, {}};
  Placer placer(fleet, make_placement(name, mix), RandomStream(1, "placement"));
  std::vector<Placed> running;
  int placed = 0;
  for (int step = 0; step < 1200; ++step) {
    const std::uint32_t what = dice.below(10);
    if (what < 2) {
      const ServerId id{dice.below(fleet.servers())};
      if (slow.servers.erase(id.value) > 0) {
        placer.open(id);
      } else {
        slow.servers.insert(id.value);
        placer.close(id);
      }
    } else if (what < 3) {
      const ServerId id{dice.below(fleet.servers())};
      const std::uint32_t devices = fleet.shape(id).accelerators;
      if (devices == 0) continue;
      const std::uint32_t d = dice.below(devices);
      const std::uint32_t bit = std::uint32_t{1} << d;
      (slow.devices[id.value] & bit) != 0 ? placer.open_device(id, d) : placer.close_device(id, d);
      slow.devices[id.value] ^= bit;
    } else if (what < 6 && !running.empty()) {
      std::swap(running[dice.below(static_cast<std::uint32_t>(running.size()))], running.back());
      const Placed& job = running.back();
      if (dice.below(4) == 0) {  // asked only: nothing must change, be its server closed or not
        const std::array<Placer::Held, 1> held = {{{job.request, job.shares}}};
        placer.would_fit(job.request, 2, 1, held);
        continue;
      }
      placer.release(job.request, job.shares);
      for (const Share& share : job.shares) slow.plain.give_back(job.request, share);
      running.pop_back();
    } else {
      Placed job{dice.one_of(requests), {}};
      Share expected;
      const bool fits_somewhere = slow.choose(*policy, job.request, expected);
      REQUIRE(placer.place(job.request, 1, static_cast<std::uint64_t>(step), job.shares) ==
              fits_somewhere);
      if (!fits_somewhere) continue;
      REQUIRE(job.shares.front() == expected);
      slow.plain.take(job.request, expected);
      running.push_back(std::move(job));
      ++placed;
    }
  }
  CHECK(placed > 200);
}

}  // namespace

TEST_CASE("every placement passes over what is out of service") {
  for (const std::string_view name : kDeterministicPlacements) {
    CAPTURE(name);
    for (std::uint64_t seed = 1; seed <= 2; ++seed) compare(name, seed);
  }
}
