#include "probes/cleanup.h"

#include <algorithm>

#include "probes/extract.h"

namespace readback::probes {
namespace {

using nlohmann::json;

std::optional<json> value_of(const Record& record, std::string_view name) {
  if (name == "practitioner") return record.practitioner;
  if (name == "patient") return record.patient;
  const auto found = record.captures.find(std::string(name));
  return found == record.captures.end() ? std::nullopt : std::optional(found->second);
}

Lookup lookup_of(const Record& record) {
  return [&record](std::string_view name) { return value_of(record, name); };
}

bool is_known(const json& strings, const Record& record) {
  const auto names = body_placeholders(strings);
  return names && std::all_of(names->begin(), names->end(), [&](const std::string& name) {
           return value_of(record, name).has_value();
         });
}

const Cleanup* find_step(const Plan& plan, const Removal& removal) {
  const auto* journey = plan.journey(removal.record.journey);
  if (journey == nullptr || removal.step >= journey->cleanup.size()) return nullptr;
  return &journey->cleanup[removal.step];
}

Problem gone() {
  return {"", "the plan has no such clean-up any more"};
}

}  // namespace

std::vector<Removal> removals(const Plan& plan, const Record& record) {
  std::vector<Removal> result;
  const auto* journey = plan.journey(record.journey);
  if (journey == nullptr) return result;
  for (std::size_t i = 0; i < journey->cleanup.size(); ++i) {
    const auto& call = journey->cleanup[i].call;
    const bool has_headers =
        std::all_of(call.headers.begin(), call.headers.end(),
                    [&](const auto& header) { return is_known(header.second, record); });
    if (is_known(call.url, record) && has_headers && (!call.body || is_known(*call.body, record)))
      result.push_back({record, i});
  }
  return result;
}

Result<Exchange> request(const Plan& plan, const Removal& removal) {
  const auto* step = find_step(plan, removal);
  if (step == nullptr) return gone();
  return make_exchange(plan, step->call, removal.record.practitioner, lookup_of(removal.record),
                       plan.target.time_out);
}

Result<void> check(const Plan& plan, const Removal& removal, const Reply& reply) {
  const auto* step = find_step(plan, removal);
  if (step == nullptr) return gone();
  if (reply.has_error()) return Problem{step->call.pointer, told(reply)};
  const auto body = parse_body(reply->body);
  const auto why =
      unmet(step->acknowledged, reply->status, body ? &*body : nullptr, lookup_of(removal.record));
  if (why) return Problem{step->call.pointer, *why};
  return {};
}

}  // namespace readback::probes
