#include "core/text.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

using namespace hyperdc;

TEST_CASE("edit distances by hand", "[text]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("polcy", "policy") == 1);
  CHECK(edit_distance("duratoin", "duration") == 1);  // a swap is one edit
  CHECK(edit_distance("ca", "abc") == 3);             // restricted: no substring edited twice
  CHECK(edit_distance("GBIT/S", "Gbit/s") == 0);
}

TEST_CASE("the nearest name is offered only when it is near", "[text]") {
  const std::vector<std::string_view> names = {"policy", "placement", "pool", "priority"};
  const std::span<const std::string_view> list(names);
  CHECK(nearest("polcy", list) == "policy");
  CHECK(nearest("placment", list) == "placement");
  CHECK(nearest("Pool", list) == "pool");
  CHECK_FALSE(nearest("scheduler", list));
  CHECK_FALSE(nearest("", list));
  CHECK_FALSE(nearest("p", list));  // everything of one letter would be near
  CHECK_FALSE(nearest(std::string(10000, 'p'), list));
  CHECK_FALSE(nearest("policy", std::span<const std::string_view>()));
  const std::vector<std::string> ties = {"cat", "bat"};
  CHECK(nearest("rat", std::span<const std::string>(ties)) == "cat");
  // Of two that are as near, the one that begins alike.
  const std::vector<std::string> starts = {"none", "zones"};
  CHECK(nearest("zone", std::span<const std::string>(starts)) == "zones");
}

TEST_CASE("UTF-8 is checked as RFC 3629 defines it", "[text]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("\xC2\xB5s \xE2\x82\xAC \xF0\x9F\x98\x80"));
  CHECK(is_utf8(std::string_view("\0", 1)));
  CHECK(utf8_prefix("ab\x80") == 2);            // continuation alone
  CHECK(utf8_prefix("\xC0\x80") == 0);          // overlong NUL
  CHECK(utf8_prefix("\xE0\x80\x80") == 0);      // overlong
  CHECK(utf8_prefix("\xED\xA0\x80") == 0);      // surrogate
  CHECK(utf8_prefix("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(utf8_prefix("\xF5\x80\x80\x80") == 0);
  CHECK(utf8_prefix("x\xE2\x82") == 1);         // cut off
  CHECK(utf8_prefix("\xF4\x8F\xBF\xBF") == 4);  // U+10FFFF
  CHECK(utf8_prefix("\xFF") == 0);
}

TEST_CASE("quoted input cannot write to a terminal", "[text]") {
  CHECK(quoted("400 G") == "\"400 G\"");
  CHECK(quoted("a\x1B[31mb\n") == "\"a?[31mb?\"");
  CHECK(quoted("a\xC2\x9Bz") == "\"a?z\"");  // C1 control sequence introducer
  CHECK(quoted("\xFFz") == "\"?z\"");
  CHECK(quoted("\xE2\x82\xAC") == "\"\xE2\x82\xAC\"");
  CHECK(quoted(std::string(100, 'x'), 10) == "\"xxxxxxxxxx...\"");
  CHECK(is_utf8(quoted("aaaaaaaaa\xE2\x82\xAC\xE2\x82\xAC", 10)));
}
