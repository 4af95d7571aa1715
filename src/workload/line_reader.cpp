#include "workload/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>
#include <zlib.h>

#include <hyperdc/core/assert.hpp>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "workload/row_problems.hpp"

namespace hyperdc {

namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::size_t kMostRoom = kMaxLineBytes + 2 * kChunk;  // a line and what is read behind it

/// True when all bytes are ASCII and none is NUL: the common case, eight bytes at a time.
bool plain_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
  std::uint64_t bad = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    bad |= word | (word - kOnes);  // the high bit of a byte that is >= 0x80 or, by borrow, NUL
  }
  for (; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    bad |= byte == 0 ? 0x80U : byte;
  }
  return (bad & kHigh) == 0;
}

}  // namespace

std::size_t find_bad_byte(std::string_view text) {
  if (plain_ascii(text)) return std::string_view::npos;
  const std::size_t valid = std::min(utf8_prefix(text), text.find('\0'));
  return valid < text.size() ? valid : std::string_view::npos;
}

struct LineReader::Impl {
  int descriptor = -1;
  std::uint64_t size = 0;
  Sha256 digest;
  bool raw_end = true;    // everything on disk was read
  std::vector<char> raw;  // compressed bytes not yet inflated
  std::size_t raw_begin = 0;
  bool gzip = false, started = false;
  bool member_open = false;  // inside a gzip member
  z_stream inflater{};
  bool inflater_ready = false;
  // Not a vector: setting it to zero would cost more than reading a small file.
  std::unique_ptr<char[]> text;  // decoded bytes; [begin, end) not yet given out
  std::size_t room = 0;          // of text
  std::size_t begin = 0, end = 0;
  bool text_end = false;
  std::uint64_t line = 0;
  bool ended = true;
  std::optional<Failure> failure;
  std::string hex;

  ~Impl() {
    if (inflater_ready) inflateEnd(&inflater);
    if (descriptor >= 0) ::close(descriptor);
  }
  void open(const std::string& file);
  void grow(std::size_t to);
  std::size_t read_raw(char* into, std::size_t most);
  void start();
  void fill();
  void fill_plain();
  void fill_gzip();
  void fail(const char* code, std::string message, std::uint64_t at_line, int column = 0) {
    if (!failure) failure = Failure{code, std::move(message), at_line, column};
    text_end = true;
    begin = end = 0;
  }
};

void LineReader::Impl::open(const std::string& file) {
  const auto refuse = [&](int error) {
    fail(input_code::kUnreadable, "cannot be read: " + std::system_category().message(error), 0);
  };
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return refuse(errno);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return refuse(errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(input_code::kUnreadable, "cannot be read: not a regular file", 0);
  }
  size = static_cast<std::uint64_t>(status.st_size);
  grow(std::clamp(2 * static_cast<std::size_t>(size), std::size_t{16} << 10, kMostRoom));
  raw_end = false;
}

void LineReader::Impl::grow(std::size_t to) {
  auto larger = std::make_unique_for_overwrite<char[]>(to);
  if (end > 0) std::memcpy(larger.get(), text.get(), end);
  text = std::move(larger);
  room = to;
}

std::size_t LineReader::Impl::read_raw(char* into, std::size_t most) {
  if (raw_end) return 0;
  for (;;) {
    const ssize_t got = ::read(descriptor, into, most);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      fail(input_code::kUnreadable, "cannot be read: " + std::system_category().message(errno), 0);
    }
    if (got <= 0) {
      raw_end = true;
      return 0;
    }
    const auto bytes = static_cast<std::size_t>(got);
    digest.update(std::string_view(into, bytes));
    return bytes;
  }
}

// Looks at the first bytes: gzip by its magic number, and a byte order mark is dropped.
void LineReader::Impl::start() {
  started = true;
  while (end < 3) {
    const std::size_t got = read_raw(text.get() + end, std::min(kChunk, room - end));
    if (got == 0) break;
    end += got;
  }
  gzip = end >= 2 && text[0] == '\x1f' && text[1] == '\x8b';
  if (gzip) {
    raw.assign(text.get(), text.get() + end);
    end = 0;
    HYPERDC_CHECK(inflateInit2(&inflater, 15 + 16) == Z_OK, "zlib cannot start");
    inflater_ready = true;
    member_open = true;
    while (end < 3 && !text_end) fill_gzip();
  }
  if (end >= 3 && std::string_view(text.get(), 3) == "\xEF\xBB\xBF") begin = 3;
}

