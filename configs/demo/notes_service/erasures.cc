#include "configs/demo/notes_service/erasures.h"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace demo::notes {
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

Erasures::Erasures(const asio::any_io_executor& executor, Store& store, Counters& counters)
    : store_(store), counters_(counters), timer_(executor) {}

void Erasures::add(Clock::time_point due, const Edit& edit, Path path, std::int64_t revision) {
  due_.emplace(due, Erasure{edit, path, revision});
  timer_.cancel();
}

asio::awaitable<void> Erasures::run() {
  for (;;) {
    while (!due_.empty() && due_.begin()->first <= Clock::now()) {
      const auto next = due_.extract(due_.begin());
      erase(next.mapped());
    }
    timer_.expires_at(due_.empty() ? Clock::time_point::max() : due_.begin()->first);
    // add() ends the wait early; if it was the program's end, the next wait throws.
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void Erasures::erase(const Erasure& erasure) {
  if (!store_.visit(erasure.edit.visit)) return;
  const Note before = store_.note(erasure.edit.visit);
  store_.erase(erasure.edit, erasure.revision);
  for (std::size_t field = 0; field < kFields; ++field)
    if (erasure.edit.changes[field] && erasure.edit.changes[field] == before[field])
      counters_.settle(erasure.edit, erasure.path, field, true);
}

}  // namespace demo::notes
