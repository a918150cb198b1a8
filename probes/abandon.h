#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "probes/transport.h"

namespace readback::probes {

// What `work` brings, or null if `timer` ends first. The other one of the two is
// cancelled, but not waited for: while a name is looked up, it does not notice (getaddrinfo can't
// be interrupted). So `work` outlives the caller, and must own all that it uses. Cancelling the
// caller cancels both.
boost::asio::awaitable<std::unique_ptr<Reply>> unless(boost::asio::any_io_executor executor,
                                                      boost::asio::awaitable<void> timer,
                                                      boost::asio::awaitable<Reply> work);

}  // namespace readback::probes
