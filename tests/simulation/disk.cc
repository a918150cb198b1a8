#include "tests/simulation/disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <set>

namespace readback::simulation {

// What SQLite calls, with access to the disk.
struct DiskCalls {
  // SQLite gives the memory for it.
  struct Handle {
    sqlite3_file base;
    Disk* disk;
    int life;
    bool is_log;
    bool syncs_directory;  // at its first sync
    std::string name;
    std::shared_ptr<Disk::Inode> inode;
    std::shared_ptr<Disk::SharedMemory> shared_memory;
  };

  static Handle& handle(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static Disk& disk(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }
  static bool fails(Handle& file) { return file.life != file.disk->life_ || file.disk->fails(); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    Disk& self = disk(vfs);
    file->pMethods = nullptr;
    if (self.fails()) return SQLITE_CANTOPEN;
    std::shared_ptr<Disk::Inode> inode;
    if (name != nullptr && self.names_.count(name) > 0) inode = self.names_[name];
    if (!inode) {
      if (name != nullptr && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      if (self.is_full_) return SQLITE_CANTOPEN;
      inode = std::make_shared<Disk::Inode>();
      if (name != nullptr) self.names_[name] = inode;
    }
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    // As os_unix.c has it, whether the file was there or not.
    const bool may_be_new =
        (flags & SQLITE_OPEN_CREATE) != 0 && (is_log || (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0);
    new (file)
        Handle{{&kMethods}, &self,  self.life_, is_log, may_be_new, name == nullptr ? "" : name,
               inode,       nullptr};
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }

  static int close(sqlite3_file* file) {
    handle(file).~Handle();
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    Handle& self = handle(file);
    if (fails(self)) return SQLITE_IOERR_READ;
    const std::string& bytes = self.inode->cached;
    const auto begin = std::min(bytes.size(), static_cast<std::size_t>(at));
    const auto got = std::min(bytes.size() - begin, static_cast<std::size_t>(size));
    std::memcpy(to, bytes.data() + begin, got);
    std::memset(static_cast<char*>(to) + got, 0, static_cast<std::size_t>(size) - got);
    return got == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    Handle& self = handle(file);
    if (self.life != self.disk->life_) return SQLITE_IOERR_WRITE;
    const auto begin = static_cast<std::size_t>(at);
    Disk::Change change{
        false, begin, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))};
    const bool fails = self.disk->fails();
    if (fails) change.bytes.resize(self.disk->random_() % (change.bytes.size() + 1));
    if (self.disk->is_full_ && begin + change.bytes.size() > self.inode->cached.size())
      return SQLITE_FULL;
    apply(change, self.inode->cached);
    self.inode->unsynced.push_back(std::move(change));
    if (!fails) return SQLITE_OK;
    return self.disk->random_() % 2 == 0 ? SQLITE_IOERR_WRITE : SQLITE_FULL;
  }

  static void apply(const Disk::Change& change, std::string& bytes) {
    if (change.is_truncation) {
      bytes.resize(change.at, '\0');
      return;
    }
    bytes.resize(std::max(bytes.size(), change.at + change.bytes.size()), '\0');
    bytes.replace(change.at, change.bytes.size(), change.bytes);
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Handle& self = handle(file);
    if (fails(self)) return SQLITE_IOERR_TRUNCATE;
    Disk::Change change{true, static_cast<std::size_t>(size), ""};
    apply(change, self.inode->cached);
    self.inode->unsynced.push_back(std::move(change));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    Handle& self = handle(file);
    if (fails(self)) {
      // As on Linux: what a failed sync did not write counts as clean from then on, and whatever
      // was going to reach the disk has done so. The page cache keeps showing it.
      if (self.life == self.disk->life_) self.disk->lose(*self.inode);
      return SQLITE_IOERR_FSYNC;
    }
    Disk& disk = *self.disk;
    if (self.is_log ? disk.lies_about_log_ : disk.lies_about_database_) return SQLITE_OK;
    for (const Disk::Change& change : self.inode->unsynced) apply(change, self.inode->durable);
    self.inode->unsynced.clear();
    if (self.syncs_directory) disk.durable_names_ = disk.names_;
    self.syncs_directory = false;
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    Handle& self = handle(file);
    if (fails(self)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(self.inode->cached.size());
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    Disk& self = disk(vfs);
    if (self.fails()) return SQLITE_IOERR_DELETE;
    if (self.names_.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory != 0) self.durable_names_ = self.names_;
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    Disk& self = disk(vfs);
    if (self.fails()) return SQLITE_IOERR_ACCESS;
    *result = self.names_.count(name) > 0 ? 1 : 0;
    return SQLITE_OK;
  }

  static int map_memory(sqlite3_file* file, int page, int size, int, void volatile** memory) {
    Handle& self = handle(file);
    if (fails(self)) return SQLITE_IOERR_SHMMAP;
    auto& regions = self.disk->shared_memory_[self.name];
    if (!regions) regions = std::make_shared<Disk::SharedMemory>();
    self.shared_memory = regions;
    while (regions->size() <= static_cast<std::size_t>(page))
      regions->push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    *memory = (*regions)[static_cast<std::size_t>(page)].get();
    return SQLITE_OK;
  }

  static int unmap_memory(sqlite3_file* file, int) {
    Handle& self = handle(file);
    // There is one connection, so nobody else has it.
    if (self.life == self.disk->life_) self.disk->shared_memory_.erase(self.name);
    self.shared_memory.reset();
    return SQLITE_OK;
  }

  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int lock_memory(sqlite3_file*, int, int, int) { return SQLITE_OK; }
  static void order_memory(sqlite3_file*) {}
  static int is_reserved(sqlite3_file*, int* result) {
    *result = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 4'096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* full) {
    sqlite3_snprintf(size, full, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs* vfs, int size, char* bytes) {
    for (int i = 0; i < size; ++i) bytes[i] = static_cast<char>(disk(vfs).random_());
    return size;
  }
  static int sleep(sqlite3_vfs*, int) { return 0; }
  static int time(sqlite3_vfs*, sqlite3_int64* now) {
    *now = 212'655'456'000'000;  // Some day of 2026, in milliseconds since noon of 4714 BC.
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods DiskCalls::kMethods = {2,
                                                close,
                                                read,
                                                write,
                                                truncate,
                                                sync,
                                                file_size,
                                                lock,
                                                lock,
                                                is_reserved,
                                                control,
                                                sector_size,
                                                characteristics,
                                                map_memory,
                                                lock_memory,
                                                order_memory,
                                                unmap_memory,
                                                nullptr,
                                                nullptr};

Disk::Disk(std::uint64_t seed) : registered_(std::make_unique<sqlite3_vfs>()), random_(seed) {
  static std::atomic<int> made = 0;  // Seeds are played on several threads.
  name_ = "disk-" + std::to_string(++made);
  registered_->iVersion = 2;
  registered_->szOsFile = sizeof(DiskCalls::Handle);
  registered_->mxPathname = 512;
  registered_->zName = name_.c_str();
  registered_->pAppData = this;
  registered_->xOpen = DiskCalls::open;
  registered_->xDelete = DiskCalls::remove;
  registered_->xAccess = DiskCalls::access;
  registered_->xFullPathname = DiskCalls::full_path;
  registered_->xRandomness = DiskCalls::randomness;
  registered_->xSleep = DiskCalls::sleep;
  registered_->xGetLastError = DiskCalls::last_error;
  registered_->xCurrentTimeInt64 = DiskCalls::time;
  sqlite3_vfs_register(registered_.get(), 0);
}

Disk::~Disk() {
  sqlite3_vfs_unregister(registered_.get());
}

void Disk::fail_from_call(unsigned number) {
  fails_in_ = number;
  fails_on_ = true;
}

bool Disk::fails() {
  if (fails_in_ == 0) return false;
  if (--fails_in_ > 0) return false;
  has_failed_ = true;
  if (fails_on_) fails_in_ = 1;
  return true;
}

void Disk::lose(Inode& inode) {
  for (Change& change : inode.unsynced) {
    const auto size = change.bytes.size();
    switch (random_() % 4) {
      case 0:
        continue;  // Dropped.
      case 1:
        break;  // It happened to reach the disk.
      case 2:
        change.bytes.resize(random_() % (size + 1));
        break;
      default: {
        const auto lost = random_() % (size + 1);
        if (!change.is_truncation) change.at += lost;
        change.bytes.erase(0, lost);
      }
    }
    DiskCalls::apply(change, inode.durable);
  }
  inode.unsynced.clear();
}

void Disk::crash() {
  std::set<std::string> names;
  for (const auto& [name, inode] : names_) names.insert(name);
  for (const auto& [name, inode] : durable_names_) names.insert(name);
  for (const std::string& name : names) {
    if (random_() % 2 == 0) continue;
    // This change of the directory happened to reach the disk.
    if (names_.count(name) > 0)
      durable_names_[name] = names_[name];
    else
      durable_names_.erase(name);
  }
  names_ = durable_names_;
  for (const auto& [name, inode] : names_) {
    lose(*inode);
    inode->cached = inode->durable;
  }
  kill();
}

void Disk::kill() {
  ++life_;
  shared_memory_.clear();
  fails_in_ = 0;
  fails_on_ = false;
  has_failed_ = false;
}

std::string& Disk::bytes(const std::string& path) {
  if (names_.count(path) == 0) names_[path] = std::make_shared<Inode>();
  return names_[path]->cached;
}

}  // namespace readback::simulation
