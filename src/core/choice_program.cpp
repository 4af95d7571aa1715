#include "core/choice_program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

constexpr int kPasses = 150, kPatience = 8;
constexpr double kLeastGap = 1e-10;  // rounding of sums
constexpr double kNoBound = std::numeric_limits<double>::infinity();

class Solver {
 public:
  explicit Solver(const ChoiceProgram& program) : program_(program) {
    const std::size_t resources = program.capacity.size();
    price_.assign(resources, 0);
    best_price_ = price_;
    least_.resize(program.items.size());
    for (const auto& choices : program.items) {
      std::size_t none = 0;
      while (none < choices.size() && choices[none].amount > 0) ++none;
      HYPERDC_CHECK(none < choices.size(), "an item cannot take nothing");
      best_.chosen.push_back(none);
    }
    improve(best_.chosen);
    best_.cost = cost_of(best_.chosen);
  }

  ChoicePlan run() {
    raise_bound();
    const double worth = most();  // all that the search leaves out costs as much
    if (bound_ < worth) {
      search();
      bound_ = std::max(bound_, std::min(lost_, worth));
    }
    best_.bound = std::min(bound_, best_.cost);
    return std::move(best_);
  }

 private:
  using Plan = std::vector<std::size_t>;
  struct State {
    double reduced = 0;
    std::size_t from = 0, choice = 0;
  };
  /// States after an item, and what each uses.
  struct Layer {
    std::vector<State> states;
    std::vector<std::uint32_t> used;  // by state, then resource
  };

