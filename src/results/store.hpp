// Where results are stored: a directory that is either as it was before or holds all of a command's
// files. Files are written under temporary names in the directory and renamed at the end.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hyperdc {

/// The disk is full, a directory went away, …: the command ends with exit code 3.
class WriteFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes all of `text` to a new or emptied file. WriteFailed with the system's reason.
void write_file(const std::string& path, std::string_view text);

/// Nothing when `directory` does not exist, is empty, or holds an earlier result and nothing else
/// (which the new one replaces); otherwise what is in the way. One run replaces the files of one
/// run and never a sub-directory; `several` replace the sub-directories that the index of an
/// earlier command (runs.txt) names.
std::optional<std::string> why_not_store_in(const std::string& directory, bool several);

/// The input that a file written to `path` would replace: one of these files, or a file of one of
/// these directories, of which pages (.html) are none.
std::optional<std::string> input_replaced_by(const std::string& path,
                                             const std::vector<std::string>& inputs);

class ResultDirectory {
 public:
  /// `runs`: names of sub-directories, one a run; empty: a single run, stored in `directory`
  /// itself. Creates the directory if need be, and removes what killed runs left in it.
  /// WriteFailed.
  ResultDirectory(std::string directory, std::vector<std::string> runs);
  /// Removes temporary files, and directories that were created here if nothing was kept.
  ~ResultDirectory();
  ResultDirectory(const ResultDirectory&) = delete;
  ResultDirectory& operator=(const ResultDirectory&) = delete;

  /// Temporary path of a file of run `run`, to be written by others before keep().
  std::string path(std::size_t run, std::string_view file) const;
  void write(std::size_t run, std::string_view file, std::string_view text);
  /// A file beside the sub-directories (summary.csv).
  void write_common(std::string_view file, std::string_view text);

  /// Puts the files of these runs, and the common ones, in place of an earlier result.
  void keep(const std::vector<std::size_t>& runs);

 private:
  void open();
  void remove_temporary();

  std::string directory_;
  std::string staging_;
  std::vector<std::string> runs_;
  std::vector<std::string> created_;  // directories, the innermost first
  int lock_ = -1;                     // of staging_: says that this process lives
  bool kept_ = false;
};

/// Nothing when a file can be put at `path`, in place of a regular file or of none; otherwise what
/// is in the way.
std::optional<std::string> why_not_write_to(const std::string& path);

/// A single file beside others (a timeline): written as temporary(), in place after keep().
class ResultFileWriter {
 public:
  explicit ResultFileWriter(std::string path);  // WriteFailed
  ~ResultFileWriter();
  ResultFileWriter(const ResultFileWriter&) = delete;
  ResultFileWriter& operator=(const ResultFileWriter&) = delete;

  const std::string& temporary() const { return temporary_; }
  void keep();

 private:
  std::string path_;
  std::string temporary_;
};

}  // namespace hyperdc
