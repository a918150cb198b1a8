#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "guard/result.h"

// Reads a JSON body that a stranger sent. Stricter than nlohmann::json::parse, which takes 100,000
// nested arrays (and overflows the stack with them later), lets the last of two equal keys win and
// turns a whole number over 64 bits into an inexact one: two readers of such a body would see two
// different things, so it is refused.

namespace readback::guard::server {

// Arrays and objects may be nested so deep: {"context": {"a": 1}} is 2.
inline constexpr unsigned kDepth = 16;

// Exactly one JSON text (RFC 8259). Fails, `where` empty, on anything that is none: invalid UTF-8,
// lone surrogates, an empty body, bytes after its end, NaN; and on two equal keys in one object,
// nesting over `depth`, whole numbers outside of 64 bits and others outside of a double. `what`
// repeats nothing of the body, which may hold personal data, but says where the fault is.
Result<nlohmann::json> read_json(std::string_view body, unsigned depth = kDepth);

}  // namespace readback::guard::server
