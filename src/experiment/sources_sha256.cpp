// The sha256 of the sources, from a header that the build writes (src/sources_hash.cmake).
#include <hyperdc_sources_hash.hpp>

#include "experiment/study_plan.hpp"
namespace hyperdc {

std::string sources_sha256() {
  return HYPERDC_SOURCES_SHA256;
}

}  // namespace hyperdc
