#include "guard/status_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "guard/coverage.h"
#include "guard/holder_words.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// Evaluations have to be answered within that time unless the config says otherwise.
constexpr double kLateMilliseconds = 100;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string text_of(const json& object, const char* key) {
  return object.at(key).get<std::string>();
}

std::string joined(const json& list) {
  std::string text;
  for (const json& word : list) text += (text.empty() ? "" : ", ") + word.get<std::string>();
  return text;
}

std::string line(const std::string& name, const std::string& words) {
  return "  " + name + ": " + words + "\n";
}

std::string headline(const json& flag) {
  const json& serving = flag.at("serving");
  const std::string phase = text_of(flag, "phase");
  const std::string variant = "\"" + text_of(serving, "variant") + "\"";
  const std::string step = "step " + flag.at("step").dump() + " of " + flag.at("steps").dump();
  const bool is_safe = text_of(serving, "mode") == "safe";
  if (phase == "latched") return "REVERTED, everybody gets " + variant;
  if (phase == "proving")
    return "RE-ARMING, everybody gets " + variant + " until build " + text_of(flag, "build") +
           " is proven";
  if (phase == "waiting") return "NOT STARTED, everybody gets " + variant;
  if (phase == "finished" && is_safe) return "FINISHED BUT PAUSED, everybody gets " + variant;
  if (phase == "finished") return "FINISHED, remove the flag from the code";
  if (is_safe) return "PAUSED at " + step + ", everybody gets " + variant;
  return "ROLLING, " + step + ": " + number(serving.at("share_percent").get<double>()) + " % get " +
         variant;
}

bool is_resting(const json& flag) {
  return flag.at("phase") == "latched" || flag.at("phase") == "waiting";
}

// What the verdict rests on: the latch first, which judge() puts into the reasons, too.
std::string why(const json& flag) {
  std::string text;
  if (!flag.at("latch").is_null()) {
    const json& latch = flag.at("latch");
    text += line("reverted", utc(milliseconds(latch.at("when_ms").get<std::int64_t>())) +
                                 ", build " + text_of(latch, "build"));
    if (!latch.at("is_durable").get<bool>())
      text += line("NOT ON DISK", "the revert would be forgotten at a restart");
  }
  // Of a flag that nobody could get anyway, what else withholds it only distracts.
  const bool is_at_rest = is_resting(flag);
  for (const json& reason : flag.at("reasons")) {
    text += line("why", reason.get<std::string>());
    if (is_at_rest) break;
  }
  return text;
}

std::string lease(const json& flag) {
  const json& lease = flag.at("lease");
  if (lease.is_null()) return "";
  return line("lease", "until " + utc(milliseconds(lease.at("stamp_ms").get<std::int64_t>())) +
                           ", " + about(lease.at("seconds_left").get<double>()) +
                           " left unless evidence renews it");
}

std::string evidence(const json& flag) {
  if (flag.at("phase") == "latched") return "";
  std::string missing;
  double oldest = 0;
  const json* fewest = nullptr;
  for (const json& stream : flag.at("evidence")) {
    const std::string name = text_of(stream, "journey") + " " + text_of(stream, "field");
    if (stream.at("age_seconds").is_null())
      missing += (missing.empty() ? "" : ", ") + name;
    else
      oldest = std::max(oldest, stream.at("age_seconds").get<double>());
    if (fewest == nullptr || stream.at("complete") < fewest->at("complete")) fewest = &stream;
  }
  if (fewest == nullptr) return line("evidence", "no field is required");
  std::string text;
  if (!missing.empty()) text += line("no evidence of", missing);
  if (missing.empty()) text += line("evidence", "the oldest is " + about(oldest) + " old");
  return text +
         line("this step", fewest->at("complete").dump() + " of " + fewest->at("needed").dump() +
                               " proven writes (fewest: " + text_of(*fewest, "journey") + " " +
                               text_of(*fewest, "field") + ")");
}

std::string harm(const json& flag) {
  std::string text;
  for (const json& cell : flag.at("suspects")) text += line("suspect", cell.get<std::string>());
  for (const json& cell : flag.at("watched"))
    text += line("suspect, served again, not cleared", cell.get<std::string>());
  for (const json& cell : flag.at("ill_controls"))
    text += line("LOST WITH THE FLAG OFF", cell.get<std::string>());
  if (flag.at("orphan") == "not_as_control")
    text += line("CODE DEFAULT IS NOT THE SAFE VARIANT",
                 "who cannot reach the guard gets the treatment");
  return text;
}

