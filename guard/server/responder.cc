#include "guard/server/responder.h"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <string>
#include <utility>

#include "guard/server/error_reply.h"
#include "guard/server/render.h"

namespace readback::guard::server {
namespace asio = boost::asio;

namespace {

Response no_route(const Routing::Found& found) {
  if (found.allowed.empty()) return error_reply(404, "there is nothing at this path");
  Response response = error_reply(405, "this path does not take this method");
  response.headers.emplace_back("Allow", found.allowed);
  return response;
}

Response denial(int status) {
  if (status == 403) return error_reply(403, "the caller may not do this here");
  Response response = error_reply(401, "a valid bearer token is needed");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

Responder::Responder(std::vector<Route> routes, const Authenticator& authenticator,
                     const Origins* origins, std::function<void(std::string_view)> on_failure)
    : routing_(std::move(routes)),
      authenticator_(authenticator),
      origins_(origins),
      on_failure_(std::move(on_failure)) {}

asio::awaitable<Responder::Answered> Responder::respond(Request request,
                                                        std::optional<Peer> peer) const {
  if (origins_ == nullptr) co_return co_await answer(std::move(request), std::move(peer));
  const std::string origin(request.header("origin").value_or(""));
  std::optional<Response> allowed = origins_->preflight(request);
  Answered answered;
  if (allowed)
    answered.response = std::move(*allowed);
  else
    answered = co_await answer(std::move(request), std::move(peer));
  origins_->allow(answered.response, origin);
  co_return answered;
}

asio::awaitable<Responder::Answered> Responder::answer(Request request,
                                                       std::optional<Peer> peer) const {
  Answered answered;
  const Routing::Found found = routing_.find(request.method, request.path);
  if (!found.route) {
    answered.response = no_route(found);
    co_return answered;
  }
  const int denied = authenticator_.denies(found.route->scope, request, peer);
  request.is_denied = denied != 0;
  if (request.is_denied && found.route->scope != Scope::evaluate_or_safe) {
    answered.response = denial(denied);
    co_return answered;
  }
  answered.is_known = found.route->scope != Scope::open && !request.is_denied;
  answered.response = co_await handle(*found.route, std::move(request));
  co_return answered;
}

asio::awaitable<Response> Responder::handle(const Route& route, Request request) const {
  std::string failure;
  std::exception_ptr thrown;
  try {
    Response response = co_await route.handler(std::move(request));
    if (is_sendable(response)) co_return response;
    failure = "a response has no valid status or a line break in a header";
    if (response.when_sent) response.when_sent(false);
  } catch (const std::exception& exception) {
    failure = exception.what();
    thrown = std::current_exception();
  }
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (thrown && cancellation.cancelled() != asio::cancellation_type::none)
    std::rethrow_exception(thrown);
  if (on_failure_) on_failure_(failure);
  co_return error_reply(500, "the guard failed to answer");
}

}  // namespace readback::guard::server
