#include "flags/context.h"

#include <cmath>
#include <optional>

namespace readback::flags {
namespace {

// Up to here every whole number is exact as a double, whichever way a client wrote it.
constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53

std::optional<std::string> as_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::abs(number) <= kExact && std::trunc(number) == number) {
      return std::to_string(static_cast<std::int64_t>(number));
    }
  }
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

}  // namespace

Result<Context> read_context(const nlohmann::json& context) {
  Context read;
  if (context.is_null()) return read;
  if (!context.is_object()) return Problem{"/context", "the context is no object"};
  for (const auto& [name, value] : context.items()) {
    if (name == "targetingKey") {
      if (value.is_null()) continue;
      if (!value.is_string()) {
        return Problem{"/context/targetingKey", "the targetingKey is no text"};
      }
      read.targeting_key = value.get<std::string>();
    } else if (const std::optional<std::string> text = as_text(value)) {
      read.attributes.emplace(name, *text);
    }
  }
  return read;
}

}  // namespace readback::flags
