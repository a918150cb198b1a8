#include "guard/sqlite_log.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace readback::guard {
namespace {

constexpr sqlite3_int64 kPieceBytes = 64 * 1'024;

struct FreeName {
  void operator()(const char* name) const { sqlite3_free_filename(const_cast<char*>(name)); }
};

// A file of SQLite's own VFS, so that a simulated disk sees these calls, too.
class LogFile {
 public:
  explicit LogFile(const sqlite3_vfs& vfs)
      : memory_((static_cast<std::size_t>(vfs.szOsFile) + sizeof(std::max_align_t) - 1) /
                sizeof(std::max_align_t)) {}
  ~LogFile() {
    if (get()->pMethods != nullptr) get()->pMethods->xClose(get());
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  sqlite3_file* get() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

 private:
  std::vector<std::max_align_t> memory_;
};

int rewrite(sqlite3_file* file) {
  const sqlite3_io_methods& calls = *file->pMethods;
  sqlite3_int64 size = 0;
  int code = calls.xFileSize(file, &size);
  std::vector<char> piece(kPieceBytes);
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += kPieceBytes) {
    const int length = static_cast<int>(std::min(kPieceBytes, size - at));
    code = calls.xRead(file, piece.data(), length, at);
    if (code == SQLITE_OK) code = calls.xWrite(file, piece.data(), length, at);
  }
  return code == SQLITE_OK ? calls.xSync(file, SQLITE_SYNC_NORMAL) : code;
}

}  // namespace

Result<void> rewrite_log(const std::string& path, const std::string& vfs) {
  sqlite3_vfs* system = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (system == nullptr) return Problem{path, "SQLite has no VFS " + vfs};
  std::vector<char> full(static_cast<std::size_t>(system->mxPathname) + 1);
  // Also SQLITE_OK_SYMLINK is a success: the log stands beside the file itself.
  const int code =
      system->xFullPathname(system, path.c_str(), static_cast<int>(full.size()), full.data());
  if ((code & 0xff) != SQLITE_OK) return Problem{path, sqlite3_errstr(code)};
  const std::string log = std::string(full.data()) + "-wal";
  const std::unique_ptr<const char, FreeName> name(
      sqlite3_create_filename(full.data(), "", log.c_str(), 0, nullptr));
  int exists = 0;
  if (system->xAccess(system, log.c_str(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK)
    return Problem{log, "it cannot be looked for"};
  if (exists == 0) return {};
  LogFile file(*system);
  int done = system->xOpen(system, sqlite3_filename_wal(name.get()), file.get(),
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
  if (done == SQLITE_OK) done = rewrite(file.get());
  if (done != SQLITE_OK) return Problem{log, sqlite3_errstr(done)};
  return {};
}

}  // namespace readback::guard
