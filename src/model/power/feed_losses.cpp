#include "model/power/feed_losses.hpp"

#include <algorithm>

namespace hyperdc {

namespace {

struct Loss {
  std::vector<std::size_t> lost;  // places in members
  double time_share = 1, per_year = 0;
};

double share_of(const std::vector<MemberLosses>& members, const std::vector<bool>& out) {
  double share = 1;
  for (std::size_t i = 0; i < members.size(); ++i) {
    share *= out[i] ? members[i].unavailable : 1 - members[i].unavailable;
  }
  return share;
}

Loss loss_of(const std::vector<MemberLosses>& members, std::vector<std::size_t> lost) {
  std::vector<bool> out(members.size(), false);
  for (const std::size_t i : lost) out[i] = true;
  Loss loss{std::move(lost), share_of(members, out), 0};
  for (const std::size_t i : loss.lost) {
    out[i] = false;
    loss.per_year += share_of(members, out) * members[i].per_year;
    out[i] = true;
  }
  return loss;
}

std::vector<Loss> losses_of(const std::vector<MemberLosses>& members) {
  std::vector<Loss> all{loss_of(members, {})};
  for (std::size_t i = 0; i < members.size(); ++i) all.push_back(loss_of(members, {i}));
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t k = i + 1; k < members.size(); ++k) {
      all.push_back(loss_of(members, {i, k}));
    }
  }
  return all;
}

}  // namespace

std::vector<LoadPath> paths_with_losses(std::vector<PowerDeviceSpec> devices,
                                        const std::vector<PowerLoadSpec>& loads,
                                        const std::vector<double>& weight,
                                        const std::vector<MemberLosses>& members) {
  for (PowerDeviceSpec& device : devices) {  // only what carries what, when all is done
    device.curve = TripCurve();
    device.transfer = Duration{};
    device.battery_j = 0;
    if (device.starts) device.starts = Duration{};
  }
  std::vector<LoadPath> paths;
  for (const Loss& loss : losses_of(members)) {
    if (!loss.lost.empty() && loss.per_year <= 0) continue;
    PowerTree tree(devices, loads);
    for (std::uint32_t i = 0; i < loads.size(); ++i) {
      if (weight[i] > 0) tree.set_load_w(LoadId{i}, 1);
    }
    tree.settle();
    for (const std::size_t i : loss.lost) tree.fail(members[i].device);
    tree.settle();
    tree.advance(SimTime{1});
    for (const MemberLosses& member : members) {
      if (!tree.live(member.device)) continue;
      LoadPath path{0, 0, loss.time_share, loss.per_year, static_cast<int>(loss.lost.size())};
      for (const auto& [load, part] : tree.below(member.device)) {
        path.mean_part += weight[load.value] * part;
        path.square_part += weight[load.value] * part * part;
      }
      if (path.mean_part <= 0) continue;
      const auto same = std::find_if(paths.begin(), paths.end(), [&](const LoadPath& other) {
        return other.mean_part == path.mean_part && other.square_part == path.square_part &&
               other.time_share == path.time_share && other.lost == path.lost &&
               other.visits_per_year == path.visits_per_year;
      });
      if (same != paths.end()) {
        ++same->alike;
      } else {
        paths.push_back(path);
      }
    }
  }
  return paths;
}

}  // namespace hyperdc
