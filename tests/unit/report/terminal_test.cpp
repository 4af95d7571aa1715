#include "report/terminal.hpp"

#include <catch2/catch.hpp>

#include "report/sparkline.hpp"
#include "report/table.hpp"
#include "unit/report/sample_results.hpp"

using namespace hyperdc;

namespace {

using Environment = std::map<std::string, std::string>;

bool colored(bool terminal, const Environment& environment,
             ColorChoice choice = ColorChoice::automatic) {
  return text_style(choice, {terminal, environment}).color;
}

bool unicode(const Environment& environment) {
  return text_style(ColorChoice::automatic, {false, environment}).unicode;
}

}  // namespace

TEST_CASE("colour: the option, then NO_COLOR, then forcing, then the terminal") {
  CHECK(colored(true, {}));
  CHECK_FALSE(colored(false, {}));
  CHECK_FALSE(colored(true, {{"TERM", "dumb"}}));
  CHECK(colored(false, {{"CLICOLOR_FORCE", "1"}}));
  CHECK(colored(false, {{"FORCE_COLOR", "1"}, {"TERM", "dumb"}}));
  CHECK_FALSE(colored(false, {{"CLICOLOR_FORCE", "0"}}));
  CHECK_FALSE(colored(true, {{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}));
  CHECK(colored(true, {{"NO_COLOR", ""}}));  // empty counts as not set
  CHECK(colored(false, {{"NO_COLOR", "1"}}, ColorChoice::always));
  CHECK_FALSE(colored(true, {{"FORCE_COLOR", "1"}}, ColorChoice::never));
}

TEST_CASE("Unicode if the first locale variable that is set is UTF-8") {
  CHECK_FALSE(unicode({}));
  CHECK(unicode({{"LANG", "C.UTF-8"}}));
  CHECK(unicode({{"LC_CTYPE", "de_DE.utf8"}, {"LANG", "C"}}));
  CHECK_FALSE(unicode({{"LC_ALL", "POSIX"}, {"LANG", "C.UTF-8"}}));
  CHECK(unicode({{"LC_ALL", ""}, {"LANG", "C.UTF-8"}}));
}

TEST_CASE("a line is redrawn only on a terminal that is not dumb and outside CI") {
  CHECK(can_animate({true, {{"TERM", "xterm"}}}));
  CHECK_FALSE(can_animate({false, {}}));
  CHECK_FALSE(can_animate({true, {{"TERM", "dumb"}}}));
  CHECK_FALSE(can_animate({true, {{"CI", "true"}}}));
}

TEST_CASE("widths count columns, not bytes") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\xC3\xA9\xC3\xA9") == 2);          // é é
  CHECK(display_width("e\xCC\x81") == 1);                 // e and a combining acute accent
  CHECK(display_width("\xE6\xBC\xA2\xE5\xAD\x97") == 4);  // two Han characters
  CHECK(display_width("\xF0\x9F\x98\x80") == 2);          // an emoji
  CHECK(display_width("\xFF\xFE") == 2);                  // not UTF-8
  CHECK(shorten("abcdef", 6) == "abcdef");
  CHECK(shorten("abcdef", 4) == "abc…");
  CHECK(shorten("\xE6\xBC\xA2\xE5\xAD\x97", 3) == "\xE6\xBC\xA2…");
}

TEST_CASE("input cannot write to the terminal") {
  CHECK(printable("a\x1b[31mb\r\n\tc\xFF") == "a?[31mb?? c?");
  CHECK(printable("\xE2\x80\xAE"
                  "abc") == "?abc");    // right-to-left override
  CHECK(printable("\xC2\x9B") == "?");  // C1 control sequence introducer
  CHECK(printable("\xC3\xA9") == "\xC3\xA9");
}

TEST_CASE("without Unicode every sign has a stand-in and no other byte is above 127") {
  const TextStyle ascii{false, false};
  CHECK(ascii.fit("✗ 3 ±2 · a … ▁█ é") == "x 3 +-2 - a ... _# ?");
  CHECK(TextStyle{}.fit("✗") == "✗");
}

TEST_CASE("ink is an escape sequence only with colour") {
  CHECK(TextStyle{true, true}.paint("x", Ink::bad) == "\x1b[31mx\x1b[0m");
  CHECK(TextStyle{true, true}.paint("x", Ink::plain) == "x");
  CHECK(TextStyle{false, true}.paint("x", Ink::bad) == "x");
}

TEST_CASE("tables align by display width and end lines without white space") {
  Table table({false, true});
  table.column(Align::left, 1);
  table.column(Align::right);
  table.column(Align::left, 3);
  table.header({"name", "value", ""});
  table.row({{"é"}, {"1.5"}, {"x"}});
  table.row({{"\xE6\xBC\xA2\xE5\xAD\x97"}, {"10"}});
  CHECK(table.render() ==
        " name  value\n"
        " é       1.5   x\n"
        " \xE6\xBC\xA2\xE5\xAD\x97     10\n");
  CHECK(table.width() == 16);
}

TEST_CASE("colour does not change the layout of a table") {
  const auto render = [](bool color) {
    Table table({color, true});
    table.column(Align::left);
    table.column(Align::right);
    table.row({{"a", Ink::good}, {"1"}});
    table.row({{"bbb"}, {"22", Ink::bad}});
    return table.render();
  };
  std::string painted = render(true);
  for (const char* escape : {"\x1b[31m", "\x1b[32m", "\x1b[0m"}) {
    for (std::size_t at; (at = painted.find(escape)) != std::string::npos;) {
      painted.erase(at, std::string(escape).size());
    }
  }
  CHECK(painted == render(false));
}

TEST_CASE("a sparkline averages into its cells") {
  const double values[] = {0, 1, 2, 3, 4, 5, 6, 7};
  CHECK(sparkline(values, 8, 0, 8) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline(values, 4, 0, 8) == "▁▃▅▇");  // means 0.5, 2.5, 4.5, 6.5
  CHECK(sparkline(values, 100, 0, 8) == "▁▂▃▄▅▆▇█");
  const double flat[] = {3, 3};
  CHECK(sparkline(flat, 8, 3, 3) == "▄▄");
  CHECK(sparkline({}, 8, 0, 1).empty());
}

TEST_CASE("series columns are found by metric and unit") {
  const RunResult result = sample::cluster("s", 1, 100);
  CHECK(series_column(result, "regions.east.power", "W").size() == 40);
  CHECK(series_column(result, "pools.gpu.allocation.accelerators", "1").front() == Approx(0.55));
  CHECK(series_column(result, "regions.east.power", "kW").empty());
}
