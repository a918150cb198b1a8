#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "probes/result.h"
#include "probes/transport.h"

// HTTP/1.1 over TCP or TLS 1.2 and newer. A connection an exchange: what a kept one would save is
// nothing beside what a stale one would have to be told apart from.
//
// The host must be allowed, else nothing is sent anywhere and the silence is `refused`. A request
// that can't be sent as it is (a URL that is none, a line break in a header) is `malformed`. A
// certificate that is not valid for the host is `untrusted`. The deadline covers all, from looking
// up the name on; a request that is looked up for longer is abandoned.

namespace readback::probes {

struct HttpOptions {
  std::vector<std::string> allowed_hosts;  // probes/http_target.h; empty: none
  std::string ca_file;                     // PEM; empty: the system's
};

class HttpTransport final : public Transport {
 public:
  // Waits as long as it is told; throws when cancelled. The room has no clock of its own.
  using Sleep = std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)>;

  // The problem names what is wrong with the options; `ca_file` is read here and now.
  static Result<std::unique_ptr<HttpTransport>> make(boost::asio::any_io_executor executor,
                                                     Sleep sleep, const HttpOptions& options);
  struct Client;
  HttpTransport(boost::asio::any_io_executor executor, Sleep sleep,
                std::unique_ptr<const Client> client);  // for make()
  ~HttpTransport() override;

  // Host, Accept and User-Agent may be given; what frames the message (Content-Length,
  // Transfer-Encoding, Connection and their kind) is set here, whatever the request says.
  boost::asio::awaitable<Reply> exchange(Request request, Limits limits) override;

 private:
  boost::asio::any_io_executor executor_;
  Sleep sleep_;
  std::unique_ptr<const Client> client_;
};

}  // namespace readback::probes
