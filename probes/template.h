#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/result.h"

// Strings of a plan with placeholders, "/visits/${visit}/notes". They are filled in one pass, so a
// value that looks like a placeholder stays a value; and where each goes is a library's business,
// so that no value breaks out of its JSON string, its path segment, its query or its header.
//
// A name is made of letters, digits, '_', '-', '.', and at most one ':'. "${" always begins a
// placeholder; there is no escape.

namespace readback::probes {

// The value of a name, a JSON scalar; nothing if it has none.
using Lookup = std::function<std::optional<nlohmann::json>(std::string_view name)>;

// The names in `text`, in order, repeats included. Fails on a placeholder without an end or with a
// name that can't be one.
Result<std::vector<std::string>> placeholders(std::string_view text);
// Of all strings of a body; its keys are no templates.
Result<std::vector<std::string>> body_placeholders(const nlohmann::json& body);

// Each of these fails if a name has no value, with the name.

// Plain text: numbers and truth values as JSON writes them.
Result<std::string> fill_text(std::string_view text, const Lookup& lookup);

// A header's value: as text, and refused if it holds a control character.
Result<std::string> fill_header(std::string_view text, const Lookup& lookup);

// A string that is one placeholder and nothing else takes the value as it is, so a captured number
// stays a number; else values become text within the string.
Result<nlohmann::json> fill_body(const nlohmann::json& body, const Lookup& lookup);

// Path and query below `base_url`. Every byte of a value that is not unreserved (RFC 3986) is
// percent-encoded. A path segment that would be empty, "." or ".." by its values is refused.
Result<std::string> fill_url(std::string_view base_url, std::string_view url, const Lookup& lookup);

// Whether `url` can be a step's: begins with one '/', no fragment, no dot segments, well formed
// once its placeholders are filled.
std::optional<std::string> url_fault(std::string_view url);

}  // namespace readback::probes
