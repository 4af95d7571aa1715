// JsonWriter: JSON text with a fixed order of keys, two-space indentation and the shortest decimal
// that reads back as the same double. Blocks opened inline stay on one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

class JsonWriter {
 public:
  void open_object(bool on_one_line = false) { open('{', on_one_line); }
  void open_array(bool on_one_line = false) { open('[', on_one_line); }
  void close();
  JsonWriter& key(std::string_view name);

  void text(std::string_view value);  // bytes that are not UTF-8 become U+FFFD
  void number(double value);          // InvariantError unless finite
  void integer(std::int64_t value);
  void natural(std::uint64_t value);
  void boolean(bool value);
  void null();
  /// A JSON value as text: its tokens are kept as they are, white space is set anew.
  void raw(std::string_view json);

  /// The document with a line feed at its end; every block must be closed.
  std::string finish();

 private:
  struct Block {
    char closer = '}';
    bool on_one_line = false;
    bool empty = true;
  };
  void open(char opener, bool on_one_line);
  void before_value();
  void separate();
  void new_line(std::size_t depth);

  std::string out_;
  std::vector<Block> blocks_;
  bool after_key_ = false;
};

/// Shortest text that reads back as the same double, whole numbers below 1e15 with all their
/// digits. InvariantError unless finite.
std::string shortest(double value);

/// "00000000000000ff": fingerprints.
std::string hex16(std::uint64_t value);

}  // namespace hyperdc
