#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

// One HTML tag at the start of a text, as tolerantly as a browser takes it.

namespace readback::probes {

struct Tag {
  std::size_t length = 0;  // code points, both angle signs included
  bool is_end = false;
  std::u32string name;  // lower case; "!" of comments and declarations
  std::map<std::u32string, std::u32string> attributes;
};

// Nullopt if `text` does not begin with a whole tag.
std::optional<Tag> tag_at(std::u32string_view text);

// The tag in one spelling: <name first="1" second="2">.
std::u32string spell(const Tag& tag);

}  // namespace readback::probes
