#pragma once

#include <string_view>

// A note that looks like a number becomes one somewhere on its way, and comes back without its
// leading zeros.

namespace readback::probes {

// Whether both texts (UTF-8, blanks at the edges aside) are one scalar, of these kinds:
//   number       as a double takes it; decimal comma, thousands grouped, +, exponent, 0x, NaN
//   truth value  true, yes, on, vrai, oui, 1 and their opposites, in any case
//   date         year first, day first or month first, with or without a time (a date alone is
//                midnight; zones are not converted); and a spreadsheet's day number
// Texts over 64 bytes are none.
bool is_same_scalar(std::string_view one, std::string_view other);

}  // namespace readback::probes
