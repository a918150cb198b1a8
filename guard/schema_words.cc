#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

#include "guard/schema.h"
#include "probes/difference.h"
#include "probes/unicode.h"

namespace readback::guard {
namespace {

using Json = nlohmann::json;
using Schemas = std::vector<const Json*>;

// What may hold of a value: the schema, what it refers to, and each of its alternatives.
void expand(const Json& root, const Json& schema, Schemas& into, int depth = 0) {
  if (!schema.is_object() || depth > 16) return;
  if (const auto reference = schema.find("$ref"); reference != schema.end()) {
    const Json::json_pointer target(reference->get<std::string>().substr(1));
    expand(root, root.at(target), into, depth + 1);
    return;
  }
  into.push_back(&schema);
  for (const char* word : {"allOf", "anyOf", "oneOf"}) {
    const auto several = schema.find(word);
    if (several == schema.end()) continue;
    for (const Json& one : *several) expand(root, one, into, depth + 1);
  }
  for (const char* word : {"then", "else"}) {
    if (schema.contains(word)) expand(root, schema.at(word), into, depth + 1);
  }
}

void expand_member(const Json& root, const Json& schema, const std::string& key, Schemas& into) {
  const auto properties = schema.find("properties");
  if (properties != schema.end() && properties->contains(key)) {
    expand(root, properties->at(key), into);
  } else if (const auto others = schema.find("additionalProperties"); others != schema.end()) {
    expand(root, *others, into);
  }
}

// The schemas of the place that `pointer` names in `value`.
Schemas schemas_at(const Json& root, const Json& value, const Json::json_pointer& pointer) {
  if (pointer.empty()) {
    Schemas found;
    expand(root, root, found);
    return found;
  }
  Schemas found;
  const Json& parent = value.at(pointer.parent_pointer());
  for (const Json* schema : schemas_at(root, value, pointer.parent_pointer())) {
    if (parent.is_object()) expand_member(root, *schema, pointer.back(), found);
    if (parent.is_array() && schema->contains("items")) {
      expand(root, schema->at("items"), found);
    }
  }
  return found;
}

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : between) + word;
  return joined;
}

std::string type_words(const Json& schema) {
  static const std::map<std::string, std::string> kNames = {
      {"string", "a text"},    {"integer", "a whole number"}, {"number", "a number"},
      {"object", "a mapping"}, {"array", "a list"},           {"boolean", "true or false"},
      {"null", "nothing"}};
  std::vector<std::string> words;
  const Json& type = schema.at("type");
  for (const Json& name : type.is_array() ? type : Json::array({type})) {
    words.push_back(kNames.at(name.get<std::string>()));
  }
  std::string told = join(words, " or ");
  if (schema.contains("minimum")) told += " from " + schema.at("minimum").dump();
  if (schema.contains("maximum")) told += " to " + schema.at("maximum").dump();
  for (const char* word : {"minLength", "maxLength", "minItems", "maxItems", "minProperties"}) {
    if (schema.contains(word)) told += std::string(", ") + word + " " + schema.at(word).dump();
  }
  if (schema.contains("pattern"))
    told += " that matches " + schema.at("pattern").get<std::string>();
  return told;
}

std::string words_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// What one schema wants, as a noun phrase; empty if it says nothing of the value itself.
std::string wanted(const Json& schema) {
  if (schema.contains("title")) return schema.at("title").get<std::string>();
  if (schema.contains("const")) return words_of(schema.at("const"));
  if (schema.contains("enum")) {
    std::vector<std::string> words;
    for (const Json& one : schema.at("enum")) words.push_back(words_of(one));
    return (words.size() > 1 ? "one of " : "") + join(words, ", ");
  }
  return schema.contains("type") ? type_words(schema) : "";
}

std::string wanted(const Schemas& schemas) {
  std::vector<std::string> words;
  for (const Json* schema : schemas) {
    const std::string one = wanted(*schema);
    if (!one.empty() && std::find(words.begin(), words.end(), one) == words.end()) {
      words.push_back(one);
    }
    if (schema->contains("title")) break;  // it speaks for its alternatives
  }
  return words.empty() ? "something else" : join(words, " or ");
}

std::string found_words(const Json& value) {
  if (value.is_object()) return value.empty() ? "an empty mapping" : "a mapping";
  if (value.is_array()) {
    return value.empty() ? "an empty list" : "a list of " + std::to_string(value.size());
  }
  if (value.is_null()) return "nothing";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60)
    text = value.is_string() ? "a text of " + std::to_string(text.size() - 2) + " bytes" : text;
  return (value.is_string() ? "" : value.is_boolean() ? "the truth value " : "the number ") + text;
}

// Of the keys of a mapping: which may be there, and which must.
struct Keys {
  std::set<std::string> known;
  std::set<std::string> required;  // by every alternative that requires any
  std::set<std::string> required_by_some;
  bool is_open = false;  // takes any other key, too
};

