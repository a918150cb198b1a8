#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a listener serves. Sockets, framing and time-outs are behind it (guard/server/listener.h);
// the simulation and the unit tests call handlers directly.

namespace readback::guard::server {

// What a caller may do. A route names the one that it needs; a caller brings those he proved.
enum class Scope {
  open,
  evaluate,
  evaluate_or_safe,  // who doesn't prove evaluate is told by Request::is_denied, not turned away
  operate,
};

struct Request {
  std::string method;
  std::string
      path;  // decoded per segment is the handler's business: this is as sent, without query
  std::string query;                                         // without the question mark
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  // He did not prove Scope::evaluate: nothing but what is safe may be told.
  bool is_denied = false;

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

// A body without an end, such as events to whoever listens.
class Pieces {
 public:
  virtual ~Pieces() = default;
  // What is to be sent next, as soon as there is something; empty: the body ends here.
  virtual boost::asio::awaitable<std::string> next() = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent whole with Content-Length, or the connection is reset
  // Called once when the last byte was given to the kernel (true) or could not be (false). Never
  // called after the listener has ended.
  std::function<void(bool is_whole)> when_sent;
  // Sent in place of `body`, until it ends, the peer leaves, or takes nothing for the listener's
  // write time-out, which resets the connection.
  std::unique_ptr<Pieces> pieces;
};

using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

// A path ends in "/*" to take one more segment, still percent-encoded, which Request::path shows.
struct Route {
  std::string method;
  std::string path;
  Scope scope = Scope::open;
  Handler handler;
};

}  // namespace readback::guard::server
