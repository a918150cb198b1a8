#include "configs/demo/notes_service/flag.h"

#include <chrono>
#include <utility>

#include <boost/beast/core/error.hpp>
#include <boost/url.hpp>
#include <nlohmann/json.hpp>

namespace demo::notes {
namespace asio = boost::asio;
using Evaluation = Counters::Evaluation;
using nlohmann::json;

namespace {

// Longer than an answer ever takes, short enough for nobody to notice at a save.
constexpr std::chrono::milliseconds kTimeOut{250};
// An answer is some hundred bytes.
constexpr HttpClient::Options kConnections{.idle_connections = 64, .reply_bytes = 65'536};

Evaluation read_answer(const HttpReply& reply) {
  if (reply.status != 200) return Evaluation::unusable;
  const json answer = json::parse(reply.body, nullptr, false);
  if (!answer.is_object()) return Evaluation::unusable;
  const auto value = answer.find("value");
  if (value == answer.end() || !value->is_boolean()) return Evaluation::unusable;
  return value->get<bool>() ? Evaluation::new_editor : Evaluation::old_editor;
}

}  // namespace

Flag::Flag(asio::any_io_executor executor, Options options, Counters& counters)
    : options_(std::move(options)),
      target_("/ofrep/v1/evaluate/flags/" +
              boost::urls::encode(options_.key, boost::urls::unreserved_chars)),
      counters_(counters) {
  if (!options_.url.empty())
    client_ = std::make_unique<HttpClient>(std::move(executor), options_.url, kConnections);
}

asio::awaitable<Path> Flag::editor_of(const Practitioner& practitioner) {
  if (!client_) co_return Path::old_editor;
  const Evaluation outcome = co_await evaluate(practitioner);
  counters_.evaluated(outcome);
  co_return outcome == Evaluation::new_editor ? Path::new_editor : Path::old_editor;
}

asio::awaitable<Evaluation> Flag::evaluate(const Practitioner& practitioner) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeOut;
  const json context{{"targetingKey", practitioner.id},
                     {"speciality", practitioner.speciality},
                     {"region", practitioner.region},
                     {"practice", practitioner.practice}};
  HttpRequest request{.method = "POST",
                      .target = target_,
                      .bearer = options_.token,
                      .body = json{{"context", context}}.dump()};
  const auto reply = co_await client_->exchange(std::move(request), deadline);
  if (reply) co_return read_answer(*reply);
  const bool is_late = reply.error() == boost::beast::error::timeout;
  co_return is_late ? Evaluation::timed_out : Evaluation::unreachable;
}

}  // namespace demo::notes
