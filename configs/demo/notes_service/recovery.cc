#include "configs/demo/notes_service/recovery.h"

#include <chrono>
#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <boost/url.hpp>
#include <nlohmann/json.hpp>

#include "configs/demo/notes_service/service.h"

namespace demo::notes {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds kBetween{1};
constexpr std::chrono::seconds kTimeOut{2};
// By how much the guard's clock may be ahead of ours: a draft is kept that much longer.
constexpr std::int64_t kClockErrorMs = 1'000;

}  // namespace

Recovery::Recovery(asio::any_io_executor executor, const Flag::Options& flag, Service& service)
    : timer_(executor),
      target_("/readback/v1/flags/" + boost::urls::encode(flag.key, boost::urls::unreserved_chars)),
      bearer_(flag.token),
      service_(service) {
  if (!flag.url.empty())
    client_ = std::make_unique<HttpClient>(std::move(executor), flag.url, HttpClient::Options());
}

asio::awaitable<std::optional<Recovery::State>> Recovery::ask() {
  const auto deadline = std::chrono::steady_clock::now() + kTimeOut;
  HttpRequest request{.method = "GET", .target = target_, .bearer = bearer_};
  const auto reply = co_await client_->exchange(std::move(request), deadline);
  if (!reply || reply->status != 200) co_return std::nullopt;
  const json body = json::parse(reply->body, nullptr, false);
  if (!body.is_object()) co_return std::nullopt;
  State state;
  state.is_reverted = body.value("isReverted", json()) == true;
  const json until = body.value("provenUntilMs", json());
  if (until.is_number_integer()) state.proven_until_ms = until.get<std::int64_t>();
  co_return state;
}

asio::awaitable<void> Recovery::run() {
  for (;;) {
    timer_.expires_after(kBetween);
    co_await timer_.async_wait(asio::use_awaitable);
    if (!client_ || service_.drafts.count() == 0) continue;
    const std::optional<State> state = co_await ask();
    // Whoever does not know keeps what he has.
    if (!state) continue;
    if (state->proven_until_ms)
      service_.drafts.drop_proven(*state->proven_until_ms - kClockErrorMs);
    if (state->is_reverted) replay();
  }
}

bool Recovery::is_stored(const Draft& draft) const {
  return service_.reader.record(draft.visit).note[draft.field] == draft.text;
}

void Recovery::replay() {
  for (const Draft& draft : service_.drafts.all()) replay(draft);
}

void Recovery::replay(const Draft& draft) {
  const auto visit = service_.store.visit(draft.visit);
  if (!visit) return service_.drafts.drop(draft);  // Removed by its practitioner.
  const bool was_stored = is_stored(draft);
  Edit edit{.visit = visit->id,
            .patient = visit->patient,
            .practitioner = visit->practitioner,
            .has_shared_document = visit->has_shared_document,
            .started_ms = draft.started_ms};
  edit.changes[draft.field] = draft.text;
  // Also what is still there: what the new editor stored may be taken away again later.
  service_.old_editor.save(service_.fault_switch.faults.old_editor, edit);
  if (!is_stored(draft)) {
    ++failed_;
    return;  // It is kept, and tried again.
  }
  service_.counters.settle(edit, Path::old_editor, draft.field, false);
  ++(was_stored ? rewritten_ : recovered_);
  service_.drafts.drop(draft);
}

json Recovery::to_json() const {
  return {{"kept", service_.drafts.count()},
          {"recovered", recovered_},
          {"rewritten", rewritten_},
          {"failed", failed_}};
}

}  // namespace demo::notes
