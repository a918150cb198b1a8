#include "probes/reading.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "probes/node.h"

namespace readback::probes {
namespace {

using WriteState = Reading::WriteState;
using ReadState = Reading::ReadState;

constexpr std::array<std::pair<std::string_view, WriteState>, 3> kWriteStates{{
    {"acknowledged", WriteState::acknowledged},
    {"refused", WriteState::refused},
    {"unknown", WriteState::unknown},
}};
constexpr std::array<std::pair<std::string_view, ReadState>, 5> kReadStates{{
    {"ok", ReadState::ok},
    {"no_record", ReadState::no_record},
    {"no_field", ReadState::no_field},
    {"null", ReadState::null_value},
    {"failed", ReadState::failed},
}};
constexpr std::array<std::string_view, 7> kNames{
    "written", "readback", "write_state", "read_state", "prev", "concurrent", "others"};

template <class State, std::size_t kCount>
State read_state(const Node& node,
                 const std::array<std::pair<std::string_view, State>, kCount>& states) {
  const std::string word = node.text(states.front().first);
  std::string known;
  for (const auto& [name, state] : states) {
    if (name == word) return state;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  node.problem("is none of " + known);
  return states.front().second;
}

// May be empty, but must be there.
std::string read_text(const Node& node) {
  if (!node.is_there()) node.problem("is missing");
  return node.text("");
}

std::vector<std::string> read_texts(const Node& node) {
  std::vector<std::string> texts;
  for (const Node& item : node.items()) texts.push_back(item.text(""));
  return texts;
}

}  // namespace

Result<Reading> reading_from_json(const nlohmann::json& stated) {
  if (!stated.is_object()) return Problem{"", "is no object"};
  std::vector<Problem> problems;
  const Node node(&stated, nlohmann::json::json_pointer(), problems);
  for (const auto& [name, member] : node.members()) {
    const bool is_known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    // Its name may be anything, even a text.
    if (!is_known) return Problem{"", "there is a member of none of the seven names"};
  }
  Reading reading;
  reading.written = read_text(node.at("written"));
  reading.write_state = read_state(node.at("write_state"), kWriteStates);
  reading.read_state = read_state(node.at("read_state"), kReadStates);
  const bool is_compared =
      reading.write_state == WriteState::acknowledged && reading.read_state == ReadState::ok;
  const Node readback = node.at("readback");
  reading.readback = is_compared ? read_text(readback) : readback.text("");
  const Node previous = node.at("prev");
  if (previous.is_there()) reading.previous = previous.text("");
  reading.concurrent = read_texts(node.at("concurrent"));
  reading.others = read_texts(node.at("others"));
  if (!problems.empty()) return problems.front();
  return Result<Reading>(boost::system::in_place_value, std::move(reading));
}

}  // namespace readback::probes
