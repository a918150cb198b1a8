#pragma once

#include <optional>
#include <string>
#include <string_view>

// Escapings that a text picks up or loses on its way, undone.

namespace readback::probes {

// How `plain` comes from decoding `encoded` one to four times, each time by one of: HTML entities
// (HTML 4's names, and numbers), percent and form, JSON, backslashes (C's, or each just dropped),
// quotes doubled or set around (CSV, SQL), quoted-printable, base64. In words: "HTML", "HTML
// twice", "percent, then HTML". The last of them may have left some of its marks as they were, as
// encoders do that spare what looks encoded already. Nullopt if it does not; gives up on texts that
// decode in too many ways, after some ten passes over a long one.
std::optional<std::string> find_decoding(std::u32string_view encoded, std::u32string_view plain);

// Once, leniently: what is no entity stays.
std::u32string decode_html(std::u32string_view text);

}  // namespace readback::probes
