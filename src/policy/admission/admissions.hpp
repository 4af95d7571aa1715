// The built-in admissions, one a file; listed in policy/builtin.cpp.
#pragma once

#include <cstdint>

#include <hyperdc/policy/admission.hpp>

namespace hyperdc {

const AdmissionEntry& always_admission();
const AdmissionEntry& queue_limit_admission();
const AdmissionEntry& deadline_admission();
const AdmissionEntry& codel_admission();
const AdmissionEntry& adaptive_lifo_admission();
const AdmissionEntry& priority_admission();
const AdmissionEntry& aimd_limit_admission();
const AdmissionEntry& gradient_limit_admission();
const AdmissionEntry& token_deadline_admission();

inline std::uint64_t in_system(const AdmissionView& view) {
  return std::uint64_t{view.queued} + view.in_service;
}

/// A parameter in thousandths, so that what it decides is decided in integers.
inline std::int64_t milli(double value) {
  return static_cast<std::int64_t>(value < 0 ? value * 1000 - 0.5 : value * 1000 + 0.5);
}

}  // namespace hyperdc
