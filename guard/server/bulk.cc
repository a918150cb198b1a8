#include "guard/server/bulk.h"

#include <boost/algorithm/string/trim.hpp>
#include <boost/url/parse_query.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "guard/digest.h"
#include "guard/server/ofrep_body.h"

namespace readback::guard::server {
namespace {

using boost::asio::awaitable;
using nlohmann::json;

// If-None-Match is `*` or a list of tags, each perhaps with a weak prefix. Ours is quoted, and no
// tag holds a quote, so it is in the list iff it is in the text.
bool names(const Request& request, const std::string& tag) {
  const auto header = request.header("if-none-match");
  if (!header.has_value()) return false;
  const std::string trimmed = boost::algorithm::trim_copy(std::string(*header));
  return trimmed == "*" || trimmed.find(tag) != std::string::npos;
}

// An event told him of another answer than this: he is to see this one whole (ADR-0008).
bool expects_another(const Request& request, const std::string& tag) {
  const auto query = boost::urls::parse_query(request.query);
  if (query.has_error()) return false;
  for (const auto param : *query)
    if (param.key == "flagConfigEtag") return param.value.decode() != tag;
  return false;
}

class Bulk {
 public:
  Bulk(std::shared_ptr<Evaluator> evaluator, const Clients* clients)
      : evaluator_(std::move(evaluator)), clients_(clients) {}

  awaitable<Response> answer(Request request);

 private:
  std::string recognise(const Request& request);
  std::vector<flags::Evaluation> serve(const flags::Context& context, const std::string& token);
  std::string body(const std::vector<flags::Evaluation>& served, const std::string& practitioner,
                   const std::string& token) const;
  void note(const std::string& token, const std::string& tag,
            const std::vector<flags::Evaluation>& served, bool is_newest);

  std::shared_ptr<Evaluator> evaluator_;
  const Clients* clients_;
};

// The token of who asks, and what he tells that he holds; a new one for who brings none. Empty for
// a stranger: who may not ask gets no name.
std::string Bulk::recognise(const Request& request) {
  if (clients_ == nullptr) return {};
  const auto header = request.header("if-none-match");
  const auto shown = header ? clients_->tokens.read(*header) : std::nullopt;
  if (!shown) return request.is_denied ? std::string() : clients_->tokens.issue(clients_->entropy);
  // Of two pages that share a token, one's word is not the other's.
  if (clients_->streams.open_for(shown->token) < 2)
    clients_->holders.shows(shown->token, shown->tag);
  return shown->token;
}

std::vector<flags::Evaluation> Bulk::serve(const flags::Context& context,
                                           const std::string& token) {
  const bool is_trackable = token.empty() || clients_->holders.has_room(token);
  std::vector<flags::Evaluation> served;
  for (const std::string& key : evaluator_->keys())
    served.push_back(*evaluator_->serve(key, context, is_trackable));
  return served;
}

std::string Bulk::body(const std::vector<flags::Evaluation>& served,
                       const std::string& practitioner, const std::string& token) const {
  json entries = json::array();
  for (const flags::Evaluation& evaluation : served)
    entries.push_back(evaluator_->entry(evaluation, practitioner));
  json body = {{"flags", std::move(entries)}, {"metadata", json::object()}};
  if (!token.empty())
    body["eventStreams"] = {
        {{"type", "sse"}, {"endpoint", {{"requestUri", EventStreams::path(token)}}}}};
  return write(body);
}

void Bulk::note(const std::string& token, const std::string& tag,
                const std::vector<flags::Evaluation>& served, bool is_newest) {
  if (token.empty()) return;
  Holders::Answer answer;
  for (const flags::Evaluation& evaluation : served)
    answer[evaluation.flag->key] =
        evaluation.is_exposed ? evaluation.lease_until : std::optional<WallTime>();
  clients_->holders.sent(token, tag, answer);
  clients_->streams.fetched(token, is_newest);
}

awaitable<Response> Bulk::answer(Request request) {
  const TimePoint asked_at = evaluator_->now();
  Asked asked = read(request, std::nullopt);
  if (asked.refusal.has_value()) {
    ++evaluator_->counts().refused;
    co_return std::move(*asked.refusal);
  }
  if (request.is_denied) {
    ++evaluator_->counts().denied;
    asked.context = {};
  }
  if (evaluator_->is_orphan({}, asked.context.targeting_key)) co_return fail_orphan(std::nullopt);
  const std::string token = recognise(request);
  co_await evaluator_->admit(evaluator_->keys(), asked.context);
  // Nothing is awaited from here on: what is served is what holds now.
  const std::vector<flags::Evaluation> served = serve(asked.context, token);
  std::string text = body(served, asked.context.targeting_key, token);
  const std::string digest = to_hex(sha256(text));
  const std::string tag = '"' + (token.empty() ? digest : token + '-' + digest) + '"';
  const bool is_newest = names(request, tag) && !expects_another(request, tag);
  note(token, tag, served, is_newest);
  if (is_newest) ++evaluator_->counts().not_modified;
  Response response = is_newest ? respond(304, {}) : respond(200, std::move(text));
  response.headers.emplace_back("ETag", tag);
  response.when_sent = evaluator_->testify(served, asked.context.targeting_key, asked_at);
  co_return response;
}

// Coroutines hold what they need by value: a lambda's captures would die with the lambda.
awaitable<Response> answer_all(std::shared_ptr<Bulk> bulk, Request request) {
  co_return co_await bulk->answer(std::move(request));
}

}  // namespace

Handler bulk(std::shared_ptr<Evaluator> evaluator, const Clients* clients) {
  const auto all = std::make_shared<Bulk>(std::move(evaluator), clients);
  return [all](Request request) { return answer_all(all, std::move(request)); };
}

}  // namespace readback::guard::server
