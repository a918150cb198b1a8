#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "guard/answer.h"
#include "probes/transport.h"
#include "tests/simulation/application.h"
#include "tests/simulation/world.h"

// What lies between two machines. Each way is on its own: what goes there may arrive although
// nothing comes back, later than anybody waits, twice, or before what was sent earlier.

namespace readback::simulation {

inline constexpr Node kNetworkNode = 4;

struct Way {
  Duration shortest{};
  Duration longest = std::chrono::milliseconds(20);
  bool is_cut = false;
  double lost = 0;     // share that never arrives
  double doubled = 0;  // share that arrives a second time, later
};

struct Link {
  Way there;
  Way back;
};

// How long something takes that sets out now; nothing if it never arrives.
std::optional<Duration> travel(World& world, const Way& way);

// From the guard to the application that it probes.
class Network final : public probes::Transport {
 public:
  // Whoever calls exchange() runs on `callers`. All outlive this.
  Network(World& world, const guard::Clock& callers_clock, boost::asio::any_io_executor callers,
          Application& application)
      : world_(world),
        callers_clock_(callers_clock),
        callers_(std::move(callers)),
        application_(application) {}

  boost::asio::awaitable<probes::Reply> exchange(probes::Request request,
                                                 probes::Limits limits) override;

  Link link;

 private:
  using FirstReply = std::shared_ptr<guard::Answer<probes::Reply>>;

  boost::asio::awaitable<void> carry(probes::Request request, Sent sent, FirstReply reply);
  boost::asio::awaitable<void> give_up(FirstReply reply, Duration patience);

  World& world_;
  const guard::Clock& callers_clock_;
  boost::asio::any_io_executor callers_;
  Application& application_;
};

}  // namespace readback::simulation
