#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// The single decoders behind escaping.h.

namespace readback::probes {

// One escape sequence at the start of a text: what it takes and what it stands for.
struct Escape {
  std::size_t length = 0;  // code points
  std::u32string meaning;
};

// Decodes sequence by sequence; what is none stays. Nullopt at a code point that begins none.
struct SequenceDecoder {
  std::string_view name;
  std::u32string_view marks;  // the code points that may begin a sequence
  std::optional<Escape> (*escape_at)(std::u32string_view text);
  bool may_spare;  // encoders exist that leave alone what looks encoded
};

// Takes the text as a whole. Nullopt if it is not of that form.
struct WholeDecoder {
  std::string_view name;
  std::optional<std::u32string> (*decode)(std::u32string_view text);
};

extern const std::array<SequenceDecoder, 8> kSequenceDecoders;  // the first is HTML
extern const std::array<WholeDecoder, 4> kWholeDecoders;

std::u32string decode(const SequenceDecoder& decoder, std::u32string_view text);

}  // namespace readback::probes
