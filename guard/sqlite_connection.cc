#include "guard/sqlite_connection.h"

#include <sqlite3.h>

#include <cassert>

namespace readback::guard {
namespace {

// How long a call waits for readers, and for a person's own sqlite3 shell.
constexpr int kBusyMs = 2'000;

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::bind(int parameter, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, value);
  assert(code == SQLITE_OK);
}

void SqliteStatement::bind_text(int parameter, std::string_view value) {
  const int code =
      sqlite3_bind_text64(statement_.get(), parameter, value.empty() ? "" : value.data(),
                          value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  assert(code == SQLITE_OK);
}

void SqliteStatement::bind_bytes(int parameter, std::string_view value) {
  const int code =
      sqlite3_bind_blob64(statement_.get(), parameter, value.empty() ? "" : value.data(),
                          value.size(), SQLITE_TRANSIENT);
  assert(code == SQLITE_OK);
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  Problem problem = connection_->failure();
  sqlite3_reset(statement_.get());
  return problem;
}

Result<void> SqliteStatement::run() {
  const auto stepped = step();
  if (stepped.has_error()) return stepped.error();
  assert(!*stepped);
  return {};
}

std::int64_t SqliteStatement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string SqliteStatement::bytes(int column) const {
  const void* begin = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return begin == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(begin), static_cast<std::size_t>(size));
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 const std::string& vfs,
                                                                 Mode mode) {
  const int flags =
      mode == Mode::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_EXRESCODE,
                                   vfs.empty() ? nullptr : vfs.c_str());
  // Also after a failure there is a handle to be closed.
  auto connection = std::make_unique<SqliteConnection>(database);
  if (code != SQLITE_OK) {
    Problem problem = connection->failure();
    problem.where = path;
    return problem;
  }
  sqlite3_busy_timeout(database, kBusyMs);
  sqlite3_wal_hook(
      database,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      connection.get());
  if (mode == Mode::reader) sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, 0);
  return connection;
}

SqliteConnection::~SqliteConnection() {
  // After a failure the log is what a new connection recovers from: leave it alone.
  if (has_failed_) sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, 0);
  sqlite3_close_v2(database_);
}

Problem SqliteConnection::failure() {
  has_failed_ = true;
  if (database_ == nullptr) return {"sqlite", "out of memory"};
  return {"sqlite", std::string(sqlite3_errmsg(database_)) + " (" +
                        std::to_string(sqlite3_extended_errcode(database_)) + ")"};
}

Result<SqliteStatement> SqliteConnection::prepare(const std::string& sql) {
  SqliteStatement statement;
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v2(database_, sql.c_str(), static_cast<int>(sql.size()), &prepared, nullptr);
  if (code != SQLITE_OK) return failure();
  statement.statement_.reset(prepared);
  statement.connection_ = this;
  return statement;
}

Result<void> SqliteConnection::execute(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure();
  return {};
}

Result<std::string> SqliteConnection::ask(const std::string& sql) {
  auto statement = prepare(sql);
  if (statement.has_error()) return statement.error();
  std::string answer;
  bool is_first = true;
  // To the end: a statement commits after its last row, and may fail then.
  while (true) {
    const auto row = statement->step();
    if (row.has_error()) return row.error();
    if (!*row) return {boost::system::in_place_value, answer};
    if (is_first) answer = statement->bytes(0);
    is_first = false;
  }
}

Result<void> SqliteConnection::begin() {
  const int code = sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY) return Problem{"sqlite", "somebody else is writing"};
  if (code != SQLITE_OK) return failure();
  return {};
}

Result<void> SqliteConnection::checkpoint(bool full) {
  const int mode = full ? SQLITE_CHECKPOINT_FULL : SQLITE_CHECKPOINT_PASSIVE;
  int in_log = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, mode, &in_log, &moved);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return failure();
  if (in_log == moved) log_pages_ = 0;
  return {};
}

void SqliteConnection::grow_in_steps_of(int bytes) {
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_CHUNK_SIZE, &bytes);
}

}  // namespace readback::guard
