#pragma once

#include <optional>
#include <string>
#include <utility>

#include "probes/result.h"

// A credential of a synthetic practitioner: where it is to be found, never what it is. It is read
// anew for each exchange, so that a rotated one needs no reload. It has no operator<< and no way to
// JSON: what cannot be printed is in no log, ledger or core of a report.

namespace readback::probes {

// The value itself, for the one header that it goes into.
class SecretText {
 public:
  explicit SecretText(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

class Secret {
 public:
  static Secret from_environment(std::string variable) { return {std::move(variable), ""}; }
  static Secret from_file(std::string path) { return {"", std::move(path)}; }

  // The variable's value, or the file's without the newline at its end. Fails if there is none, it
  // is empty, over 8 KiB, holds a control character, or is a file that others may read
  // (private_file.h); the problem names where, not what.
  Result<SecretText> read() const;

  // "environment variable NOTES_TOKEN" or "file /etc/readback/token".
  std::string place() const;

 private:
  Secret(std::string variable, std::string path)
      : variable_(std::move(variable)), path_(std::move(path)) {}

  std::string variable_;
  std::string path_;
};

}  // namespace readback::probes
