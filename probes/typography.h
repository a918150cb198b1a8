#pragma once

#include <string>
#include <string_view>

// What word processors and "smart" filters exchange: quotes, dashes, ellipsis, signs.

namespace readback::probes {

// Every such sign as its plainest ASCII spelling: a curly apostrophe is ', an em dash and two or
// three hyphens are one -, a multiplication sign is x, (c) stands for the copyright sign. Two texts
// that differ in typography only fold to the same.
std::u32string fold_typography(std::u32string_view text);

// Quotes of any kind, apostrophes too.
bool is_quote(char32_t c);

}  // namespace readback::probes
