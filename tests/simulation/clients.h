#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/world.h"

// Applications that ask the guard by an OpenFeature provider, each as its kind was measured to
// behave: what it holds, for how long, and what it makes of silence and errors. In all of them
// somebody uses the flag every other second.

namespace readback::simulation {

inline constexpr Node kPeopleNode = 2;

struct ClientKind {
  std::string_view name;
  Duration time_out;
  // Zero: asks for the one flag at each use, and takes the code default, which is safe, if no
  // answer came in time. Else asks for all flags so often, and keeps the answer on 304 and on any
  // error.
  Duration poll{};
  // Whether a lease hook makes an answer the code default once its stamp is past.
  bool has_hook = false;
  // Polls by the page's reloads only, and has no hook: holds an answer for ever. Nothing is
  // promised of it.
  bool is_unbounded = false;
};

inline constexpr std::array kClientKinds{
    // server-sdk with a fetch that ends after 250 ms; Go, Python, Java, .NET but for the time.
    ClientKind{"server", std::chrono::milliseconds(250), {}, false, false},
    // Providers whose time-out is not the body's: whoever waits may get an answer of long ago.
    ClientKind{"server, patient", std::chrono::seconds(300), {}, true, false},
    ClientKind{"web, polling", std::chrono::seconds(2), std::chrono::seconds(7), true, false},
    ClientKind{"web, slow poll", std::chrono::seconds(10), std::chrono::seconds(20), true, false},
    // The web provider by default: local storage, and no polling.
    ClientKind{"web", std::chrono::seconds(10), std::chrono::seconds(45), false, true},
};

// What the guard, or nobody, said.
struct Answered {
  int status = 0;  // 0: nothing came
  bool is_treatment = false;
  WallTime until{};  // its stamp
  std::string entity_tag;
};

struct AskedFor {
  std::string practitioner;
  bool all_flags = false;
  std::string entity_tag;
  Duration time_out{};
};
using AskGuard = std::function<boost::asio::awaitable<Answered>(AskedFor asked)>;

class Client {
 public:
  // Somebody used treatment, on an answer that holds until this by the client's own wall clock.
  using Use = std::function<void(const Client& client, WallTime until)>;

  // `error`: of its wall clock. All outlive this.
  Client(World& world, const SimulatedClock& guard_clock, std::string practitioner,
         const ClientKind& kind, WallTime error, AskGuard ask, Use use);

  // Lives for ever.
  boost::asio::awaitable<void> live();

  const ClientKind& kind() const { return kind_; }
  const std::string& practitioner() const { return practitioner_; }
  WallTime wall() const { return guard_clock_.true_wall() + error_; }

 private:
  boost::asio::awaitable<void> ask_and_use();
  boost::asio::awaitable<void> fetch();
  void use(const Answered& held);
  TimePoint next_use();

  World& world_;
  const SimulatedClock& guard_clock_;
  const std::string practitioner_;
  const ClientKind& kind_;
  const WallTime error_;
  AskGuard ask_;
  Use use_;
  Answered held_;
  WallTime last_stamp_{};
};

}  // namespace readback::simulation
