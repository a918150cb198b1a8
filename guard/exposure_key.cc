#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "guard/exposures.h"

namespace readback::guard {
namespace {

constexpr std::size_t kKeyBytes = 32;

Problem failed(const std::string& path) {
  return {path, std::generic_category().message(errno)};
}

// Made beside its place and moved there, so that no crash leaves half a key.
Result<std::string> make_key(const std::string& path) {
  std::string key(kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeyBytes) != 1) {
    return Problem{path, "no random bytes for a key"};
  }
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed(beside);
  const bool is_written =
      ::write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
      ::fsync(file) == 0;
  const Problem problem = failed(beside);
  ::close(file);
  if (!is_written) return problem;
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed(path);
  return Result<std::string>(boost::system::in_place_value, std::move(key));
}

}  // namespace

Result<std::string> exposure_key(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno != ENOENT) return failed(path);
    return make_key(path);
  }
  std::string key(kKeyBytes + 1, '\0');
  const ssize_t count = ::read(file, key.data(), key.size());
  const Problem problem = failed(path);
  ::close(file);
  if (count < 0) return problem;
  if (count != static_cast<ssize_t>(kKeyBytes)) {
    return Problem{path, "holds no key of 32 bytes"};
  }
  key.resize(kKeyBytes);
  return Result<std::string>(boost::system::in_place_value, std::move(key));
}

}  // namespace readback::guard
