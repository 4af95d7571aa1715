#include "cli/study_file.hpp"

#include <optional>

#include "cli/commands.hpp"
#include "results/store.hpp"

namespace hyperdc {

int with_study_file(const std::string& file, bool resume, Console& console,
                    const std::function<void(StudyStore&)>& prepare,
                    const std::function<int(StudyStore&)>& act) {
  std::optional<StudyStore> store;
  try {
    store.emplace(file, resume ? StudyStore::Open::resume : StudyStore::Open::fresh);
    prepare(*store);
  } catch (const StoreProblem& problem) {
    console.error(problem.what());
    return kExitBadInput;
  } catch (const WriteFailed& problem) {
    console.error(problem.what());
    return kExitUnfinished;
  }
  try {
    return act(*store);
  } catch (const std::runtime_error& problem) {  // StoreProblem, WriteFailed
    console.error(problem.what(), "what was done before is kept; --resume goes on");
    return kExitUnfinished;
  }
}

}  // namespace hyperdc
