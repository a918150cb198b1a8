#include "guard/holder_words.h"

#include "guard/status_text.h"
#include "guard/utc.h"

namespace readback::guard {

using nlohmann::json;

json to_json(const Holders::Tally& tally) {
  json clients = {{"holding", tally.holding},
                  {"unconfirmed", tally.unconfirmed},
                  {"confirmed", tally.confirmed},
                  {"lapsed", tally.lapsed},
                  {"until_ms", nullptr}};
  if (tally.until != WallTime()) clients["until_ms"] = tally.until.count();
  return clients;
}

bool are_all_confirmed(const json& clients) {
  return clients.at("holding") == 0 && clients.at("unconfirmed") == 0;
}

std::string holder_words(const json& clients, WallTime now) {
  std::string text = clients.at("holding").dump() + " hold treatment, " +
                     clients.at("unconfirmed").dump() + " were told and have not confirmed, " +
                     clients.at("confirmed").dump() + " confirmed the safe variant";
  if (clients.at("lapsed") != 0)
    text += ", " + clients.at("lapsed").dump() + " never confirmed and their lease is over";
  if (clients.at("until_ms").is_null()) return text;
  const WallTime until(clients.at("until_ms").get<std::int64_t>());
  return text + "; the lease ends the rest by " + utc(until) + ", in " +
         about(std::chrono::duration<double>(until - now).count()) +
         ", plus the client's clock error";
}

}  // namespace readback::guard
