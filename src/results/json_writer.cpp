#include "results/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {
namespace {

void append_escaped_byte(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7F) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  } else {
    out += c;
  }
}

void append_escaped(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t good = utf8_prefix(text);
    for (const char c : text.substr(0, good)) append_escaped_byte(out, c);
    text.remove_prefix(good);
    if (!text.empty()) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

/// Index just after the string literal that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (std::size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

}  // namespace

std::string shortest(double value) {
  HYPERDC_CHECK(std::isfinite(value), "a number of a result must be finite");
  std::array<char, 32> buffer;
  char* const last = buffer.data() + buffer.size();
  // Whole numbers are written out (1000000, not 1e+06) as far as a double tells them apart.
  const bool whole = value == std::floor(value) && std::fabs(value) < 1e15 && value != 0;
  const auto end = whole ? std::to_chars(buffer.data(), last, static_cast<std::int64_t>(value))
                         : std::to_chars(buffer.data(), last, value);
  return {buffer.data(), end.ptr};
}

std::string hex16(std::uint64_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = kHex[value & 15];
  return out;
}

void JsonWriter::new_line(std::size_t depth) {
  out_ += '\n';
  out_.append(2 * depth, ' ');
}

void JsonWriter::separate() {
  if (blocks_.empty()) return;
  Block& block = blocks_.back();
  if (!block.empty) out_ += ',';
  if (!block.on_one_line) {
    new_line(blocks_.size());
  } else if (!block.empty) {
    out_ += ' ';
  }
  block.empty = false;
}

void JsonWriter::before_value() {
  if (!after_key_) separate();
  after_key_ = false;
}

void JsonWriter::open(char opener, bool on_one_line) {
  before_value();
  out_ += opener;
  const bool inherited = !blocks_.empty() && blocks_.back().on_one_line;
  blocks_.push_back({opener == '{' ? '}' : ']', on_one_line || inherited, true});
}

void JsonWriter::close() {
  HYPERDC_CHECK(!blocks_.empty() && !after_key_, "no JSON block to close");
  const Block block = blocks_.back();
  blocks_.pop_back();
  if (!block.empty && !block.on_one_line) new_line(blocks_.size());
  out_ += block.closer;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  HYPERDC_CHECK(!blocks_.empty() && !after_key_, "a JSON key outside an object");
  separate();
  append_escaped(out_, name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

void JsonWriter::text(std::string_view value) {
  before_value();
  append_escaped(out_, value);
}

void JsonWriter::number(double value) {
  before_value();
  out_ += shortest(value);
}

void JsonWriter::integer(std::int64_t value) {
  before_value();
  out_ += std::to_string(value);
}

void JsonWriter::natural(std::uint64_t value) {
  before_value();
  out_ += std::to_string(value);
}

void JsonWriter::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
}

void JsonWriter::null() {
  before_value();
  out_ += "null";
}

void JsonWriter::raw(std::string_view json) {
  const std::size_t floor = blocks_.size();
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '{' || c == '[') {
      open(c, false);
      ++i;
    } else if (c == '}' || c == ']') {
      HYPERDC_CHECK(blocks_.size() > floor && blocks_.back().closer == c, "unbalanced JSON text");
      close();
      ++i;
    } else if (c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++i;
    } else if (c == ':') {
      out_ += ": ";
      after_key_ = true;
      ++i;
    } else {
      std::size_t end = i;
      if (c == '"') {
        end = end_of_string(json, i);
      } else {
        while (end < json.size() &&
               std::string_view(",:]} \n\t\r").find(json[end]) == std::string_view::npos) {
          ++end;
        }
      }
      before_value();
      out_.append(json, i, end - i);
      i = end;
    }
  }
  HYPERDC_CHECK(blocks_.size() == floor && !after_key_, "unbalanced JSON text");
}

std::string JsonWriter::finish() {
  HYPERDC_CHECK(blocks_.empty() && !after_key_, "a JSON block is still open");
  out_ += '\n';
  return std::move(out_);
}

}  // namespace hyperdc
