#pragma once

#include <optional>
#include <string>
#include <string_view>

// Texts read in another charset than they were written in.

namespace readback::probes {

// How `read` comes of `written`: its UTF-8 taken for one of the charsets that practice software
// still meets, or its bytes in such a charset taken for UTF-8, up to three times over; without a
// replacement character. In words: "UTF-8 read as windows-1252, twice". Nullopt if it does not.
std::optional<std::string> find_misreading(std::u32string_view written, std::u32string_view read);

}  // namespace readback::probes
