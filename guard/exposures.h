#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "guard/clock.h"
#include "guard/result.h"
#include "guard/store.h"

// Who was served treatment: what an operator needs after a revert, to find the people whose notes
// may be lost. A practitioner gets treatment only once his record is durable, so a crash cannot
// lose one who was exposed; a disk that fails, or a record that is full, exposes nobody new.
//
// The record holds a keyed hash of the practitioner's id, or the id itself where the flag's plan
// allows it. Single-threaded.

namespace readback::guard {

// The name under which the record holds `practitioner`: 64 hexadecimal digits, the HMAC-SHA256 of
// flag, 0x00, practitioner. So without `key` nobody can tell who it is, nor that two flags met the
// same person. Pinned: a change would lose who is recorded already.
std::string exposure_name(const std::string& key, const std::string& flag,
                          const std::string& practitioner);

// The key in the file at `path`, which is made, with 32 random bytes that only its owner may read,
// where there is none. Fails when it can be neither read nor made, or holds anything else.
Result<std::string> exposure_key(const std::string& path);

class Exposures {
 public:
  struct Options {
    std::string key;                       // for exposure_name
    std::size_t records_a_flag = 200'000;  // some 100 bytes each on disk
  };

  // Somebody who is to be served treatment.
  struct Person {
    std::string flag;
    std::string practitioner;
    unsigned step = 0;
  };

  // Without a store nobody is ever admitted.
  Exposures(const Clock& clock, Store* store, Options options);

  // What the store holds already. Called once, before anything else.
  void load(const std::vector<ExposureRecord>& records);

  // The flags whose plan allows ids in the record. Records of before keep their names.
  void allow_ids(std::set<std::string> flags) { by_id_ = std::move(flags); }

  // Whether a durable record holds him, so that treatment may be served.
  bool holds(const std::string& flag, const std::string& practitioner) const;
  // He was served treatment now. Asserts holds().
  void served(const Person& person);

  // Writes the records of newcomers, as many as the bounds leave room for. Who is in is told by
  // holds(): nobody of them if the store failed.
  boost::asio::awaitable<void> admit(std::vector<Person> newcomers);

  // Writes what moved since: at most `last` and `step` of known records, at most once a minute
  // for each. To be called every few seconds, and at the end.
  boost::asio::awaitable<Result<void>> flush();

  bool is_full(const std::string& flag) const { return count(flag) >= options_.records_a_flag; }
  std::size_t count(const std::string& flag) const;
  // The durable ones, by name.
  std::vector<ExposureRecord> records(const std::string& flag) const;

 private:
  struct Held {
    ExposureRecord record;
    WallTime last_written{};
    unsigned step_written = 0;
    bool is_durable = false;
    unsigned writers = 0;  // writes of a newcomer that are under way
  };

  std::string name(const std::string& flag, const std::string& practitioner) const;
  void finish(const ExposureRecord& record, bool is_written);

  const Clock& clock_;
  Store* store_;
  Options options_;
  std::set<std::string> by_id_;
  std::map<std::string, std::map<std::string, Held>> held_;  // by flag, name
  std::set<std::pair<std::string, std::string>> moved_;      // flag, name
};

}  // namespace readback::guard
