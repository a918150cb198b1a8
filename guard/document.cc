#include "guard/document.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>
#include <utility>

#include "guard/document_builder.h"

namespace readback::guard {
namespace {

// Looks for what no config may hold: invalid UTF-8 and control characters. Tells where, or else
// moves `at` to the end.
std::optional<std::string> unreadable(std::string_view text, Position& at) {
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    UChar32 c = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // within ICU's macro
    U8_NEXT(text.data(), i, length, c);
#pragma GCC diagnostic pop
    if (c < 0) return "invalid UTF-8";
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || c == 0xfeff) {
      return "a control character or byte order mark: remove it";
    }
    if (c == '\n') at = {at.line + 1, 0};
    ++at.column;
  }
  return std::nullopt;
}

}  // namespace

std::string to_string(const Fault& fault) {
  return fault.file + ":" + std::to_string(fault.at.line) + ":" + std::to_string(fault.at.column) +
         ": " + fault.what;
}

Position Document::value_at(std::string_view pointer) const {
  const auto found = places.find(std::string(pointer));
  return found == places.end() ? key_at(pointer) : found->second.value;
}

Position Document::key_at(std::string_view pointer) const {
  for (;;) {
    const auto found = places.find(std::string(pointer));
    if (found != places.end()) return found->second.key.value_or(found->second.value);
    if (pointer.empty()) return {};
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
}

std::string member(std::string_view parent, std::string_view key) {
  return (nlohmann::json::json_pointer(std::string(parent)) / std::string(key)).to_string();
}

std::string member(std::string_view parent, std::size_t index) {
  return std::string(parent) + "/" + std::to_string(index);
}

std::optional<Document> read_document(const std::string& path, std::vector<Fault>& faults) {
  const auto refuse = [&](const std::string& why) {
    faults.push_back({path, {}, why});
    return std::nullopt;
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return refuse("is a directory, not a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return refuse(std::string("cannot be read: ") + std::strerror(errno));
  std::string text(kDocumentBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return refuse(std::string("cannot be read: ") + std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse_document(path, text, faults);
}

std::optional<Document> parse_document(const std::string& file, std::string_view text,
                                       std::vector<Fault>& faults) {
  if (text.size() > kDocumentBytes) {
    faults.push_back({file, {}, "over 1 MiB"});
    return std::nullopt;
  }
  Document document;
  document.file = file;
  if (const auto why = unreadable(text, document.end)) {
    faults.push_back({file, document.end, *why});
    return std::nullopt;
  }
  const bool is_read = file.ends_with(".json") ? parse_json(text, document, faults)
                                               : parse_yaml(text, document, faults);
  if (!is_read) return std::nullopt;
  return document;
}

bool check_end(const Document& document, std::vector<Fault>& faults) {
  const auto end = document.places.find("/end");
  if (end == document.places.end() || document.json.at("end") != "readback") {
    faults.push_back({document.file, document.end,
                      "the file was cut off: expected \"end: readback\" as its last key"});
    return false;
  }
  bool is_last = true;
  for (const auto& [pointer, place] : document.places) {
    if (pointer.rfind('/') != 0 || place.key <= end->second.key) continue;
    faults.push_back(
        {document.file, *place.key,
         "\"" + pointer.substr(1) + "\" stands after \"end: readback\", which is last"});
    is_last = false;
  }
  return is_last;
}

Consequences::Consequences(const Document& document, const std::vector<Fault>& told)
    : document_(document) {
  for (const Fault& fault : told) {
    if (fault.file == document.file) told_.insert(fault.at);
  }
}

bool Consequences::holds(const std::string& pointer) const {
  if (told_.empty() || pointer.empty() || document_.places.contains(pointer)) return false;
  const nlohmann::json::json_pointer parent =
      nlohmann::json::json_pointer(pointer).parent_pointer();
  if (!document_.json.contains(parent)) return true;  // and that is a problem of its own
  const nlohmann::json& mapping = document_.json.at(parent);
  if (!mapping.is_object()) return told_.contains(document_.value_at(parent.to_string()));
  for (const auto& [key, ignored] : mapping.items()) {
    if (told_.contains(document_.key_at(member(parent.to_string(), key)))) return true;
  }
  return false;
}

void add_new(std::vector<Fault> found, std::vector<Fault>& told) {
  std::set<std::pair<std::string, Position>> places;
  for (const Fault& fault : told) places.emplace(fault.file, fault.at);
  for (Fault& fault : found) {
    if (!places.contains({fault.file, fault.at})) told.push_back(std::move(fault));
  }
}

std::vector<Fault> in_order(std::vector<Fault> faults, const std::vector<std::string>& files) {
  const auto rank = [&](const Fault& fault) {
    return std::pair(std::find(files.begin(), files.end(), fault.file) - files.begin(), fault.at);
  };
  std::stable_sort(faults.begin(), faults.end(), [&](const Fault& one, const Fault& other) {
    return std::tuple(rank(one), std::string_view(one.file)) <
           std::tuple(rank(other), std::string_view(other.file));
  });
  return faults;
}

}  // namespace readback::guard
