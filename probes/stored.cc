#include <limits>

#include "probes/cleanup.h"
#include "probes/node.h"
#include "probes/readback.h"

// Read-backs and removals as JSON. Version 1 of the format, in the field "v": {"v", "record":
// {"journey", "practitioner", "patient", "captures"}, "block", "member", "arm", "payload_class",
// "path", "delay_ms", "deadline_ms", "fields", "beside"}; a written field is {"field", "seed",
// "sha256", "previous_seed", "unknown_seed"}, the last two if they are known. A removal is {"v",
// "record", "step"}.

namespace readback::probes {
namespace {

using nlohmann::json;

constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kLongest = 366ULL * 86'400'000;  // ms
constexpr std::uint64_t kFormat = 1;

json to_json(const Record& record) {
  return {{"journey", record.journey},
          {"practitioner", record.practitioner},
          {"patient", record.patient},
          {"captures", record.captures}};
}

json to_json(const std::vector<WrittenField>& fields) {
  auto list = json::array();
  for (const auto& one : fields) {
    json written = {{"field", one.field}, {"seed", one.seed}, {"sha256", one.sha256}};
    if (one.previous_seed) written["previous_seed"] = *one.previous_seed;
    if (one.unknown_seed) written["unknown_seed"] = *one.unknown_seed;
    list.push_back(std::move(written));
  }
  return list;
}

// A number that must be there.
std::uint64_t number(const Node& node, std::uint64_t most) {
  if (!node.is_there()) node.problem("is missing");
  return node.number(0, 0, most);
}

std::optional<std::uint64_t> seed(const Node& node) {
  return node.is_there() ? std::optional(number(node, kAny)) : std::nullopt;
}

Record read_record(const Node& node) {
  Record record{
      node.at("journey").text(), node.at("practitioner").text(), node.at("patient").text(), {}};
  for (const auto& [name, value] : node.at("captures").members()) {
    if (value.value().is_structured() || value.value().is_null()) value.problem("is no scalar");
    record.captures[name] = value.value();
  }
  return record;
}

std::vector<WrittenField> read_fields(const Node& node) {
  std::vector<WrittenField> fields;
  for (const auto& item : node.items())
    fields.push_back({item.at("field").text(), number(item.at("seed"), kAny),
                      item.at("sha256").text(), seed(item.at("previous_seed")),
                      seed(item.at("unknown_seed"))});
  return fields;
}

}  // namespace

json to_json(const ReadBack& read_back) {
  return {{"v", kFormat},
          {"record", to_json(read_back.record)},
          {"block", read_back.block},
          {"member", read_back.member},
          {"arm", to_string(read_back.arm)},
          {"payload_class", read_back.payload_class},
          {"path", read_back.read.path},
          {"delay_ms", read_back.read.delay.count()},
          {"deadline_ms", read_back.deadline.count()},
          {"fields", to_json(read_back.fields)},
          {"beside", to_json(read_back.beside)}};
}

Result<ReadBack> read_back_from_json(const json& stored) {
  std::vector<Problem> problems;
  const Node node(&stored, json::json_pointer(), problems);
  if (number(node.at("v"), kAny) != kFormat) node.at("v").problem("is another format");
  ReadBack result;
  result.record = read_record(node.at("record"));
  result.block = number(node.at("block"), kAny);
  result.member = static_cast<unsigned>(number(node.at("member"), 1'000));
  const auto arm = node.at("arm").text();
  if (arm != "treatment" && arm != "control") node.at("arm").problem("is no arm");
  result.arm = arm == "treatment" ? Arm::treatment : Arm::control;
  result.payload_class = node.at("payload_class").text();
  result.read.path = node.at("path").text();
  result.read.delay = Milliseconds(number(node.at("delay_ms"), kLongest));
  result.deadline = Milliseconds(number(node.at("deadline_ms"), kLongest));
  result.fields = read_fields(node.at("fields"));
  result.beside = read_fields(node.at("beside"));
  if (result.fields.empty()) node.at("fields").problem("is empty");
  if (!problems.empty()) return problems.front();
  return result;
}

json to_json(const Removal& removal) {
  return {{"v", kFormat}, {"record", to_json(removal.record)}, {"step", removal.step}};
}

Result<Removal> removal_from_json(const json& stored) {
  std::vector<Problem> problems;
  const Node node(&stored, json::json_pointer(), problems);
  if (number(node.at("v"), kAny) != kFormat) node.at("v").problem("is another format");
  Removal result{read_record(node.at("record")), number(node.at("step"), 1'000)};
  if (!problems.empty()) return problems.front();
  return result;
}

}  // namespace readback::probes
