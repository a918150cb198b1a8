#include "guard/server/client_metrics.h"

#include "guard/server/metric_page.h"

namespace readback::guard::server {
namespace {

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

}  // namespace

void add_client_metrics(const Measured& measured, MetricPage& page) {
  page.gauge("readback_clients", "Clients that were served treatment, by what they hold now.");
  for (const FlagView& view : measured.flags) {
    const std::string& flag = view.guarded.flag.key;
    const Holders::Tally& tally = view.clients;
    page.sample({{"flag", flag}, {"standing", "holding"}}, number(tally.holding))
        .sample({{"flag", flag}, {"standing", "unconfirmed"}}, number(tally.unconfirmed))
        .sample({{"flag", flag}, {"standing", "confirmed"}}, number(tally.confirmed))
        .sample({{"flag", flag}, {"standing", "lapsed"}}, number(tally.lapsed));
  }
  page.gauge(
      "readback_clients_held_until_timestamp_seconds",
      "When the lease ends the last of the clients that have not confirmed. 0: there is none.");
  for (const FlagView& view : measured.flags)
    page.sample({{"flag", view.guarded.flag.key}},
                std::chrono::duration<double>(view.clients.until).count());
  page.gauge("readback_event_streams", "Event streams that are open.")
      .sample({}, number(measured.streams.open));
  page.counter("readback_event_streams_refused_total", "Event streams that were one too many.")
      .sample({}, number(measured.streams.refused));
  page.counter("readback_events_total", "Events that told a client to ask again.")
      .sample({}, number(measured.streams.events));
  page.counter("readback_evaluations_safe_total",
               "Evaluations answered with safe values for want of something, by what.")
      .sample({{"reason", "token"}}, number(measured.evaluations.denied))
      .sample({{"reason", "over_limit"}}, number(measured.evaluations.over_limit));
}

}  // namespace readback::guard::server
