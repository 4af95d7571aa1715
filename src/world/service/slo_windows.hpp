// Windows of time in which a service kept its objective, or missed it.
//
// Computes: a run after its warm-up is cut into windows of one length; a window is met if of the
// requests that arrived in it and have an objective at least the stated share were good, whenever
// they were answered. Requests that failed or are not answered at the end are misses; a window
// without requests is met; a last window that the run cuts off does not count. Units: ns, shares.
// Source: window-based service level objectives (Google, The Site Reliability Workbook, ch. 2).
// Leaves out: windows that slide, and error budgets that are spent over several windows.
#pragma once

#include <cstdint>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "scenario/service.hpp"

namespace hyperdc {

class SloWindows {
 public:
  SloWindows(const SloWindowSpec& spec, SimTime from) : spec_(spec), from_(from) {}

  /// A request with an objective arrived.
  void offered(SimTime arrived) {
    if (Window* window = at(arrived)) ++window->offered;
  }
  /// It was answered within it.
  void good(SimTime arrived) {
    if (Window* window = at(arrived)) ++window->good;
  }

  struct Reading {
    std::uint64_t windows = 0, missed = 0;
  };
  Reading until(SimTime end) const;
  Duration length() const { return spec_.length; }

 private:
  struct Window {
    std::uint64_t offered = 0, good = 0;
  };
  Window* at(SimTime arrived);

  SloWindowSpec spec_;
  SimTime from_;
  std::vector<Window> windows_;
};

}  // namespace hyperdc
