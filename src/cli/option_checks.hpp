// What every value of an option must be, whichever command takes it.
#pragma once

#include <cstdint>

namespace CLI {
class Validator;
}

namespace hyperdc {

/// A whole number in decimal digits, all of the text. The parser alone would take a sign, spaces,
/// octal and hexadecimal.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);

/// Not the empty text: in a script that is a variable that was not set.
CLI::Validator not_empty();

/// So many threads as asked for; 0: as many as the machine has.
unsigned threads_or_all(unsigned asked);

}  // namespace hyperdc
