#include "guard/state_directory.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "flags/lease.h"

namespace readback::guard {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLastRunBytes = 1 << 20;

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

Result<std::optional<pid_t>> owner_of(const File& file, const std::string& path) {
  struct flock lock = whole_file();
  if (fcntl(file.descriptor(), F_GETLK, &lock) != 0) return errno_problem(path);
  if (lock.l_type == F_UNLCK) return std::optional<pid_t>();
  // A holder of another process id namespace has no number here.
  if (lock.l_pid <= 0) return Problem{path, "its owner is out of sight of this process"};
  return std::optional<pid_t>(lock.l_pid);
}

}  // namespace

void keep_bounds(const LastRun& before, std::chrono::milliseconds now, LastRun& run) {
  for (const auto& [key, old] : before.flags) {
    const auto until = std::max(old.held_until, flags::round_stamp(now + old.max_evidence_age));
    const auto found = run.flags.find(key);
    if (found == run.flags.end()) {
      if (until > now) run.flags[key] = {old.build, std::chrono::milliseconds(0), until};
      continue;
    }
    const bool is_shorter = found->second.max_evidence_age < old.max_evidence_age;
    found->second.held_until = is_shorter ? until : old.held_until;
  }
}

StateDirectory StateDirectory::find(const std::string& option) {
  if (!option.empty()) return StateDirectory(option);
  const char* environment = std::getenv("READBACK_STATE");
  if (environment != nullptr && *environment != '\0') return StateDirectory(environment);
  return StateDirectory("/var/lib/readback");
}

Result<void> StateDirectory::make() const {
  if (socket().size() >= sizeof(sockaddr_un{}.sun_path))
    return Problem{socket(), "the path is longer than a Unix socket's may be"};
  std::error_code code;
  const bool made = std::filesystem::create_directories(path_, code);
  if (code) return Problem{path_, code.message()};
  if (!made) return {};
  if (chmod(path_.c_str(), 0750) != 0) return errno_problem(path_);
  return sync_directory_of(path_);
}

Result<DaemonLock> StateDirectory::take_lock() const {
  auto file = open_file(lock(), O_RDWR | O_CREAT, 0640);
  if (file.has_error()) return file.error();
  struct flock wanted = whole_file();
  if (fcntl(file->descriptor(), F_SETLK, &wanted) == 0) return DaemonLock(std::move(*file));
  if (errno != EAGAIN && errno != EACCES) return errno_problem(lock());
  const auto owner = owner_of(*file, lock());
  if (owner.has_error()) return owner.error();
  const std::string who = *owner ? "process " + std::to_string(**owner) : "another process";
  return Problem{lock(), who + " guards with this state directory"};
}

Result<std::optional<pid_t>> StateDirectory::lock_owner() const {
  const auto file = open_file(lock(), O_RDONLY);
  if (file.has_error() && errno == ENOENT) return std::optional<pid_t>();
  if (file.has_error()) return file.error();
  return owner_of(*file, lock());
}

Result<bool> StateDirectory::kill_lock_owner(std::chrono::milliseconds patience) const {
  const auto owner = lock_owner();
  if (owner.has_error()) return owner.error();
  if (!*owner) return false;
  const std::string process = "process " + std::to_string(**owner);
  const long opened = syscall(SYS_pidfd_open, **owner, 0);
  if (opened < 0) return errno_problem(process);
  const File handle(static_cast<int>(opened));
  // Had the owner ended before, its number might be somebody else's by now.
  const auto again = lock_owner();
  if (again.has_error()) return again.error();
  if (*again != *owner) return Problem{lock(), "its owner changed meanwhile"};
  if (syscall(SYS_pidfd_send_signal, handle.descriptor(), SIGKILL, nullptr, 0) != 0)
    return errno_problem(process);
  pollfd ended{handle.descriptor(), POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(patience.count())) != 1)
    return Problem{process, "it lives on after SIGKILL"};
  return true;
}

Result<std::unique_ptr<LatchDevice>> StateDirectory::open_latches() const {
  const bool was_there = exists(database()) || exists(last_run());
  return open_latch_device(latches(),
                           was_there ? IfMissing::create_latched : IfMissing::create_clear);
}

Result<void> StateDirectory::write_last_run(const LastRun& run) const {
  json flags = json::object();
  for (const auto& [key, flag] : run.flags)
    flags[key] = {{"build", flag.build},
                  {"max_evidence_age_ms", flag.max_evidence_age.count()},
                  {"held_until_ms", flag.held_until.count()}};
  const json content = {{"version", 1},
                        {"ofrep_address", run.ofrep_address},
                        {"token_file", run.token_file},
                        {"flags", flags}};
  const std::string text = content.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return replace_file(last_run(), text, 0640);
}

Result<LastRun> StateDirectory::read_last_run() const {
  const auto text = read_file(last_run(), kMaxLastRunBytes);
  if (text.has_error()) return text.error();
  LastRun run;
  try {
    const json content = json::parse(*text);
    if (content.at("version") != 1) return Problem{last_run(), "it is of another version"};
    run.ofrep_address = content.at("ofrep_address").get_ref<const std::string&>();
    run.token_file = content.at("token_file").get_ref<const std::string&>();
    for (const auto& [key, flag] : content.at("flags").items())
      run.flags[key] = {
          flag.at("build").get_ref<const std::string&>(),
          std::chrono::milliseconds(flag.at("max_evidence_age_ms").get<std::int64_t>()),
          std::chrono::milliseconds(flag.value("held_until_ms", std::int64_t{0}))};
  } catch (const json::exception&) {
    return Problem{last_run(), "it isn't what a daemon writes there"};
  }
  return run;
}

}  // namespace readback::guard
