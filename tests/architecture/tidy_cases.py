"""Trees in which tidy.py must find one stated problem, or none."""

_LONG_BODY = "  x += 1;\n" * 69
_INIT_LIST = ("// c\nFoo::Foo(int a)\n    : a_{a},\n      b_(std::vector<int>(3)),\n      c_{} {\n"
              + "  x += 1;\n" * 70 + "}\n")
_GOOD = r'''// What it is for.
#pragma once

#include <string>

namespace hyperdc {

struct Named { int a = 0; std::string text; };
enum class Colour : int { red, green };
constexpr int kLimit = 1'000'000;
const char* const kName = "a { brace in a text";
const Named kTable[] = {{1, "x"}, {2, "y"}};
extern template class std::vector<Named>;
template <class T = int>
T twice(T x) { return x + x; }  // exp(x) in a comment is no call
double root(double x, double y = 2) { return std::sqrt(math::exp(x)) + object.log(y); }
std::strong_ordering operator<=>(const Named&, const Named&);

class Counter {
 public:
  static Counter make(int start);
  static constexpr int kStep = 1;
  bool operator==(const Counter& other) const { return n_ == other.n_; }

 private:
  mutable int n_ = 0;
  std::unordered_map<int, int> seen_;
};

int lookup(int key) {
  static const std::vector<int> table = {1, 2, 3};
  const char* text = R"(thread_local { " )";
  for (int x : table) key += x + text[0];
  return key;
}

}  // namespace hyperdc
'''


def _cpp(body, name="src/core/a.cpp"):
    return {name: "// c\n" + body}


CASES = {
    "good": ({"src/core/a.hpp": _GOOD, "README.md": "# Title\n", "t.sh": "#!/bin/sh\ntrue\n"},
             None),
    "70 lines": (_cpp("int f() {\n" + "  x += 1;\n" * 68 + "}\n"), None),
    "71 lines": (_cpp("int f() {\n" + _LONG_BODY + "}\n"), "function of 71 lines"),
    "long member": (_cpp("class A {\n public:\n  int f(int x = 3) const {\n" + _LONG_BODY
                         + "  }\n};\n"), "function of 71 lines"),
    "long constructor": ({"src/core/a.cpp": _INIT_LIST}, "function of 75 lines"),
    "long test": ({"tests/unit/core/a_test.cpp": 'TEST_CASE("x") {\n' + _LONG_BODY + "}\n"},
                  "function of 71 lines"),
    "long in namespace": (_cpp("namespace a {\nnamespace {\n[[nodiscard]] auto f() -> int {\n"
                               + _LONG_BODY + "}\n}\n}\n"), "function of 71 lines"),
    "long template": (_cpp("template <class T, class = int>\nint f() {\n" + _LONG_BODY + "}\n"),
                      "function of 72 lines"),
    "long python": ({"tools/a.py": "def f():\n" + "    x = 1\n" * 70}, "function of 71 lines"),
    "long file": (_cpp("int f();\n" * 500), "501 lines"),
    "long process": (_cpp("class A final : public Process {};\n" + "int f();\n" * 300,
                          "src/world/a.cpp"), "a process of 302 lines"),
    "wide": (_cpp("// " + "x" * 98 + "\n"), "101 columns"),
    "tab": (_cpp("int\tf();\n"), "a tab"),
    "trailing space": (_cpp("int f(); \n"), "trailing space"),
    "no newline": (_cpp("int f();"), "exactly one newline"),
    "no comment": ({"src/core/a.cpp": "int f();\n"}, "must open with a comment"),
    "commented header": ({"src/core/a.cpp": "int f();\n", "include/hyperdc/core/a.hpp": "// c\n"},
                         None),
    "no title": ({"docs/a.md": "Text\n"}, "has no title"),
    "unfinished": (_cpp("// TO" "DO: more\n"), "unfinished"),
    "machine path": ({"a.txt": "see /wo" "rk/main/x\n"}, "a path of one computer"),
    "url is no path": ({"a.txt": "https://x.org/wo" "rk and src/wo" "rkload, a/ho" "me\n"}, None),
    "registry": ({"package.json": '"https://regi' 'stry.npmjs.org/x"\n'}, "package-registry"),
    "rand": (_cpp("int f() { return std::rand(); }\n"), "std::rand"),
    "random_device": (_cpp("std::random_device d();\n"), "random_device"),
    "engine": (_cpp("int f() { std::mt19937_64 g(1); }\n"), "std::mt19937_64"),
    "engine in a test": (_cpp("#include <random>\nstd::mt19937 g(1);\n", "tests/unit/a.cpp"), None),
    "distribution": (_cpp("int f() { std::normal_distribution<> g; }\n"), "a std:: distribution"),
    "random header": (_cpp("#include <random>\n"), "<random>"),
    "thread_local": (_cpp("thread_local const int x = 1;\n"), "thread_local"),
    "std::exp": (_cpp("double f(double x) { return std::exp(x); }\n"), "exp of libm"),
    "bare log": (_cpp("double f(double x) { return 1 + log(x); }\n"), "log of libm"),
    "libm in math": (_cpp("double g(double x) { return std::log(x); }\n", "src/core/math.cpp"),
                     None),
    "mutable global": (_cpp("namespace a {\nint counter = 0;\n}\n"), "mutable global"),
    "mutable vector": (_cpp("std::vector<int> seen;\n"), "mutable global"),
    "mutable pointer": (_cpp("const char* name = 0;\n"), "mutable global"),
    "static constructor": (_cpp('const std::string kName = "x";\n'), "static constructor"),
    "mutable static": (_cpp("int f() {\n  static int calls = 0;\n  return ++calls;\n}\n"),
                       "mutable static"),
    "static member": (_cpp("struct A {\n  static inline int n = 0;\n};\n"), "mutable static"),
    "unordered": (_cpp("int f() {\n  std::unordered_map<int, int> m;\n"
                       "  for (const auto& [k, v] : m) g(k);\n}\n"), "iterates over the unordered"),
    "unordered member": ({"src/core/a.hpp": "// c\nclass A {\n  std::unordered_set<int> s_;\n};\n",
                          "src/core/a.cpp": "// c\nvoid A::f() {\n  for (int x : s_) g(x);\n}\n"},
                         "iterates over the unordered s_"),
}
