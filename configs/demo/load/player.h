#pragma once

#include <chrono>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "configs/demo/http_client.h"
#include "configs/demo/load/ledger.h"
#include "configs/demo/load/tally.h"
#include "configs/demo/load/visit.h"

// Plays one visit after the other, or many at once, against the service.

namespace demo::load {

class Player {
 public:
  struct Options {
    std::string url;
    std::string secret;                         // of which the practitioners' tokens are made
    std::chrono::milliseconds time_out{5'000};  // of each request
    std::size_t connections = 64;
  };
  Player(boost::asio::any_io_executor executor, Options options, Ledger& ledger, Tally& tally);

  // Opens the visit, shares a document if it is such a visit, saves, closes. Ends early at the
  // first request that fails, or once end() was called, never within a request.
  boost::asio::awaitable<void> play(Visit visit);
  void end() { is_ending_ = true; }

 private:
  // The reply with the status that was wanted, or nothing, which is counted as an error.
  boost::asio::awaitable<std::optional<std::string>> ask(HttpRequest request, int status);
  boost::asio::awaitable<bool> share_document(std::string visit, std::string token);
  boost::asio::awaitable<bool> save(const Visit& visit, std::string name, std::size_t index,
                                    std::string token);

  Options options_;
  Ledger& ledger_;
  Tally& tally_;
  HttpClient client_;
  bool is_ending_ = false;
};

}  // namespace demo::load
