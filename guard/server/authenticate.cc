#include "guard/server/authenticate.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <fstream>
#include <sstream>

#include "probes/private_file.h"

namespace readback::guard::server {
namespace {

constexpr std::size_t kTokens = 8;
constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kFileBytes = 16 * 1024;

std::array<unsigned char, 32> digest(std::string_view text) {
  std::array<unsigned char, 32> result{};
  static_assert(result.size() == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
  return result;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlank);
  if (begin == line.npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlank) - begin + 1);
}

std::optional<std::string_view> bearer(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto value = request.header("authorization");
  if (!value || !boost::algorithm::istarts_with(*value, kScheme)) return std::nullopt;
  return trimmed(value->substr(kScheme.size()));
}

}  // namespace

std::optional<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  // A TCP socket answers, too, with nobody. (pid is 0 for a peer in another namespace, as well.)
  if (credentials.uid == static_cast<uid_t>(-1)) return std::nullopt;
  Peer peer{credentials.uid, {credentials.gid}};
  std::array<gid_t, 1024> groups{};
  size = sizeof groups;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0)
    peer.groups.insert(peer.groups.end(), groups.begin(), groups.begin() + size / sizeof(gid_t));
  return peer;
}

Result<std::vector<std::string>> parse_tokens(std::string_view text) {
  std::vector<std::string> tokens;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::string_view token = trimmed(line);
    if (token.empty()) continue;
    if (token.size() < kTokenBytes) return Problem{"", "a token has fewer than 16 characters"};
    if (!std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
      return Problem{"", "a token has a character that is not visible ASCII"};
    if (tokens.size() == kTokens) return Problem{"", "more than 8 tokens"};
    tokens.emplace_back(token);
  }
  if (tokens.empty()) return Problem{"", "there is no token in the file"};
  return tokens;
}

Result<std::vector<std::string>> load_tokens(const std::string& path) {
  const auto text = probes::read_private_file(path, kFileBytes);
  if (!text) return Problem{path, "the token " + text.error().what};
  auto tokens = parse_tokens(*text);
  if (!tokens) return Problem{path, tokens.error().what};
  return tokens;
}

Result<std::vector<std::string>> read_tokens(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() || file.bad() || file.gcount() == 0)
    return Problem{path, "the token file cannot be read, is empty or is over 16 KiB"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto tokens = parse_tokens(text);
  if (!tokens) return Problem{path, tokens.error().what};
  return tokens;
}

void Authenticator::set_tokens(const std::vector<std::string>& tokens) {
  tokens_.clear();
  for (const std::string& token : tokens) tokens_.push_back(digest(token));
}

bool Authenticator::knows(std::string_view token) const {
  const Digest given = digest(token);
  bool is_known = false;
  for (const Digest& one : tokens_)
    is_known |= CRYPTO_memcmp(one.data(), given.data(), given.size()) == 0;
  return is_known;
}

bool Authenticator::may_operate(const Peer& peer) const {
  return peer.uid == 0 || peer.uid == uid_ ||
         std::find(peer.groups.begin(), peer.groups.end(), group_) != peer.groups.end();
}

int Authenticator::denies(Scope scope, const Request& request,
                          const std::optional<Peer>& peer) const {
  if (scope == Scope::open) return 0;
  if (peer) return may_operate(*peer) ? 0 : 403;
  if (scope == Scope::operate) return 403;
  const auto given = bearer(request);
  if (given && knows(*given)) return 0;
  const auto key = request.header("x-api-key");
  return key && knows(*key) ? 0 : 401;
}

}  // namespace readback::guard::server
