#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "guard/sqlite_database.h"
#include "guard/store.h"

// The Store on SQLite. Every operation runs on an executor of its own, in production a pool of one
// thread, so that a slow sync never stalls a decision or an evaluation; it completes on the
// caller's executor. In a simulation that executor is the simulated world's.
//
// After any failure of the disk every later call fails: a failed sync may have dropped what was
// written before it. A new SqliteStore may be made of the same file; its load() begins with making
// durable what it found.

namespace readback::guard {

class SqliteStore final : public Store {
 public:
  // `disk` runs one piece of work at a time, and outlives the store's last operation: join its
  // thread before the store is destroyed. A refused bound is a Problem but no failure.
  SqliteStore(boost::asio::any_io_executor disk, DatabaseOptions options);
  ~SqliteStore() override;

  // Opens the file and reads it. Once; an operation before it, or after it failed, fails.
  boost::asio::awaitable<Result<Loaded>> load(EntryVisitor each) override;
  boost::asio::awaitable<Result<void>> append(std::vector<Entry> entries) override;
  boost::asio::awaitable<Result<std::vector<Entry>>> tail(unsigned count) override;
  boost::asio::awaitable<Result<void>> put_pending(std::vector<PendingRead> reads) override;
  boost::asio::awaitable<Result<void>> erase_pending(std::vector<std::string> ids) override;
  boost::asio::awaitable<Result<void>> record_exposures(
      std::vector<ExposureRecord> records) override;

 private:
  // Used on `disk` alone.
  struct File {
    DatabaseOptions options;
    std::unique_ptr<SqliteDatabase> database;
    Problem trouble{"store", "it was not loaded"};
  };
  static Result<Loaded> open_and_load(File& file, const EntryVisitor& each);
  template <class T, class Work>
  boost::asio::awaitable<Result<T>> submit(Work work);
  template <class T, class Work>
  boost::asio::awaitable<Result<T>> on_disk(Work work);

  boost::asio::any_io_executor disk_;
  std::shared_ptr<File> file_;  // also of the operations that are still on their way
};

}  // namespace readback::guard