Keys keys_of(const Schemas& schemas) {
  Keys keys;
  bool is_closed = false;
  bool is_first = true;
  for (const Json* schema : schemas) {
    if (const auto properties = schema->find("properties"); properties != schema->end()) {
      for (const auto& property : properties->items()) keys.known.insert(property.key());
    }
    const Json others = schema->value("additionalProperties", Json());
    if (others.is_object()) keys.is_open = true;
    if (others == false) is_closed = true;
    const auto required = schema->find("required");
    if (required == schema->end()) continue;
    const auto names = required->get<std::set<std::string>>();
    keys.required_by_some.insert(names.begin(), names.end());
    if (is_first) keys.required = names;
    std::erase_if(keys.required, [&](const std::string& key) { return !names.contains(key); });
    is_first = false;
  }
  keys.is_open = keys.is_open || !is_closed;
  return keys;
}

// Tells of a place that was refused.
class Teller {
 public:
  Teller(const Document& document, const Json& schema, std::vector<Fault>& faults)
      : document_(document), schema_(schema), faults_(faults) {}

  // `has_refused_within`: some place below it was refused, too, and is told of by itself.
  void tell(const std::string& place, bool has_refused_within) {
    const Json::json_pointer pointer(place);
    const Json& value = document_.json.at(pointer);
    const Schemas schemas = schemas_at(schema_, document_.json, pointer);
    if (value.is_object()) {
      const std::size_t before = faults_.size();
      const bool is_truncated = tell_keys(place, value, keys_of(schemas));
      if (faults_.size() != before || is_truncated || has_refused_within) return;
    }
    add(document_.value_at(place), "expected " + wanted(schemas) + ", not " + found_words(value));
  }

 private:
  void add(Position at, std::string what) {
    faults_.push_back({document_.file, at, std::move(what)});
  }

  // Whether all that is missing is the document's end.
  bool tell_keys(const std::string& place, const Json& value, const Keys& keys) {
    bool is_any_unknown = false;
    std::set<std::string> meant;  // is not missing, only mistyped
    for (const auto& [key, ignored] : value.items()) {
      if (keys.is_open || keys.known.contains(key)) continue;
      meant.insert(tell_unknown(place, value, key, keys));
      is_any_unknown = true;
    }
    bool is_end_missing = false;
    bool is_any_missing = false;
    for (const std::string& key : keys.required) {
      if (value.contains(key) || meant.contains(key)) continue;
      is_any_missing = true;
      if (place.empty() && key == "end") {
        is_end_missing = true;
        continue;
      }
      Schemas schemas;
      for (const Json* schema : schemas_at(schema_, document_.json, Json::json_pointer(place))) {
        expand_member(schema_, *schema, key, schemas);
      }
      add(document_.key_at(place), "\"" + key + "\" is missing: expected " + wanted(schemas));
    }
    if (!is_any_missing && !is_any_unknown) tell_alternatives(place, value, keys);
    return is_end_missing;
  }

  // Returns the key that was meant, if one is near.
  std::string tell_unknown(const std::string& place, const Json& value, const std::string& key,
                           const Keys& keys) {
    std::set<std::string> free = keys.known;
    std::erase_if(free, [&](const std::string& name) { return value.contains(name); });
    std::string nearest = nearest_key(key, free.empty() ? keys.known : free);
    const std::vector<std::string> known(keys.known.begin(), keys.known.end());
    add(document_.key_at(member(place, key)),
        "unknown key \"" + key + "\": " +
            (nearest.empty() ? "expected one of " + join(known, ", ")
                             : "did you mean \"" + nearest + "\"?"));
    return nearest;
  }

  void tell_alternatives(const std::string& place, const Json& value, const Keys& keys) {
    std::vector<std::string> missing;
    for (const std::string& key : keys.required_by_some) {
      if (!keys.required.contains(key)) missing.push_back(key);
    }
    if (missing.size() < 2) return;
    const auto there = std::count_if(missing.begin(), missing.end(),
                                     [&](const std::string& key) { return value.contains(key); });
    if (there == 1) return;
    add(document_.key_at(place), "expected exactly one of the keys " + join(missing, ", "));
  }

  const Document& document_;
  const Json& schema_;
  std::vector<Fault>& faults_;
};

}  // namespace

std::string nearest_key(std::string_view name, const std::set<std::string>& keys) {
  std::string nearest;
  std::size_t least = std::min<std::size_t>(3, name.size() / 2 + 1);
  const std::u32string wanted = probes::decode_utf8(name);
  for (const std::string& key : keys) {
    const std::size_t letters =
        name.size() > 200 ? least : probes::distance(wanted, probes::decode_utf8(key));
    if (letters < least) {
      least = letters;
      nearest = key;
    }
  }
  return nearest;
}

void tell_refused(const Document& document, const Json& schema, const std::set<std::string>& places,
                  std::vector<Fault>& faults) {
  Teller teller(document, schema, faults);
  for (const std::string& place : places) {
    const auto within = places.lower_bound(place + "/");
    teller.tell(place, within != places.end() && within->starts_with(place + "/"));
  }
}

}  // namespace readback::guard
