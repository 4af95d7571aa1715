// Collects the vertices, cables and routes of a graph by name, with the problems that are met.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "network/topology/graph_reader.hpp"

namespace hyperdc {

struct CableText {
  std::string name;  // may be empty: then no route can name it
  std::string from;
  std::string to;
  std::string bandwidth_Bps;
  std::string latency_s;
  bool directed = false;
};

class GraphBuilder {
 public:
  /// Where the next problem is.
  void at(std::string_view text, std::uint32_t line) {
    text_ = text;
    line_ = line;
  }
  void problem(std::string what) { problems_.push_back({text_, line_, std::move(what)}); }

  void add_vertex(const std::string& name, std::optional<bool> host);
  bool knows(const std::string& name) const { return numbers_.find(name) != numbers_.end(); }
  void add_cable(const CableText& cable);
  /// `links`: names separated by ';'.
  void add_route(const std::string& from, const std::string& to, std::string_view links);
  GraphRead finish();

 private:
  struct Vertex {
    std::string name;
    std::optional<bool> host;
    std::uint32_t cables = 0;
    bool routed = false;
  };
  std::uint32_t number_of(const std::string& name);
  std::optional<double> number(std::string_view column, const std::string& text, double most);

  std::string_view text_;
  std::uint32_t line_ = 0;
  std::vector<GraphProblem> problems_;
  std::vector<Vertex> vertices_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::map<std::string, std::uint32_t, std::less<>> links_;  // first link of a name
  GraphSpec spec_;  // vertices in order of appearance until finish()
};

/// "true", "false", "1" or "0"; anything else is a problem.
std::optional<bool> truth_of(std::string_view text, std::string_view column, GraphBuilder& builder);

}  // namespace hyperdc
