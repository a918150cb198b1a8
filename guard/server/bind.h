#pragma once

#include <sys/types.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstdint>
#include <string>

#include "guard/result.h"

namespace readback::guard::server {

// Listens at a numeric IPv4 or IPv6 address; port 0 takes a free one.
Result<boost::asio::ip::tcp::acceptor> listen_tcp(const boost::asio::any_io_executor& executor,
                                                  const std::string& address, std::uint16_t port);

// Listens at a new Unix socket of mode 0660. In place of one that nobody listens at any more; a
// live one, and any other file, is a problem.
Result<boost::asio::local::stream_protocol::acceptor> listen_unix(
    const boost::asio::any_io_executor& executor, const std::string& path);

// A file as the kernel knows it, to tell it from another one of the same name.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
// All zero if there is none.
FileIdentity identity_of(const std::string& path);

}  // namespace readback::guard::server
