#include "guard/server/metrics.h"

#include <chrono>
#include <utility>

#include "guard/guard.h"
#include "guard/server/client_metrics.h"
#include "guard/server/flag_metrics.h"
#include "guard/server/metric_page.h"

namespace readback::guard::server {

namespace {

using boost::asio::awaitable;

// Longer than scrapes are apart, so that none overlooks a late turn.
constexpr Duration kLately = std::chrono::minutes(1);

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

void add_process_metrics(const Measured& measured, MetricPage& page) {
  page.gauge("readback_build_info", "Always 1; which guard this is.")
      .sample({{"version", READBACK_VERSION}}, 1);
  page.gauge("readback_pending_reads", "Reads of acknowledged writes that aren't settled.")
      .sample({}, number(measured.pending_reads));
  page.gauge("readback_store_up", "0 once the store failed; it stays so until a restart.")
      .sample({}, measured.is_store_up ? 1 : 0);
  page.gauge("readback_config_last_reload_successful",
             "0 if the last reload was refused and an older config runs.")
      .sample({}, measured.is_reload_taken ? 1 : 0);
  page.gauge("readback_config_last_reload_timestamp_seconds",
             "When a config was last taken or refused.")
      .sample({}, std::chrono::duration<double>(measured.last_reload).count());
  page.gauge("readback_event_loop_late_seconds",
             "The latest turn of the event loop in the last minute.")
      .sample({}, std::chrono::duration<double>(measured.loop_late).count());
}

void add_traffic_metrics(const Measured& measured, MetricPage& page) {
  const EvaluationCounts& evaluations = measured.evaluations;
  page.counter("readback_evaluations_refused_total", "Evaluations without a value, by reason.")
      .sample({{"reason", "flag_not_found"}}, number(evaluations.not_found))
      .sample({{"reason", "invalid"}}, number(evaluations.refused));
  page.counter("readback_evaluations_not_modified_total",
               "Bulk evaluations of which the caller held the answer already.")
      .sample({}, number(evaluations.not_modified));
  const ListenerCounts& connections = measured.connections;
  page.counter("readback_connections_total", "Connections of applications, by what became of them.")
      .sample({{"outcome", "accepted"}}, number(connections.accepted))
      .sample({{"outcome", "evicted"}}, number(connections.evicted))
      .sample({{"outcome", "turned_away"}}, number(connections.turned_away));
  page.counter("readback_replies_total", "Replies that were given to the kernel, whole or not.")
      .sample({{"outcome", "whole"}}, number(connections.replies))
      .sample({{"outcome", "broken"}}, number(connections.broken));
  page.counter("readback_requests_malformed_total",
               "Requests that were no well-formed HTTP, or too large.")
      .sample({}, number(connections.refused));
}

Response plain(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

Response scrape(const Guard& guard, ListenerCounts connections) {
  const TimePoint boot = guard.clock().now();
  Measured measured{{},
                    guard.probe_counts(),
                    guard.evaluation_counts(),
                    guard.decider().reverts(),
                    connections,
                    {guard.event_streams().open(), guard.event_streams().refused(),
                     guard.event_streams().events()},
                    guard.pending_reads(),
                    guard.decider().store_trouble().empty(),
                    guard.reload_faults().empty(),
                    guard.last_reload(),
                    guard.loop_watch().worst_lateness(boot - kLately, boot),
                    guard.clock().moment()};
  for (const Guarded& guarded : guard.configuration().guarded) {
    const std::string& flag = guarded.flag.key;
    // A flag that a reload brought is decided about from the event loop's next turn on.
    const State* const state = guard.decider().state(flag);
    if (state == nullptr) continue;
    measured.flags.push_back({guarded, *state, guard.probe_counts(), guard.exposures().count(flag),
                              guard.exposures().is_full(flag), guard.holders().tally(flag),
                              guard.decider().proven_until(flag)});
    measured.is_store_up = measured.is_store_up && state->is_store_well;
  }
  Response response = plain(200, metrics_text(measured));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

awaitable<Response> answer(Response response) {
  co_return response;
}

}  // namespace

std::string metrics_text(const Measured& measured) {
  MetricPage page;
  add_process_metrics(measured, page);
  add_flag_metrics(measured, page);
  add_probe_metrics(measured, page);
  add_traffic_metrics(measured, page);
  add_client_metrics(measured, page);
  return page.text();
}

std::vector<Route> metrics(const Guard& guard, CountConnections count_connections) {
  // The answer is made before the coroutine begins, which then holds nothing but the answer.
  const auto page = [&guard, count = std::move(count_connections)](const Request&) {
    return answer(scrape(guard, count()));
  };
  const auto healthy = [](const Request&) { return answer(plain(200, "healthy\n")); };
  const auto ready = [&guard](const Request&) {
    const bool is_ready = guard.publisher().current()->definitions != nullptr;
    return answer(is_ready ? plain(200, "ready\n")
                           : plain(503, "no configuration is served yet\n"));
  };
  return {{"GET", "/metrics", Scope::open, page},
          {"GET", "/-/healthy", Scope::open, healthy},
          {"GET", "/-/ready", Scope::open, ready}};
}

}  // namespace readback::guard::server
