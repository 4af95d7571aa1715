// Takes the file that web/ builds into the program as it is: a megabyte as a string literal would
// cost the compiler more than all the rest of the folder.
#include "report/page_asset.hpp"

extern "C" {
extern const char hyperdc_page_begin[];
extern const char hyperdc_page_end[];
}

__asm__(
    ".pushsection .rodata\n"
    ".global hyperdc_page_begin\n"
    ".global hyperdc_page_end\n"
    "hyperdc_page_begin:\n"
    ".incbin \"" HYPERDC_PAGE_FILE
    "\"\n"
    "hyperdc_page_end:\n"
    ".byte 0\n"
    ".popsection\n");

namespace hyperdc {

std::string_view page_asset() {
  return {hyperdc_page_begin, static_cast<std::size_t>(hyperdc_page_end - hyperdc_page_begin)};
}

}  // namespace hyperdc
