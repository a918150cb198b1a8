#include "guard/server/ofrep.h"

#include <algorithm>
#include <boost/algorithm/string/trim.hpp>
#include <boost/url/pct_string_view.hpp>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "flags/evaluate.h"
#include "guard/digest.h"
#include "guard/server/json_request.h"

namespace readback::guard::server {
namespace {

using boost::asio::awaitable;
using nlohmann::json;

constexpr const char* kAll = "/ofrep/v1/evaluate/flags";

// Keys and details repeat what a stranger sent: what isn't UTF-8 in it must not throw.
std::string write(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Response respond(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// An error about one flag. Without a key it is one about the whole request.
Response refuse(int status, const std::optional<std::string>& key, const std::string& code,
                const std::string& details) {
  json body = {{"errorCode", code}, {"errorDetails", details}, {"metadata", json::object()}};
  if (key.has_value()) body["key"] = *key;
  return respond(status, write(body));
}

// An evaluation as both endpoints show it. A float keeps its decimal point and a whole number has
// none, as nlohmann writes them: typed clients refuse the other token.
json success(const flags::Evaluation& evaluation) {
  json metadata = json::object();
  if (evaluation.lease_until.has_value()) {
    metadata["leaseUntilMs"] = evaluation.lease_until->count();
  }
  return {{"key", evaluation.flag->key},
          {"value", evaluation.variant->value},
          {"variant", evaluation.variant->name},
          {"reason", flags::to_string(evaluation.reason)},
          {"metadata", std::move(metadata)}};
}

std::string entity_tag(const std::string& body) {
  return '"' + to_hex(sha256(body)) + '"';
}

// If-None-Match is `*` or a list of tags, each perhaps with a weak prefix. Ours is quoted, and no
// tag holds a quote, so it is in the list iff it is in the text.
bool names(const Request& request, const std::string& tag) {
  const auto header = request.header("if-none-match");
  if (!header.has_value()) return false;
  const std::string trimmed = boost::algorithm::trim_copy(std::string(*header));
  return trimmed == "*" || trimmed.find(tag) != std::string::npos;
}

// What the body asks for, or how it is refused.
struct Asked {
  flags::Context context;
  std::optional<Response> refusal;
};

Asked read(const Request& request, const std::optional<std::string>& key) {
  const auto body = read_json(request.body);
  if (!body.has_value()) return {{}, refuse(400, key, "PARSE_ERROR", body.error().what)};
  if (!body->is_object()) {
    return {{}, refuse(400, key, "PARSE_ERROR", "the body is no JSON object")};
  }
  const auto context = flags::read_context(body->value("context", json()));
  if (context.has_value()) return {*context, {}};
  if (key.has_value()) return {{}, refuse(400, key, "INVALID_CONTEXT", context.error().what)};
  return {};
}

bool is_key(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '-';
  });
}

class Evaluator {
 public:
  Evaluator(const Publisher& publisher, const Clock& clock, Exposures& exposures, Witness& witness,
            EvaluationCounts& counts)
      : reader_(publisher),
        clock_(clock),
        exposures_(exposures),
        witness_(witness),
        counts_(counts) {}

  awaitable<Response> one(Request request);
  awaitable<Response> all(Request request);

 private:
  // Who asked, when and for what, until the answer is out.
  struct Testified {
    std::string flag;
    std::string practitioner;
    Witness::Ticket ticket = 0;
  };

  std::vector<std::string> keys();
  std::optional<flags::Evaluation> look(const std::string& key, const flags::Context& context);
  std::vector<Exposures::Person> newcomers(const std::vector<std::string>& keys,
                                           const flags::Context& context);
  std::optional<flags::Evaluation> serve(const std::string& key, const flags::Context& context);
  void testify(Response& response, const std::vector<flags::Evaluation>& served,
               const std::string& practitioner, TimePoint asked_at);
  Response refused(Response refusal);

