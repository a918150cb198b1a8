#pragma once

#include "guard/server/metric_page.h"
#include "guard/server/metrics.h"

namespace readback::guard::server {

// Where each rollout stands, and why no more is served.
void add_flag_metrics(const Measured& measured, MetricPage& page);

// What its probes found.
void add_probe_metrics(const Measured& measured, MetricPage& page);

}  // namespace readback::guard::server