  const Choice& at(std::size_t item, std::size_t choice) const {
    return program_.items[item][choice];
  }
  double priced(const Choice& c) const { return c.cost + c.amount * price_[c.resource]; }
  double cost_of(const Plan& plan) const {
    double sum = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) sum += at(i, plan[i]).cost;
    return sum;
  }
  std::vector<std::int64_t> left_of(const Plan& plan) const {
    std::vector<std::int64_t> left(program_.capacity.begin(), program_.capacity.end());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      left[at(i, plan[i]).resource] -= at(i, plan[i]).amount;
    }
    return left;
  }
  /// A plan must cost less to be worth finding.
  double most() const {
    return best_.cost - std::max(program_.gap, kLeastGap) * std::max(1.0, std::abs(best_.cost));
  }

  void raise_bound() {
    Plan plan(least_.size());
    double step = 1;
    int idle = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
      double value = 0;
      for (std::size_t i = 0; i < plan.size(); ++i) {
        double least = kNoBound;
        for (std::size_t c = 0; c < program_.items[i].size(); ++c) {
          const double here = priced(at(i, c));
          if (here < least) least = here, plan[i] = c;
        }
        value += least;
      }
      for (std::size_t r = 0; r < price_.size(); ++r) value -= price_[r] * program_.capacity[r];
      const std::vector<std::int64_t> left = left_of(plan);
      if (value > bound_) {
        bound_ = value, best_price_ = price_, idle = 0;
      } else if (++idle == kPatience) {
        idle = 0, step /= 2, price_ = best_price_;
      }
      if (pass % 4 == 0) try_rounded(plan);
      if (bound_ >= most()) break;
      double length = 0;
      for (std::size_t r = 0; r < left.size(); ++r) {
        if (left[r] > 0 && price_[r] == 0) continue;
        length += static_cast<double>(left[r]) * static_cast<double>(left[r]);
      }
      if (length == 0) break;  // the plan is an optimum: nothing is scarce that has no price
      const double by = step * (best_.cost - value) / length;
      for (std::size_t r = 0; r < left.size(); ++r) {
        price_[r] = std::max(0.0, price_[r] - by * static_cast<double>(left[r]));
      }
    }
    price_ = best_price_;
    for (std::size_t i = 0; i < least_.size(); ++i) {
      least_[i] = kNoBound;
      for (const Choice& c : program_.items[i]) least_[i] = std::min(least_[i], priced(c));
    }
  }

  /// What fits of it, and better where one item can move.
  void try_rounded(Plan plan) {
    std::vector<std::int64_t> left = left_of(plan);
    for (std::size_t r = 0; r < left.size(); ++r) {
      while (left[r] < 0) give_back(plan, left, r);
    }
    improve(plan);
    const double cost = cost_of(plan);
    if (cost < best_.cost) best_.cost = cost, best_.chosen = std::move(plan);
  }
  /// One item takes less of a resource, where that costs least for what it frees.
  void give_back(Plan& plan, std::vector<std::int64_t>& left, std::size_t resource) const {
    double least = kNoBound;
    std::size_t item = 0, to = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Choice& has = at(i, plan[i]);
      if (has.resource != resource || has.amount == 0) continue;
      for (std::size_t c = 0; c < program_.items[i].size(); ++c) {
        const Choice& other = at(i, c);
        const bool same = other.resource == resource || other.amount == 0;
        if (same ? other.amount >= has.amount : left[other.resource] < other.amount) continue;
        const double freed = same ? has.amount - other.amount : has.amount;
        const double worth = (other.cost - has.cost) / freed;
        if (worth < least) least = worth, item = i, to = c;
      }
    }
    move(plan, left, item, to);
  }
  void improve(Plan& plan) const {
    std::vector<std::int64_t> left = left_of(plan);
    for (;;) {
      double most = kLeastGap;
      std::size_t item = 0, to = 0;
      for (std::size_t i = 0; i < plan.size(); ++i) {
        const Choice& has = at(i, plan[i]);
        for (std::size_t c = 0; c < program_.items[i].size(); ++c) {
          const Choice& other = at(i, c);
          const std::int64_t there =
              left[other.resource] + (other.resource == has.resource ? has.amount : 0);
          if (other.amount > there || has.cost - other.cost <= most) continue;
          most = has.cost - other.cost, item = i, to = c;
        }
      }
      if (most == kLeastGap) return;
      move(plan, left, item, to);
    }
  }
  void move(Plan& plan, std::vector<std::int64_t>& left, std::size_t item, std::size_t to) const {
    left[at(item, plan[item]).resource] += at(item, plan[item]).amount;
    plan[item] = to;
    left[at(item, to).resource] -= at(item, to).amount;
  }

  double reduced(std::size_t item, std::size_t choice) const {
    return priced(at(item, choice)) - least_[item];
  }

  void search() {
    const std::size_t resources = price_.size();
    std::vector<std::vector<std::size_t>> open(least_.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (std::size_t c = 0; c < program_.items[i].size(); ++c) {
        if (bound_ + reduced(i, c) < most()) open[i].push_back(c);
      }
      if (open[i].empty()) return;  // the plan is as good as any
    }
    std::vector<std::size_t> order(open.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return open[a].size() < open[b].size(); });
    fill_rest(order, open);
    std::vector<Layer> layers(1);
    layers[0].states.push_back({});
    layers[0].used.assign(resources, 0);
    for (std::size_t k = 0; k < order.size(); ++k) {
      layers.push_back(next(layers.back(), order[k], open[order[k]], k + 1));
      layers[k].used = {};  // only the last is read again
      if (layers.back().states.empty()) return;
    }
    take_best(layers, order);
  }
  /// Of the items behind each, the most and the least that they can use.
  void fill_rest(const std::vector<std::size_t>& order,
                 const std::vector<std::vector<std::size_t>>& open) {
    const std::size_t resources = price_.size();
    rest_.assign((order.size() + 1) * resources, {0, 0});
    for (std::size_t k = order.size(); k-- > 0;) {
      for (std::size_t r = 0; r < resources; ++r) {
        std::int64_t most = 0;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (const std::size_t c : open[order[k]]) {
          const Choice& choice = at(order[k], c);
          const std::int64_t here = choice.resource == r ? choice.amount : 0;
          most = std::max(most, here), least = std::min(least, here);
        }
        const auto& behind = rest_[(k + 1) * resources + r];
        rest_[k * resources + r] = {behind.first + most, behind.second + least};
      }
    }
  }

  Layer next(const Layer& layer, std::size_t item, const std::vector<std::size_t>& open,
             std::size_t depth) {
    const std::size_t resources = price_.size();
    Layer all;
    for (std::size_t s = 0; s < layer.states.size(); ++s) {
      const std::uint32_t* used = layer.used.data() + s * resources;
      for (const std::size_t c : open) {
        const Choice& choice = at(item, c);
        const double cost = layer.states[s].reduced + reduced(item, c);
        if (bound_ + cost >= most()) continue;
        double idle = 0;  // what stays unused at the end has a price too
        bool fits = true;
        for (std::size_t r = 0; r < resources && fits; ++r) {
          const std::int64_t left = std::int64_t{program_.capacity[r]} - used[r] -
                                    (choice.resource == r ? choice.amount : 0);
          const auto& rest = rest_[depth * resources + r];
          fits = left >= rest.second;
          idle += price_[r] * static_cast<double>(std::max<std::int64_t>(0, left - rest.first));
        }
        if (!fits || bound_ + cost + idle >= most()) continue;
        all.states.push_back({cost, s, c});
        all.used.insert(all.used.end(), used, used + resources);
        all.used[all.used.size() - resources + choice.resource] += choice.amount;
      }
    }
    return kept(all);
  }
  /// Of states that use the same the cheapest; the cheapest of all where there are too many.
  Layer kept(const Layer& all) {
    const std::size_t resources = price_.size();
    std::vector<std::size_t> order(all.states.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto used = [&](std::size_t s) {
      return all.used.begin() + static_cast<std::ptrdiff_t>(s * resources);
    };
    const auto width = static_cast<std::ptrdiff_t>(resources);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const auto [x, y] = std::mismatch(used(a), used(a) + width, used(b));
      return x == used(a) + width ? all.states[a].reduced < all.states[b].reduced : *x < *y;
    });
    order.erase(std::unique(order.begin(), order.end(),
                            [&](std::size_t a, std::size_t b) {
                              return std::equal(used(a), used(a) + width, used(b));
                            }),
                order.end());
    if (order.size() > program_.states) {
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return all.states[a].reduced < all.states[b].reduced;
      });
      lost_ = std::min(lost_, bound_ + all.states[order[program_.states]].reduced);
      order.resize(program_.states);
    }
    Layer out;
    for (const std::size_t s : order) {
      out.states.push_back(all.states[s]);
      out.used.insert(out.used.end(), used(s), used(s) + width);
    }
    return out;
  }

  void take_best(const std::vector<Layer>& layers, const std::vector<std::size_t>& order) {
    const Layer& last = layers.back();
    double least = kNoBound;
    std::size_t state = 0;
    for (std::size_t s = 0; s < last.states.size(); ++s) {
      double cost = last.states[s].reduced;
      for (std::size_t r = 0; r < price_.size(); ++r) {
        cost += price_[r] * (program_.capacity[r] - last.used[s * price_.size() + r]);
      }
      if (cost < least) least = cost, state = s;
    }
    Plan plan(order.size());
    for (std::size_t k = order.size(); k-- > 0;) {
      const State& here = layers[k + 1].states[state];
      plan[order[k]] = here.choice;
      state = here.from;
    }
    const double cost = cost_of(plan);
    if (cost < best_.cost) best_.cost = cost, best_.chosen = std::move(plan);
  }

  const ChoiceProgram& program_;
  std::vector<double> price_, best_price_;  // by resource
  std::vector<double> least_;               // priced cost of the best choice, by item
  double bound_ = -kNoBound, lost_ = kNoBound;
  ChoicePlan best_;
  std::vector<std::pair<std::int64_t, std::int64_t>> rest_;  // by depth, then resource
};

}  // namespace

ChoicePlan solve(const ChoiceProgram& program) {
  return Solver(program).run();
}

}  // namespace hyperdc
