#include "guard/command/state_reach.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "guard/command/daemon_client.h"
#include "guard/schema.h"
#include "guard/server/admin.h"
#include "guard/sqlite_database.h"
#include "guard/system_clock.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// Until a guard counts as hung.
constexpr milliseconds kPatience{2'000};
constexpr milliseconds kLockPatience{1'000};
constexpr milliseconds kKillPatience{2'000};
// A guard that starts holds its lock before it listens; so often it is looked for again.
constexpr milliseconds kStarting{100};

// As the guard takes it: valid UTF-8, no control characters, at most so many bytes.
std::string clean(const std::string& text, std::size_t most_bytes) {
  const std::string valid = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  std::string cleaned = json::parse(valid).get<std::string>();
  std::replace_if(
      cleaned.begin(), cleaned.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  if (cleaned.size() <= most_bytes) return cleaned;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(cleaned[end]) & 0xc0) == 0x80) --end;
  return cleaned.substr(0, end);
}

Reach::Answer understood(const Heard& heard) {
  using Kind = Reach::Answer::Kind;
  if (heard.kind == Heard::Kind::forbidden || heard.status == 403)
    return {Kind::forbidden, "only root, the guard's user and its group may roll back"};
  if (heard.kind != Heard::Kind::answered) return {Kind::silent, heard.words};
  const json body = json::parse(heard.body, nullptr, false);
  const bool is_understood = body.is_object() && body.contains("accepted");
  // It lives, and says no: that is no reason to kill it.
  if (!is_understood && heard.status / 100 == 4)
    return {Kind::forbidden, "the guard refused: status " + std::to_string(heard.status)};
  if (!is_understood) return {Kind::silent, "status " + std::to_string(heard.status)};
  const std::string words = body.value("words", "");
  if (!body.value("known", true)) return {Kind::unknown_flag, words};
  if (!body.value("durable", true)) return {Kind::not_durable, words};
  // A guard that is ending refuses; it is not there much longer.
  return {body.value("accepted", false) ? Kind::reverted : Kind::silent, words};
}

bool is_there(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

// Root made a file in the guard's directory; the guard must be able to open it.
void give_to_owner(const std::string& directory, const std::string& path) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &status) != 0) return;
  [[maybe_unused]] const int done = ::lchown(path.c_str(), status.st_uid, status.st_gid);
}

std::optional<std::set<std::string>> flags_of_ledger(const std::string& path) {
  DatabaseOptions options;
  options.path = path;
  const auto database = SqliteDatabase::open_to_read(options);
  if (database.has_error()) return std::nullopt;
  const Result<std::vector<std::string>> read = (*database)->ledger_flags();
  if (read.has_error()) return std::nullopt;
  return std::set<std::string>(read->begin(), read->end());
}

}  // namespace

StateReach::StateReach(StateDirectory directory, std::string by, std::string reason)
    : directory_(std::move(directory)),
      by_(clean(by, server::kByBytes)),
      reason_(clean(reason, server::kReasonBytes)) {
  look_around();
}

void StateReach::look_around() {
  if (!is_there(directory_.path())) {
    is_forbidden_ = errno == EACCES;
    obstacle_ = {directory_.path(), is_forbidden_
                                        ? "this user may not look into it"
                                        : "there is no such state directory: --state DIR"};
    return;
  }
  const bool has_file = is_there(directory_.latches());
  const std::string& touched = has_file ? directory_.latches() : directory_.path();
  if (::faccessat(AT_FDCWD, touched.c_str(), W_OK, AT_EACCESS) != 0 && errno == EACCES) {
    is_forbidden_ = true;
    obstacle_ = {touched, "only root, the guard's user and its group may roll back"};
    return;
  }
  Result<LastRun> read = directory_.read_last_run();
  if (read.has_value()) last_run_ = std::move(*read);
  if (!last_run_) ledger_flags_ = flags_of_ledger(directory_.database());
}

Reach::Answer StateReach::ask(const std::string& flag) {
  if (is_given_up_) return {Answer::Kind::silent, "as before"};
  const json question = {{"flag", flag}, {"command", "revert"}, {"by", by_}, {"reason", reason_}};
  for (milliseconds left = kPatience; left > milliseconds(0); left -= kStarting) {
    const Heard heard = ask_socket(
        directory_.socket(), {.method = "POST",
                              .path = "/command",
                              .body = question.dump(-1, ' ', false, json::error_handler_t::replace),
                              .patience = left});
    if (heard.kind != Heard::Kind::absent) return understood(heard);
    if (!is_running()) return {Answer::Kind::absent, heard.words};
    std::this_thread::sleep_for(kStarting);
  }
  return {Answer::Kind::silent, "it holds the lock and does not listen"};
}

Reach::Known StateReach::look_up(const std::string& flag) {
  const std::set<std::string> names = known_flags();
  return {names.contains(flag), last_run_ || ledger_flags_, nearest_key(flag, names)};
}

Result<LatchDevice*> StateReach::latches() {
  if (device_) return device_.get();
  const bool was_there = is_there(directory_.latches());
  Result<std::unique_ptr<LatchDevice>> opened = directory_.open_latches();
  if (opened.has_error()) return opened.error();
  if (!was_there) give_to_owner(directory_.path(), directory_.latches());
  device_ = std::move(*opened);
  return device_.get();
}

Result<void> StateReach::write_slot(const std::string& flag) {
  const Result<LatchDevice*> device = latches();
  if (device.has_error()) return device.error();
  // Generation 0: a revert that stands already keeps its reason.
  Latch latch;
  latch.is_latched = true;
  latch.when = SystemClock().wall();
  latch.who = by_;
  latch.cause = "operator";
  latch.reason = reason_;
  latch.max_evidence_age = max_evidence_age(flag).value_or(milliseconds(0));
  if (last_run_ && last_run_->flags.contains(flag)) latch.build = last_run_->flags.at(flag).build;
  return LatchFile(**device).write(flag, latch, kLockPatience);
}

Result<bool> StateReach::kill_guard() {
  Result<bool> killed = directory_.kill_lock_owner(kKillPatience);
  is_given_up_ = killed.has_error();
  return killed;
}

bool StateReach::is_running() {
  const auto owner = directory_.lock_owner();
  // Who cannot tell has to reckon with one.
  return owner.has_error() || owner->has_value();
}

std::set<std::string> StateReach::known_flags() {
  std::set<std::string> names;
  if (last_run_)
    for (const auto& [name, flag] : last_run_->flags) names.insert(name);
  if (ledger_flags_) names.insert(ledger_flags_->begin(), ledger_flags_->end());
  const Result<LatchDevice*> device = latches();
  if (device.has_value())
    for (const auto& [name, latch] : LatchFile(**device).read_all()) names.insert(name);
  return names;
}

std::optional<milliseconds> StateReach::max_evidence_age(const std::string& flag) {
  milliseconds longest{};
  const Result<LatchDevice*> device = latches();
  if (device.has_value()) longest = LatchFile(**device).read(flag).max_evidence_age;
  // The longer one: a config may have changed it since the slot was written.
  if (last_run_ && last_run_->flags.contains(flag)) {
    const LastRun::Flag& last = last_run_->flags.at(flag);
    longest = std::max({longest, last.max_evidence_age, last.held_until - SystemClock().wall()});
  }
  if (longest == milliseconds(0)) return std::nullopt;
  return longest;
}

}  // namespace readback::guard
