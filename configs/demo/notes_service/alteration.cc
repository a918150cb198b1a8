#include "configs/demo/notes_service/alteration.h"

#include <algorithm>

namespace demo::notes {
namespace {

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

std::size_t code_points(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string truncated(std::string_view text, std::size_t code_points) {
  std::size_t end = 0;
  for (; end < text.size(); ++end)
    if (!continues(text[end]) && code_points-- == 0) break;
  return std::string(text.substr(0, end));
}

std::string without_4_byte_characters(std::string_view text) {
  std::string kept;
  bool is_dropping = false;
  for (const char byte : text) {
    if (!continues(byte)) is_dropping = static_cast<unsigned char>(byte) >= 0xF0;
    if (!is_dropping) kept += byte;
  }
  return kept;
}

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

std::string trimmed(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

}  // namespace demo::notes
