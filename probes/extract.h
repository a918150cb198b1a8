#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "probes/plan.h"
#include "probes/template.h"

// What a plan finds in a reply. Replies are hostile: whatever they hold ends as "not found" or "not
// so". Explanations name pointers and keys, and never hold a value of the reply.

namespace readback::probes {

// Nothing if it is no JSON, or nested deeper than 64. What is JSON but for bytes that are no UTF-8,
// or for half surrogate pairs, is read with U+FFFD in their places: a text that was cut within a
// character is a loss to be told, not an unreadable reply.
std::optional<nlohmann::json> parse_body(std::string_view body);

// RFC 6901.
bool is_pointer(std::string_view text);
// Null if there is nothing there. "" is the whole.
const nlohmann::json* find_at(const nlohmann::json& whole, std::string_view pointer);
// Why nothing is there, for people: "there is no /visits, at the top are: items, total".
std::string advice(const nlohmann::json& whole, std::string_view pointer);

// Why an ICU regular expression is none; nothing if it is.
std::optional<std::string> pattern_fault(std::string_view pattern);

// Why the reply is not what `answer` says; nothing if it is. `body` is null for what is no JSON.
std::optional<std::string> unmet(const Answer& answer, int status, const nlohmann::json* body,
                                 const Lookup& lookup);

// The record that a read is about.
struct Selected {
  const nlohmann::json* record = nullptr;
  bool is_absent = false;   // the list is there and has no such item
  std::string explanation;  // if there is no record
};
Selected select(const nlohmann::json& body, const std::optional<Selection>& selection,
                const Lookup& lookup);

}  // namespace readback::probes
