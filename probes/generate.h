#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

// The texts that no template can hold, by name of their generator in the corpus. Each begins with
// its nonce, ends with its tail, and never changes between releases:
//
//   markers16       exactly `chars` (or `bytes`) long, ASCII: a line of 16-character blocks. The
//                   first is the nonce and a blank, each other its own offset in six digits, a
//                   blank, eight digits of filler and a blank, so that the last block that came
//                   back tells where the text was cut. A blank and the tail overwrite the end.
//   repeat          exactly `chars` long: nonce, blank, `unit` repeated and cut, blank, tail
//   clinical_lines  `lines` lines of the corpus's French, the seed says from where
//   editor_json     a rich-text document as JSON, with a link, inline code and a quotation
//
// A list of lengths is taken in turn: length number seed mod count.

namespace readback::probes {

struct Nonce {
  std::uint64_t seed = 0;
  std::string token;
  std::string tail;
};

// `generator` is an object of the corpus with the member "gen"; throws std::logic_error for one
// that is not listed above: the corpus is ours, so that is a bug.
std::string generate(const nlohmann::json& generator, const nlohmann::json& corpus,
                     const Nonce& nonce);

}  // namespace readback::probes
