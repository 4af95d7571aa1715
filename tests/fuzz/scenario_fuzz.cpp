// libFuzzer target: any bytes as a scenario file. Built with -DHYPERDC_FUZZ=ON (clang).
// A good start: scenario_fuzz -max_len=4096 CORPUS scenarios/examples
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "scenario/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string file = "/tmp/hyperdc-fuzz-XXXXXX";
  const int fd = mkstemp(file.data());
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  close(fd);
  hyperdc::LoadOptions options;
  options.check_traces = false;  // trace readers have targets of their own
  const auto first = hyperdc::load_scenario(file, options);
  if (hyperdc::ok(first)) {  // the resolved scenario is a fixpoint
    const auto& resolved = std::get<hyperdc::Loaded>(first).scenario.resolved_json;
    FILE* out = std::fopen(file.c_str(), "wb");
    std::fwrite(resolved.data(), 1, resolved.size(), out);
    std::fclose(out);
    const auto second = hyperdc::load_scenario(file, options);
    if (!hyperdc::ok(second)) std::abort();
    if (std::get<hyperdc::Loaded>(second).scenario.resolved_json != resolved) std::abort();
  }
  unlink(file.c_str());
  return 0;
}
