#include <nlohmann/json.hpp>

#include "configs/demo/notes_service/routes.h"

namespace demo::notes {
using nlohmann::json;

namespace {

void put_note(json& object, const Note& note) {
  for (std::size_t field = 0; field < kFields; ++field)
    object[std::string(kFieldNames[field])] = note[field] ? json(*note[field]) : json(nullptr);
}

json to_json(const Record& record) {
  json object{{"id", "v" + std::to_string(record.id)},
              {"patient", record.patient},
              {"state", record.is_closed ? "closed" : "open"},
              {"revision", record.revision},
              {"has_draft", record.has_draft}};
  put_note(object, record.note);
  return object;
}

}  // namespace

Answer show_visit(Service& service, const Call& call) {
  Answer refusal;
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) return refusal;
  json object = to_json(service.reader.record(visit->id));
  object["documents"] = json::array();
  for (const Document& document : service.reader.documents(visit->id))
    object["documents"].push_back({{"id", "d" + std::to_string(document.id)},
                                   {"title", document.title},
                                   {"shared", document.is_shared}});
  return answer(200, object);
}

Answer list_visits(Service& service, const Call& call) {
  const std::string& patient = call.segments[1];
  const auto practitioner = service.store.practitioner_of(patient);
  if (!practitioner) return refuse(404, "no such patient");
  if (*practitioner != call.caller->id) return refuse(403, "another practitioner's patient");
  json visits = json::array();
  for (const Record& record : service.reader.visits(patient)) visits.push_back(to_json(record));
  return answer(200, {{"visits", std::move(visits)}});
}

Answer search_visits(Service& service, const Call& call) {
  if (call.text.empty()) return refuse(422, "what to search for is needed: ?q=TEXT");
  json visits = json::array();
  for (const Found& found : service.reader.search(call.caller->id, call.text)) {
    json object{{"id", "v" + std::to_string(found.id)}, {"patient", found.patient}};
    put_note(object, found.note);
    visits.push_back(std::move(object));
  }
  return answer(200, {{"visits", std::move(visits)}});
}

Answer list_revisions(Service& service, const Call& call) {
  Answer refusal;
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) return refusal;
  json revisions = json::array();
  for (const Revision& revision : service.reader.revisions(visit->id)) {
    json object{{"revision", revision.revision},
                {"saved_ms", revision.saved_ms},
                {"is_draft", revision.is_draft}};
    put_note(object, revision.note);
    revisions.push_back(std::move(object));
  }
  return answer(200, {{"revisions", std::move(revisions)}});
}

}  // namespace demo::notes
