#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "guard/document.h"

// The shape of a document, by JSON Schema draft 7. valijson judges; the words are ours, since a
// person wants to know what was expected there and which key he may have meant.
//
// A `title` in a schema is the noun phrase after "expected". References are followed within one
// schema ("#/..."). `end` is left to check_end().

namespace readback::guard {

// Adds a fault for each place of `document` that `schema` (a JSON Schema's text, one of ours)
// refuses.
void check_schema(const Document& document, std::string_view schema, std::vector<Fault>& faults);

// The words for the places (JSON Pointers) that a validator refused. Adds at least one fault.
void tell_refused(const Document& document, const nlohmann::json& schema,
                  const std::set<std::string>& places, std::vector<Fault>& faults);

// The key of `keys` that is most like `name`: at most two letters away, and under half of it.
// Empty: none is near.
std::string nearest_key(std::string_view name, const std::set<std::string>& keys);

}  // namespace readback::guard
