#pragma once

#include <optional>
#include <string>
#include <string_view>

// Numbers and texts as JavaScript turns one into the other: JsonLogic's rules say no more than
// "as JavaScript does", and a bucket is hashed from such a text, so that a digit more moves people.
// (ECMA-262, 7.1.4.1 StringToNumber and 6.1.6.1.20 Number::toString.)

namespace readback::flags::targeting {

// "1", "0.1", "1e+21", "1e-7": the fewest digits that read back as `number`. -0 is "0".
std::string number_text(double number);

// " 12 ", "1e2", ".5", "0x1f", "" (which is 0). Nothing for what is no number. Blanks around it are
// those of ASCII.
std::optional<double> text_number(std::string_view text);

}  // namespace readback::flags::targeting
