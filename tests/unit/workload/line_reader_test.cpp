#include "workload/line_reader.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "core/hash.hpp"
#include "workload_files.hpp"

using namespace hyperdc;
using namespace hyperdc::testing;

namespace {

struct Read {
  std::vector<std::string> lines;
  std::optional<LineReader::Failure> failure;
  std::string sha256;
};

Read read_all(const std::string& file) {
  LineReader reader(file);
  Read read;
  std::string_view line;
  while (reader.next(line)) read.lines.emplace_back(line);
  read.failure = reader.failure();
  read.sha256 = reader.sha256();
  return read;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines end with a newline, a carriage return and newline, or the file") {
  const TempDir dir;
  CHECK(read_all(dir.write("a", "one\ntwo\r\n\nfour")).lines == Lines{"one", "two", "", "four"});
  CHECK(read_all(dir.write("b", "one\n")).lines == Lines{"one"});
  CHECK(read_all(dir.write("c", "")).lines.empty());
  CHECK(read_all(dir.write("d", "\xEF\xBB\xBFname\n")).lines == Lines{"name"});
  CHECK(read_all(dir.write("e", "caf\xC3\xA9 \xF0\x9F\x98\x80\n")).lines.size() == 1);
}

TEST_CASE("gzip is recognised by its content, and several members are one text") {
  const TempDir dir;
  const std::string text = "one\ntwo\nthree\n";
  const std::string bytes = gzip("one\ntw") + gzip("") + gzip("o\nthree\n");
  const Read read = read_all(dir.write("a.csv", bytes));
  CHECK(read.lines == Lines{"one", "two", "three"});
  CHECK_FALSE(read.failure);
  CHECK(read.sha256 == sha256_hex(bytes));  // of the file, not of its text
  CHECK(read_all(dir.write("b.gz", text)).lines == Lines{"one", "two", "three"});
  CHECK(read_all(dir.write("c", gzip("\xEF\xBB\xBFname\n"))).lines == Lines{"name"});
}

TEST_CASE("a line longer than the buffer's chunks arrives whole") {
  const TempDir dir;
  const std::string longest(kMaxLineBytes, 'x');
  for (const bool compressed : {false, true}) {
    const std::string text = "a\n" + longest + "\nb\n" + std::string(300'000, 'y') + "\nc";
    const Read read = read_all(dir.write("a", compressed ? gzip(text) : text));
    REQUIRE(read.lines.size() == 5);
    CHECK(read.lines[1] == longest);
    CHECK(read.lines[3].size() == 300'000);
    CHECK(read.lines[4] == "c");
  }
}

TEST_CASE("a line above 1 MiB ends the reading") {
  const TempDir dir;
  for (const bool with_newline : {false, true}) {
    const std::string text =
        "a\n" + std::string(kMaxLineBytes + 1, 'x') + (with_newline ? "\n" : "");
    const Read read = read_all(dir.write("a", text));
    CHECK(read.lines == Lines{"a"});
    REQUIRE(read.failure);
    CHECK(read.failure->line == 2);
    CHECK(std::string(read.failure->code) == "E061");
    CHECK(read.sha256 == sha256_hex(text));
  }
}

TEST_CASE("a gzip bomb of one line needs no more memory than the longest line") {
  const TempDir dir;
  const std::string bomb = gzip(std::string(std::size_t{8} << 20, ' '));
  REQUIRE(bomb.size() < 100'000);
  const Read read = read_all(dir.write("a.gz", bomb));
  REQUIRE(read.failure);
  CHECK(read.failure->line == 1);
}

TEST_CASE("NUL and bytes that are not UTF-8 are found at their place") {
  const TempDir dir;
  using namespace std::string_literals;
  const struct {
    std::string text;
    std::uint64_t line;
    int column;
  } cases[] = {
      {"ab\0c\n"s, 1, 3},
      {"fine and quite long\nab\xFF\n", 2, 3},
      {"\xC3\xA9\x80\n", 1, 3},              // a continuation byte on its own
      {"x\xC0\xAF\n", 1, 2},                 // overlong
      {"x\xED\xA0\x80\n", 1, 2},             // surrogate
      {"x\xF4\x90\x80\x80\n", 1, 2},         // above U+10FFFF
      {"0123456789abcdef\xE2\x82\n", 1, 17}  // cut off
  };
  for (const auto& c : cases) {
    const Read read = read_all(dir.write("a", c.text));
    REQUIRE(read.failure);
    CHECK(std::string(read.failure->code) == "E061");
    CHECK(read.failure->line == c.line);
    CHECK(read.failure->column == c.column);
    CHECK(read.lines.size() == c.line - 1);
  }
}

TEST_CASE("every NUL and every high byte is seen at every position of a word") {
  for (std::size_t length = 1; length < 20; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, '\x7F');
      CHECK(find_bad_byte(text) == std::string_view::npos);
      text.assign(length, '\x01');
      CHECK(find_bad_byte(text) == std::string_view::npos);
      text[at] = '\0';
      CHECK(find_bad_byte(text) == at);
      text[at] = '\x80';
      CHECK(find_bad_byte(text) == at);
    }
  }
}

TEST_CASE("gzip that is cut off at any byte is an error, and so is what follows it") {
  const TempDir dir;
  const std::string bytes = gzip("name,cpu\na,1\nb,2\nc,3\n");
  for (std::size_t length = 3; length < bytes.size(); ++length) {
    const Read read = read_all(dir.write("a.gz", bytes.substr(0, length)));
    INFO("cut to " << length << " of " << bytes.size() << " bytes");
    REQUIRE(read.failure);
    CHECK(read.failure->message.find("cut off") != std::string::npos);
  }
  CHECK(read_all(dir.write("a.gz", bytes + "tail")).failure);
  std::string damaged = bytes;
  damaged[bytes.size() - 5] ^= 0x40;  // in the checksum
  const Read read = read_all(dir.write("a.gz", damaged));
  REQUIRE(read.failure);
  CHECK(read.failure->message.find("damaged") != std::string::npos);
}

TEST_CASE("what is not a regular file is refused without waiting") {
  const TempDir dir;
  const std::string pipe = dir.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& file :
       {pipe, dir.path("."), dir.path("missing"), std::string("/dev/zero")}) {
    const Read read = read_all(file);
    REQUIRE(read.failure);
    CHECK(std::string(read.failure->code) == "E060");
    CHECK(read.failure->line == 0);
    CHECK(read.lines.empty());
  }
}

TEST_CASE("the hash covers what was not read as lines") {
  const TempDir dir;
  const std::string text = "one\ntwo\n" + std::string(2'000'000, '\n');
  LineReader reader(dir.write("a", text));
  std::string_view line;
  REQUIRE(reader.next(line));
  CHECK(reader.sha256() == sha256_hex(text));
  CHECK(reader.size() == text.size());
  CHECK_FALSE(reader.next(line));
}
