// The same work for many items on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace hyperdc {

/// Calls act(i) once for each i below `count`, on at most so many threads, this one among them, and
/// returns when all are done. Which thread has which item is open. What one throws is thrown here,
/// the first of it, and items that were not begun are left out then.
template <class Act>
void side_by_side(std::size_t count, unsigned threads, const Act& act) {
  std::atomic<std::size_t> next{0};
  std::mutex failing;
  std::exception_ptr failed;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) act(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(failing);
      if (!failed) failed = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  const std::size_t workers = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, count));
  for (std::size_t i = 1; i < workers; ++i) others.emplace_back(work);
  work();
  others.clear();  // joins
  if (failed) std::rethrow_exception(failed);
}

}  // namespace hyperdc
