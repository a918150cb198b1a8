#include "guard/command/read_clients.h"

#include <thread>

#include "guard/command/daemon_client.h"
#include "guard/holder_words.h"
#include "guard/system_clock.h"

namespace readback::guard {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kBetween{200};

json ask(const std::string& socket, const std::string& flag) {
  const Heard heard = ask_socket(socket, {.path = "/status"});
  if (heard.kind != Heard::Kind::answered || heard.status != 200) return nullptr;
  const json report = json::parse(heard.body, nullptr, false);
  if (!report.is_object()) return nullptr;
  for (const json& each : report.value("flags", json::array()))
    if (each.value("flag", "") == flag) return each.value("clients", json());
  return nullptr;
}

}  // namespace

json read_clients(const std::string& socket, const std::string& flag,
                  std::chrono::milliseconds patience) {
  const SystemClock clock;
  const TimePoint until = clock.now() + patience;
  for (;;) {
    json clients = ask(socket, flag);
    if (clients.is_null() || are_all_confirmed(clients) || clock.now() >= until) return clients;
    std::this_thread::sleep_for(kBetween);
  }
}

}  // namespace readback::guard