  Publisher::Reader reader_;
  const Clock& clock_;
  Exposures& exposures_;
  Witness& witness_;
  EvaluationCounts& counts_;
};

std::vector<std::string> Evaluator::keys() {
  std::vector<std::string> keys;
  const flags::Snapshot& snapshot = reader_.read();
  if (snapshot.definitions == nullptr) return keys;
  for (const auto& [key, flag] : snapshot.definitions->flags) keys.push_back(key);
  return keys;
}

std::optional<flags::Evaluation> Evaluator::look(const std::string& key,
                                                 const flags::Context& context) {
  return flags::evaluate(reader_.read(), key, context, clock_.moment());
}

// The flags whose treatment `context` would get, had the record already held him.
std::vector<Exposures::Person> Evaluator::newcomers(const std::vector<std::string>& keys,
                                                    const flags::Context& context) {
  std::vector<Exposures::Person> found;
  for (const std::string& key : keys) {
    const auto evaluation = look(key, context);
    if (!evaluation.has_value() || !evaluation->is_exposed) continue;
    if (exposures_.holds(key, context.targeting_key)) continue;
    found.push_back({key, context.targeting_key, evaluation->step});
  }
  return found;
}

// What is answered, at this very moment: treatment for those only whom the record holds.
std::optional<flags::Evaluation> Evaluator::serve(const std::string& key,
                                                  const flags::Context& context) {
  auto evaluation = look(key, context);
  if (!evaluation.has_value()) return std::nullopt;
  if (evaluation->is_exposed) {
    if (exposures_.holds(key, context.targeting_key)) {
      exposures_.served({key, context.targeting_key, evaluation->step});
    } else {
      evaluation = flags::serve_safe(*evaluation->flag);
    }
  }
  ++counts_.by_variant[{key, evaluation->variant->name}];
  return evaluation;
}

void Evaluator::testify(Response& response, const std::vector<flags::Evaluation>& served,
                        const std::string& practitioner, TimePoint asked_at) {
  std::vector<Testified> testified;
  for (const flags::Evaluation& evaluation : served) {
    if (!evaluation.is_synthetic) continue;
    const std::string& flag = evaluation.flag->key;
    testified.push_back({flag, practitioner,
                         witness_.asked(flag, practitioner, evaluation.variant->name, asked_at)});
  }
  if (testified.empty()) return;
  response.when_sent = [&witness = witness_, &clock = clock_, testified](bool is_whole) {
    for (const Testified& each : testified) {
      witness.answered(each.flag, each.practitioner, each.ticket, clock.now(), is_whole);
    }
  };
}

Response Evaluator::refused(Response refusal) {
  ++counts_.refused;
  return refusal;
}

awaitable<Response> Evaluator::one(Request request) {
  const TimePoint asked_at = clock_.now();
  const std::string segment = request.path.substr(request.path.rfind('/') + 1);
  const auto encoded = boost::urls::make_pct_string_view(segment);
  if (encoded.has_error()) {
    co_return refused(refuse(400, segment, "PARSE_ERROR", "the key is not percent-encoded"));
  }
  const std::string key = encoded->decode();
  Asked asked = read(request, key);
  if (asked.refusal.has_value()) co_return refused(std::move(*asked.refusal));

  std::vector<Exposures::Person> people;
  if (is_key(key)) people = newcomers(std::vector(1, key), asked.context);
  if (!people.empty()) co_await exposures_.admit(std::move(people));
  // Nothing is awaited from here on: what is served is what holds now.
  std::optional<flags::Evaluation> served;
  if (is_key(key)) served = serve(key, asked.context);
  if (!served.has_value()) {
    ++counts_.not_found;
    co_return refuse(404, key, "FLAG_NOT_FOUND", "there is no such flag");
  }
  Response response = respond(200, write(success(*served)));
  testify(response, std::vector(1, *served), asked.context.targeting_key, asked_at);
  co_return response;
}

awaitable<Response> Evaluator::all(Request request) {
  const TimePoint asked_at = clock_.now();
  Asked asked = read(request, std::nullopt);
  if (asked.refusal.has_value()) co_return refused(std::move(*asked.refusal));

  std::vector<Exposures::Person> people = newcomers(keys(), asked.context);
  if (!people.empty()) co_await exposures_.admit(std::move(people));
  // Nothing is awaited from here on: what is served is what holds now.
  std::vector<flags::Evaluation> served;
  json entries = json::array();
  for (const std::string& key : keys()) {
    served.push_back(*serve(key, asked.context));
    entries.push_back(success(served.back()));
  }
  std::string body = write({{"flags", std::move(entries)}, {"metadata", json::object()}});
  const std::string tag = entity_tag(body);
  const bool is_known = names(request, tag);
  if (is_known) ++counts_.not_modified;
  Response response = is_known ? respond(304, {}) : respond(200, std::move(body));
  response.headers.emplace_back("ETag", tag);
  testify(response, served, asked.context.targeting_key, asked_at);
  co_return response;
}

// Coroutines hold what they need by value: a lambda's captures would die with the lambda.
awaitable<Response> answer_one(std::shared_ptr<Evaluator> evaluator, Request request) {
  co_return co_await evaluator->one(std::move(request));
}

awaitable<Response> answer_all(std::shared_ptr<Evaluator> evaluator, Request request) {
  co_return co_await evaluator->all(std::move(request));
}

}  // namespace

std::vector<Route> ofrep(const Publisher& publisher, const Clock& clock, Exposures& exposures,
                         Witness& witness, EvaluationCounts& counts) {
  const auto evaluator = std::make_shared<Evaluator>(publisher, clock, exposures, witness, counts);
  const Handler one = [evaluator](Request request) {
    return answer_one(evaluator, std::move(request));
  };
  const Handler all = [evaluator](Request request) {
    return answer_all(evaluator, std::move(request));
  };
  const std::string path = kAll;
  return {{"POST", path + "/*", Scope::evaluate, one},
          {"POST", path, Scope::evaluate, all},
          {"POST", path + "/", Scope::evaluate, all}};
}

}  // namespace readback::guard::server
