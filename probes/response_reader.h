#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "probes/transport.h"

// Turns the bytes that an application answers with into a response, and trusts none of them. Knows
// no socket and no time.

namespace readback::probes {

class ResponseReader {
 public:
  static constexpr std::size_t kHeaderBytes = std::size_t{32} << 10;
  static constexpr int kInterimResponses = 8;  // 100, 103: read over

  // `has_body` is false for the answer to a HEAD.
  ResponseReader(std::size_t reply_bytes, bool has_body);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Takes bytes as they come. Once there is an outcome, more are ignored.
  void feed(std::string_view bytes);

  // The other side ended: in order, or not (a reset; TLS cut without its closing alert).
  void end(bool is_orderly);

  // Nothing while more is needed. Too large: a body over `reply_bytes`, as announced or as it
  // came, or a header over kHeaderBytes. Malformed: no HTTP/1, a length that is given twice or is
  // no plain number, a transfer coding but "chunked", a switch of protocols. Cut off: the end came
  // first. A body without length or coding ends where the connection does.
  const std::optional<Reply>& outcome() const { return outcome_; }

 private:
  struct Parsing;

  void read_on();
  void take();
  void fail(Silence silence);

  std::size_t reply_bytes_;
  bool has_body_;
  int interim_responses_ = 0;
  std::string unparsed_;
  std::unique_ptr<Parsing> parsing_;
  std::optional<Reply> outcome_;
};

}  // namespace readback::probes
