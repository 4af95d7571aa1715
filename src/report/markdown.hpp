// What the Markdown of summaries shares: texts that stand in it as they are, and its length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hyperdc {

inline constexpr std::size_t kMostMarkdown = 200'000;  // bytes; GitHub takes 1 MiB a step

/// `text` in a paragraph or a cell of a table, its signs as signs.
std::string markdown_text(std::string_view text);

}  // namespace hyperdc
