#include "tests/simulation/house_process.h"

namespace readback::simulation {
namespace asio = boost::asio;

namespace {

// Twice the stamps' grain, so that rounding down cannot hide it.
constexpr Duration kAhead = std::chrono::seconds(10);

}  // namespace

asio::awaitable<void> DawdlingStore::take_turn() {
  const auto longest = static_cast<std::uint64_t>(longest_.count());
  const Duration takes(static_cast<std::int64_t>(world_.random()() % (longest + 1)));
  busy_until_ = std::max(busy_until_, world_.now()) + takes;
  co_await world_.wait_until(busy_until_);
}

DawdlingStore::Void DawdlingStore::append(std::vector<guard::Entry> entries) {
  std::vector<std::string> lines;
  for (const guard::Entry& entry : entries)
    lines.push_back(std::to_string(entry.at.count()) + " " + entry.kind + " by " + entry.by + ": " +
                    entry.reason);
  co_await take_turn();
  const guard::Result<void> done = co_await inner_.append(std::move(entries));
  if (done.has_value()) ledger_.insert(ledger_.end(), lines.begin(), lines.end());
  co_return done;
}

DawdlingStore::Void DawdlingStore::put_pending(std::vector<guard::PendingRead> reads) {
  co_await take_turn();
  co_return co_await inner_.put_pending(std::move(reads));
}

DawdlingStore::Void DawdlingStore::erase_pending(std::vector<std::string> ids) {
  co_await take_turn();
  co_return co_await inner_.erase_pending(std::move(ids));
}

DawdlingStore::Void DawdlingStore::record_exposures(std::vector<guard::ExposureRecord> records) {
  co_await take_turn();
  co_return co_await inner_.record_exposures(std::move(records));
}

House::Process::Process(House& house, std::uint64_t life)
    : device(house.medium_),
      latches(device),
      sqlite(house.world_.executor(kGuardNode), {.path = "/state.db", .vfs = house.disk_.vfs()}),
      dawdling(house.world_, sqlite, house.options_.longest_disk_call, house.ledger_),
      early(house.world_, kGuardNode, dawdling),
      clock(house.clock_, house.options_.plant == Plant::clock_ahead ? kAhead : Duration()),
      entropy(house.options_.seed * 1'000 + life),
      guard({house.world_.executor(kGuardNode), house.world_.executor(kGuardNode), clock, entropy,
             house.options_.plant == Plant::reads_echo_writes
                 ? static_cast<probes::Transport&>(house.echo_)
                 : house.application_,
             house.options_.plant == Plant::answers_early ? static_cast<guard::Store&>(early)
                                                          : dawdling,
             latches},
            house.configuration_, std::string(32, 'k')) {
  for (guard::server::Route& route : guard.evaluation_routes())
    if (route.path.ends_with("evaluate/flags/*")) evaluate = std::move(route.handler);
}

}  // namespace readback::simulation
