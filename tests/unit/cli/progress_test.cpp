#include "cli/progress.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>
#include <unistd.h>

#include "cli/interrupt.hpp"

using namespace hyperdc;

namespace {

SimTime hours(int h) {
  return SimTime{} + whole_seconds(3600 * h);
}

}  // namespace

TEST_CASE("progress of one run") {
  std::vector<RunProgress> runs = {{hours(42), hours(168), 12'400'000, true, false}};
  CHECK(progress_text(runs, 10) == "1 d 18 h of 7 d · 25 % · 12.4 M events · 1.24 M/s · 30 s left");
  runs[0].end.reset();
  CHECK(progress_text(runs, 10) == "1 d 18 h · 12.4 M events · 1.24 M/s");
}

TEST_CASE("progress of several runs counts those that are over") {
  const std::vector<RunProgress> runs = {{hours(168), hours(168), 1'000'000, true, true},
                                         {hours(84), hours(168), 500'000, true, false},
                                         {},
                                         {}};
  CHECK(progress_text(runs, 15) ==
        "1 of 4 runs done · 3 d 12 h of 7 d · 38 % · 1.50 M events · 100 k/s · 25 s left");
}

TEST_CASE("the line is drawn at most ten times a second and cleared at the end") {
  std::ostringstream err;
  {
    ProgressLine line(err, {false, true}, 1);
    for (int i = 0; i < 1000; ++i) line.progress(0, hours(i), hours(1000), 10);
  }
  const std::string text = err.str();
  CHECK(text.substr(text.size() - 4) == "\r\x1b[K");
  std::size_t drawn = 0;
  for (const char c : text) drawn += c == '\r' ? 1 : 0;
  CHECK(drawn >= 2);
  CHECK(drawn < 20);
}

TEST_CASE("without a report nothing is written") {
  std::ostringstream err;
  { const ProgressLine line(err, {}, 3); }
  CHECK(err.str().empty());
}

TEST_CASE("a signal sets the flag and does not end the program") {
  std::atomic<bool> stop{false};
  {
    const InterruptWatch watch(stop);
    CHECK_FALSE(stop);
    ::kill(::getpid(), SIGINT);
    for (int i = 0; i < 500 && !stop; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(stop);
  }
  std::atomic<bool> hung_up{false};
  std::signal(SIGHUP, SIG_DFL);
  {
    const InterruptWatch watch(hung_up);
    ::kill(::getpid(), SIGHUP);
    for (int i = 0; i < 500 && !hung_up; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(hung_up);
  }
  std::atomic<bool> nohup{false};
  std::signal(SIGHUP, SIG_IGN);
  {
    const InterruptWatch watch(nohup);
    ::kill(::getpid(), SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::signal(SIGHUP, SIG_DFL);
  CHECK_FALSE(nohup);
  std::atomic<bool> again{false};
  { const InterruptWatch watch(again); }  // ends without a signal
  CHECK_FALSE(again);
}
