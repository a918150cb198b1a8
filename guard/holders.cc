#include "guard/holders.h"

#include <algorithm>
#include <cassert>

namespace readback::guard {
namespace {

// A page asks again after each event, so that an answer which is older than these was not shown.
constexpr std::size_t kAnswers = 4;
// Looking through all records is linear: no more often than this, unless they are too many.
constexpr Duration kForgetEvery = std::chrono::minutes(1);
constexpr Duration kForgetEveryWhenFull = std::chrono::seconds(1);

bool has_treatment(const Holders::Answer& answer) {
  return std::any_of(answer.begin(), answer.end(),
                     [](const auto& flag) { return flag.second.has_value(); });
}

}  // namespace

bool Holders::has_room(const std::string& client) {
  if (clients_.size() < options_.records || clients_.contains(client)) return true;
  if (clock_.now() - last_forgot_ < kForgetEveryWhenFull) return false;
  forget_lapsed(Duration());
  return clients_.size() < options_.records;
}

void Holders::forget_lapsed(Duration after) {
  last_forgot_ = clock_.now();
  const auto kept = std::chrono::duration_cast<WallTime>(after);
  std::erase_if(clients_, [now = clock_.wall(), kept](const auto& client) {
    const auto& held = client.second.held;
    return std::all_of(held.begin(), held.end(),
                       [&](const auto& flag) { return flag.second.until + kept <= now; });
  });
}

// What `answer` changes for who is now taken to hold it; `safe` is what a safe variant comes to.
void Holders::move(Client& client, const Answer& answer, Standing safe) {
  for (const auto& [flag, until] : answer) {
    if (until) {
      Held& held = client.held[flag];
      held.standing = Standing::holding;
      held.until = std::max(held.until, *until);
      continue;
    }
    const auto held = client.held.find(flag);
    if (held == client.held.end() || held->second.standing == Standing::confirmed) continue;
    held->second.standing = safe;
  }
}

void Holders::sent(const std::string& client, const std::string& tag, const Answer& answer) {
  auto found = clients_.find(client);
  if (found == clients_.end()) {
    if (!has_treatment(answer)) return;
    assert(has_room(client));
    if (clock_.now() - last_forgot_ >= kForgetEvery) forget_lapsed(options_.remembered);
    found = clients_.try_emplace(client).first;
  }
  Client& known = found->second;
  move(known, answer, Standing::unconfirmed);
  if (tag.empty()) return;
  std::erase_if(known.sent, [&](const Sent& sent) { return sent.tag == tag; });
  known.sent.push_back({tag, answer});
  if (known.sent.size() > kAnswers) known.sent.pop_front();
}

void Holders::shows(const std::string& client, const std::string& tag) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  const auto& sent = found->second.sent;
  const auto shown =
      std::find_if(sent.begin(), sent.end(), [&](const Sent& each) { return each.tag == tag; });
  if (shown != sent.end()) move(found->second, shown->answer, Standing::confirmed);
}

Holders::Tally Holders::tally(const std::string& flag) const {
  Tally tally;
  const WallTime now = clock_.wall();
  for (const auto& [name, client] : clients_) {
    const auto found = client.held.find(flag);
    if (found == client.held.end()) continue;
    const Held& held = found->second;
    if (held.standing == Standing::confirmed) {
      ++tally.confirmed;
    } else if (held.until <= now) {
      ++tally.lapsed;
    } else {
      ++(held.standing == Standing::holding ? tally.holding : tally.unconfirmed);
      tally.until = std::max(tally.until, held.until);
    }
  }
  return tally;
}

}  // namespace readback::guard
