// Reservation: enough whole reservations that few are turned away.
//
// Reservations of `size` units come at random and stay for some time; one that finds no room goes
// elsewhere. With a = E[D(t + L)] / size of them wanted on average, n is the least number with
//   B(n, a) <= blocking   (Erlang's loss formula, core/erlang.hpp)
// and n * size units are ordered up to. Source: Erlang 1917. Holds for Poisson arrivals and any
// length of stay. Leaves out: growth within the stay of a reservation, reservations of two sizes.
#include <algorithm>

#include "core/erlang.hpp"
#include "policy/procurement/offers.hpp"
#include "policy/procurement/procurements.hpp"

namespace hyperdc {
namespace {

/// Least n with B(n, a) <= blocking, 0 < blocking < 1.
std::uint64_t least_reservations(double offered, double blocking) {
  // B(n, a) >= 1 - n/a, so that fewer than a (1 - blocking) never suffice.
  auto n = static_cast<std::uint64_t>(std::max(0.0, std::floor(offered * (1 - blocking))));
  double blocked = erlang_b(n, offered);
  while (blocked > blocking) {
    ++n;
    blocked = offered * blocked / (static_cast<double>(n) + offered * blocked);
  }
  return n;
}

class ErlangOrders final : public Procurement {
 public:
  ErlangOrders(double blocking, double size, std::string choose)
      : blocking_(blocking), size_(size), choose_(std::move(choose)) {}

  ProcurementDecision decide(const ProcurementView& view) const override {
    const auto offer = best_offer(view, choose_);
    if (!offer) return {};
    const double offered = view.outlook->demand_mean(view.offers[*offer].lead) / size_;
    const double target = static_cast<double>(least_reservations(offered, blocking_)) * size_;
    return order_up_to(view, *offer, target, target, false);
  }

 private:
  const double blocking_, size_;
  const std::string choose_;
};

constexpr ParamSpec kParams[] = {
    {.name = "blocking",
     .kind = ParamKind::number,
     .doc = "Share of reservations that may be turned away; less orders more.",
     .fallback = "0.01",
     .min = 1e-6,
     .max = 0.9,
     .example = "0.01"},
    {.name = "size",
     .kind = ParamKind::number,
     .doc = "Units of one reservation; larger ones need more room on top of the mean.",
     .fallback = "1",
     .min = 1e-3,
     .max = 1e9,
     .example = "64"},
    kChooseParam};

constexpr ProcurementEntry kEntry = {
    "reservation",
    "Orders for reservations that come at random: the least for which Erlang's loss formula turns "
    "few away.",
    kParams, [](const Params& params, const ProcurementContext&) -> std::unique_ptr<Procurement> {
      return std::make_unique<ErlangOrders>(params.number("blocking"), params.number("size"),
                                            params.text("choose"));
    }};

}  // namespace

const ProcurementEntry& reservation_procurement() {
  return kEntry;
}

}  // namespace hyperdc
