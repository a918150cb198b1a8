#include "probes/response_reader.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <utility>

namespace readback::probes {
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// "0", and two line ends. From no place in a chunked body is there less to come. Beast 1.81 asserts
// it, so that an application that sends these bytes one by one would end the process.
constexpr std::size_t kShortestChunkedEnd = 5;

bool is_plain_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char digit) { return digit >= '0' && digit <= '9'; });
}

// What Beast lets through although two readers may take it for two different messages.
bool is_ambiguous(const http::response<http::string_body>& message) {
  const auto lengths = message.equal_range(http::field::content_length);
  const auto codings = message.equal_range(http::field::transfer_encoding);
  const auto length_count = std::distance(lengths.first, lengths.second);
  const auto coding_count = std::distance(codings.first, codings.second);
  if (length_count > 1 || coding_count > 1) return true;
  if (length_count == 1) {
    const auto value = lengths.first->value();
    if (!is_plain_number({value.data(), value.size()})) return true;
  }
  return coding_count == 1 &&
         (!boost::algorithm::iequals(codings.first->value(), "chunked") || message.version() != 11);
}

Silence silence_of(const error_code& error) {
  if (error == http::error::body_limit || error == http::error::header_limit)
    return Silence::too_large;
  return error == http::error::partial_message ? Silence::cut_off : Silence::malformed;
}

}  // namespace

struct ResponseReader::Parsing {
  Parsing(std::size_t reply_bytes, bool has_body) {
    parser.header_limit(static_cast<std::uint32_t>(kHeaderBytes));
    parser.body_limit(reply_bytes);
    parser.skip(!has_body);
  }
  http::response_parser<http::string_body> parser;
  bool has_head = false;
};

ResponseReader::ResponseReader(std::size_t reply_bytes, bool has_body)
    : reply_bytes_(reply_bytes),
      has_body_(has_body),
      parsing_(std::make_unique<Parsing>(reply_bytes, has_body)) {}

ResponseReader::~ResponseReader() = default;

void ResponseReader::fail(Silence silence) {
  outcome_.emplace(silence);
  unparsed_.clear();
}

void ResponseReader::feed(std::string_view bytes) {
  if (outcome_) return;
  unparsed_ += bytes;
  read_on();
}

void ResponseReader::read_on() {
  while (!outcome_ && !unparsed_.empty()) {
    auto& parser = parsing_->parser;
    if (parsing_->has_head && parser.chunked() && unparsed_.size() < kShortestChunkedEnd) return;
    error_code error;
    unparsed_.erase(0, parser.put(boost::asio::buffer(unparsed_), error));
    if (error && error != http::error::need_more) return fail(silence_of(error));
    if (parser.is_header_done() && !std::exchange(parsing_->has_head, true)) {
      if (is_ambiguous(parser.get())) return fail(Silence::malformed);
      parser.eager(true);
      error = {};
    }
    if (parser.is_done()) {
      take();
    } else if (error == http::error::need_more) {
      // A header, the line before a chunk, or a trailer, without its end.
      if (unparsed_.size() > kHeaderBytes) fail(Silence::too_large);
      return;
    }
  }
}

void ResponseReader::take() {
  auto& message = parsing_->parser.get();
  const int status = static_cast<int>(message.result_int());
  if (status < 100 || status > 599 || status == 101) return fail(Silence::malformed);
  if (status < 200) {
    if (++interim_responses_ > kInterimResponses) return fail(Silence::malformed);
    parsing_ = std::make_unique<Parsing>(reply_bytes_, has_body_);
    return;
  }
  Response response;
  response.status = status;
  for (const auto& field : message)
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  response.body = std::move(message.body());
  outcome_.emplace(std::move(response));
}

void ResponseReader::end(bool is_orderly) {
  if (outcome_) return;
  auto& parser = parsing_->parser;
  if (!is_orderly || !parsing_->has_head) return fail(Silence::cut_off);
  error_code error;
  parser.put_eof(error);
  if (error) return fail(silence_of(error));
  take();
}

}  // namespace readback::probes
