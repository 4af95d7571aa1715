// The program: streams, environment and exit code. Everything else is in command_line.cpp.
#include <csignal>
#include <iostream>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include "cli/command_line.hpp"

namespace {

std::map<std::string, std::string> environment_variables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of writing, told below
  std::ios::sync_with_stdio(false);
  const std::map<std::string, std::string> variables = environment_variables();
  hyperdc::Console console{std::cout,
                           std::cerr,
                           {isatty(STDOUT_FILENO) == 1, variables},
                           {isatty(STDERR_FILENO) == 1, variables}};
  const int code =
      hyperdc::run_command_line(std::vector<std::string>(argv + 1, argv + argc), console);
  if (!std::cout.flush()) {
    std::cerr << "error: cannot write to the standard output\n";
    return hyperdc::kExitUnfinished;
  }
  return code;
}
