#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "guard/file.h"
#include "guard/latch_file.h"
#include "guard/latch_format.h"

namespace readback::guard {
namespace {

constexpr std::chrono::milliseconds kLockPollInterval{5};

// An open file description's own lock: two devices of one process exclude each other, too, and the
// kernel frees it when its holder is killed.
struct flock whole_file(short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  return lock;
}

class FileLatchDevice final : public LatchDevice {
 public:
  FileLatchDevice(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  Result<std::string> read_all() override {
    // One byte more than it should have, so that a longer file is seen to be longer.
    std::string bytes(kLatchFileBytes + 1, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
      const ssize_t got = pread(file_.descriptor(), bytes.data() + size, bytes.size() - size,
                                static_cast<off_t>(size));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_problem(path_);
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return {boost::system::in_place_value, std::move(bytes)};
  }

  Result<void> write(std::uint64_t offset, std::string_view bytes) override {
    return write_at(file_, path_, offset, bytes);
  }

  Result<void> sync() override {
    if (fdatasync(file_.descriptor()) != 0) return errno_problem(path_);
    return {};
  }

  Result<void> lock(std::chrono::milliseconds patience) override {
    // Counted in pauses, not by a clock: a patience that is a little too long harms nobody.
    for (auto waited = std::chrono::milliseconds::zero();; waited += kLockPollInterval) {
      struct flock lock = whole_file(F_WRLCK);
      if (fcntl(file_.descriptor(), F_OFD_SETLK, &lock) == 0) return {};
      if (errno != EAGAIN && errno != EACCES && errno != EINTR) return errno_problem(path_);
      if (waited >= patience) return Problem{path_, "somebody else holds its lock"};
      std::this_thread::sleep_for(kLockPollInterval);
    }
  }

  void unlock() override {
    struct flock lock = whole_file(F_UNLCK);
    fcntl(file_.descriptor(), F_OFD_SETLK, &lock);
  }

 private:
  std::string path_;
  File file_;
};

Result<void> create(const std::string& path, bool latched) {
  const std::string temporary = path + ".new." + std::to_string(getpid());
  // The daemon's group may revert, too, when the daemon is down.
  auto file = open_file(temporary, O_RDWR | O_CREAT | O_TRUNC, 0660);
  if (file.has_error()) return file.error();
  const std::string bytes = new_latch_file(latched);
  Result<void> done;
  const int full = posix_fallocate(file->descriptor(), 0, static_cast<off_t>(bytes.size()));
  if (full != 0) done = Problem{temporary, std::strerror(full)};
  // Written, too: a block that was only reserved may need a new one of the file system at its first
  // write.
  if (done.has_value()) done = write_at(*file, temporary, 0, bytes);
  if (done.has_value() && fchmod(file->descriptor(), 0660) != 0) done = errno_problem(temporary);
  if (done.has_value() && fsync(file->descriptor()) != 0) done = errno_problem(temporary);
  // link(2) does not replace: the first one wins.
  if (done.has_value() && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
    done = errno_problem(path);
  unlink(temporary.c_str());
  if (done.has_value()) done = sync_directory_of(path);
  return done;
}

}  // namespace

Result<std::unique_ptr<LatchDevice>> open_latch_device(const std::string& path, IfMissing missing) {
  std::error_code ignored;
  if (missing != IfMissing::fail && !std::filesystem::exists(path, ignored)) {
    const auto made = create(path, missing == IfMissing::create_latched);
    if (made.has_error()) return made.error();
  }
  auto file = open_file(path, O_RDWR);
  if (file.has_error() && (errno == EACCES || errno == EROFS)) file = open_file(path, O_RDONLY);
  if (file.has_error()) return file.error();
  return std::unique_ptr<LatchDevice>(
      std::make_unique<FileLatchDevice>(path, std::move(file).value()));
}

}  // namespace readback::guard
