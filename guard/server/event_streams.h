#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "guard/mailbox.h"
#include "guard/server/client_token.h"
#include "guard/server/route.h"

// How a revert reaches browsers: server-sent events as OpenFeature's ADR-0008 has them.
//
//   GET /ofrep/v1/streams/TOKEN    text/event-stream; the token comes with each bulk answer
//
// An event says "ask again", never a value. Measured of the official web provider: it does not ask
// again when its stream reopens, nor when its question failed, and a late old answer replaces a
// newer one. So an event
//   - is the first thing on each connection,
//   - is sent to everybody at once when less is served than before,
//   - is repeated, 1, 2, 4 ... s apart, until the client was told 304: that it holds the newest,
//   - is sent every now and then all the same, which also renews the lease.
// Between events a comment every 15 s keeps proxies from closing the stream.
//
// Single-threaded. Bounded: so many streams in all, and so many of one client; one more is 503, and
// the client then asks by itself. What waits for a slow reader is at most four events, as all say
// the same; the listener resets whoever takes none for its write time-out.

namespace readback::guard::server {

class EventStreams {
 public:
  struct Options {
    std::size_t streams = 2'000;
    std::size_t of_one_client = 8;  // tabs that share a cache are one client
    Duration comment = std::chrono::seconds(15);
    Duration first_repeat = std::chrono::seconds(1);
  };

  // `clock` and `tokens` outlive this, and this outlives its streams.
  EventStreams(boost::asio::any_io_executor executor, Clock& clock, const ClientTokens& tokens)
      : EventStreams(std::move(executor), clock, tokens, Options()) {}
  EventStreams(boost::asio::any_io_executor executor, Clock& clock, const ClientTokens& tokens,
               Options options);
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  Route route();
  // The path of a client's stream, for the `eventStreams` of a bulk answer.
  static std::string path(const std::string& token);

  // Sends what is due, until cancelled.
  boost::asio::awaitable<void> run();

  // How often everybody is to ask again when nothing happens; 30 s at first.
  void refetch_every(Duration period) { period_ = period; }
  // Less is served than before: everybody is to ask again now.
  void narrowed();
  // A client has asked; `is_newest`: and was told that it holds the newest answer.
  void fetched(const std::string& token, bool is_newest);

  // Streams that are open for this client. With more than one, what one page holds says nothing of
  // the other.
  std::size_t open_for(const std::string& token) const { return open_.count(token); }

  // For metrics. The last two only grow.
  std::size_t open() const { return open_.size(); }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t events() const { return events_; }

 private:
  class Open;

  boost::asio::awaitable<Response> answer(Request request);
  void ask(Open& stream, TimePoint now);
  Duration until_heartbeat(const std::string& token) const;

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  const ClientTokens& tokens_;
  Options options_;
  Duration period_ = std::chrono::seconds(30);
  std::multimap<std::string, Open*> open_;  // by token
  Mailbox<bool> arrivals_;
  std::uint64_t refused_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace readback::guard::server
