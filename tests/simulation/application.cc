#include "tests/simulation/application.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cassert>
#include <iterator>
#include <utility>

#include "configs/demo/notes_service/alteration.h"

namespace readback::simulation {
namespace asio = boost::asio;
namespace broken = demo::notes;
using Kind = broken::FaultKind;
using nlohmann::json;
using probes::Reply;
using probes::Request;
using probes::Response;

namespace {

constexpr const char* kHost = "notes.test";

Response reply(int status, const json& body = json::object()) {
  return {status, {}, body.dump()};
}

std::vector<std::string> path_of(const std::string& url, bool& is_ours) {
  const auto parsed = boost::urls::parse_uri(url);
  is_ours = parsed.has_value() && parsed->host() == kHost;
  std::vector<std::string> segments;
  if (!is_ours) return segments;
  for (const auto segment : parsed->segments()) segments.emplace_back(segment);
  return segments;
}

Duration seconds(double argument) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(argument));
}

json each(const json& notes, const std::function<std::string(const std::string&)>& alter) {
  json changed = notes;
  for (auto& text : changed) text = alter(text.get<std::string>());
  return changed;
}

}  // namespace

Faults fault_named(std::string_view name) {
  auto faults = broken::parse_faults(name);
  assert(faults.has_value());
  return *std::move(faults);
}

void Application::stop() {
  is_up_ = false;
  ++life_;
}

void Application::note_sent(const Request& request, const Sent& sent) {
  if (request.method == "PUT") write_starts_.insert(sent.at);
}

asio::awaitable<Reply> Application::answer(Request request, Sent sent) {
  ++requests_;
  if (!is_up_) co_return probes::Silence::refused;
  if (refused_ > 0 && world_.chance() < refused_) co_return reply(503);
  const std::uint64_t life = life_;
  Response response = co_await serve(std::move(request), sent);
  if (life != life_) co_return probes::Silence::cut_off;
  if (response.status == 0) co_return probes::Silence::timed_out;
  co_return response;
}

asio::awaitable<Response> Application::serve(Request request, Sent sent) {
  bool is_ours = false;
  const std::vector<std::string> path = path_of(request.url, is_ours);
  if (!is_ours) stranger_ = request.url;
  if (!is_ours || path.size() < 2) co_return reply(404);
  const std::string& method = request.method;
  const std::string id = path[1];
  const json body = json::parse(request.body, nullptr, false);
  if (path[0] == "patients") {
    meet(id);
    if (method == "GET") co_return list(id);
    co_return create(id, body);
  }
  const auto found = visits_.find(id);
  if (found == visits_.end()) co_return reply(404);
  meet(found->second.patient);
  if (method == "PUT") co_return co_await save(id, body, sent);
  if (method == "GET") co_return reply(200, show(*found, Note::record));
  if (method == "DELETE") {
    if (found->second.last_note) notes_[*found->second.last_note].is_gone = true;
    visits_.erase(found);
    co_return Response{204, {}, ""};
  }
  found->second.has_shared_document = true;
  co_return reply(200, {{"shared", true}});
}

Response Application::create(const std::string& patient, const json& body) {
  const std::string practitioner = body.value("by", "");
  meet(practitioner);
  const std::string id = "visit-" + std::to_string(++made_);
  Visit& visit = visits_[id];
  visit.patient = patient;
  visit.practitioner = practitioner;
  return reply(201, {{"id", id}});
}

asio::awaitable<Response> Application::save(std::string id, json notes, Sent sent) {
  const std::uint64_t life = life_;
  const std::string variant = co_await ask_flag_(visits_.at(id).practitioner);
  const bool is_new_path = variant == "new";
  const auto found = visits_.find(id);
  if (life != life_ || found == visits_.end()) co_return reply(404);
  Visit& visit = found->second;
  const broken::Fault& fault = is_new_path ? faults_.new_editor : faults_.old_editor;
  if (fault.kind == Kind::hang) co_return Response{};
  if (fault.kind == Kind::error_500) co_return reply(500);
  if (visit.last_note) notes_[*visit.last_note].is_superseded = true;
  visit.last_note = notes_.size();
  Note note;
  note.visit = id;
  note.patient = visit.patient;
  note.practitioner = visit.practitioner;
  note.has_shared_document = visit.has_shared_document;
  note.is_new_path = is_new_path;
  note.sent = sent;
  note.written = notes;
  notes_.push_back(std::move(note));
  store(visit, fault, std::move(notes));
  if (fault.kind == Kind::slow) {
    co_await world_.wait_until(world_.now() + seconds(fault.argument));
  }
  co_return reply(200, {{"saved", true}, {"path", is_new_path ? "new" : "old"}});
}

void Application::store(Visit& visit, const broken::Fault& fault, json notes) {
  std::optional<json> stored = altered(visit, fault, notes);
  notes_[*visit.last_note].is_altered = !stored || *stored != notes;
  last_saved_ = std::move(notes);
  if (!stored) return;
  visit.notes_before = std::exchange(visit.notes, std::move(*stored));
  visit.fresh_from = {};
  visit.gone_from = TimePoint::max();
  if (fault.kind == Kind::stale_cache) visit.fresh_from = world_.now() + seconds(fault.argument);
  if (fault.kind == Kind::erase_after) visit.gone_from = world_.now() + seconds(fault.argument);
}

std::optional<json> Application::altered(const Visit& visit, const broken::Fault& fault,
                                         const json& notes) {
  switch (fault.kind) {
    case Kind::lost_when_document_shared:
      return visit.has_shared_document ? std::nullopt : std::optional(notes);
    case Kind::acknowledged_not_stored:
      return std::nullopt;
    case Kind::lose_fraction:
      return world_.chance() < fault.argument ? std::nullopt : std::optional(notes);
    case Kind::truncate: {
      const auto most = static_cast<std::size_t>(fault.argument);
      return each(notes, [&](const auto& text) { return broken::truncated(text, most); });
    }
    case Kind::strip_4_byte_utf8:
      return each(notes, broken::without_4_byte_characters);
    case Kind::html_escape:
      return each(notes, broken::html_escaped);
    case Kind::trim:
      return each(notes, broken::trimmed);
    case Kind::swap_fields: {
      json swapped = notes;
      std::swap(swapped[Note::kFields[0]], swapped[Note::kFields[1]]);
      return swapped;
    }
    case Kind::cross_patient:
      return last_saved_.is_object() ? last_saved_ : json::object();
    default:
      return notes;
  }
}

json Application::show(const Visits::value_type& entry, Note::Path path) {
  const auto& [id, visit] = entry;
  const TimePoint now = world_.now();
  json shown = now < visit.fresh_from ? visit.notes_before : visit.notes;
  if (now >= visit.gone_from) shown = json::object();
  if (visit.last_note) {
    Note& note = notes_[*visit.last_note];
    for (std::size_t field = 0; field < Note::kFields.size(); ++field) {
      const char* const name = Note::kFields[field];
      const bool is_whole = shown.contains(name) && shown[name] == note.written[name];
      (is_whole ? note.shown[path][field].whole : note.shown[path][field].wrong) = now;
    }
  }
  shown["id"] = id;
  return shown;
}

Response Application::list(const std::string& patient) {
  auto visits = json::array();
  for (const auto& entry : visits_)
    if (entry.second.patient == patient) visits.push_back(show(entry, Note::list));
  return reply(200, {{"visits", std::move(visits)}});
}

void Application::meet(const std::string& id) {
  if (stranger_.empty() && !expected_.contains(id)) stranger_ = id.empty() ? "nobody" : id;
}

}  // namespace readback::simulation
