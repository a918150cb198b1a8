#include "probes/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace readback::probes {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// Asked of the open file, so that it is the one that is read.
std::optional<std::string> why_exposed(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || S_ISDIR(status.st_mode)) return " cannot be read";
  if ((status.st_mode & S_IRWXO) != 0) return " is open to every user: chmod o= it";
  if ((status.st_mode & S_IWGRP) != 0) return " can be written by its group: chmod g-w it";
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return " belongs to user " + std::to_string(status.st_uid) +
           ", who is neither root nor this one: chown it";
  return std::nullopt;
}

}  // namespace

Result<std::string> read_private_file(const std::string& path, std::size_t most_bytes) {
  const auto problem = [&](const std::string& what) { return Problem{"", "file " + path + what}; };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) return problem(" cannot be read");
  if (const auto why = why_exposed(file.number())) return problem(*why);
  std::string text(most_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return problem(" cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most_bytes) return problem(" is too long for a secret");
  text.resize(size);
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

}  // namespace readback::probes
