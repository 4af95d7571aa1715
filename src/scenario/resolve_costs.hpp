// Prices, rates of energy, carbon and water of a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Nothing where `price` is not there, or is wrong.
std::optional<Price> price_of(Resolution& r, const View& price);
/// What the energy of a region costs and emits, and what the region costs beside.
void resolve_costs(Resolution& r, const View& facility, Region& out);
/// Says aloud which facts rest on memory or on an assumption, as "PATH.FACT".
void note_facts(Resolution& r, const View& sources, const std::string& path);
/// Refuses sources of what is no key of `type`, or of an object that is one of its keys.
void check_facts(Resolution& r, const View& sources, const Type& type);
/// The same where these are the facts.
void check_facts(Resolution& r, const View& sources, const std::vector<std::string>& facts);
/// "SOURCE, DATE" of a fact; empty if nothing is said.
std::string source_of(const View& sources, const std::string& fact);

}  // namespace hyperdc
