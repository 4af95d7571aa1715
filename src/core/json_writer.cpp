#include "core/json_writer.hpp"

#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/text.hpp"

namespace hyperdc {

void JsonStream::new_line() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(blocks_.size() * static_cast<std::size_t>(indent_), ' ');
}

void JsonStream::before_value() {
  if (blocks_.empty()) {
    HYPERDC_CHECK(!done_, "a second JSON document in one stream");
    done_ = true;
    return;
  }
  Block& block = blocks_.back();
  if (block.opener == '{') {
    HYPERDC_CHECK(after_key_, "a value without a key");
    after_key_ = false;
    return;
  }
  if (!block.empty) out_ += ',';
  block.empty = false;
  new_line();
}

JsonStream& JsonStream::key(std::string_view name) {
  HYPERDC_CHECK(!blocks_.empty() && blocks_.back().opener == '{', "a key outside an object");
  HYPERDC_CHECK(!after_key_, "a key after a key");
  if (!blocks_.back().empty) out_ += ',';
  blocks_.back().empty = false;
  new_line();
  quote(name);
  out_ += indent_ == 0 ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonStream& JsonStream::begin(char opener) {
  before_value();
  out_ += opener;
  blocks_.push_back({opener, true});
  return *this;
}

JsonStream& JsonStream::end(char closer) {
  const char opener = closer == '}' ? '{' : '[';
  HYPERDC_CHECK(!blocks_.empty() && blocks_.back().opener == opener && !after_key_,
                "the end of a block that is not open");
  const bool empty = blocks_.back().empty;
  blocks_.pop_back();
  if (!empty) new_line();
  out_ += closer;
  return *this;
}

JsonStream& JsonStream::value(std::string_view text) {
  before_value();
  out_ += text;
  return *this;
}

JsonStream& JsonStream::string(std::string_view text) {
  before_value();
  quote(text);
  return *this;
}

JsonStream& JsonStream::number(double value_of) {
  HYPERDC_CHECK(std::isfinite(value_of), "JSON has no number for NaN and infinity");
  return value(fmt::format("{}", value_of));
}

JsonStream& JsonStream::integer(std::int64_t value_of) {
  return value(fmt::format("{}", value_of));
}

JsonStream& JsonStream::natural(std::uint64_t value_of) {
  return value(fmt::format("{}", value_of));
}

JsonStream& JsonStream::boolean(bool value_of) {
  return value(value_of ? "true" : "false");
}

JsonStream& JsonStream::null() {
  return value("null");
}

void JsonStream::quote(std::string_view text) {
  HYPERDC_CHECK(is_utf8(text), "a JSON string that is not UTF-8");
  out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

std::string JsonStream::take() {
  return std::exchange(out_, std::string());
}

}  // namespace hyperdc
