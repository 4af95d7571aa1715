// The file of a study's runs, as sweep and plan open it and say what is wrong with it.
#pragma once

#include <functional>
#include <string>

#include "cli/console.hpp"
#include "results/study_store.hpp"

namespace hyperdc {

/// Opens the file, prepares it and acts on it. What is wrong with it before that is exit code 2,
/// what gives out later 3; else that of `act`.
int with_study_file(const std::string& file, bool resume, Console& console,
                    const std::function<void(StudyStore&)>& prepare,
                    const std::function<int(StudyStore&)>& act);

}  // namespace hyperdc
