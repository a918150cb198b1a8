#pragma once

#include "guard/entropy.h"
#include "guard/holders.h"
#include "guard/server/client_token.h"
#include "guard/server/event_streams.h"

namespace readback::guard::server {

// How clients of bulk answers are told apart, reached, and known to hold what they were sent. All
// outlive the routes.
struct Clients {
  const ClientTokens& tokens;
  EventStreams& streams;
  Holders& holders;
  Entropy& entropy;
};

}  // namespace readback::guard::server
