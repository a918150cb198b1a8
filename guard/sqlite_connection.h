#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "guard/result.h"

struct sqlite3;
struct sqlite3_stmt;

// One connection to SQLite, as thin as it can be, so that sqlite3.h stays in one file and no result
// code goes unseen. Blocks; one thread at a time.

namespace readback::guard {

class SqliteStatement {
 public:
  // Parameters and columns count from 1 and 0, as SQLite's own.
  void bind(int parameter, std::int64_t value);
  void bind_text(int parameter, std::string_view value);
  void bind_bytes(int parameter, std::string_view value);

  // True: there is a row. After false or a Problem it may be bound again.
  Result<bool> step();
  Result<void> run();  // step() of a statement without rows

  std::int64_t number(int column) const;
  std::string bytes(int column) const;  // of a text or a blob

 private:
  friend class SqliteConnection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  class SqliteConnection* connection_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteConnection {
 public:
  enum class Mode { writer, reader };

  // A writer makes the file if it is missing. A reader changes nothing, never checkpoints, and
  // works while another process writes. `vfs`: empty for the operating system's.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path,
                                                        const std::string& vfs, Mode mode);
  // Owns `database`; use open().
  explicit SqliteConnection(sqlite3* database) : database_(database) {}
  // A writer that never failed checkpoints and removes the log.
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Result<SqliteStatement> prepare(const std::string& sql);
  Result<void> execute(const std::string& sql);
  Result<std::string> ask(const std::string& sql);  // first column of the first row; empty if none

  // BEGIN IMMEDIATE. That somebody else holds the write lock is no failure of this connection.
  Result<void> begin();

  // Moves the log into the database and syncs both. `full` waits for readers, else what they still
  // need is left; neither is a failure.
  Result<void> checkpoint(bool full);
  int log_pages() const { return log_pages_; }  // since the last checkpoint of the whole log

  // Grows the database file in steps of `bytes`, so that a disk that fills up later finds room.
  void grow_in_steps_of(int bytes);

  // Sticky: some call failed. What the file holds is then unknown until it is opened again.
  bool has_failed() const { return has_failed_; }

 private:
  friend class SqliteStatement;
  Problem failure();

  sqlite3* database_;
  int log_pages_ = 0;
  bool has_failed_ = false;
};

}  // namespace readback::guard
