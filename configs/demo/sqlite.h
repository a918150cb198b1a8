#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// SQLite as values: a connection, a prepared statement, the rows of one use of it, a transaction.
// Every failure throws std::runtime_error with SQLite's words. Not safe across threads.

struct sqlite3;
struct sqlite3_stmt;

namespace demo {

class Database {
 public:
  enum class Mode { read_only, read_write };
  Database(const std::string& file, Mode mode);

  // Runs statements that bring no rows.
  void run(const std::string& sql);
  std::int64_t last_row_id() const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// The rows of one use of a statement, which is free for the next use once they are destroyed.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();

  // Goes to the next row, or says that there is none. A statement that writes writes at the first.
  bool next();
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> text_or_null(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  // One use, with the values of ?1, ?2 ... The rows must be gone before the next use.
  template <typename... Values>
  Rows with(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Rows(statement_.get());
  }
  // A use that brings no rows.
  template <typename... Values>
  void run(const Values&... values) {
    Rows rows = with(values...);
    while (rows.next()) {
    }
  }

 private:
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const std::optional<std::string>& text);
  void bind(int index, std::int64_t number);
  void bind(int index, int number) { bind(index, std::int64_t{number}); }
  void bind(int index, bool is) { bind(index, std::int64_t{is}); }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// All or nothing: undone when destroyed without commit().
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool is_open_ = true;
};

}  // namespace demo
