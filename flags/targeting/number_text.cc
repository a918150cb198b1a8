#include "flags/targeting/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace readback::flags::targeting {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The digits behind 0x, 0o or 0b. Over 64 bits there are none that a rule was written for.
std::optional<double> whole(std::string_view digits, int base) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return static_cast<double>(number);
}

std::optional<double> decimal(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "Infinity") return is_negative ? -kInfinity : kInfinity;
  // What from_chars takes beside digits, JavaScript does not: inf, nan, a second sign.
  if (text.empty() || !(text.front() == '.' || (text.front() >= '0' && text.front() <= '9')))
    return std::nullopt;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const std::size_t exponent = text.find_first_of("eE");
    const bool is_small = exponent != text.npos && text.substr(exponent + 1).starts_with('-');
    number = is_small ? 0 : kInfinity;
  }
  return is_negative ? -number : number;
}

}  // namespace

std::string number_text(double number) {
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (std::abs(number) <= kExact && std::trunc(number) == number)
    return std::to_string(static_cast<std::int64_t>(number));

  std::array<char, 32> written;  // -d.dddddddddddddddde-308
  const auto [stop, error] = std::to_chars(written.data(), written.data() + written.size(),
                                           std::abs(number), std::chars_format::scientific);
  const std::string_view scientific(written.data(),
                                    static_cast<std::size_t>(stop - written.data()));
  const std::size_t at = scientific.find('e');
  std::string digits(1, scientific.front());
  if (at > 1) digits += scientific.substr(2, at - 2);
  const int exponent = std::stoi(std::string(scientific.substr(at + 1)));
  const int length = static_cast<int>(digits.size());
  const int point = exponent + 1;  // where it stands, counted in digits

  std::string text = number < 0 ? "-" : "";
  if (point > 21 || point <= -6) {
    text += digits.front();
    if (length > 1) text += "." + digits.substr(1);
    return text + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  }
  if (point <= 0) return text + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (point >= length)
    return text + digits + std::string(static_cast<std::size_t>(point - length), '0');
  digits.insert(static_cast<std::size_t>(point), ".");
  return text + digits;
}

std::optional<double> text_number(std::string_view text) {
  text = trim(text);
  if (text.empty()) return 0;
  const std::string_view prefix = text.substr(0, 2);
  if (prefix == "0x" || prefix == "0X") return whole(text.substr(2), 16);
  if (prefix == "0o" || prefix == "0O") return whole(text.substr(2), 8);
  if (prefix == "0b" || prefix == "0B") return whole(text.substr(2), 2);
  return decimal(text);
}

}  // namespace readback::flags::targeting
