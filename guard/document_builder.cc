#include "guard/document_builder.h"

#include <cassert>
#include <utility>

namespace readback::guard {

bool DocumentBuilder::expects_key() const {
  return !open_.empty() && open_.back().value.is_object() && !open_.back().key;
}

bool DocumentBuilder::key(const std::string& name, Position at) {
  assert(expects_key());
  if (!count(at)) return false;
  if (name.size() > kDocumentText) {
    faults_.push_back(
        {document_.file, at, "a key of over " + std::to_string(kDocumentText) + " bytes"});
    return false;
  }
  Frame& frame = open_.back();
  frame.key = name;
  frame.key_at = at;
  frame.is_duplicate = frame.value.contains(name);
  if (frame.is_duplicate && !frame.is_dropped) {
    const Position first = document_.key_at(member(frame.pointer, name));
    faults_.push_back({document_.file, at,
                       "duplicate key \"" + name + "\": it stands on line " +
                           std::to_string(first.line) + " already"});
  }
  return true;
}

bool DocumentBuilder::scalar(nlohmann::json value, Position at) {
  if (!count(at)) return false;
  if (value.is_string() && value.get_ref<const std::string&>().size() > kDocumentText) {
    faults_.push_back(
        {document_.file, at, "a text of over " + std::to_string(kDocumentText) + " bytes"});
    return false;
  }
  place(next_pointer(), at);
  add(std::move(value));
  return true;
}

bool DocumentBuilder::open(nlohmann::json empty, Position at) {
  if (!count(at)) return false;
  if (open_.size() == kDocumentDepth) {
    faults_.push_back(
        {document_.file, at,
         "nested deeper than " + std::to_string(kDocumentDepth) + " mappings and sequences"});
    return false;
  }
  place(next_pointer(), at);
  Frame frame;
  frame.value = std::move(empty);
  frame.pointer = next_pointer();
  frame.is_dropped = is_next_dropped();
  open_.push_back(std::move(frame));
  return true;
}

void DocumentBuilder::close() {
  nlohmann::json value = std::move(open_.back().value);
  open_.pop_back();
  add(std::move(value));
}

Position DocumentBuilder::empty_at(Position otherwise) const {
  return !open_.empty() && open_.back().key ? open_.back().key_at : otherwise;
}

bool DocumentBuilder::count(Position at) {
  if (++nodes_ <= kDocumentNodes) return true;
  faults_.push_back(
      {document_.file, at, "more than " + std::to_string(kDocumentNodes) + " keys and values"});
  return false;
}

void DocumentBuilder::place(const std::string& pointer, Position at) {
  if (is_next_dropped()) return;
  Document::Place place{std::nullopt, at};
  if (!open_.empty() && open_.back().key) place.key = open_.back().key_at;
  document_.places.emplace(pointer, place);
}

std::string DocumentBuilder::next_pointer() const {
  if (open_.empty()) return "";
  const Frame& frame = open_.back();
  return frame.key ? member(frame.pointer, *frame.key) : member(frame.pointer, frame.value.size());
}

bool DocumentBuilder::is_next_dropped() const {
  return !open_.empty() && (open_.back().is_dropped || open_.back().is_duplicate);
}

void DocumentBuilder::add(nlohmann::json value) {
  if (open_.empty()) {
    document_.json = std::move(value);
    return;
  }
  Frame& frame = open_.back();
  if (frame.value.is_array()) {
    frame.value.push_back(std::move(value));
    return;
  }
  if (!frame.is_duplicate) frame.value[*frame.key] = std::move(value);
  frame.key.reset();
  frame.is_duplicate = false;
}

}  // namespace readback::guard
