#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// A file that a person wrote, as JSON and as a map from JSON Pointer to where that stands, so that
// every later check names a pointer and the person is told FILE:LINE:COLUMN.
//
// Strict, since a config that is read otherwise than it was meant may expose practitioners: YAML is
// read as the part of YAML 1.2 that cannot surprise. Refused are duplicate keys, anchors, aliases,
// merge keys, tags, several documents, whatever one YAML reader takes for a number or a truth value
// and another for text (yes, off, 010, 0x1f, 1_000, 1:30, .nan), numbers out of range, invalid
// UTF-8, control characters and all that is over the bounds below.

namespace readback::guard {

inline constexpr std::size_t kDocumentBytes = std::size_t{1} << 20;
inline constexpr std::size_t kDocumentNodes = 200'000;  // keys and values
inline constexpr std::size_t kDocumentDepth = 32;       // mappings and sequences in one another
inline constexpr std::size_t kDocumentText = 4'096;     // bytes of one text (std::regex recurses)

struct Position {
  unsigned line = 1;    // 1-based
  unsigned column = 1;  // 1-based, in code points
  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

// What is wrong with a config, and where. Never holds a secret.
struct Fault {
  std::string file;
  Position at;
  std::string what;  // one sentence, lower case, no full stop
};
std::string to_string(const Fault& fault);  // "FILE:LINE:COLUMN: what"

struct Document {
  struct Place {
    std::optional<Position> key;  // of members of a mapping
    Position value;
  };

  std::string file;
  nlohmann::json json;
  std::map<std::string, Place> places;  // by JSON Pointer; "" is the whole
  Position end;                         // behind the last byte

  // Where the value at `pointer` begins. What isn't there is missing from the nearest that is, and
  // that one's key_at() is told.
  Position value_at(std::string_view pointer) const;
  // Where its key begins; its value, if it has no key.
  Position key_at(std::string_view pointer) const;
};

// The pointer of `parent`'s member `key`, escaped.
std::string member(std::string_view parent, std::string_view key);
std::string member(std::string_view parent, std::size_t index);

// Reads the file at `path`: JSON if the name ends in .json, else YAML. Nothing if it can't be read
// or is neither; then, and for whatever else is refused, faults are added. A file with a duplicate
// key or an ambiguous word is still returned, so that everything can be told at once.
std::optional<Document> read_document(const std::string& path, std::vector<Fault>& faults);
std::optional<Document> parse_document(const std::string& file, std::string_view text,
                                       std::vector<Fault>& faults);

// A file that was cut off may still be YAML, and mean something else; so the last key of each has
// to be `end: readback`. Adds a fault and returns false if it isn't.
bool check_end(const Document& document, std::vector<Fault>& faults);

// Whether a problem at `pointer` follows from what is `told` of `document` already: it is of a key
// that is missing, and a key beside it is wrong.
class Consequences {
 public:
  Consequences(const Document& document, const std::vector<Fault>& told);
  bool holds(const std::string& pointer) const;

 private:
  const Document& document_;
  std::set<Position> told_;
};

// Adds what is `found` at places of which no fault is told yet: who says that a key is unknown, or
// a text no duration, need not hear what follows from it.
void add_new(std::vector<Fault> found, std::vector<Fault>& told);

// In the order in which `files` are given, then by position.
std::vector<Fault> in_order(std::vector<Fault> faults, const std::vector<std::string>& files);

}  // namespace readback::guard
