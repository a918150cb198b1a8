#include "guard/command/demo/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>
#include <utility>

namespace readback::guard::demo {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command,
                           const std::map<std::string, std::string>& environment,
                           const std::string& log) {
  std::vector<std::string> words = command;
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, words.front().c_str(), &actions, nullptr,
                                pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Problem{words.front(), std::strerror(error)};
  return Child(pid);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

Child::~Child() {
  end();
}

bool Child::reap(int options) {
  if (pid_ < 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, options) != pid_) return false;
  pid_ = -1;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return true;
}

bool Child::is_running() {
  return !reap(WNOHANG);
}

int Child::end(std::chrono::milliseconds patience) {
  if (!is_running()) return status_;
  kill(pid_, SIGTERM);
  constexpr std::chrono::milliseconds kLook{20};
  for (std::chrono::milliseconds waited{0}; waited < patience && is_running(); waited += kLook)
    std::this_thread::sleep_for(kLook);
  if (is_running()) {
    kill(pid_, SIGKILL);
    reap(0);
  }
  return status_;
}

}  // namespace readback::guard::demo
