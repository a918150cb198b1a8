#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// One exchange with the application under test, or the silence that answers it. A seam: Beast in
// the product (probes/http.h), a simulated network in the simulation.

namespace readback::probes {

struct Request {
  std::string method;
  std::string url;  // absolute; http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // The first header of that name, whatever its case.
  std::optional<std::string_view> header(std::string_view name) const;
};

// How long the whole exchange may take, connecting included, and how large its answer may be.
struct Limits {
  std::chrono::milliseconds time_out{5'000};
  std::size_t reply_bytes = std::size_t{1} << 20;
};

// Why there is no response. Every one of them is info: the write may or may not have happened.
enum class Silence { unresolved, refused, untrusted, timed_out, cut_off, too_large, malformed };
std::string_view to_string(Silence silence);

using Reply = boost::system::result<Response, Silence>;
[[noreturn]] void throw_exception_from_error(Silence silence, const boost::source_location& where);

class Transport {
 public:
  virtual ~Transport() = default;

  // Carries one request and brings its response back. Follows no redirect, retries nothing, keeps
  // no connection unless its header says so. Throws only when cancelled.
  virtual boost::asio::awaitable<Reply> exchange(Request request, Limits limits) = 0;
};

}  // namespace readback::probes
