#pragma once

#include <string>
#include <vector>

#include "guard/document.h"

// Builds a Document from the events of a parser: what YAML and JSON have in common. Finds duplicate
// keys and keeps the bounds on depth and nodes.

namespace readback::guard {

class DocumentBuilder {
 public:
  DocumentBuilder(Document& document, std::vector<Fault>& faults)
      : document_(document), faults_(faults) {}

  // Whether the next event is a key.
  bool expects_key() const;

  // Each returns false once a bound was passed; the parser must stop then, and a fault was added.
  bool key(const std::string& name, Position at);
  bool scalar(nlohmann::json value, Position at);
  bool open(nlohmann::json empty, Position at);  // an empty object or array
  void close();

  // Where a value that has no text of its own stands: at its key.
  Position empty_at(Position otherwise) const;

 private:
  struct Frame {
    nlohmann::json value;
    std::string pointer;
    bool is_dropped = false;  // within the value of a duplicate key
    std::optional<std::string> key;
    Position key_at;
    bool is_duplicate = false;  // the key that waits for its value
  };
  bool count(Position at);
  void place(const std::string& pointer, Position at);
  std::string next_pointer() const;
  bool is_next_dropped() const;
  void add(nlohmann::json value);

  Document& document_;
  std::vector<Fault>& faults_;
  std::vector<Frame> open_;
  std::size_t nodes_ = 0;
};

// Both add the reason to `faults` where they return false.
bool parse_yaml(std::string_view text, Document& document, std::vector<Fault>& faults);
bool parse_json(std::string_view text, Document& document, std::vector<Fault>& faults);

}  // namespace readback::guard
