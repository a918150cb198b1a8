#include "guard/server/event_streams.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "guard/server/error_reply.h"

namespace readback::guard::server {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPath = "/ofrep/v1/streams/";
constexpr const char* kEvent = "data: {\"type\":\"refetchEvaluation\"}\n\n";
// After how many milliseconds a browser comes back: it would wait for 3 s by itself.
constexpr const char* kGreeting = "retry: 1000\n\n";
constexpr const char* kComment = ":\n\n";
constexpr std::size_t kWaiting = 4;
// How exactly what is due is sent. What is urgent does not wait for it.
constexpr Duration kGrain = std::chrono::milliseconds(250);

}  // namespace

class EventStreams::Open final : public Pieces {
 public:
  Open(EventStreams& streams, const std::string& token)
      : streams_(streams),
        place_(streams.open_.emplace(token, this)),
        pieces_(streams.executor_, kWaiting) {
    say(kGreeting);
    repeat_after = streams.options_.first_repeat;
  }
  ~Open() override { streams_.open_.erase(place_); }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

  asio::awaitable<std::string> next() override {
    std::string piece = co_await pieces_.receive();
    co_return piece;
  }

  // Dropped when four wait already: he is slow, and to ask once is enough.
  void say(const char* piece) { [[maybe_unused]] const bool is_kept = pieces_.send(piece); }

  const std::string& token() const { return place_->first; }

  TimePoint next_event{};
  TimePoint next_comment{};
  Duration repeat_after{};

 private:
  EventStreams& streams_;
  std::multimap<std::string, Open*>::iterator place_;
  Mailbox<std::string> pieces_;
};

EventStreams::EventStreams(asio::any_io_executor executor, Clock& clock, const ClientTokens& tokens,
                           Options options)
    : executor_(std::move(executor)),
      clock_(clock),
      tokens_(tokens),
      options_(options),
      arrivals_(executor_, 1) {}

EventStreams::~EventStreams() = default;

std::string EventStreams::path(const std::string& token) {
  return std::string(kPath) + token;
}

// Spread by the token, so that not all come at once.
Duration EventStreams::until_heartbeat(const std::string& token) const {
  const auto spread = static_cast<Duration::rep>(std::hash<std::string>()(token) % 256);
  return period_ - period_ / 4 * spread / 256;
}

void EventStreams::ask(Open& stream, TimePoint now) {
  stream.say(kEvent);
  ++events_;
  stream.next_event = now + stream.repeat_after;
  stream.next_comment = now + options_.comment;
  stream.repeat_after = std::min(2 * stream.repeat_after, period_);
}

void EventStreams::narrowed() {
  const TimePoint now = clock_.now();
  for (const auto& [token, stream] : open_) {
    stream->repeat_after = options_.first_repeat;
    ask(*stream, now);
  }
}

void EventStreams::fetched(const std::string& token, bool is_newest) {
  // One page's answer says nothing of another one's: both are asked again.
  if (open_for(token) != 1) return;
  Open& stream = *open_.find(token)->second;
  stream.repeat_after = options_.first_repeat;
  stream.next_event = clock_.now() + (is_newest ? until_heartbeat(token) : options_.first_repeat);
}

asio::awaitable<void> EventStreams::run() {
  for (;;) {
    if (open_.empty()) co_await arrivals_.receive();
    co_await clock_.sleep_for(kGrain);
    const TimePoint now = clock_.now();
    for (const auto& [token, stream] : open_) {
      if (now >= stream->next_event) ask(*stream, now);
      if (now < stream->next_comment) continue;
      stream->say(kComment);
      stream->next_comment = now + options_.comment;
    }
  }
}

asio::awaitable<Response> EventStreams::answer(Request request) {
  const std::string token = request.path.substr(kPath.size());
  if (!tokens_.is_ours(token)) co_return error_reply(404, "there is no such stream");
  if (open_.size() >= options_.streams || open_for(token) >= options_.of_one_client) {
    ++refused_;
    Response response = error_reply(503, "there are too many streams");
    response.headers.emplace_back("Retry-After", "1");
    co_return response;
  }
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  if (request.method == "HEAD") co_return response;
  auto stream = std::make_unique<Open>(*this, token);
  ask(*stream, clock_.now());
  response.pieces = std::move(stream);
  if (!arrivals_.is_full()) {
    [[maybe_unused]] const bool is_sent = arrivals_.send(true);
  }
  co_return response;
}

Route EventStreams::route() {
  // No coroutine itself, so that nothing of it has to outlive the call.
  const Handler handler = [this](Request request) { return answer(std::move(request)); };
  return {"GET", std::string(kPath) + "*", Scope::open, handler};
}

}  // namespace readback::guard::server
