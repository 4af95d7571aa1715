// InterruptWatch: Ctrl-C sets a flag instead of ending the program. SIGINT, SIGTERM and SIGHUP (the
// last unless it is ignored) are blocked in every thread that starts while the watch lives and
// taken by a thread of its own, so there is no handler and no global state. A second signal ends
// the program at once.
#pragma once

#include <atomic>
#include <csignal>
#include <thread>

namespace hyperdc {

class InterruptWatch {
 public:
  /// `stop` is set to true at the first signal; it must outlive the watch.
  explicit InterruptWatch(std::atomic<bool>& stop);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  sigset_t signals_;
  sigset_t before_;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace hyperdc
