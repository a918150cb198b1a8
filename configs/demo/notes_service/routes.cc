#include "configs/demo/notes_service/routes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include <openssl/crypto.h>
#include <boost/url.hpp>
#include <nlohmann/json.hpp>

namespace demo::notes {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

enum class Who { anybody, practitioner, administrator };

struct Route {
  std::string_view method;
  // Segments of the path; "*" takes any.
  std::vector<std::string_view> path;
  Who who;
  Answer (*handler)(Service&, const Call&);
};

// A save and a new visit may wait for the flag, and have coroutines of their own; null stands for
// them here.
const std::vector<Route>& routes() {
  static const std::vector<Route> routes{
      {"GET", {"healthz"}, Who::anybody, show_health},
      {"POST", {"patients", "*", "visits"}, Who::practitioner, nullptr},
      {"GET", {"patients", "*", "visits"}, Who::practitioner, list_visits},
      {"GET", {"visits", "*"}, Who::practitioner, show_visit},
      {"DELETE", {"visits", "*"}, Who::practitioner, remove_visit},
      {"PUT", {"visits", "*", "notes"}, Who::practitioner, nullptr},
      {"POST", {"visits", "*", "autosave"}, Who::practitioner, nullptr},
      {"POST", {"visits", "*", "close"}, Who::practitioner, close_visit},
      {"GET", {"visits", "*", "revisions"}, Who::practitioner, list_revisions},
      {"POST", {"visits", "*", "documents"}, Who::practitioner, add_document},
      {"POST", {"documents", "*", "share"}, Who::practitioner, share_document},
      {"GET", {"search"}, Who::practitioner, search_visits},
      {"POST", {"admin", "fault"}, Who::administrator, switch_fault},
      {"GET", {"admin", "counters"}, Who::administrator, show_counters},
  };
  return routes;
}

bool matches(const std::vector<std::string_view>& path, const std::vector<std::string>& segments) {
  return std::equal(path.begin(), path.end(), segments.begin(), segments.end(),
                    [](std::string_view wanted, const std::string& segment) {
                      return wanted == "*" ? !segment.empty() : wanted == segment;
                    });
}

std::optional<Call> call_of(const Request& request) {
  const auto target = boost::urls::parse_origin_form(request.target);
  if (!target) return std::nullopt;
  Call call{.body = request.body, .lease_token = request.lease_token};
  for (const auto& segment : target->segments()) call.segments.push_back(segment);
  for (const auto& parameter : target->params())
    if (parameter.key == "q") call.text = parameter.value;
  return call;
}

bool is_admin(const Service& service, const std::string& bearer) {
  const std::string& token = service.options.admin_token;
  return !token.empty() && token.size() == bearer.size() &&
         CRYPTO_memcmp(token.data(), bearer.data(), token.size()) == 0;
}

// The refusal of a caller who may not use the route; else names him in the call.
std::optional<Answer> authenticate(const Service& service, Who who, const std::string& bearer,
                                   Call& call) {
  if (who == Who::anybody) return std::nullopt;
  call.caller = service.practitioners.by_token(bearer);
  const bool is_administrator = is_admin(service, bearer);
  if (call.caller == nullptr && !is_administrator) return refuse(401, "a bearer token is needed");
  if (is_administrator != (who == Who::administrator)) return refuse(403, "not with this token");
  return std::nullopt;
}

}  // namespace

asio::awaitable<Answer> respond(Service& service, Request request) {
  auto call = call_of(request);
  if (!call) co_return refuse(400, "no path");
  bool is_path_known = false;
  for (const Route& route : routes()) {
    if (!matches(route.path, call->segments)) continue;
    is_path_known = true;
    if (route.method != request.method) continue;
    auto refusal = authenticate(service, route.who, request.bearer, *call);
    if (refusal) co_return std::move(*refusal);
    if (route.handler != nullptr) co_return route.handler(service, *call);
    if (route.path.front() == "patients")
      co_return co_await create_visit(service, std::move(*call));
    const bool is_draft = route.path.back() == "autosave";
    co_return co_await save_note(service, std::move(*call), is_draft);
  }
  co_return is_path_known ? refuse(405, "not with this method") : refuse(404, "no such path");
}

Answer answer(int status, const json& body) {
  return {.status = status, .body = body.dump()};
}

Answer refuse(int status, std::string_view why) {
  return answer(status, {{"error", why}});
}

std::optional<json> object_of(const std::string& body) {
  json object = json::parse(body, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

std::optional<std::int64_t> number_of(std::string_view name, char prefix) {
  std::int64_t number = 0;
  if (!name.starts_with(prefix)) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + 1, end, number);
  if (error != std::errc() || stopped != end || number <= 0) return std::nullopt;
  return number;
}

std::optional<Visit> own_visit(Service& service, const Call& call, const std::string& name,
                               Answer& refusal) {
  const auto id = number_of(name, 'v');
  auto visit = id ? service.store.visit(*id) : std::nullopt;
  refusal = refuse(404, "no such visit");
  if (!visit) return std::nullopt;
  refusal = refuse(403, "another practitioner's visit");
  if (visit->practitioner != call.caller->id) return std::nullopt;
  return visit;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace demo::notes
