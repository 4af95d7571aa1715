#include "experiment/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace hyperdc {
namespace {

using ChildClock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    shut(read_end);
    shut(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void shut(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

/// What the child begins with: no signal blocked or ignored, a process group of its own.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&all);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&all, &signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGHUP);
    posix_spawnattr_setsigdefault(&all, &signals);
    posix_spawnattr_setpgroup(&all, 0);
    posix_spawnattr_setflags(
        &all, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&all); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t all;
};

class FileActions {
 public:
  FileActions(const Pipe& out, const Pipe& err, const std::string& out_file) {
    posix_spawn_file_actions_init(&all);
    posix_spawn_file_actions_addopen(&all, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (out_file.empty()) {
      posix_spawn_file_actions_adddup2(&all, out.write_end, STDOUT_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&all, STDOUT_FILENO, out_file.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
    posix_spawn_file_actions_adddup2(&all, err.write_end, STDERR_FILENO);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&all); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t all;
};

/// False at the end of what it writes.
bool read_some(int& from, std::string& to) {
  std::array<char, 4096> buffer{};
  const ssize_t size = read(from, buffer.data(), buffer.size());
  if (size > 0) {
    to.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
  }
  if (size < 0 && errno == EINTR) return true;
  Pipe::shut(from);
  return false;
}

/// Reads both until they end, or until `end`.
void read_both(Pipe& out, Pipe& err, ChildOutcome& outcome, ChildClock::time_point end) {
  while (out.read_end >= 0 || err.read_end >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - ChildClock::now()).count();
    if (left <= 0) {
      outcome.timed_out = true;
      return;
    }
    std::array<pollfd, 2> wait{{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), static_cast<int>(left)) <= 0) continue;
    if (wait[0].revents != 0) read_some(out.read_end, outcome.out);
    if (wait[1].revents != 0) read_some(err.read_end, outcome.err);
  }
}

/// False: it does not end until `end`.
bool wait_until(pid_t child, int& status, ChildClock::time_point end) {
  for (;;) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return true;
    if (ChildClock::now() >= end) return false;
    poll(nullptr, 0, 5);
  }
}

}  // namespace

ChildOutcome run_program(const std::vector<std::string>& arguments, std::chrono::seconds most,
                         const std::string& out_file) {
  ChildOutcome outcome;
  Pipe out;
  Pipe err;
  if (out.write_end < 0 || err.write_end < 0) return outcome;
  const ChildClock::time_point end = ChildClock::now() + most;
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.data()));
  words.push_back(nullptr);
  pid_t child = -1;
  {
    const Attributes attributes;
    const FileActions files(out, err, out_file);
    if (posix_spawnp(&child, words.front(), &files.all, &attributes.all, words.data(), environ) !=
        0) {
      return outcome;
    }
  }
  outcome.started = true;
  Pipe::shut(out.write_end);
  Pipe::shut(err.write_end);
  read_both(out, err, outcome, end);
  int status = 0;
  if (outcome.timed_out || !wait_until(child, status, end)) {
    outcome.timed_out = true;
    kill(-child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

bool program_exists(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "/usr/bin:/bin" : path;
  for (;;) {
    const std::size_t end = left.find(':');
    const std::string_view directory = end == 0 ? "." : left.substr(0, end);
    const std::string file = std::string(directory) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return true;
    if (end == std::string_view::npos) return false;
    left.remove_prefix(end + 1);
  }
}

}  // namespace hyperdc
