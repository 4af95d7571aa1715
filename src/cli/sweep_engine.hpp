// What `hyperdc sweep --engine` says: where the runs of a study are done.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "experiment/sweep.hpp"

namespace hyperdc {

void add_engine_options(CLI::App& sweep, SweepCommandOptions& options);

/// What is wrong with these options, and with this machine for the engine that they name.
Issues check_engine_options(const SweepCommandOptions& options);

/// The engine, but for kubernetes. `file`: of the study's runs; `say`: a line for the user.
std::unique_ptr<StudyEngine> make_engine(const SweepCommandOptions& options,
                                         const std::string& file,
                                         std::function<void(const std::string&)> say);

/// The Job that does the study on Kubernetes, on `console.out`, and what to do with it.
int print_kubernetes_job(const SweepCommandOptions& options, const Study& study,
                         const StudyPlan& plan, const std::string& file, Console& console);

}  // namespace hyperdc
