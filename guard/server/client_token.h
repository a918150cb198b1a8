#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "guard/entropy.h"

// The name of one client of bulk answers, such as a page in a browser: 128 random bits and the
// first 128 bits of their HMAC-SHA256, as 64 hexadecimal digits. It names the client's event
// stream, whose URL is all that a browser's EventSource can bring, and stands in each of its entity
// tags, so that If-None-Match tells who asks and what he holds:
//
//   ETag: "TOKEN-SHA256OFTHEBODY"
//
// The guard knows its own tokens without having kept them, so that a client is known after a
// restart. It proves no more than that: with it, one is told when to ask again, and nothing else.
// Never logged. Pinned: browsers keep tags and URLs for weeks.

namespace readback::guard::server {

class ClientTokens {
 public:
  // `key`: secret, and the same after a restart.
  explicit ClientTokens(std::string key) : key_(std::move(key)) {}

  std::string issue(Entropy& entropy) const;
  bool is_ours(std::string_view token) const;  // in constant time

  // What a request says that its sender holds.
  struct Shown {
    std::string token;
    std::string tag;  // with its quotes
  };
  // The first tag of an If-None-Match header that bears a token of ours.
  std::optional<Shown> read(std::string_view if_none_match) const;

 private:
  std::string proof(std::string_view name) const;

  std::string key_;
};

}  // namespace readback::guard::server
