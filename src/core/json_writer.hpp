// JsonStream: JSON text written piece by piece, for output that is too long to be held as a whole
// (timelines) or that lower layers write. Results have their own writer with a page layout.
//
// The text so far can be taken at any moment, so memory is bounded by how often the caller does.
// Misuse (a value without a key in an object, a key in an array, NaN, an unfinished document) is an
// InvariantError: what comes out is always JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

class JsonStream {
 public:
  /// indent 0: no white space at all; else that many spaces a level and one value a line.
  explicit JsonStream(int indent = 0) : indent_(indent) {}

  JsonStream& begin_object() { return begin('{'); }
  JsonStream& end_object() { return end('}'); }
  JsonStream& begin_array() { return begin('['); }
  JsonStream& end_array() { return end(']'); }
  JsonStream& key(std::string_view name);

  JsonStream& string(std::string_view value);  // must be UTF-8
  JsonStream& number(double value);            // shortest text that reads back as the same double
  JsonStream& integer(std::int64_t value);
  JsonStream& natural(std::uint64_t value);
  JsonStream& boolean(bool value);
  JsonStream& null();

  /// One whole value was written and everything is closed.
  bool complete() const { return done_ && blocks_.empty(); }
  /// Hands over what was written since the last call.
  std::string take();
  std::size_t pending_bytes() const { return out_.size(); }

 private:
  struct Block {
    char opener = '{';
    bool empty = true;
  };
  JsonStream& begin(char opener);
  JsonStream& end(char closer);
  JsonStream& value(std::string_view text);
  void before_value();
  void new_line();
  void quote(std::string_view text);

  int indent_ = 0;
  std::string out_;
  std::vector<Block> blocks_;
  bool after_key_ = false;
  bool done_ = false;
};

}  // namespace hyperdc
