#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "probes/result.h"

// What is written. A payload class is a kind of text that some product has lost; a seed and a field
// make one text of it. The classes, each with the bugs behind it, are data: corpus/payloads.json.

namespace readback::probes {

// One class of the corpus.
struct PayloadClass {
  std::string name;
  std::string what;  // in words
  bool in_text_field =
      true;                 // else it needs a form, a browser or a structure, and has no text here
  bool has_nonce = true;    // else its texts repeat: each needs a record of its own
  bool is_default = false;  // used where a plan names none
  bool may_be_refused = false;  // over some limit: an honest refusal is a pass
  std::string policy;           // what a product may alter, in words, for the report
  std::vector<std::string> bugs;
};

// In the corpus's order, which begins with "any", the control payload.
const std::vector<PayloadClass>& payload_classes();

// nullptr if there is none of that name.
const PayloadClass* find_payload_class(std::string_view name);

// A text and what it takes to make it again.
struct Payload {
  std::string payload_class;
  std::uint64_t seed = 0;
  std::string text;  // UTF-8
};

// The text of a class: UTF-8, never with a byte-order mark at its start. The same three make the
// same text in every release (pinned by a test); another seed or field makes another text, but in
// the classes without a nonce, where the seed only picks among the corpus's. It begins with, or
// soon holds, token(seed, field) and ends with tail(seed, field) but for blanks and brackets.
// Refused: an unknown class, and one that a text field cannot carry.
Result<std::string> make_text(std::string_view payload_class, std::uint64_t seed,
                              std::string_view field);

}  // namespace readback::probes
