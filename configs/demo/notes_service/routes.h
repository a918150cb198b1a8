#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include "configs/demo/notes_service/server.h"
#include "configs/demo/notes_service/service.h"

// What the service answers to which request. The table is in routes.cc.

namespace demo::notes {

struct Call {
  std::vector<std::string> segments{};  // of the path, decoded
  std::string text{};                   // the query's q, decoded
  std::string body{};
  std::optional<std::string> lease_token{};
  const Practitioner* caller = nullptr;  // null for an administrator and for the open routes
};

boost::asio::awaitable<Answer> respond(Service& service, Request request);

// Each of these serves one route or several of a kind.
boost::asio::awaitable<Answer> save_note(Service& service, Call call, bool is_draft);
boost::asio::awaitable<Answer> create_visit(Service& service, Call call);
Answer close_visit(Service& service, const Call& call);
Answer remove_visit(Service& service, const Call& call);
Answer add_document(Service& service, const Call& call);
Answer share_document(Service& service, const Call& call);
Answer show_visit(Service& service, const Call& call);
Answer list_visits(Service& service, const Call& call);
Answer search_visits(Service& service, const Call& call);
Answer list_revisions(Service& service, const Call& call);
Answer switch_fault(Service& service, const Call& call);
Answer show_counters(Service& service, const Call& call);
Answer show_health(Service& service, const Call& call);

// The words that they share.
Answer answer(int status, const nlohmann::json& body);
Answer refuse(int status, std::string_view why);
// The body as a JSON object, or what is wrong with it.
std::optional<nlohmann::json> object_of(const std::string& body);
// The caller's own visit of that name ("v17"), or the refusal: 404 if there is none, 403 if it is
// another's.
std::optional<Visit> own_visit(Service& service, const Call& call, const std::string& name,
                               Answer& refusal);
// The number in a name as "v17" or "d5".
std::optional<std::int64_t> number_of(std::string_view name, char prefix);

}  // namespace demo::notes
