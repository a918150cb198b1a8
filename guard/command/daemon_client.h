#pragma once

#include <chrono>
#include <string>

// One HTTP exchange with a guard that may be well, hung or gone: over its Unix socket, or as an
// application asks it over TCP. Blocks, but never longer than it is told to.

namespace readback::guard {

struct Question {
  std::string method = "GET";
  std::string path;
  std::string body{};                         // JSON, or empty
  std::string token{};                        // bearer, or empty
  std::chrono::milliseconds patience{2'000};  // for all of it
};

struct Heard {
  enum class Kind {
    answered,   // `status` and `body`, whatever they are
    absent,     // nobody listens there
    forbidden,  // this user may not connect there
    silent,     // no whole answer in time, or none that is HTTP
  };
  Kind kind = Kind::silent;
  int status = 0;
  std::string body;
  std::string words;  // of all but answered: why
};

Heard ask_socket(const std::string& path, const Question& question);

// `address`: numeric, "127.0.0.1:8016" or "[::1]:8016".
Heard ask_address(const std::string& address, const Question& question);

}  // namespace readback::guard
