#include "probes/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace readback::probes {
namespace {

constexpr std::size_t kLongest = 64;  // bytes

std::string trimmed_lower(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  auto format = std::chars_format::general;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    format = std::chars_format::hex;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, format);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// "1,234,567" without its separators; "" if it is not grouped by threes.
std::string ungrouped(const std::string& text, std::string_view separator) {
  std::string digits;
  std::size_t begin = 0;
  for (auto at = text.find(separator); at != std::string::npos;
       at = text.find(separator, at + separator.size())) {
    const std::size_t group = at - begin;
    if (begin == 0 ? group == 0 || group > 4 : group != 3) return "";
    digits.append(text, begin, group);
    begin = at + separator.size();
  }
  const auto end = std::min(text.find_first_not_of("0123456789", begin), text.size());
  if (begin == 0 || end - begin != 3) return "";
  return digits.append(text, begin);
}

std::string with_decimal_point(std::string text) {
  const auto comma = text.find(',');
  if (comma != std::string::npos && text.find_first_of(".,", comma + 1) == std::string::npos) {
    text[comma] = '.';
  }
  return text;
}

// Every number that the text can mean: "1,000" is one, and a thousand.
std::vector<double> numbers(const std::string& text) {
  std::vector<double> found;
  for (const char* separator : {"", ",", ".", " ", "'", "\u00A0", "\u202F"}) {
    const std::string plain = *separator == 0 ? text : ungrouped(text, separator);
    const auto value = parse_double(with_decimal_point(plain));
    if (value) found.push_back(*value);
  }
  return found;
}

std::optional<bool> truth(const std::string& text) {
  for (const char* word : {"true", "yes", "on", "vrai", "oui", "1"}) {
    if (text == word) return true;
  }
  for (const char* word : {"false", "no", "off", "faux", "non", "0"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

constexpr int kUnset = -1;

struct Moment {
  std::chrono::sys_days day;
  int second = 0;  // of the day
};

std::optional<std::chrono::sys_days> day_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1000 || year > 9999 || month < 1 || day < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// Seconds of the day after a date: "", "T10:30", " 10:30:00.5+01:00"; kUnset if it is no time.
int second_of(const std::string& text) {
  if (text.empty()) return 0;
  if (text.front() != 't' && text.front() != ' ') return kUnset;
  int hour = 0, minute = 0, second = 0, length = 0;
  const char* const begin = text.c_str() + 1;
  if (std::sscanf(begin, "%2d:%2d%n", &hour, &minute, &length) != 2 || length == 0) return kUnset;
  std::string rest = begin + length;
  int more = 0;
  if (std::sscanf(rest.c_str(), ":%2d%n", &second, &more) == 1) {
    rest.erase(0, static_cast<std::size_t>(more));
  }
  if (rest.find_first_not_of("0123456789.,z+-:") != std::string::npos) return kUnset;
  return (hour * 60 + minute) * 60 + second;
}

std::vector<Moment> moments(const std::string& text) {
  std::vector<Moment> found;
  std::array<int, 3> part{};
  for (const char* separator : {"-", "/", "."}) {
    const std::string format =
        "%4d" + std::string(separator) + "%2d" + std::string(separator) + "%4d%n";
    int length = 0;
    if (std::sscanf(text.c_str(), format.c_str(), &part[0], &part[1], &part[2], &length) != 3) {
      continue;
    }
    const int second = second_of(text.substr(static_cast<std::size_t>(length)));
    if (second == kUnset) continue;
    const auto [a, b, c] = part;
    for (const auto& day : {day_of(a, b, c), day_of(c, b, a), day_of(c, a, b)}) {
      if (day) found.push_back({*day, second});
    }
  }
  return found;
}

// Of a spreadsheet, where day 0 is the 30th of December 1899.
std::optional<Moment> spreadsheet_day(const std::string& text) {
  using std::chrono::sys_days;
  const auto value = parse_double(text);
  if (!value || *value < 1 || *value > 200'000) return std::nullopt;
  const sys_days zero = std::chrono::year(1899) / 12 / 30;
  const double whole = std::floor(*value);
  return Moment{zero + std::chrono::days(static_cast<int>(whole)),
                static_cast<int>(std::lround((*value - whole) * 86'400))};
}

bool is_same_number(const std::string& one, const std::string& other) {
  for (const double a : numbers(one)) {
    for (const double b : numbers(other)) {
      if (a == b || (std::isnan(a) && std::isnan(b))) return true;
    }
  }
  return false;
}

bool is_same_moment(const std::string& one, const std::string& other) {
  auto first = moments(one), second = moments(other);
  if (first.empty() && second.empty()) return false;
  const auto day_of_first = spreadsheet_day(one), day_of_second = spreadsheet_day(other);
  if (day_of_first) first.push_back(*day_of_first);
  if (day_of_second) second.push_back(*day_of_second);
  for (const Moment& a : first) {
    for (const Moment& b : second) {
      if (a.day == b.day && a.second == b.second) return true;
    }
  }
  return false;
}

}  // namespace

bool is_same_scalar(std::string_view one, std::string_view other) {
  if (one.size() > kLongest || other.size() > kLongest) return false;
  const std::string first = trimmed_lower(one), second = trimmed_lower(other);
  if (first.empty() || second.empty()) return false;
  const auto truth_of_first = truth(first);
  if (truth_of_first && truth_of_first == truth(second)) return true;
  return is_same_number(first, second) || is_same_moment(first, second);
}

}  // namespace readback::probes
