// Processor sharing: all that are there get the same, each at most what one can take.
//
// Computes: who is done next, and when. n that share a capacity of `places` get `each` alone and
// each * min(1, places / n) otherwise: max-min fair where all have the same bound. Equation: with
// V(t) what each has got since the first of them came, one that enters at V with work w is done
// when V reaches V + w. Units: any work (ns of service, bytes) in double, per ns; completions
// rounded up to the next ns. One entry may stand for several that take the same each, and are
// done together. Source: Kleinrock, Queueing Systems II, 4.4 (egalitarian processor
// sharing). Valid range: 2^53 of work between two moments at which nobody is there; V is reset
// then. Leaves out: weights, and bounds that differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

namespace hyperdc {

class ProcessorSharing {
 public:
  struct Capacity {
    double each = 1;    // work a ns that one gets at most
    double places = 1;  // so many get it at a time
  };

  /// Brings what all have got up to now, at this capacity, which was that of the time since.
  void advance(SimTime now, const Capacity& capacity);
  /// These come and go after advance().
  void add(double work, std::uint32_t id, std::uint32_t clients = 1);
  /// Takes out the one that is done first; it is done now.
  std::uint32_t take_first();
  /// Takes out one that is not done; what is left of its work.
  double take(std::uint32_t id);
  void clear();

  /// From the last advance() until the first is done. Somebody is there.
  Duration until_first(const Capacity& capacity) const;
  /// What each gets a ns.
  double rate(const Capacity& capacity) const;
  std::size_t size() const { return clients_; }
  bool empty() const { return heap_.empty(); }

 private:
  struct Entry {
    double done_at = 0;  // of `progress_`
    std::uint64_t order = 0;
    std::uint32_t id = 0;
    std::uint32_t clients = 1;
  };
  static bool later(const Entry& a, const Entry& b);

  std::vector<Entry> heap_;
  double progress_ = 0;  // work that each has got
  SimTime at_;           // of `progress_`
  std::uint64_t entered_ = 0;
  std::size_t clients_ = 0;
};

}  // namespace hyperdc
