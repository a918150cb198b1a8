#include "guard/server/render.h"

#include <algorithm>
#include <array>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <cassert>
#include <ctime>
#include <string_view>

namespace readback::guard::server {
namespace http = boost::beast::http;

namespace {

// IMF-fixdate, RFC 9110, 5.6.7.
std::string date(WallTime now) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(now).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

bool is_plain(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

}  // namespace

bool is_sendable(const Response& response) {
  return response.status >= 200 && response.status <= 599 && is_plain(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
           return !header.first.empty() && is_plain(header.first) && is_plain(header.second);
         });
}

std::string render(const Response& response, Rendering how, WallTime now) {
  assert(is_sendable(response));
  const bool has_body = response.status != 204 && response.status != 304;
  http::response<http::empty_body> head;
  head.result(static_cast<unsigned>(response.status));
  head.set(http::field::date, date(now));
  for (const auto& [name, value] : response.headers) head.insert(name, value);
  if (has_body) {
    head.set(http::field::content_type, response.content_type);
    if (!how.is_endless) head.content_length(response.body.size());
  }
  if (!how.keeps_connection)
    head.set(http::field::connection, "close");
  else if (how.version == 10)
    head.set(http::field::connection, "keep-alive");
  std::string text;
  http::response_serializer<http::empty_body> serializer(head);
  for (boost::system::error_code error; !serializer.is_done();) {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      for (const auto buffer : boost::beast::buffers_range_ref(buffers))
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
      serializer.consume(boost::beast::buffer_bytes(buffers));
    });
    assert(!error);
  }
  if (has_body && !how.is_for_head && !how.is_endless) text += response.body;
  return text;
}

}  // namespace readback::guard::server
