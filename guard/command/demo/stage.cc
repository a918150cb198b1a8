#include "guard/command/demo/stage.h"

#include <openssl/rand.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include "embedded/demo_guard.h"
#include "guard/command/daemon_client.h"
#include "guard/command/demo/service_client.h"
#include "guard/digest.h"
#include "guard/system_clock.h"

namespace readback::guard::demo {
namespace {

constexpr const char* kFlag = "notes-editor-v2";
constexpr unsigned kSynthetic = 24;
constexpr std::chrono::seconds kReadyWithin{30};

std::string random_secret() {
  Digest bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return to_hex(bytes);
}

// As the notes service makes a practitioner's token.
std::string token_of(const std::string& secret, const std::string& practitioner) {
  return to_hex(hmac_sha256(secret, practitioner));
}

// Free at the moment of asking; nobody else on the machine is expected to take it meanwhile.
std::uint16_t free_port() {
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  const tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  if (!file) return Problem{path, "it can't be written"};
  return {};
}

// `text` with the one occurrence of `from` replaced.
Result<std::string> replaced(std::string text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    return Problem{"demo", "its config does not name " + std::string(from)};
  text.replace(at, from.size(), to);
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

std::string loopback(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

Result<Side> Side::open(const StageOptions& options, const std::string& name, std::string_view plan,
                        unsigned practitioners) {
  Side side;
  side.directory_ = options.directory + "/" + name;
  std::filesystem::create_directories(side.directory_);
  const Result<void> started = side.start(options, plan, practitioners);
  if (started.has_error()) return started.error();
  return Result<Side>(boost::system::in_place_value, std::move(side));
}

Result<void> Side::start(const StageOptions& options, std::string_view plan,
                         unsigned practitioners) {
  const std::string secret = random_secret();
  admin_token_ = random_secret();
  secret_ = directory_ + "/practitioner-secret";
  service_port_ = free_port();
  guard_port_ = free_port();
  auto plan_text = replaced(std::string(plan), "base_url: http://127.0.0.1:8090",
                            "base_url: http://" + loopback(service_port_));
  auto guard_text = replaced(std::string(embedded::demo_guard), "listen: 127.0.0.1:8016",
                             "listen: " + loopback(guard_port_));
  if (plan_text.has_error()) return plan_text.error();
  if (guard_text.has_error()) return guard_text.error();
  const std::pair<std::string, std::string> files[] = {{"practitioner-secret", secret},
                                                       {"admin-token", admin_token_},
                                                       {"ofrep-token", random_secret()},
                                                       {"plan.yaml", *plan_text},
                                                       {"guard.yaml", *guard_text}};
  for (const auto& [name, text] : files) {
    const Result<void> written = write_file(directory_ + "/" + name, text);
    if (written.has_error()) return written.error();
  }
  std::map<std::string, std::string> tokens;
  for (unsigned number = 1; number <= kSynthetic; ++number) {
    const std::string two_digits = (number < 10 ? "0" : "") + std::to_string(number);
    tokens["TOKEN_" + two_digits] = token_of(secret, "synthetic-" + two_digits);
  }
  auto service = Child::start(
      {options.programs + "/notes_service", "--listen", loopback(service_port_), "--database",
       directory_ + "/notes.db", "--practitioners", std::to_string(practitioners), "--synthetic",
       std::to_string(kSynthetic), "--token-secret-file", secret_, "--admin-token-file",
       directory_ + "/admin-token", "--ofrep", "http://" + loopback(guard_port_),
       "--ofrep-token-file", directory_ + "/ofrep-token"},
      {}, directory_ + "/notes.log");
  if (service.has_error()) return service.error();
  service_ = std::move(*service);
  auto guard = Child::start(
      {options.guard, "run", directory_ + "/guard.yaml", "--state", directory_ + "/state"}, tokens,
      directory_ + "/guard.log");
  if (guard.has_error()) return guard.error();
  guard_ = std::move(*guard);
  return wait_until_ready();
}

Result<void> Side::wait_until_ready() {
  const SystemClock clock;
  const TimePoint begun = clock.now();
  while (clock.now() - begun < kReadyWithin) {
    if (const std::string ended = what_ended(); !ended.empty()) return Problem{directory_, ended};
    if (counters().has_value() && status().has_value()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Problem{directory_, "it was not ready in time; its logs are there"};
}

std::string Side::what_ended() {
  if (!service_->is_running()) return "the notes service ended by itself, see notes.log";
  if (!guard_->is_running()) return "the guard ended by itself, see guard.log";
  return "";
}

Result<nlohmann::json> Side::ask_guard(const Question& question) {
  const Heard heard = ask_socket(directory_ + "/state/socket", question);
  if (heard.kind != Heard::Kind::answered) return Problem{directory_, heard.words};
  auto body = nlohmann::json::parse(heard.body, nullptr, false);
  if (!body.is_object()) return Problem{directory_, "the guard answered no JSON"};
  return Result<nlohmann::json>(boost::system::in_place_value, std::move(body));
}

Result<nlohmann::json> Side::status() {
  const Result<nlohmann::json> status = ask_guard({.path = "/status"});
  if (status.has_error()) return status.error();
  for (const nlohmann::json& flag : status->value("flags", nlohmann::json::array()))
    if (flag.value("flag", "") == kFlag)
      return Result<nlohmann::json>(boost::system::in_place_value, flag);
  return Problem{kFlag, "the guard does not know it"};
}

Result<nlohmann::json> Side::command(const std::string& command, const std::string& reason) {
  const nlohmann::json body{
      {"flag", kFlag}, {"command", command}, {"by", "demo"}, {"reason", reason}};
  return ask_guard({.method = "POST", .path = "/command", .body = body.dump()});
}

Result<nlohmann::json> Side::counters() {
  return ask_service("GET", "/admin/counters", nullptr);
}

Result<void> Side::switch_fault(const std::string& fault) {
  const auto answer = ask_service("POST", "/admin/fault", {{"fault", fault}});
  if (answer.has_error()) return answer.error();
  return {};
}

Result<nlohmann::json> Side::ask_service(const std::string& method, const std::string& path,
                                         const nlohmann::json& body) {
  return call_service("http://" + loopback(service_port_) + path, method, admin_token_, body);
}

Result<Load> Load::start(const StageOptions& options, const Side& side) {
  const std::string& directory = side.directory();
  const std::string log = directory + "/load.log";
  auto child = Child::start(
      {options.programs + "/load", "--url", "http://" + loopback(side.service_port()),
       "--token-secret-file", side.secret(), "--ledger", directory + "/load.db", "--database",
       directory + "/notes.db", "--practitioners", std::to_string(options.practitioners), "--rate",
       std::to_string(options.saves_per_second)},
      {}, log);
  if (child.has_error()) return child.error();
  return Result<Load>(boost::system::in_place_value, Load(std::move(*child), log));
}

Result<nlohmann::json> Load::end() {
  const int status = child_.end(std::chrono::seconds(30));
  std::ifstream file(log_);
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  auto report = nlohmann::json::parse(last, nullptr, false);
  if (status != 0 || !report.is_object()) return Problem{log_, "the load's last line is no report"};
  return Result<nlohmann::json>(boost::system::in_place_value, std::move(report));
}

}  // namespace readback::guard::demo
