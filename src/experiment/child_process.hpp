// Other programs, started with a vector of arguments and never through a shell: what a path or an
// option holds is one argument, whatever is in it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hyperdc {

struct ChildOutcome {
  bool started = false;    // false: there is no such program, or it may not be run
  int exit_code = -1;      // 128 + signal when one ended it
  bool timed_out = false;  // it was ended here
  std::string out, err;    // what it wrote, as far as it was read
};

/// Runs the program that arguments[0] names (looked up in PATH) until it ends, or ends it after
/// `most`. It reads nothing, and a Ctrl-C in the terminal does not reach it. `out_file`: where its
/// output goes instead of ChildOutcome::out, even when this process is killed meanwhile.
ChildOutcome run_program(const std::vector<std::string>& arguments, std::chrono::seconds most,
                         const std::string& out_file = {});

/// True when PATH has a program of this name, or it is the path of one.
bool program_exists(const std::string& name);

}  // namespace hyperdc
