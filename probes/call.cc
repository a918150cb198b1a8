#include "probes/call.h"

#include <openssl/evp.h>
#include <algorithm>
#include <boost/beast/core/string.hpp>

namespace readback::probes {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string base64(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::pair<std::string, std::string> sign(const Target& target, const SecretText& secret) {
  switch (target.authentication) {
    case Authentication::basic:
      return {"Authorization", "Basic " + base64(secret.reveal())};
    case Authentication::header:
      return {target.header, secret.reveal()};
    case Authentication::bearer:
    case Authentication::none:
      break;
  }
  return {"Authorization", "Bearer " + secret.reveal()};
}

void add_unless_there(Headers& headers, const char* name, const char* value) {
  const auto is_it = [&](const auto& header) { return boost::beast::iequals(header.first, name); };
  if (std::none_of(headers.begin(), headers.end(), is_it)) headers.emplace_back(name, value);
}

}  // namespace

Result<Exchange> make_exchange(const Plan& plan, const Call& call, std::string_view practitioner,
                               const Lookup& lookup, Milliseconds time_out) {
  const auto refuse = [&](const std::string& what) { return Problem{call.pointer, what}; };
  const auto* player = plan.practitioner(practitioner);
  if (player == nullptr) return refuse("the plan has no practitioner " + std::string(practitioner));
  Exchange exchange;
  auto& request = exchange.request;
  exchange.limits = {.time_out = time_out, .reply_bytes = plan.target.reply_bytes};
  request.method = call.method;
  const auto url = fill_url(plan.target.base_url, call.url, lookup);
  if (!url) return refuse(url.error().what);
  request.url = *url;
  for (const auto& [name, value] : call.headers) {
    const auto filled = fill_header(value, lookup);
    if (!filled) return refuse(filled.error().what);
    request.headers.emplace_back(name, *filled);
  }
  add_unless_there(request.headers, "Accept", "application/json");
  if (call.body) {
    const auto body = fill_body(*call.body, lookup);
    if (!body) return refuse(body.error().what);
    request.body = body->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    add_unless_there(request.headers, "Content-Type", "application/json");
  }
  if (plan.target.authentication == Authentication::none || !player->secret) return exchange;
  const auto secret = player->secret->read();
  if (!secret) return refuse(secret.error().what);
  request.headers.push_back(sign(plan.target, *secret));
  return exchange;
}

bool says_nothing(int status) {
  constexpr int kNotLetIn[] = {401, 403, 407, 408, 425, 429};
  return status < 200 || (status >= 300 && status < 400) || status >= 500 ||
         std::find(std::begin(kNotLetIn), std::end(kNotLetIn), status) != std::end(kNotLetIn);
}

std::string told(const Reply& reply) {
  if (reply.has_error()) return "no answer (" + std::string(to_string(reply.error())) + ")";
  return "status " + std::to_string(reply->status);
}

}  // namespace readback::probes
