#include "tests/simulation/application.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cassert>
#include <iterator>
#include <utility>

namespace readback::simulation {
namespace asio = boost::asio;
using nlohmann::json;
using probes::Reply;
using probes::Request;
using probes::Response;
using Kind = Fault::Kind;

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

}  // namespace

Fault fault_named(std::string_view name) {
  static const std::map<std::string_view, Kind> kNames{
      {"none", Kind::none},
      {"lost-when-document-shared", Kind::lost_when_document_shared},
      {"acknowledged-not-stored", Kind::acknowledged_not_stored},
      {"both-arms", Kind::both_arms},
      {"control-only", Kind::control_only},
      {"erase-after", Kind::erase_after},
      {"stale-cache", Kind::stale_cache},
      {"lose-fraction", Kind::lose_fraction},
      {"hang", Kind::hang},
      {"error-500", Kind::error_500}};
  const auto colon = name.find(':');
  const auto found = kNames.find(name.substr(0, colon));
  assert(found != kNames.end());
  Fault fault{found->second, 0};
  if (colon != name.npos) fault.amount = std::stod(std::string(name.substr(colon + 1)));
  return fault;
}

double Application::chance() {
  return static_cast<double>(world_.random()() >> 11) * 0x1p-53;
}

TimePoint Application::after_latency() {
  const auto longest = static_cast<std::uint64_t>(network_.latency.count());
  return world_.now() + Duration(static_cast<std::int64_t>(world_.random()() % (longest + 1)));
}

asio::awaitable<Reply> Application::exchange(Request request, probes::Limits limits) {
  const TimePoint patience = world_.now() + limits.time_out;
  if (request.method == "PUT") write_starts_.insert(world_.now());
  const bool is_lost_there = chance() < network_.silence / 2;
  const bool is_lost_back = chance() < network_.silence / 2;
  co_await world_.wait_until(after_latency());
  Response response;
  if (!is_lost_there) response = co_await answer(std::move(request));
  co_await world_.wait_until(after_latency());
  const bool is_silent = response.status == 0 || is_lost_back || world_.now() > patience;
  if (is_silent) co_await world_.wait_until(patience);
  if (is_silent) co_return probes::Silence::timed_out;
  co_return response;
}

asio::awaitable<Response> Application::answer(Request request) {
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
  if (method == "PUT") co_return co_await save(id, body);
  if (method == "GET") co_return reply(200, show(*found));
  if (method == "DELETE") {
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

asio::awaitable<Response> Application::save(std::string id, json notes) {
  const std::string variant = co_await ask_flag_(visits_.at(id).practitioner);
  const bool is_new_path = variant == "new";
  const auto found = visits_.find(id);
  if (found == visits_.end()) co_return reply(404);
  Visit& visit = found->second;
  if (is_new_path && fault_.kind == Kind::hang) co_return Response{};
  if (is_new_path && fault_.kind == Kind::error_500) co_return reply(500);
  if (!loses(visit, is_new_path)) {
    const auto time = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(is_new_path ? fault_.amount : 0));
    visit.notes_before = std::exchange(visit.notes, std::move(notes));
    if (fault_.kind == Kind::stale_cache) visit.fresh_from = world_.now() + time;
    if (fault_.kind == Kind::erase_after && is_new_path) visit.gone_from = world_.now() + time;
  }
  co_return reply(200, {{"saved", true}, {"path", is_new_path ? "new" : "old"}});
}

bool Application::loses(const Visit& visit, bool is_new_path) {
  switch (fault_.kind) {
    case Kind::lost_when_document_shared:
      return is_new_path && visit.has_shared_document;
    case Kind::acknowledged_not_stored:
      return is_new_path;
    case Kind::both_arms:
      return true;
    case Kind::control_only:
      return !is_new_path;
    case Kind::lose_fraction:
      return is_new_path && chance() < fault_.amount;
    default:
      return false;
  }
}

json Application::show(const Visits::value_type& entry) const {
  const auto& [id, visit] = entry;
  json shown = world_.now() < visit.fresh_from ? visit.notes_before : visit.notes;
  if (world_.now() >= visit.gone_from) shown = json::object();
  shown["id"] = id;
  return shown;
}

Response Application::list(const std::string& patient) const {
  auto visits = json::array();
  for (const auto& entry : visits_)
    if (entry.second.patient == patient) visits.push_back(show(entry));
  return reply(200, {{"visits", std::move(visits)}});
}

void Application::meet(const std::string& id) {
  if (stranger_.empty() && !expected_.contains(id)) stranger_ = id.empty() ? "nobody" : id;
}

}  // namespace readback::simulation
