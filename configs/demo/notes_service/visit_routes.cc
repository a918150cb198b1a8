#include <nlohmann/json.hpp>

#include "configs/demo/notes_service/alteration.h"
#include "configs/demo/notes_service/routes.h"

namespace demo::notes {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::size_t kTitleLimit = 200, kContentLimit = 100'000;  // code points

std::optional<std::string> text_of(const json& object, const char* key, std::size_t limit) {
  const auto value = object.find(key);
  if (value == object.end() || !value->is_string()) return std::nullopt;
  auto text = value->get<std::string>();
  if (code_points(text) > limit) return std::nullopt;
  return text;
}

}  // namespace

// With a write gate the page is told once which editor to show, and what to show with its saves.
asio::awaitable<Answer> create_visit(Service& service, Call call) {
  const std::string patient = call.segments[1];
  const auto practitioner = service.store.practitioner_of(patient);
  if (!practitioner) co_return refuse(404, "no such patient");
  if (*practitioner != call.caller->id) co_return refuse(403, "another practitioner's patient");
  if (!call.body.empty() && !object_of(call.body))
    co_return refuse(400, "the body is no JSON object");
  const VisitId id = service.store.create_visit(patient, *practitioner, now_ms());
  json body{{"id", "v" + std::to_string(id)}, {"patient", patient}};
  if (!service.gate.is_there()) co_return answer(201, body);
  const Flag::Answered answered = co_await service.flag.ask(*call.caller);
  body["editor"] = to_string(answered.path);
  body["lease_token"] = answered.lease_token;
  co_return answer(201, body);
}

Answer close_visit(Service& service, const Call& call) {
  Answer refusal;
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) return refusal;
  service.store.close_visit(visit->id, now_ms());
  return answer(200, {{"id", call.segments[1]}, {"state", "closed"}});
}

Answer remove_visit(Service& service, const Call& call) {
  Answer refusal;
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) return refusal;
  service.store.remove_visit(visit->id);
  return {.status = 204};
}

Answer add_document(Service& service, const Call& call) {
  Answer refusal;
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) return refusal;
  const auto object = object_of(call.body);
  if (!object) return refuse(400, "the body is no JSON object");
  const auto title = text_of(*object, "title", kTitleLimit);
  const auto content = text_of(*object, "content", kContentLimit);
  if (!title || !content)
    return refuse(422, "title (200 characters) and content (100000) are needed");
  const auto id = service.store.add_document(visit->id, *title, *content);
  return answer(201, {{"id", "d" + std::to_string(id)}, {"visit", call.segments[1]}});
}

Answer share_document(Service& service, const Call& call) {
  const auto document = number_of(call.segments[1], 'd');
  const auto visit = document ? service.store.visit_of_document(*document) : std::nullopt;
  if (!visit) return refuse(404, "no such document");
  Answer refusal;
  if (!own_visit(service, call, "v" + std::to_string(*visit), refusal)) return refusal;
  service.store.share_document(*document, now_ms());
  return answer(200, {{"shared", true}});
}

}  // namespace demo::notes
