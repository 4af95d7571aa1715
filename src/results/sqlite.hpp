// Sqlite: a connection to SQLite and prepared statements, closed by their destructors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hyperdc {

/// What SQLite said no to, in its words; `code` is its primary result code.
class SqliteError : public std::runtime_error {
 public:
  SqliteError(int result, const std::string& message)
      : std::runtime_error(message), code(result & 0xff) {}
  int code;
};

class SqliteStatement;

/// `path` is a path, whatever it begins with.
class Sqlite {
 public:
  /// frozen: to read, of a file that nobody writes; needs no log beside it.
  enum class Mode { create, read, frozen };

  Sqlite(const std::string& path, Mode mode);
  void execute(const std::string& sql);
  SqliteStatement prepare(std::string_view sql);
  std::string problem() const { return sqlite3_errmsg(db_.get()); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

/// Parameters are numbered from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement& bind(int index, std::string_view text);
  SqliteStatement& bind(int index, std::int64_t value);
  SqliteStatement& bind(int index, double value);
  SqliteStatement& bind_null(int index);

  /// True while there is a row.
  bool step();
  /// Steps once and makes it ready for other parameters.
  void run();
  void reset();

  std::string text(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::optional<double> number(int column) const;

 private:
  friend class Sqlite;
  SqliteStatement(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {}
  void check(int result) const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace hyperdc
