#include "tests/simulation/house_process.h"

#include "guard/server/admin.h"

namespace readback::simulation {
namespace asio = boost::asio;

namespace {

// So that a seed has checkpoints, too.
constexpr int kCheckpointPages = 100;

}  // namespace

asio::awaitable<guard::Result<guard::Loaded>> WatchedStore::load(guard::EntryVisitor each) {
  guard::Result<guard::Loaded> loaded = co_await inner_.load(std::move(each));
  house_.is_store_readable_ = loaded.has_value();
  co_return loaded;
}

WatchedStore::Void WatchedStore::append(std::vector<guard::Entry> entries) {
  const std::vector<guard::Entry> copy = entries;
  for (const auto& onlooker : house_.onlookers_) onlooker->appending(copy);
  const guard::Result<void> done = co_await inner_.append(std::move(entries));
  if (done.has_value()) {
    for (const guard::Entry& entry : copy)
      house_.ledger_.push_back(std::to_string(entry.at.count()) + " " + entry.kind + " by " +
                               entry.by + ": " + entry.reason);
    for (const auto& onlooker : house_.onlookers_) onlooker->appended(copy);
  }
  co_return done;
}

WatchedStore::Void WatchedStore::put_pending(std::vector<guard::PendingRead> reads) {
  const std::vector<guard::PendingRead> copy = reads;
  const guard::Result<void> done = co_await inner_.put_pending(std::move(reads));
  if (!done.has_value()) co_return done;
  for (const guard::PendingRead& read : copy) house_.pending_[read.id] = read;
  for (const auto& onlooker : house_.onlookers_) onlooker->remembered(copy);
  co_return done;
}

WatchedStore::Void WatchedStore::erase_pending(std::vector<std::string> ids) {
  // Erased in the best case; what may still be there is nobody's claim.
  for (const std::string& id : ids) house_.pending_.erase(id);
  co_return co_await inner_.erase_pending(std::move(ids));
}

House::Process::Process(House& house, std::uint64_t life)
    : device(house.medium_),
      latches(device),
      sqlite(house.world_.executor(kDiskNode, house.disk_lane_),
             {.path = "/state.db", .vfs = house.disk_.vfs(), .checkpoint_pages = kCheckpointPages}),
      watched(house, sqlite),
      store(house.options_.plant, house.world_.executor(kGuardNode), watched),
      clock(house.options_.plant, house.clock_),
      transport(house.options_.plant, house.network_),
      entropy(house.options_.seed * 1'000 + life),
      guard({house.world_.executor(kGuardNode), house.world_.executor(kDiskNode, house.disk_lane_),
             clock, entropy, transport, store, latches, house.watched_core()},
            house.configuration_, std::string(32, 'k')) {
  for (guard::server::Route& route : guard.evaluation_routes()) {
    if (route.path.ends_with("evaluate/flags/*"))
      evaluate_one = with_bug(house.options_.plant, guard, clock, std::move(route.handler));
    if (route.path.ends_with("evaluate/flags")) evaluate_all = std::move(route.handler);
  }
  House* const owner = &house;
  for (guard::server::Route& route :
       guard::server::admin(guard, [owner] { return owner->reload(); })) {
    if (route.path == "/command") command = std::move(route.handler);
    if (route.path == "/status") status = std::move(route.handler);
    if (route.path == "/reload") reload = std::move(route.handler);
  }
}

}  // namespace readback::simulation
