#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "guard/result.h"

// A program that the demo started and ends. What it prints goes to a file.

namespace readback::guard::demo {

class Child {
 public:
  // Starts `command` (its first word is a path) with the variables of `environment` added to our
  // own; standard output and error are appended to the file `log`.
  static Result<Child> start(const std::vector<std::string>& command,
                             const std::map<std::string, std::string>& environment,
                             const std::string& log);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();  // ends it

  bool is_running();
  // Asks it to end (SIGTERM), waits for at most `patience`, and then kills it. Returns its exit
  // status; -1 if a signal ended it.
  int end(std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  bool reap(int options);

  pid_t pid_ = -1;  // -1: gone
  int status_ = -1;
};

}  // namespace readback::guard::demo
