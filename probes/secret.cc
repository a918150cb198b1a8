#include "probes/secret.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace readback::probes {
namespace {

constexpr std::size_t kLongestSecret = 8192;  // bytes: what servers take as one header

std::optional<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLongestSecret + 3, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

std::string Secret::place() const {
  return variable_.empty() ? "file " + path_ : "environment variable " + variable_;
}

Result<SecretText> Secret::read() const {
  auto text = variable_.empty() ? read_file(path_) : read_variable(variable_);
  if (!text) return Problem{"", place() + " cannot be read"};
  if (text->empty()) return Problem{"", place() + " is empty"};
  if (text->size() > kLongestSecret) return Problem{"", place() + " is too long for a secret"};
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text->begin(), text->end(), is_control))
    return Problem{"", place() + " holds a control character"};
  return SecretText(*std::move(text));
}

}  // namespace readback::probes
