#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "configs/demo/notes_service/broken_storage.h"
#include "configs/demo/notes_service/counters.h"
#include "configs/demo/notes_service/drafts.h"
#include "configs/demo/notes_service/editor.h"
#include "configs/demo/notes_service/erasures.h"
#include "configs/demo/notes_service/fault.h"
#include "configs/demo/notes_service/flag.h"
#include "configs/demo/notes_service/lease_gate.h"
#include "configs/demo/notes_service/practitioners.h"
#include "configs/demo/notes_service/reader.h"
#include "configs/demo/notes_service/recovery.h"
#include "configs/demo/notes_service/stale_cache.h"
#include "configs/demo/notes_service/store.h"

// All parts of the service, each made once, for the routes to work on.

namespace demo::notes {

struct Service {
  struct Options {
    std::string secret;       // of which practitioners' tokens are made
    std::string admin_token;  // no administration where empty
    std::uint64_t seed = 1;
    Flag::Options flag;
    std::vector<std::string> lease_keys{};  // no write gate where empty
    bool keeps_drafts = false;
  };

  Service(const boost::asio::any_io_executor& executor_of_all, Database& database, Options all)
      : executor(executor_of_all),
        options(std::move(all)),
        practitioners(database, options.secret),
        store(database),
        reader(database, cache),
        erasures(executor, store, counters),
        broken(store, cache, erasures, options.seed),
        old_editor(store, broken),
        new_editor(store, broken),
        flag(executor, options.flag, counters),
        gate(options.lease_keys),
        drafts(database),
        recovery(executor, options.flag, *this) {}

  boost::asio::any_io_executor executor;
  Options options;
  Practitioners practitioners;
  Counters counters;
  StaleCache cache;
  FaultSwitch fault_switch;
  Store store;
  Reader reader;
  Erasures erasures;
  BrokenStorage broken;
  OldEditor old_editor;
  NewEditor new_editor;
  Flag flag;
  LeaseGate gate;
  Drafts drafts;
  Recovery recovery;
};

// Unix time.
std::int64_t now_ms();

}  // namespace demo::notes
