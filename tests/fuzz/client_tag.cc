#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "guard/server/client_token.h"

// Whatever stands in If-None-Match, a client is known only by a token of ours, and what is taken
// for his tag stands there. The input's first byte may have a real tag put in the middle.

namespace {
using namespace readback::guard;

class Counting final : public Entropy {
 public:
  std::uint64_t draw() override { return ++drawn_; }

 private:
  std::uint64_t drawn_ = 0;
};

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size_bytes) {
  const server::ClientTokens tokens("key");
  Counting entropy;
  const std::string token = tokens.issue(entropy);
  std::string header(reinterpret_cast<const char*>(input), size_bytes);
  const bool is_planted = size_bytes > 0 && input[0] % 2 == 1;
  if (is_planted)
    header.insert(1 + (size_bytes - 1) / 2, '"' + token + '-' + std::string(64, 'd') + '"');
  const auto shown = tokens.read(header);
  must(!shown || tokens.is_ours(shown->token));
  must(!shown || header.find(shown->tag) != header.npos);
  must(!shown || shown->tag.substr(1, shown->token.size()) == shown->token);
  // Only a quote before it can make another tag of it.
  const std::string_view before = std::string_view(header).substr(0, 1 + (size_bytes - 1) / 2);
  if (is_planted && before.find('"') == before.npos) must(shown && shown->token == token);
  must(tokens.is_ours(token));
  return 0;
}