// Makes room behind the bytes that are left and adds decoded ones, or sets text_end.
void LineReader::Impl::fill() {
  if (begin > 0) {
    std::memmove(text.get(), text.get() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  if (room - end < room / 4) grow(std::min(2 * room, kMostRoom));
  if (gzip) {
    fill_gzip();
  } else {
    fill_plain();
  }
}

void LineReader::Impl::fill_plain() {
  const std::size_t got = read_raw(text.get() + end, std::min(kChunk, room - end));
  end += got;
  if (got == 0) text_end = true;
}

void LineReader::Impl::fill_gzip() {
  if (raw_begin == raw.size()) {
    raw.resize(std::clamp(static_cast<std::size_t>(size), std::size_t{1}, kChunk));
    raw.resize(read_raw(raw.data(), raw.size()));
    raw_begin = 0;
    if (raw.empty()) {
      text_end = true;
      if (member_open) fail(input_code::kDamaged, "the gzip data is cut off", line + 1);
      return;
    }
  }
  if (!member_open) {
    if (raw[raw_begin] != '\x1f') {
      return fail(input_code::kDamaged, "something follows the end of the gzip data", line + 1);
    }
    inflateReset(&inflater);
    member_open = true;
  }
  inflater.next_in = reinterpret_cast<Bytef*>(raw.data() + raw_begin);
  inflater.avail_in = static_cast<uInt>(raw.size() - raw_begin);
  inflater.next_out = reinterpret_cast<Bytef*>(text.get() + end);
  const std::size_t free = std::min(kChunk, room - end);
  inflater.avail_out = static_cast<uInt>(free);
  const int status = inflate(&inflater, Z_NO_FLUSH);
  raw_begin = raw.size() - inflater.avail_in;
  end += free - inflater.avail_out;
  if (status == Z_STREAM_END) {
    member_open = false;
  } else if (status != Z_OK && status != Z_BUF_ERROR) {
    fail(input_code::kDamaged,
         fmt::format("the gzip data is damaged ({})",
                     inflater.msg != nullptr ? inflater.msg : "no detail"),
         line + 1);
  }
}

LineReader::LineReader(const std::string& file) : impl_(std::make_unique<Impl>()) {
  impl_->open(file);
}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::next(std::string_view& out) {
  Impl& s = *impl_;
  if (s.failure) return false;
  if (!s.started) s.start();
  std::size_t searched = 0;
  const char* newline = nullptr;
  for (;;) {
    const std::size_t left = s.end - s.begin;
    if (left > searched) {
      newline = static_cast<const char*>(
          std::memchr(s.text.get() + s.begin + searched, '\n', left - searched));
      if (newline != nullptr) break;
      searched = left;
    }
    if (s.text_end || searched > kMaxLineBytes) break;
    s.fill();
  }
  if (s.failure) return false;
  if (newline == nullptr && s.begin == s.end) return false;
  const char* first = s.text.get() + s.begin;
  const auto length =
      newline != nullptr ? static_cast<std::size_t>(newline - first) : s.end - s.begin;
  ++s.line;
  if (length > kMaxLineBytes) {
    s.fail(input_code::kDamaged, "the line is longer than 1 MiB", s.line);
    return false;
  }
  out = std::string_view(first, length);
  s.begin += length + (newline != nullptr ? 1 : 0);
  s.ended = newline != nullptr;
  if (!out.empty() && out.back() == '\r') out.remove_suffix(1);
  const std::size_t bad = find_bad_byte(out);
  if (bad == std::string_view::npos) return true;
  s.fail(input_code::kDamaged, out[bad] == '\0' ? "a NUL byte" : "not valid UTF-8", s.line,
         static_cast<int>(bad) + 1);
  return false;
}

bool LineReader::next_filled(std::string_view& out) {
  for (std::uint64_t blank = 0; next(out); ++blank) {
    if (out.find_first_not_of(" \t") != std::string_view::npos) return true;
    if (blank < kMaxBlankLines) continue;
    impl_->fail(input_code::kDamaged,
                fmt::format("more than {} blank lines in a row", kMaxBlankLines), impl_->line);
  }
  return false;
}

std::uint64_t LineReader::line_number() const {
  return impl_->line;
}
bool LineReader::ended() const {
  return impl_->ended;
}
const std::optional<LineReader::Failure>& LineReader::failure() const {
  return impl_->failure;
}
std::uint64_t LineReader::size() const {
  return impl_->size;
}

std::string LineReader::sha256() {
  Impl& s = *impl_;
  if (!s.hex.empty()) return s.hex;
  while (s.read_raw(s.text.get(), std::min(s.room, kChunk)) > 0) {
  }
  s.text_end = true;
  s.begin = s.end = 0;
  s.hex = s.digest.hex();
  return s.hex;
}

}  // namespace hyperdc
