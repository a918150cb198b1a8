#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "configs/demo/http_client.h"
#include "configs/demo/notes_service/counters.h"
#include "configs/demo/notes_service/practitioners.h"

// Which editor a practitioner gets: a flag that is asked over OFREP 0.3.0 at each save.

namespace demo::notes {

class Flag {
 public:
  struct Options {
    std::string url;    // of the flag service, before /ofrep/v1; never asked where empty
    std::string token;  // its bearer token; none is sent where empty
    std::string key;
    // The code default. A trap: only the old editor is safe when nobody answers.
    Path code_default = Path::old_editor;
  };
  Flag(boost::asio::any_io_executor executor, Options options, Counters& counters);

  // The flag's answer: which editor, and for the new one the token of its lease, where there is
  // one.
  struct Answered {
    Path path = Path::old_editor;
    std::string lease_token{};
  };
  boost::asio::awaitable<Answered> ask(const Practitioner& practitioner);

  // The flag's value, true being the new editor. The code default is given for a
  // refused connection, no whole answer within 250 ms, any status but 200, no boolean value.
  boost::asio::awaitable<Path> editor_of(const Practitioner& practitioner);

  const std::string& key() const { return options_.key; }

 private:
  boost::asio::awaitable<Counters::Evaluation> evaluate(const Practitioner& practitioner,
                                                        std::string& lease_token);

  Options options_;
  std::string target_;
  Counters& counters_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace demo::notes
