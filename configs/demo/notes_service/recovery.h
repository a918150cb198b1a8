#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json_fwd.hpp>

#include "configs/demo/http_client.h"
#include "configs/demo/notes_service/drafts.h"
#include "configs/demo/notes_service/flag.h"

// What an application can do about notes that a revert came too late for: it asks the guard now and
// then up to when what the new editor wrote is proven, drops the drafts of until then, and once the
// flag is reverted writes the others again by the old editor, each read back.
//
// Of a fault that loses every note of a kind nothing is missing then. Of one that loses some, what
// was written before a probe that passed may be lost all the same: it was dropped as proven.

namespace demo::notes {

struct Service;

class Recovery {
 public:
  // Of the flag service's state of the flag.
  Recovery(boost::asio::any_io_executor executor, const Flag::Options& flag, Service& service);

  // Until cancelled.
  boost::asio::awaitable<void> run();

  // {"kept", "recovered", "rewritten", "failed"}: recovered was missing or altered before it was
  // written again, rewritten was not; failed did not come back.
  nlohmann::json to_json() const;

 private:
  struct State {
    bool is_reverted = false;
    std::optional<std::int64_t> proven_until_ms;
  };
  boost::asio::awaitable<std::optional<State>> ask();
  void replay();
  void replay(const Draft& draft);
  bool is_stored(const Draft& draft) const;

  boost::asio::steady_timer timer_;
  std::string target_;
  std::string bearer_;
  std::unique_ptr<HttpClient> client_;
  Service& service_;
  std::int64_t recovered_ = 0, rewritten_ = 0, failed_ = 0;
};

}  // namespace demo::notes
