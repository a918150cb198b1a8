#include "guard/server/ofrep.h"

#include <algorithm>
#include <boost/url/pct_string_view.hpp>
#include <memory>
#include <optional>

#include "guard/server/bulk.h"
#include "guard/server/evaluator.h"
#include "guard/server/ofrep_body.h"

namespace readback::guard::server {
namespace {

using boost::asio::awaitable;

constexpr const char* kAll = "/ofrep/v1/evaluate/flags";

Response refused(EvaluationCounts& counts, Response refusal) {
  ++counts.refused;
  return refusal;
}

// The name under which one who asks for one flag at a time is known to hold it. No token is as
// short, and none has a blank.
std::string caller(const std::string& key, const std::string& practitioner) {
  return key + ' ' + practitioner;
}

void note(const Clients* clients, const std::string& practitioner,
          const flags::Evaluation& served) {
  if (clients == nullptr || practitioner.empty() || served.is_synthetic) return;
  const std::string& key = served.flag->key;
  Holders::Answer answer;
  answer[key] = served.is_exposed ? served.lease_until : std::nullopt;
  clients->holders.sent(caller(key, practitioner), {}, answer);
}

// Coroutines hold what they need by value: a lambda's captures would die with the lambda.
awaitable<Response> answer_one(std::shared_ptr<Evaluator> evaluator, const Clients* clients,
                               Request request) {
  const TimePoint asked_at = evaluator->now();
  EvaluationCounts& counts = evaluator->counts();
  const std::string segment = request.path.substr(request.path.rfind('/') + 1);
  const auto encoded = boost::urls::make_pct_string_view(segment);
  if (encoded.has_error()) {
    co_return refused(counts,
                      refuse(400, segment, "PARSE_ERROR", "the key is not percent-encoded"));
  }
  const std::string key = encoded->decode();
  Asked asked = read(request, key);
  if (asked.refusal.has_value()) co_return refused(counts, std::move(*asked.refusal));
  const std::string& who = asked.context.targeting_key;

  std::optional<flags::Evaluation> served;
  if (flags::is_key(key)) {
    co_await evaluator->admit(std::vector(1, key), asked.context);
    // Nothing is awaited from here on: what is served is what holds now.
    const bool is_trackable = clients == nullptr || clients->holders.has_room(caller(key, who));
    served = evaluator->serve(key, asked.context, is_trackable);
  }
  if (!served.has_value()) {
    ++counts.not_found;
    co_return refuse(404, key, "FLAG_NOT_FOUND", "there is no such flag");
  }
  note(clients, who, *served);
  Response response = respond(200, write(evaluator->entry(*served, who)));
  if (evaluator->is_orphan(key, who)) response = fail_orphan(key);
  response.when_sent = evaluator->testify(std::vector(1, *served), who, asked_at);
  co_return response;
}

}  // namespace

std::vector<Route> ofrep(const Publisher& publisher, const Clock& clock, Exposures& exposures,
                         Witness& witness, EvaluationCounts& counts, const Stamps& stamps,
                         const Clients* clients) {
  const auto evaluator =
      std::make_shared<Evaluator>(publisher, clock, exposures, witness, counts, stamps);
  const Handler one = [evaluator, clients](Request request) {
    return answer_one(evaluator, clients, std::move(request));
  };
  const Handler all = bulk(evaluator, clients);
  const std::string path = kAll;
  return {{"POST", path + "/*", Scope::evaluate, one},
          {"POST", path, Scope::evaluate_or_safe, all},
          {"POST", path + "/", Scope::evaluate_or_safe, all}};
}

}  // namespace readback::guard::server
