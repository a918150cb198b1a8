#pragma once

#include <functional>
#include <string>
#include <vector>

#include "guard/decider.h"
#include "guard/probe_counts.h"
#include "guard/server/listener.h"
#include "guard/server/ofrep.h"
#include "guard/server/route.h"
#include "guard/status.h"

// What a monitoring system asks:
//
//   GET /metrics     Prometheus' text format: families, names and labels as below
//   GET /-/healthy   200 while the event loop turns (when it hangs, the watchdog ends the process)
//   GET /-/ready     200 once evaluations are answered from a configuration, else 503. A store
//                    that does not work is no reason: the safe variant must be served then, too
//
// Counters count from the process's start. Where a label has a closed set of values, each of them
// is there from the first scrape on, at 0: a counter that first appears at 1 has no increase, and
// an alert on it would not fire. The names are relied upon by rules and dashboards: they are added
// to, never renamed. How many series there are follows from the plan, but for the losses, which are
// bounded by ProbeCounts::kMostLosses.
//
//   per flag            readback_phase{phase}, _verdict{verdict}, _finding{finding}, _step, _steps,
//                       _paused{by}, _latched, _latch_readable, _latch_durable, _evidence_held,
//                       _evidence_timestamp_seconds, _lease_end_timestamp_seconds,
//                       _held_until_timestamp_seconds, _max_evidence_age_seconds,
//                       _exposed_share_ratio, _exposed_practitioners,
//                       _exposure_record_full, _suspect_cells, _watched_cells, _ill_control_cells,
//                       _loss_evidence_log_ratio, _blame_evidence_log_ratio, _evidence_budget,
//                       _reverts_total{cause}, _clients{standing},
//                       _proven_until_timestamp_seconds,
//                       _clients_held_until_timestamp_seconds, _time_to_revert_seconds,
//                       _evaluations_total{variant}
//   of its probes       _rounds_total{journey,arm,outcome}, _reads_total{field,path,delay,arm,
//                       outcome}, _losses_total{field,payload_class,loss_class,arm},
//                       _losses_unlisted_total{arm}, _blocks_skipped_total, _removals_failed_total,
//                       _orphan_rounds_total{outcome}, _code_default_unsafe
//   of the process      _read_latency_seconds{path}, _pending_reads, _store_up,
//                       _config_last_reload_successful, _config_last_reload_timestamp_seconds,
//                       _event_loop_late_seconds, _evaluations_refused_total{reason},
//                       _evaluations_not_modified_total, _connections_total{outcome},
//                       _replies_total{outcome}, _event_streams, _event_streams_refused_total,
//                       _events_total, _evaluations_safe_total{reason}, _requests_malformed_total,
//                       _build_info{version}

namespace readback::guard {
class Guard;
}

namespace readback::guard::server {

struct StreamCounts {
  std::size_t open = 0;
  std::uint64_t refused = 0;
  std::uint64_t events = 0;
};

// All that the page is made of; a view.
struct Measured {
  std::vector<FlagView> flags;
  const ProbeCounts& probes;
  const EvaluationCounts& evaluations;
  const std::vector<RevertRecord>& reverts;
  ListenerCounts connections;
  StreamCounts streams;
  std::size_t pending_reads = 0;
  bool is_store_up = true;
  bool is_reload_taken = true;
  WallTime last_reload{};
  Duration loop_late{};
  flags::Moment now;
};

// The page of /metrics.
std::string metrics_text(const Measured& measured);

// What the listener that serves applications has counted; asked at each scrape.
using CountConnections = std::function<ListenerCounts()>;

// `guard` outlives the routes.
std::vector<Route> metrics(const Guard& guard, CountConnections count_connections);

}  // namespace readback::guard::server
