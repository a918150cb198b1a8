// What an explanation says to a person.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "guard/explain.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

using nlohmann::json;

constexpr std::size_t kStreamsTold = 5;

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

// An e-value as odds: "1,000 to 1" is what a person weighs.
std::string odds(double log_e) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "10^%.1f to 1", log_e / std::log(10.0));
  return text.data();
}

std::string line(const std::string& name, const std::string& words) {
  return "  " + name + ": " + words + "\n";
}

std::string text_of(const json& object, const char* key) {
  return object.at(key).get<std::string>();
}

std::string happened(const json& last) {
  if (last.is_null()) return line("last", "nothing was decided yet");
  const std::string reason = text_of(last, "reason");
  return line("last", utc(std::chrono::milliseconds(last.at("at_ms").get<std::int64_t>())) + " " +
                          text_of(last, "kind") + " by " + text_of(last, "by") +
                          (reason.empty() ? "" : ": " + reason)) +
         line("phase", text_of(last, "phase") + ", step " + last.at("step").dump());
}

std::string ruling(const json& explanation) {
  const json& ruling = explanation.at("ruling");
  const std::string words = text_of(explanation, "words");
  std::string text = line("losses", words.empty() ? "none" : words);
  text += line("verdict of that",
               text_of(ruling, "verdict") == "advance"
                   ? "nothing is in the way"
                   : text_of(ruling, "verdict") + ", blame: " + text_of(ruling, "blame"));
  const json& crossing = explanation.at("crossing");
  if (!crossing.is_null())
    text +=
        line("beyond chance", text_of(crossing, "words") + ", in " + text_of(crossing, "group") +
                                  " " + text_of(crossing, "stream"));
  return text;
}

std::string baseline(const json& explanation) {
  const json& baseline = explanation.at("baseline");
  const double supported = baseline.at("supported").get<double>();
  std::string words = "stated " + number(baseline.at("stated").get<double>()) + " a probe; " +
                      baseline.at("probes").dump() + " probes of control with " +
                      baseline.at("failures").dump() + " failures support " + number(supported);
  words += baseline.at("is_proven").get<bool>() ? ": proven" : ": it is a statement, not shown";
  return line("baseline rate of loss", words);
}

std::string process(const json& process, const std::string& crossed, const std::string& not_yet) {
  const bool is_crossed = process.at("is_crossed").get<bool>();
  return (is_crossed ? crossed : not_yet) + ": " + process.at("blocks_that_tell").dump() + " of " +
         process.at("blocks").dump() + " blocks tell, " + odds(process.at("log_e").get<double>()) +
         ", needed " + odds(process.at("log_limit").get<double>());
}

// Those that are nearest to their limits.
std::string streams(const json& explanation) {
  std::vector<const json*> nearest;
  for (const json& stream : explanation.at("streams")) nearest.push_back(&stream);
  const auto part = [](const json* stream) {
    return stream->at("log_e").get<double>() / stream->at("log_limit").get<double>();
  };
  std::stable_sort(nearest.begin(), nearest.end(),
                   [&](const json* one, const json* other) { return part(one) > part(other); });
  std::string text;
  for (std::size_t i = 0; i < std::min(nearest.size(), kStreamsTold); ++i) {
    const json& stream = *nearest[i];
    text += line("  " + text_of(stream, "arm") + " " + text_of(stream, "group") + " " +
                     text_of(stream, "name"),
                 stream.at("failures").dump() + " losses in " + stream.at("probes").dump() +
                     " probes, " + odds(stream.at("log_e").get<double>()) + ", needed " +
                     odds(stream.at("log_limit").get<double>()) +
                     (stream.at("is_crossed").get<bool>() ? ", CROSSED" : ""));
  }
  return line("streams nearest to their limits",
              "of " + std::to_string(nearest.size()) + ", the chance of a false revert being " +
                  number(explanation.at("options").at("false_revert_probability").get<double>()) +
                  " within " + explanation.at("options").at("horizon_probes").dump() +
                  " probes of budget " + explanation.at("budget").dump()) +
         text;
}

std::string step(const json& explanation) {
  const json* worst = nullptr;
  for (const json& pool : explanation.at("step"))
    if (worst == nullptr || pool.at("bound") > worst->at("bound")) worst = &pool;
  if (worst == nullptr) return line("this step", "no probe of it is settled yet");
  return line("this step", "lost at most " + number(worst->at("bound").get<double>()) +
                               " a probe, to be under " + number(worst->at("max").get<double>()) +
                               "; least is known of " + text_of(*worst, "journey") + ", " +
                               text_of(*worst, "field") + " by " + text_of(*worst, "path") +
                               " after " + worst->at("delay_ms").dump() +
                               " ms: " + worst->at("probes").dump() + " probes, " +
                               worst->at("not_ok").dump() + " not ok");
}

}  // namespace

std::string explain_text(const json& explanation) {
  return text_of(explanation, "flag") + ", as of " +
         utc(std::chrono::milliseconds(explanation.at("at_ms").get<std::int64_t>())) + ", from " +
         explanation.at("entries").dump() + " entries of the ledger\n" +
         happened(explanation.at("last")) + ruling(explanation) + baseline(explanation) +
         line("is it the flag", process(explanation.at("blame"), "yes", "not shown")) +
         line("is it answered",
              process(explanation.at("not_ok"), "worse than control", "no worse than control")) +
         streams(explanation) + step(explanation);
}

}  // namespace readback::guard
