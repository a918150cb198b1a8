#include "guard/server/bind.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace readback::guard::server {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

namespace {

constexpr mode_t kSocketMode = 0660;

Problem cannot(const std::string& where, const std::string& what, const error_code& error) {
  return {where, "cannot " + what + ": " + error.message()};
}

// What is in the way at `path`, after removing a socket that nobody listens at.
Result<void> clear(const asio::any_io_executor& executor, const std::string& path) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return {};
  if (!S_ISSOCK(file.st_mode)) return Problem{path, "there is a file that is no socket"};
  Local::socket probe(executor);
  error_code error;
  probe.open({}, error);
  // A daemon that hangs has a full queue, in which connecting would wait.
  if (!error) probe.non_blocking(true, error);
  if (!error) probe.connect(path, error);
  if (error != asio::error::connection_refused)
    return Problem{path, "another process listens at this socket"};
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return cannot(path, "remove the old socket", {errno, boost::system::system_category()});
  return {};
}

}  // namespace

Result<tcp::acceptor> listen_tcp(const asio::any_io_executor& executor, const std::string& address,
                                 std::uint16_t port) {
  const std::string where = address + " port " + std::to_string(port);
  error_code error;
  const auto numeric = asio::ip::make_address(address, error);
  if (error) return Problem{where, "not a numeric IPv4 or IPv6 address"};
  const tcp::endpoint endpoint(numeric, port);
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot(where, "listen", error);
  return acceptor;
}

Result<Local::acceptor> listen_unix(const asio::any_io_executor& executor,
                                    const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return Problem{path, "the path of a socket has 1 to 107 bytes"};
  if (const auto cleared = clear(executor, path); !cleared) return cleared.error();
  error_code error;
  Local::acceptor acceptor(executor);
  acceptor.open({}, error);
  // The file is made with the mode of the descriptor, less the umask, so at no time with more.
  if (!error && fchmod(acceptor.native_handle(), kSocketMode) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor.bind(path, error);
  if (!error && chmod(path.c_str(), kSocketMode) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot(path, "listen", error);
  return acceptor;
}

FileIdentity identity_of(const std::string& path) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0) return {};
  return {file.st_dev, file.st_ino};
}

}  // namespace readback::guard::server
