#include "probes/secret.h"

#include <algorithm>
#include <cstdlib>

#include "probes/private_file.h"

namespace readback::probes {
namespace {

constexpr std::size_t kLongestSecret = 8192;  // bytes: what servers take as one header

Result<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return Problem{"", "environment variable " + name + " cannot be read"};
  return Result<std::string>(boost::system::in_place_value, value);
}

Result<std::string> read_line(const std::string& path) {
  // A line's end is no part of the secret.
  auto text = read_private_file(path, kLongestSecret + 2);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return text;
}

}  // namespace

std::string Secret::place() const {
  return variable_.empty() ? "file " + path_ : "environment variable " + variable_;
}

Result<SecretText> Secret::read() const {
  auto text = variable_.empty() ? read_line(path_) : read_variable(variable_);
  if (!text) return text.error();
  if (text->empty()) return Problem{"", place() + " is empty"};
  if (text->size() > kLongestSecret) return Problem{"", place() + " is too long for a secret"};
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text->begin(), text->end(), is_control))
    return Problem{"", place() + " holds a control character"};
  return SecretText(*std::move(text));
}

}  // namespace readback::probes
