#include "guard/server/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <cassert>
#include <cstdint>
#include <utility>

namespace readback::guard::server {
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// "0", and two line ends. From no place in a chunked body is there less to come. Beast 1.81 asserts
// it, so that a peer who sends these bytes one by one would end the process.
constexpr std::size_t kShortestChunkedEnd = 5;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = boost::urls::grammar::to_lower(letter);
  return result;
}

void refuse_extensions(std::uint64_t, boost::beast::string_view extensions, error_code& error) {
  if (!extensions.empty()) error = http::error::bad_chunk_extension;
}

}  // namespace

struct RequestReader::Parsing {
  explicit Parsing(const Limits& limits) {
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    parser.on_chunk_header(on_chunk);
  }
  void (*on_chunk)(std::uint64_t, boost::beast::string_view, error_code&) = refuse_extensions;
  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader(Limits limits)
    : limits_(limits), parsing_(std::make_unique<Parsing>(limits)) {}

RequestReader::~RequestReader() = default;

RequestReader::Stage RequestReader::feed(std::string_view bytes) {
  if (stage_ == Stage::refused) return stage_;
  received_ += bytes;
  return stage_ == Stage::whole ? stage_ : go_on();
}

RequestReader::Stage RequestReader::next() {
  assert(stage_ == Stage::whole);
  parsing_ = std::make_unique<Parsing>(limits_);
  stage_ = Stage::idle;
  request_ = {};
  searched_ = 0;
  expects_continue_ = false;
  return go_on();
}

RequestReader::Stage RequestReader::refuse_with(Refusal refusal) {
  refusal_ = refusal;
  request_.body.clear();
  received_.clear();
  return stage_ = Stage::refused;
}

// False if the request is refused.
bool RequestReader::parse() {
  const std::size_t unparsed = received_.size() - parsed_;
  if (unparsed == 0) return true;
  if (parsing_->parser.is_header_done() && parsing_->parser.chunked() &&
      unparsed < kShortestChunkedEnd)
    return true;
  const auto rest = boost::asio::buffer(received_) + parsed_;
  error_code error;
  parsed_ += parsing_->parser.put(rest, error);
  if (!error || error == http::error::need_more) return true;
  Refusal why{400, "this is not well-formed HTTP"};
  if (error == http::error::body_limit) why = {413, "the body is too large"};
  if (error == http::error::header_limit) why = {431, "the header is too large"};
  if (error == http::error::bad_version) why = {505, "not HTTP/1.0 or HTTP/1.1"};
  refuse_with(why);
  return false;
}

void RequestReader::take_head() {
  const auto& message = parsing_->parser.get();
  version_ = message.version();
  keeps_alive_ = message.keep_alive();
  request_.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t end = target.find('?');
  request_.path = std::string(target.substr(0, end));
  if (end != target.npos) request_.query = std::string(target.substr(end + 1));
  for (const auto& field : message)
    request_.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                  std::string(field.value()));
}

// Beast looks for the ends of lines first, and would wait for one that can't come any more.
bool RequestReader::has_bare_line_feed() {
  const std::string_view head = std::string_view(received_).substr(0, received_.find("\r\n\r\n"));
  for (; searched_ < head.size(); ++searched_)
    if (head[searched_] == '\n' && (searched_ == 0 || head[searched_ - 1] != '\r')) return true;
  return false;
}

RequestReader::Stage RequestReader::go_on() {
  auto& parser = parsing_->parser;
  if (stage_ <= Stage::head) {
    if (received_.empty()) return stage_ = Stage::idle;
    stage_ = Stage::head;
    if (has_bare_line_feed()) return refuse_with({400, "a line does not end as HTTP's do"});
    if (!parse()) return stage_;
    if (!parser.is_header_done())
      return received_.size() > limits_.header_bytes ? refuse_with({431, "the header is too large"})
                                                     : stage_;
    take_head();
    const Head head{std::string_view(received_).substr(0, parsed_), version_, request_.method,
                    std::string(parser.get().target()), request_.headers};
    if (const auto refusal = refuse(head)) return refuse_with(*refusal);
    stage_ = Stage::body;
    expects_continue_ = server::expects_continue(head) && parsed_ == received_.size();
    parser.eager(true);
  }
  if (!parser.is_done() && !parse()) return stage_;
  received_.erase(0, std::exchange(parsed_, 0));
  if (parser.is_done()) {
    request_.body = std::move(parser.get().body());
    return stage_ = Stage::whole;
  }
  // What is left is the line before a chunk, or a trailer, without its end.
  if (received_.size() > limits_.header_bytes)
    return refuse_with({400, "a chunk's header or a trailer is too large"});
  return stage_;
}

}  // namespace readback::guard::server
