#include "workload/transfer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include <hyperdc/core/assert.hpp>

#include "core/shuffle.hpp"
#include "workload/arrivals.hpp"

namespace hyperdc {
namespace {

using Pattern = TransferPattern::Kind;

class ListedTransfers final : public TransferSource {
 public:
  explicit ListedTransfers(std::shared_ptr<const TransferList> list) : list_(std::move(list)) {}

  bool next(Transfer& transfer) override {
    if (at_ == list_->rows.size()) return false;
    transfer = list_->rows[at_++];
    return true;
  }

 private:
  std::shared_ptr<const TransferList> list_;
  std::size_t at_ = 0;
};

struct Pair {
  std::uint32_t from, to;
};

/// Draws of the endpoints of transfer k. Attributes of entity k: 0 the one endpoint, 1 the other, 2
/// which kind of traffic; of an incast 1 + i the senders' shuffle.
class PairDraw {
 public:
  PairDraw(const TransferPattern& pattern, const EndpointRacks& racks, std::string_view workload,
           std::uint64_t seed)
      : pattern_(pattern),
        hosts_(racks.hosts),
        stream_(seed, fmt::format("workloads.{}.endpoints", workload)) {
    if (pattern.kind == Pattern::permutation || pattern.kind == Pattern::hot_spot) {
      put_in_random_order(workload, seed);
    }
    if (pattern.kind == Pattern::rack_local) sort_by_rack(racks);
  }

  Pair draw(std::uint64_t k) const {
    switch (pattern_.kind) {
      case Pattern::permutation:
        return permuted(k);
      case Pattern::hot_spot:
        return to_hot_spot(k);
      case Pattern::rack_local:
        return near_or_far(k);
      case Pattern::pair:
        return {pattern_.from, pattern_.to};
      default:
        return any_two(k);
    }
  }
  /// The senders of an incast to `to`: distinct, without `to`.
  void senders(std::uint64_t k, std::uint32_t to, std::vector<std::uint32_t>& out) const {
    // Floyd's sampling: sets of equal chance with as many draws as members.
    out.clear();
    const std::uint32_t others = hosts_ - 1;
    std::vector<bool> taken(others, false);
    for (std::uint32_t j = others - pattern_.fan_in; j < others; ++j) {
      const auto pick = static_cast<std::uint32_t>(stream_.below(j + 1, k, 1 + j));
      out.push_back(taken[pick] ? j : pick);
      taken[out.back()] = true;
    }
    for (std::uint32_t& sender : out) sender += sender >= to ? 1 : 0;
  }
  std::uint32_t receiver(std::uint64_t k) const {
    return static_cast<std::uint32_t>(stream_.below(hosts_, k, 0));
  }

 private:
  void put_in_random_order(std::string_view workload, std::uint64_t seed) {
    const RandomStream stream(seed, fmt::format("workloads.{}.places", workload));
    order_.resize(hosts_);
    place_.resize(hosts_);
    std::iota(order_.begin(), order_.end(), 0U);
    shuffle(order_, stream);
    for (std::uint32_t i = 0; i < hosts_; ++i) place_[order_[i]] = i;
  }

  void sort_by_rack(const EndpointRacks& racks) {
    order_.resize(hosts_);
    place_.resize(hosts_);
    first_.resize(hosts_);
    size_.resize(hosts_);
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return racks.rack_of[a] < racks.rack_of[b];
    });
    for (std::uint32_t i = 0; i < hosts_;) {
      std::uint32_t end = i;
      while (end < hosts_ && racks.rack_of[order_[end]] == racks.rack_of[order_[i]]) ++end;
      for (std::uint32_t j = i; j < end; ++j) {
        place_[order_[j]] = j;
        first_[order_[j]] = i;
        size_[order_[j]] = end - i;
      }
      i = end;
    }
  }

  Pair any_two(std::uint64_t k) const {
    const auto from = static_cast<std::uint32_t>(stream_.below(hosts_, k, 0));
    const auto to = static_cast<std::uint32_t>(stream_.below(hosts_ - 1, k, 1));
    return {from, to + (to >= from ? 1U : 0U)};
  }

  /// The next one on a circle through all endpoints in a random order.
  Pair permuted(std::uint64_t k) const {
    const auto from = static_cast<std::uint32_t>(stream_.below(hosts_, k, 0));
    return {from, order_[(place_[from] + 1) % hosts_]};
  }

  Pair to_hot_spot(std::uint64_t k) const {
    if (stream_.uniform(k, 2) >= pattern_.share) return any_two(k);
    const std::uint32_t to =
        order_[static_cast<std::uint32_t>(stream_.below(pattern_.hosts, k, 1))];
    const auto from = static_cast<std::uint32_t>(stream_.below(hosts_ - 1, k, 0));
    return {from + (from >= to ? 1U : 0U), to};
  }

