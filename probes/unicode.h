#pragma once

#include <optional>
#include <string>
#include <string_view>

// The little of Unicode that comparing texts needs, over ICU. Texts are code points: a
// std::u32string never holds a surrogate. Nothing here looks at a locale.

namespace readback::probes {

// Each ill-formed sequence of bytes becomes one or more U+FFFD, as the WHATWG's decoder has it.
std::u32string decode_utf8(std::string_view bytes);
std::string encode_utf8(std::u32string_view text);
bool is_utf8(std::string_view bytes);

std::u32string to_nfc(std::u32string_view text);
std::u32string to_nfd(std::u32string_view text);
std::u32string to_nfkc(std::u32string_view text);
std::u32string fold_case(std::u32string_view text);  // full folding: sharp s is "ss"

// The property White_Space: blanks, no-break ones too, tabs and newlines.
bool is_blank(char32_t c);
// Shows or takes part in what shows: neither blank nor control, format, ignorable, unassigned.
bool is_visible(char32_t c);
bool is_letter_or_digit(char32_t c);
bool is_latin(char32_t c);    // of the Latin script
bool is_mark(char32_t c);     // general category M
bool is_control(char32_t c);  // Cc
bool is_format(char32_t c);   // Cf: joiners, directions, byte-order mark
bool is_symbol(char32_t c);   // S
bool is_private_use(char32_t c);
bool is_noncharacter(char32_t c);

// "U+00A0 NO-BREAK SPACE"; "U+0007 <control-0007>" where Unicode gives no name.
std::string name_of(char32_t c);

// What a program sees that takes the bytes of `text` in charset `written_as` for `read_as`, both
// IANA names. Nullopt if the text does not fit the first or the bytes are ill-formed in the second.
std::optional<std::u32string> recode(std::u32string_view text, const char* written_as,
                                     const char* read_as);

}  // namespace readback::probes
