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

Evaluation read_answer(const HttpReply& reply, std::string& lease_token) {
  if (reply.status != 200) return Evaluation::unusable;
  const json answer = json::parse(reply.body, nullptr, false);
  if (!answer.is_object()) return Evaluation::unusable;
  const auto value = answer.find("value");
  if (value == answer.end() || !value->is_boolean()) return Evaluation::unusable;
  const auto metadata = answer.find("metadata");
  if (metadata != answer.end() && metadata->is_object() && metadata->contains("leaseToken") &&
      metadata->at("leaseToken").is_string())
    lease_token = metadata->at("leaseToken");
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

asio::awaitable<Flag::Answered> Flag::ask(const Practitioner& practitioner) {
  Answered answered;
  if (!client_) co_return answered;
  const Evaluation outcome = co_await evaluate(practitioner, answered.lease_token);
  counters_.evaluated(outcome);
  answered.path = options_.code_default;
  if (outcome == Evaluation::new_editor) answered.path = Path::new_editor;
  if (outcome == Evaluation::old_editor) answered.path = Path::old_editor;
  co_return answered;
}

asio::awaitable<Path> Flag::editor_of(const Practitioner& practitioner) {
  const Answered answered = co_await ask(practitioner);
  co_return answered.path;
}

asio::awaitable<Evaluation> Flag::evaluate(const Practitioner& practitioner,
                                           std::string& lease_token) {
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
  if (reply) co_return read_answer(*reply, lease_token);
  const bool is_late = reply.error() == boost::beast::error::timeout;
  co_return is_late ? Evaluation::timed_out : Evaluation::unreachable;
}

}  // namespace demo::notes
