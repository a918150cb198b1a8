#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "guard/server/framing.h"
#include "guard/server/route.h"

// Turns the bytes of a connection into requests, one after the other. Knows no socket and no time.
// Holds at most one request, and one piece of what comes after it.

namespace readback::guard::server {

class RequestReader {
 public:
  struct Limits {
    std::size_t header_bytes = std::size_t{16} << 10;
    std::size_t body_bytes = std::size_t{64} << 10;
  };
  enum class Stage {
    idle,     // nothing of the request has come
    head,     // a part of its head
    body,     // its head, and a part of its body
    whole,    // request() may be taken, then next() called
    refused,  // refusal() says why; nothing more can be read
  };

  explicit RequestReader(Limits limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Takes bytes as they come, in pieces of any size; also more than the request's.
  Stage feed(std::string_view bytes);

  // After `whole`: reads the next request in what came already.
  Stage next();

  Stage stage() const { return stage_; }
  const Refusal& refusal() const { return *refusal_; }

  // Valid from `body` on; the body and its trailer's end when `whole`. Fields of a trailer are
  // dropped.
  Request& request() { return request_; }
  unsigned version() const { return version_; }      // 10 or 11
  bool keeps_alive() const { return keeps_alive_; }  // the sender wants to send another one
  // In `body`: the sender holds the body back until it is told to go on.
  bool expects_continue() const { return expects_continue_; }

 private:
  struct Parsing;

  Stage go_on();
  bool has_bare_line_feed();
  Stage refuse_with(Refusal refusal);
  bool parse();
  void take_head();

  Limits limits_;
  std::string received_;      // from the request's first byte on, or in its body what is not parsed
  std::size_t parsed_ = 0;    // of it
  std::size_t searched_ = 0;  // of it, for bare line feeds
  std::unique_ptr<Parsing> parsing_;
  Stage stage_ = Stage::idle;
  std::optional<Refusal> refusal_;
  Request request_;
  unsigned version_ = 11;
  bool keeps_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace readback::guard::server
