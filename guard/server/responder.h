#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "guard/server/authenticate.h"
#include "guard/server/origins.h"
#include "guard/server/routing.h"

// From a well-formed request to its response: finds the route, asks who calls, calls the handler.
// Knows no socket.

namespace readback::guard::server {

class Responder {
 public:
  // `authenticator` and `origins` outlive this; `origins` may be null: no page of a browser may
  // ask. `on_failure` is told what a handler threw; may be empty.
  Responder(std::vector<Route> routes, const Authenticator& authenticator, const Origins* origins,
            std::function<void(std::string_view what)> on_failure);

  struct Answered {
    Response response;      // can be sent, whatever the handler did
    bool is_known = false;  // the caller proved who it is
  };

  // 404 and 405 where there is no route, 401 and 403 where the caller may not, 500 where the
  // handler throws or its response can't be sent. Throws only when cancelled.
  boost::asio::awaitable<Answered> respond(Request request, std::optional<Peer> peer) const;

 private:
  boost::asio::awaitable<Answered> answer(Request request, std::optional<Peer> peer) const;
  boost::asio::awaitable<Response> handle(const Route& route, Request request) const;

  Routing routing_;
  const Authenticator& authenticator_;
  const Origins* origins_;
  std::function<void(std::string_view what)> on_failure_;
};

}  // namespace readback::guard::server
