#include "guard/server/seats.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using readback::guard::server::Seats;

namespace {

// Seats "a", "b", ... of whom each is known (upper case) or not, busy (with '!') or not, in the
// order in which they began to idle; and who of them is closed for the next that comes.
std::string closed_for_one_more(const std::vector<std::string>& connections) {
  Seats seats(connections.size());
  std::string closed;
  std::vector<std::optional<Seats::Seat>> taken(connections.size());
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const std::string& name = connections[i];
    taken[i].emplace(seats, [&closed, name] { closed += name[0]; });
    if (name[0] < 'a') taken[i]->set_known();
    if (name.ends_with('!')) taken[i]->set_busy(true);
  }
  const bool has_room = seats.make_room();
  CHECK(has_room == !closed.empty());
  return closed;
}

}  // namespace

TEST_SUITE("guard/server/seats") {
  TEST_CASE("who makes room is the stranger, then the known one, who idles longest") {
    struct Row {
      std::vector<std::string> connections;
      std::string closed;
    };
    const Row rows[] = {
        {{"a", "b", "c"}, "a"},   {{"A", "b", "c"}, "b"},   {{"A", "B", "C"}, "A"},
        {{"a!", "b", "c"}, "b"},  {{"A!", "B", "C"}, "B"},  {{"a!", "B", "C"}, "B"},
        {{"a!", "B!", "C"}, "C"}, {{"a!", "B!", "c!"}, ""}, {{"A", "B", "c"}, "c"},
    };
    for (const Row& row : rows) CHECK(closed_for_one_more(row.connections) == row.closed);
  }

  TEST_CASE("who has just been served idles from then on") {
    Seats seats(2);
    std::string closed;
    Seats::Seat a(seats, [&] { closed += 'a'; });
    Seats::Seat b(seats, [&] { closed += 'b'; });
    a.set_busy(true);
    b.set_busy(true);
    b.set_busy(false);
    a.set_busy(false);
    CHECK(seats.make_room());
    CHECK(closed == "b");
  }

  TEST_CASE("one that is closing takes no seat, and is not closed again") {
    Seats seats(1);
    int closings = 0;
    {
      const Seats::Seat a(seats, [&] { ++closings; });
      CHECK(seats.taken() == 1);
      CHECK(seats.make_room());
      CHECK(seats.taken() == 0);
      CHECK(seats.make_room());
      CHECK(closings == 1);
    }
    CHECK(seats.evicted() == 1);
  }
}
