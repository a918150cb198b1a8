#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "configs/demo/notes_service/alteration.h"
#include "configs/demo/notes_service/routes.h"

namespace demo::notes {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

// What a field takes, in code points. More is refused, never cut.
constexpr std::size_t kFieldLimit = 100'000;

// The changes that the body asks for, or the refusal.
std::optional<Note> changes_of(const std::string& body, Answer& refusal) {
  const auto object = object_of(body);
  refusal = refuse(400, "the body is no JSON object");
  if (!object) return std::nullopt;
  Note changes;
  std::size_t known = 0;
  for (std::size_t field = 0; field < kFields; ++field) {
    const auto value = object->find(kFieldNames[field]);
    if (value == object->end()) continue;
    refusal = refuse(422, std::string(kFieldNames[field]) + " is no text");
    if (!value->is_string()) return std::nullopt;
    changes[field] = value->get<std::string>();
    refusal = refuse(422, std::string(kFieldNames[field]) + " is over 100000 characters");
    if (code_points(*changes[field]) > kFieldLimit) return std::nullopt;
    ++known;
  }
  refusal = refuse(422, "visit_motive, interview, exam_report and conclusion can be saved");
  if (known == 0 || known != object->size()) return std::nullopt;
  return changes;
}

// A page that was told once which editor to show: the new one while its lease token holds.
Path gated_path(Service& service, const Call& call) {
  const bool holds =
      service.gate.holds(service.flag.key(), call.caller->id, *call.lease_token, now_ms());
  service.counters.gated(holds);
  return holds ? Path::new_editor : Path::old_editor;
}

// What is not proven yet is kept, of practitioners who are people.
void keep_draft(Service& service, const Edit& edit, Path path) {
  if (!service.options.keeps_drafts || edit.is_synthetic) return;
  if (path == Path::new_editor)
    service.drafts.keep(edit);
  else
    service.drafts.replace(edit);
}

// Saves through the editor and counts what came of it.
Acknowledgement save(Service& service, const Edit& edit, Path path) {
  const Faults& faults = service.fault_switch.faults;
  const Acknowledgement acknowledgement = path == Path::new_editor
                                              ? service.new_editor.save(faults.new_editor, edit)
                                              : service.old_editor.save(faults.old_editor, edit);
  service.broken.remember(edit);
  if (acknowledgement.manner != Acknowledgement::Manner::saved) return acknowledgement;
  service.counters.acknowledged(edit, path);
  keep_draft(service, edit, path);
  const Note stored = service.store.note(edit.visit);
  for (std::size_t field = 0; field < kFields; ++field)
    if (edit.changes[field])
      service.counters.settle(edit, path, field, stored[field] != edit.changes[field]);
  return acknowledgement;
}

}  // namespace

asio::awaitable<Answer> save_note(Service& service, Call call, bool is_draft) {
  const std::int64_t started_ms = now_ms();
  Answer refusal;
  if (!own_visit(service, call, call.segments[1], refusal)) co_return refusal;
  auto changes = changes_of(call.body, refusal);
  if (!changes) co_return refusal;

  Path path = Path::old_editor;
  if (service.gate.is_there() && call.lease_token)
    path = gated_path(service, call);
  else
    path = co_await service.flag.editor_of(*call.caller);

  // The visit may have been closed, shared or removed while the flag was asked.
  const auto visit = own_visit(service, call, call.segments[1], refusal);
  if (!visit) co_return refusal;
  if (visit->is_closed) co_return refuse(409, "the visit is closed");
  const Edit edit{.visit = visit->id,
                  .patient = visit->patient,
                  .practitioner = visit->practitioner,
                  .is_synthetic = call.caller->is_synthetic,
                  .has_shared_document = visit->has_shared_document,
                  .is_draft = is_draft,
                  .changes = std::move(*changes),
                  .started_ms = started_ms};
  const Acknowledgement acknowledgement = save(service, edit, path);
  if (acknowledgement.delay.count() > 0) {
    asio::steady_timer timer(service.executor, acknowledgement.delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (acknowledgement.manner == Acknowledgement::Manner::withheld)
    co_return Answer{.is_withheld = true};
  if (acknowledgement.manner == Acknowledgement::Manner::failed)
    co_return refuse(500, "the save failed");
  co_return answer(
      200, {{"saved", true}, {"revision", acknowledgement.revision}, {"path", to_string(path)}});
}

}  // namespace demo::notes
