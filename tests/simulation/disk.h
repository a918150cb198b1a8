#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

// A disk beneath SQLite: a VFS in memory that keeps what was written apart from what was synced.
// Names behave as the operating system's VFS makes them: a new journal's or log's first sync makes
// its directory durable, and with it the database's own name.
//
// For one connection at a time: its locks always succeed.

namespace readback::simulation {

class Disk {
 public:
  explicit Disk(std::uint64_t seed);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  const std::string& vfs() const { return name_; }

  // The power is cut: each write, truncation and name that was not synced is kept, dropped or, if a
  // write, torn at any byte. Whoever has files open gets errors from now on.
  void crash();
  // The process ends, the page cache stays.
  void kill();

  // The call so many calls from now fails, once. 0: none.
  void fail_call(unsigned number) { fails_in_ = number; }
  // That call and every later one fail, until crash() or kill(): power lost, seen from inside.
  void fail_from_call(unsigned number);
  bool has_failed() const { return has_failed_; }

  // From now on no file grows: SQLITE_FULL.
  void fill() { is_full_ = true; }
  void free_space() { is_full_ = false; }

  // Planted bugs: syncs that do nothing and say that they worked.
  void lie_about_log_syncs() { lies_about_log_ = true; }
  void lie_about_database_syncs() { lies_about_database_ = true; }

  // Of the file as it is now; empty if there is none.
  std::string& bytes(const std::string& path);

 private:
  friend struct DiskCalls;
  struct Change {
    bool is_truncation = false;
    std::size_t at = 0;  // where to write, or the size that is left
    std::string bytes;
  };
  struct Inode {
    std::string durable;
    std::string cached;
    std::vector<Change> unsynced;
  };
  using SharedMemory = std::vector<std::unique_ptr<char[]>>;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  bool fails();
  void lose(Inode& inode);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> registered_;
  std::mt19937_64 random_;
  Names names_;
  Names durable_names_;
  std::map<std::string, std::shared_ptr<SharedMemory>> shared_memory_;
  int life_ = 0;
  unsigned fails_in_ = 0;
  bool fails_on_ = false;
  bool has_failed_ = false;
  bool is_full_ = false;
  bool lies_about_log_ = false;
  bool lies_about_database_ = false;
};

}  // namespace readback::simulation
