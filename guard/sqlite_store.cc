#include "guard/sqlite_store.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace readback::guard {
namespace asio = boost::asio;

SqliteStore::SqliteStore(asio::any_io_executor disk, DatabaseOptions options)
    : disk_(std::move(disk)), file_(std::make_shared<File>()) {
  file_->options = std::move(options);
}

SqliteStore::~SqliteStore() = default;

template <class T, class Work>
asio::awaitable<Result<T>> SqliteStore::submit(Work work) {
  // No coroutine of its own: gcc 12 miscompiles a lambda with captures inside a co_await
  // expression.
  auto begin = [disk = disk_, file = file_, work = std::move(work)](auto handler) mutable {
    const auto home = asio::get_associated_executor(handler);
    auto call = [file = std::move(file), work = std::move(work), home,
                 handler = std::move(handler)]() mutable {
      Result<T> result = work(*file);
      file.reset();
      auto resume = [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      };
      asio::post(home, std::move(resume));
    };
    asio::post(disk, std::move(call));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(std::move(begin),
                                                                              asio::use_awaitable);
}

template <class T, class Work>
asio::awaitable<Result<T>> SqliteStore::on_disk(Work work) {
  return submit<T>([work = std::move(work)](File& file) -> Result<T> {
    if (!file.database) return file.trouble;
    Result<T> result = work(*file.database);
    if (file.database->has_failed()) {
      file.trouble = result.has_error() ? result.error() : Problem{"store", "a checkpoint failed"};
      file.trouble.what += ", so it is not used again";
      file.database.reset();
    }
    return result;
  });
}

Result<Loaded> SqliteStore::open_and_load(File& file, const EntryVisitor& each) {
  if (file.database) return Problem{"store", "it is loaded once"};
  auto opened = SqliteDatabase::open_to_write(file.options);
  if (opened.has_error()) {
    file.trouble = opened.error();
    return file.trouble;
  }
  Result<Loaded> loaded = (*opened)->load(each);
  if (loaded.has_value())
    file.database = std::move(opened).value();
  else
    file.trouble = loaded.error();
  return loaded;
}

asio::awaitable<Result<Loaded>> SqliteStore::load(EntryVisitor each) {
  return submit<Loaded>([each = std::move(each)](File& file) { return open_and_load(file, each); });
}

asio::awaitable<Result<void>> SqliteStore::append(std::vector<Entry> entries) {
  return on_disk<void>([entries = std::move(entries)](SqliteDatabase& database) {
    return database.append(entries);
  });
}

asio::awaitable<Result<std::vector<Entry>>> SqliteStore::tail(unsigned count) {
  return on_disk<std::vector<Entry>>(
      [count](SqliteDatabase& database) { return database.tail(count); });
}

asio::awaitable<Result<void>> SqliteStore::put_pending(std::vector<PendingRead> reads) {
  return on_disk<void>(
      [reads = std::move(reads)](SqliteDatabase& database) { return database.put_pending(reads); });
}

asio::awaitable<Result<void>> SqliteStore::erase_pending(std::vector<std::string> ids) {
  return on_disk<void>(
      [ids = std::move(ids)](SqliteDatabase& database) { return database.erase_pending(ids); });
}

asio::awaitable<Result<void>> SqliteStore::record_exposures(std::vector<ExposureRecord> records) {
  return on_disk<void>([records = std::move(records)](SqliteDatabase& database) {
    return database.record_exposures(records);
  });
}

}  // namespace readback::guard
