#include "guard/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace readback::guard {

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

Problem errno_problem(const std::string& path) {
  return {path, std::system_category().message(errno)};
}

Result<File> open_file(const std::string& path, int flags, mode_t mode) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) return errno_problem(path);
  return File(descriptor);
}

Result<void> write_at(const File& file, const std::string& path, std::uint64_t offset,
                      std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_problem(path);
    offset += static_cast<std::uint64_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  // The dot follows a symbolic link, as systemd makes one of a state directory.
  const std::string directory = parent.empty() ? "." : (parent / ".").string();
  const auto file = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (file.has_error()) return file.error();
  if (fsync(file->descriptor()) != 0) return errno_problem(directory);
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = path + ".new";
  Result<void> done;
  {
    const auto file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (file.has_error()) return file.error();
    done = write_at(*file, temporary, 0, bytes);
    if (done.has_value() && fsync(file->descriptor()) != 0) done = errno_problem(temporary);
  }
  if (done.has_value() && rename(temporary.c_str(), path.c_str()) != 0) done = errno_problem(path);
  if (done.has_error()) {
    unlink(temporary.c_str());
    return done;
  }
  return sync_directory_of(path);
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const auto file = open_file(path, O_RDONLY);
  if (file.has_error()) return file.error();
  std::string bytes(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(file->descriptor(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_problem(path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes)
    return Problem{path, "it has more than " + std::to_string(max_bytes) + " bytes"};
  bytes.resize(size);
  return {boost::system::in_place_value, std::move(bytes)};
}

}  // namespace readback::guard
