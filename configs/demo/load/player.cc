#include "configs/demo/load/player.h"

#include <utility>

#include <boost/beast/core/error.hpp>
#include <nlohmann/json.hpp>

#include "configs/demo/token.h"

namespace demo::load {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// A member of the answer, or nothing if it is not such an answer.
template <typename Value>
std::optional<Value> member(const std::string& body, const char* name) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  const auto found = answer.find(name);
  if (found == answer.end()) return std::nullopt;
  if constexpr (std::is_same_v<Value, std::string>) {
    if (found->is_string()) return found->template get<std::string>();
  } else {
    if (found->is_number_integer()) return found->template get<Value>();
  }
  return std::nullopt;
}

}  // namespace

Player::Player(asio::any_io_executor executor, Options options, Ledger& ledger, Tally& tally)
    : options_(std::move(options)),
      ledger_(ledger),
      tally_(tally),
      client_(std::move(executor), options_.url, {.idle_connections = options_.connections}) {}

asio::awaitable<void> Player::play(Visit visit) {
  ++tally_.visits;
  const std::string token = practitioner_token(options_.secret, visit.practitioner);
  HttpRequest open{.method = "POST",
                   .target = "/patients/" + visit.patient + "/visits",
                   .bearer = token,
                   .body = "{}"};
  const auto opened = co_await ask(std::move(open), 201);
  const auto name = opened ? member<std::string>(*opened, "id") : std::nullopt;
  if (!name) co_return;
  if (visit.shares_document) {
    const bool is_shared = co_await share_document(*name, token);
    if (!is_shared) co_return;
    ++tally_.visits_with_shared_document;
  }
  for (std::size_t index = 0; index < visit.saves.size(); ++index) {
    if (is_ending_) co_return;
    const bool is_saved = co_await save(visit, *name, index, token);
    if (!is_saved) co_return;
  }
  if (is_ending_) co_return;
  HttpRequest close{.method = "POST", .target = "/visits/" + *name + "/close", .bearer = token};
  co_await ask(std::move(close), 200);
}

asio::awaitable<bool> Player::share_document(std::string visit, std::string token) {
  const json document{{"title", "Ordonnance"}, {"content", "Paracétamol 1 g, 3 fois par jour."}};
  HttpRequest add{.method = "POST",
                  .target = "/visits/" + visit + "/documents",
                  .bearer = token,
                  .body = document.dump()};
  const auto added = co_await ask(std::move(add), 201);
  const auto id = added ? member<std::string>(*added, "id") : std::nullopt;
  if (!id || is_ending_) co_return false;
  HttpRequest share{
      .method = "POST", .target = "/documents/" + *id + "/share", .bearer = token, .body = "{}"};
  const auto shared = co_await ask(std::move(share), 200);
  co_return shared.has_value();
}

asio::awaitable<bool> Player::save(const Visit& visit, std::string name, std::size_t index,
                                   std::string token) {
  const Save& save = visit.saves[index];
  json body = json::object();
  for (std::size_t field = 0; field < kFields; ++field)
    if (save.texts[field]) body[std::string(kFieldNames[field])] = *save.texts[field];
  HttpRequest request{.method = save.is_draft ? "POST" : "PUT",
                      .target = "/visits/" + name + (save.is_draft ? "/autosave" : "/notes"),
                      .bearer = std::move(token),
                      .body = body.dump()};
  Sent sent{.visit = name,
            .practitioner = visit.practitioner,
            .had_shared_document = visit.shares_document,
            .started_ms = now_ms()};
  const auto reply = co_await ask(std::move(request), 200);
  const auto path = reply ? member<std::string>(*reply, "path") : std::nullopt;
  if (path) {
    sent.acknowledged_ms = now_ms();
    sent.path = *path;
    sent.revision = member<std::int64_t>(*reply, "revision").value_or(0);
    ++tally_.acknowledged_saves;
    ++tally_.saves_by_path[*path];
    if (*path == "new") tally_.practitioners_on_new_path.insert(visit.practitioner);
  }
  ledger_.add(sent, save);
  co_return path.has_value();
}

asio::awaitable<std::optional<std::string>> Player::ask(HttpRequest request, int status) {
  const auto deadline = std::chrono::steady_clock::now() + options_.time_out;
  const auto reply = co_await client_.exchange(std::move(request), deadline);
  if (reply && reply->status == status) co_return reply->body;
  if (reply)
    ++tally_.errors["status " + std::to_string(reply->status)];
  else if (reply.error() == boost::beast::error::timeout)
    ++tally_.errors["timed out"];
  else
    ++tally_.errors[reply.error().message()];
  co_return std::nullopt;
}

}  // namespace demo::load
