#pragma once

#include "guard/server/metrics.h"

namespace readback::guard::server {

class MetricPage;

// Who holds what and how they are reached: readback_clients, _clients_held_until_timestamp_seconds,
// _event_streams, _event_streams_refused_total, _events_total, _evaluations_safe_total.
void add_client_metrics(const Measured& measured, MetricPage& page);

}  // namespace readback::guard::server
