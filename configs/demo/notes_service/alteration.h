#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What broken software does to a text. Each takes valid UTF-8 and returns valid UTF-8.

namespace demo::notes {

std::size_t code_points(std::string_view text);
std::string truncated(std::string_view text, std::size_t code_points);
std::string without_4_byte_characters(std::string_view text);
std::string html_escaped(std::string_view text);
std::string trimmed(std::string_view text);

}  // namespace demo::notes