  Pair near_or_far(std::uint64_t k) const {
    const auto from = static_cast<std::uint32_t>(stream_.below(hosts_, k, 0));
    const std::uint32_t first = first_[from];
    const std::uint32_t size = size_[from];
    std::uint32_t at = 0;
    if (stream_.uniform(k, 2) < pattern_.share) {
      const auto other = static_cast<std::uint32_t>(stream_.below(size - 1, k, 1));
      at = first + other + (first + other >= place_[from] ? 1U : 0U);
    } else {
      const auto other = static_cast<std::uint32_t>(stream_.below(hosts_ - size, k, 1));
      at = other + (other >= first ? size : 0U);
    }
    return {from, order_[at]};
  }

  TransferPattern pattern_;
  std::uint32_t hosts_;
  RandomStream stream_;
  std::vector<std::uint32_t> order_, place_;  // endpoints by place, and where each is
  std::vector<std::uint32_t> first_, size_;   // of the rack of each endpoint, in `order_`
};

class DrawnTransfers final : public TransferSource {
 public:
  DrawnTransfers(const TransfersSpec& spec, const EndpointRacks& racks, std::uint64_t seed)
      : spec_(*spec.generate),
        arrivals_(*spec.arrivals, spec.workload, seed),
        pairs_(spec_.pattern, racks, spec.workload, seed),
        sizes_(seed, fmt::format("workloads.{}.bytes", spec.workload)),
        bytes_(spec_.bytes) {
    if (const auto* constant = std::get_if<Constant>(&spec_.bytes)) constant_ = constant->value;
  }

  bool next(Transfer& transfer) override {
    if (sender_ == senders_.size()) {
      if (spec_.count != 0 && number_ >= spec_.count) return false;
      begin(number_++);
    }
    transfer = {start_, senders_[sender_++], receiver_, bytes_now_, spec_.cap_Bps};
    return true;
  }

 private:
  /// Arrival k: one transfer, or the transfers of one incast.
  void begin(std::uint64_t k) {
    start_ = arrivals_.next();
    bytes_now_ = size(k);
    sender_ = 0;
    if (spec_.pattern.kind == Pattern::incast) {
      receiver_ = pairs_.receiver(k);
      pairs_.senders(k, receiver_, senders_);
      return;
    }
    const Pair pair = pairs_.draw(k);
    senders_.assign(1, pair.from);
    receiver_ = pair.to;
  }

  std::uint64_t size(std::uint64_t k) const {
    const double bytes = constant_ ? *constant_ : bytes_.draw(sizes_, k);
    return static_cast<std::uint64_t>(std::clamp(std::ceil(bytes), 1.0, kMaxTransferBytes));
  }

  const TransferGenerator spec_;
  Arrivals arrivals_;
  PairDraw pairs_;
  RandomStream sizes_;
  Distribution bytes_;
  std::optional<double> constant_;
  std::uint64_t number_ = 0;
  // Of the arrival under way.
  SimTime start_;
  std::uint64_t bytes_now_ = 0;
  std::uint32_t receiver_ = 0;
  std::vector<std::uint32_t> senders_;
  std::size_t sender_ = 0;
};

}  // namespace

std::string pattern_problem(const TransferPattern& pattern, const EndpointRacks& racks) {
  if (racks.hosts < 2) return "there is nobody to send to: the fabric has one endpoint";
  if (pattern.kind == Pattern::incast && pattern.fan_in >= racks.hosts) {
    return fmt::format("{} senders to one of {} endpoints", pattern.fan_in, racks.hosts);
  }
  if (pattern.kind == Pattern::hot_spot && pattern.hosts > racks.hosts) {
    return fmt::format("{} hot endpoints of {}", pattern.hosts, racks.hosts);
  }
  if (pattern.kind == Pattern::pair && pattern.from == pattern.to) {
    return "an endpoint has nothing to send to itself";
  }
  if (pattern.kind == Pattern::pair && std::max(pattern.from, pattern.to) >= racks.hosts) {
    return fmt::format("endpoint {} of {}", std::max(pattern.from, pattern.to), racks.hosts);
  }
  if (pattern.kind != Pattern::rack_local) return {};
  std::vector<std::uint32_t> size;
  for (const std::uint32_t rack : racks.rack_of) {
    if (rack >= size.size()) size.resize(rack + 1, 0);
    ++size[rack];
  }
  const auto all = std::count_if(size.begin(), size.end(), [](auto n) { return n > 0; });
  if (pattern.share < 1 && all < 2) return "there is one rack: nothing can leave it";
  const bool alone = std::find(size.begin(), size.end(), 1U) != size.end();
  if (pattern.share > 0 && alone) return "an endpoint is alone in its rack: nothing can stay there";
  return {};
}

std::unique_ptr<TransferSource> open_transfers(const TransfersSpec& spec,
                                               const EndpointRacks& racks, std::uint64_t seed) {
  if (spec.list) return std::make_unique<ListedTransfers>(spec.list);
  const std::string problem = pattern_problem(spec.generate->pattern, racks);
  HYPERDC_CHECK(problem.empty(), problem);
  return std::make_unique<DrawnTransfers>(spec, racks, seed);
}

}  // namespace hyperdc
