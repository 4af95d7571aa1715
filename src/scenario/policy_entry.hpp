// The entry of a chosen policy in the list of its kind.
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include <hyperdc/core/assert.hpp>

#include "scenario/service.hpp"

namespace hyperdc {

/// Null where no entry has the name: the choice of a scenario with a problem.
template <class Entry>
const Entry* find_entry_of(std::span<const Entry> entries, const PolicyChoice& choice) {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.name == choice.policy; });
  return it == entries.end() ? nullptr : &*it;
}

template <class Entry>
const Entry& entry_of(std::span<const Entry> entries, const PolicyChoice& choice) {
  const Entry* entry = find_entry_of(entries, choice);
  HYPERDC_CHECK(entry != nullptr, "no policy is called " + choice.policy);
  return *entry;
}

}  // namespace hyperdc
