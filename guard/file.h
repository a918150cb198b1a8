#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "guard/result.h"

// The few calls of POSIX files that durable state is made of, with errors as Problems.

namespace readback::guard {

// An open descriptor; closed at the end of its life.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// errno's words for `path`.
Problem errno_problem(const std::string& path);

// open(2), close-on-exec and through no symbolic link at the end of the path. errno is kept.
Result<File> open_file(const std::string& path, int flags, mode_t mode = 0);

Result<void> write_at(const File& file, const std::string& path, std::uint64_t offset,
                      std::string_view bytes);

// Makes the names in the directory that holds `path` durable.
Result<void> sync_directory_of(const std::string& path);

// Durable on return, and at no moment half there: written beside, synced, renamed, directory
// synced.
Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode);

// At most `max_bytes`; longer files are refused.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace readback::guard
