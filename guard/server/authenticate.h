#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guard/result.h"
#include "guard/server/route.h"

// Who may do what: a bearer token proves Scope::evaluate; the kernel's word on who is at the other
// end of a Unix socket proves Scope::operate (and evaluate). Nothing that comes over TCP proves
// operate.

namespace readback::guard::server {

// Who connected to a Unix socket, as of that moment.
struct Peer {
  unsigned uid = 0;
  std::vector<unsigned> groups;  // the effective one and the supplementary ones
};

// Nothing if the kernel doesn't tell, or `socket` is none of the Unix kind.
std::optional<Peer> peer_of(int socket);

// The tokens of a file: one a line, so that an old and a new one are valid while clients change
// over; at most eight; blank lines are skipped. Each has at least 16 visible ASCII characters.
// A problem never quotes the file. Refused, too, if others may read it (probes/private_file.h).
Result<std::vector<std::string>> load_tokens(const std::string& path);
// The same of a file that a guard takes already, whoever else may read it.
Result<std::vector<std::string>> read_tokens(const std::string& path);
Result<std::vector<std::string>> parse_tokens(std::string_view text);

class Authenticator {
 public:
  // Peers of this uid, root, and members of this group may operate.
  Authenticator(unsigned uid, unsigned group) : uid_(uid), group_(group) {}

  // Takes the place of the tokens before. With none, nobody proves evaluate by a token.
  void set_tokens(const std::vector<std::string>& tokens);

  // 0, or the status to answer with: 401 for a missing or wrong token, 403 for the wrong peer.
  // A token is `Authorization: Bearer TOKEN` or `X-API-Key: TOKEN`; compared in constant time.
  int denies(Scope scope, const Request& request, const std::optional<Peer>& peer) const;

 private:
  using Digest = std::array<unsigned char, 32>;

  bool knows(std::string_view token) const;
  bool may_operate(const Peer& peer) const;

  unsigned uid_;
  unsigned group_;
  std::vector<Digest> tokens_;  // SHA-256, so that comparing leaks no length
};

}  // namespace readback::guard::server
