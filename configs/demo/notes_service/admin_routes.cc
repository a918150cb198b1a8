#include <utility>

#include <nlohmann/json.hpp>

#include "configs/demo/notes_service/routes.h"

namespace demo::notes {
using nlohmann::json;

Answer switch_fault(Service& service, const Call& call) {
  const auto object = object_of(call.body);
  if (!object) return refuse(400, "the body is no JSON object");
  const auto name = object->find("fault");
  if (name == object->end() || !name->is_string()) return refuse(422, "a fault is needed");
  auto faults = parse_faults(name->get<std::string>());
  if (!faults) return refuse(422, "no such fault, or not with this argument");
  service.fault_switch = {std::move(*faults), now_ms()};
  return answer(200, {{"fault", service.fault_switch.faults.name},
                      {"since_ms", service.fault_switch.since_ms}});
}

Answer show_counters(Service& service, const Call&) {
  json counters = service.counters.to_json();
  counters["fault"] = service.fault_switch.faults.name;
  counters["fault_since_ms"] = service.fault_switch.since_ms;
  counters["drafts"] = service.recovery.to_json();
  counters["practitioners"] = service.practitioners.size();
  return answer(200, counters);
}

Answer show_health(Service&, const Call&) {
  return answer(200, {{"status", "ok"}});
}

}  // namespace demo::notes
