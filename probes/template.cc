#include "probes/template.h"

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

namespace readback::probes {
namespace {

// A stretch of literal text, or a name.
struct Piece {
  std::string_view text;
  bool is_name = false;
};

bool is_name(std::string_view text) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == ':';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed) &&
         std::count(text.begin(), text.end(), ':') <= 1;
}

Result<std::vector<Piece>> split(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const auto begin = text.find("${");
    if (begin != 0) pieces.push_back({text.substr(0, begin)});
    if (begin == text.npos) break;
    const auto end = text.find('}', begin);
    if (end == text.npos) return Problem{"", "a placeholder has no closing brace"};
    const auto name = text.substr(begin + 2, end - begin - 2);
    if (!is_name(name)) return Problem{"", "'" + std::string(name) + "' is no name"};
    pieces.push_back({name, true});
    text.remove_prefix(end + 1);
  }
  return pieces;
}

Result<nlohmann::json> look_up(std::string_view name, const Lookup& lookup) {
  auto value = lookup(name);
  if (!value || value->is_structured() || value->is_null())
    return Problem{"", "'" + std::string(name) + "' has no value"};
  return *std::move(value);
}

std::string as_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Fills with each value changed by `place`.
Result<std::string> fill(std::string_view text, const Lookup& lookup,
                         const std::function<std::string(std::string)>& place) {
  const auto pieces = split(text);
  if (!pieces) return pieces.error();
  std::string filled;
  for (const auto& piece : *pieces) {
    if (!piece.is_name) {
      filled += piece.text;
      continue;
    }
    const auto value = look_up(piece.text, lookup);
    if (!value) return value.error();
    filled += place(as_text(*value));
  }
  return filled;
}

std::string encode(const std::string& value) {
  return boost::urls::encode(value, boost::urls::unreserved_chars);
}

// An empty segment, or one of dots, would name another place than the plan says.
bool leads_elsewhere(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // The slash that begins each segment.
    const auto segment = path.substr(0, path.find('/'));
    const bool is_last = segment.size() == path.size();
    if (segment == "." || segment == ".." || (segment.empty() && !is_last)) return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::string_view path_of(std::string_view url) {
  return url.substr(0, url.find('?'));
}

}  // namespace

Result<std::vector<std::string>> placeholders(std::string_view text) {
  const auto pieces = split(text);
  if (!pieces) return pieces.error();
  std::vector<std::string> names;
  for (const auto& piece : *pieces)
    if (piece.is_name) names.emplace_back(piece.text);
  return names;
}

Result<std::vector<std::string>> body_placeholders(const nlohmann::json& body) {
  if (body.is_string()) return placeholders(body.get_ref<const std::string&>());
  std::vector<std::string> names;
  if (!body.is_structured()) return names;
  for (const auto& part : body) {
    auto found = body_placeholders(part);
    if (!found) return found.error();
    names.insert(names.end(), found->begin(), found->end());
  }
  return names;
}

Result<std::string> fill_text(std::string_view text, const Lookup& lookup) {
  return fill(text, lookup, [](std::string value) { return value; });
}

Result<std::string> fill_header(std::string_view text, const Lookup& lookup) {
  auto filled = fill_text(text, lookup);
  if (!filled) return filled;
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
  if (std::any_of(filled->begin(), filled->end(), is_control))
    return Problem{"", "a value does not fit into a header"};
  return filled;
}

Result<nlohmann::json> fill_body(const nlohmann::json& body, const Lookup& lookup) {
  if (body.is_string()) {
    const std::string_view text = body.get_ref<const std::string&>();
    const auto pieces = split(text);
    if (!pieces) return pieces.error();
    if (pieces->size() == 1 && pieces->front().is_name)
      return look_up(pieces->front().text, lookup);
    auto filled = fill_text(text, lookup);
    if (!filled) return filled.error();
    return nlohmann::json(*std::move(filled));
  }
  nlohmann::json result = body;
  if (!body.is_structured()) return result;
  for (auto& part : result) {
    auto filled = fill_body(part, lookup);
    if (!filled) return filled.error();
    part = *std::move(filled);
  }
  return result;
}

Result<std::string> fill_url(std::string_view base_url, std::string_view url,
                             const Lookup& lookup) {
  const auto filled = fill(url, lookup, encode);
  if (!filled) return filled.error();
  if (leads_elsewhere(path_of(*filled)))
    return Problem{"", "a value does not fit into a segment of the url"};
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  auto whole = std::string(base_url) + *filled;
  if (!boost::urls::parse_absolute_uri(whole)) return Problem{"", "the url is not well formed"};
  return whole;
}

std::optional<std::string> url_fault(std::string_view url) {
  const auto filled = fill(
      url, [](std::string_view) { return nlohmann::json("x"); },
      [](std::string value) { return value; });
  if (!filled) return filled.error().what;
  if (!filled->starts_with('/')) return "begins with no '/': it is appended to base_url";
  if (filled->find('#') != std::string::npos) return "a fragment is never sent";
  if (leads_elsewhere(path_of(*filled))) return "has an empty or a dot segment";
  if (!boost::urls::parse_origin_form(*filled)) return "is no well-formed path and query";
  return std::nullopt;
}

}  // namespace readback::probes