std::string rounds(const json& flag) {
  std::string text;
  for (const char* arm : {"treatment", "control"}) {
    std::string counts;
    for (const char* result : {"ok", "fail", "info", "void"}) {
      std::uint64_t sum = 0;
      for (const json& row : flag.at("rounds"))
        if (row.at("arm") == arm) sum += row.at(result).get<std::uint64_t>();
      counts += (counts.empty() ? "" : ", ") + std::to_string(sum) + " " + result;
    }
    text += (text.empty() ? "" : "; ") + std::string(arm) + " " + counts;
  }
  return line("rounds since the start", text);
}

std::string voids(const json& flag) {
  std::string text;
  for (const json& row : flag.at("voids"))
    text += (text.empty() ? "" : "; ") + text_of(row, "arm") + " " + row.at("count").dump() + ", " +
            text_of(row, "words");
  return text.empty() ? "" : line("void, so proving nothing", text);
}

std::string never_read(const json& flag) {
  std::string text;
  for (const json& row : flag.at("never_read"))
    text += (text.empty() ? "" : "; ") + text_of(row, "arm") + " " + row.at("count").dump() + ", " +
            text_of(row, "journey") + " " + text_of(row, "field") + " by " + text_of(row, "path") +
            " after " + about(row.at("delay_ms").get<double>() / 1'000);
  return text.empty() ? "" : line("written and never read, neither ok nor lost", text);
}

std::string exposed(const json& flag) {
  const bool is_full = flag.at("is_exposure_record_full").get<bool>();
  return line("practitioners who were served treatment",
              flag.at("exposed").dump() + (is_full ? ", record full: nobody new is exposed" : ""));
}

// Of a flag that nobody was served by, there is nothing to say.
std::string clients(const json& flag, milliseconds now) {
  const json& known = flag.at("clients");
  const bool is_any = std::any_of(known.begin(), known.end(), [](const json& count) {
    return count.is_number() && count != 0;
  });
  return is_any ? line("clients", holder_words(known, now)) : "";
}

std::string not_covered(const json& flag) {
  std::string text;
  for (const std::string& words : not_covered_words(flag.at("not_covered")))
    text += (text.empty() ? "" : "; ") + words;
  if (flag.at("orphan").is_null()) text += "; the application's code default";
  return line("not covered", text);
}

std::string of_flag(const json& flag, milliseconds now) {
  return text_of(flag, "flag") + ": " + headline(flag) + "\n" + why(flag) + harm(flag) +
         lease(flag) + "  " + holding(flag.at("held_until_ms"), now) + "\n" + evidence(flag) +
         rounds(flag) + voids(flag) + never_read(flag) + exposed(flag) + clients(flag, now) +
         line("owner", text_of(flag, "owner") + ", build " + text_of(flag, "build")) +
         not_covered(flag);
}

std::string of_guard(const json& report) {
  std::string text;
  for (const json& fault : report.at("reload").at("faults"))
    text += "RELOAD REFUSED: " + fault.get<std::string>() + "\n";
  if (!text_of(report, "store_trouble").empty())
    text += "STORE: " + text_of(report, "store_trouble") + "\n";
  const double late_ms = report.at("loop_late_ms").get<double>();
  if (late_ms > kLateMilliseconds)
    text += "SLOW: the guard was late by " + number(late_ms) + " ms in the last minute\n";
  for (const json& jump : report.at("clock_jumps")) {
    const double by_seconds = jump.at("by_ms").get<double>() / 1'000;
    text += "CLOCK: set " + std::string(by_seconds < 0 ? "back" : "forward") + " by " +
            number(std::abs(by_seconds)) + " s at " +
            utc(milliseconds(jump.at("at_ms").get<std::int64_t>())) + ": evidence began anew\n";
  }
  if (!report.at("unguarded").empty())
    text += "unguarded, everybody gets the safe variant: " + joined(report.at("unguarded")) + "\n";
  return text;
}

std::string next(const json& advice) {
  return "next (" + text_of(advice, "why") + "):\n" + text_of(advice, "command") + "\n";
}

}  // namespace

std::string about(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(seconds, 0.0));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7'200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3'600) + " h";
}

std::string holding(const json& until_ms, milliseconds now) {
  if (until_ms.is_null()) return "no client can hold treatment now";
  const milliseconds until(until_ms.get<std::int64_t>());
  if (until <= now) return "no client can hold treatment now";
  return "a client can hold treatment until " + utc(until) + " at the latest, " +
         about(std::chrono::duration<double>(until - now).count()) + " from now";
}

std::string status_text(const json& report, const std::string& flag) {
  const milliseconds now(report.at("at_ms").get<std::int64_t>());
  std::string text;
  const json* only = nullptr;
  for (const json& each : report.at("flags")) {
    if (!flag.empty() && each.at("flag") != flag) continue;
    if (!flag.empty()) only = &each;
    text += of_flag(each, now) + "\n";
  }
  return of_guard(report) + text + next(only != nullptr ? only->at("next") : report.at("next"));
}

}  // namespace readback::guard
