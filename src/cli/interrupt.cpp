#include "cli/interrupt.hpp"

#include <pthread.h>

namespace hyperdc {

InterruptWatch::InterruptWatch(std::atomic<bool>& stop) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  // A terminal that closes stops the run, but not under nohup, which ignores the signal.
  struct sigaction hangup {};
  const bool ignored = ::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
  if (!ignored) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this, &stop] {
    int signal = 0;
    while (sigwait(&signals_, &signal) == 0 && !finished_) {
      if (!stop.exchange(true)) continue;
      std::signal(signal, SIG_DFL);
      pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
      std::raise(signal);
    }
  });
}

InterruptWatch::~InterruptWatch() {
  finished_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);  // wakes sigwait
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace hyperdc
