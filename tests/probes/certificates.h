#pragma once

#include <string>

namespace readback {

// A certificate authority made for one test, and a certificate of it.
struct Certificates {
  std::string authority;    // PEM
  std::string certificate;  // PEM, for `host`
  std::string key;          // PEM
};

// `host` is a DNS name, or an IPv4 address. `days_left` may be negative: it has expired.
Certificates make_certificates(const std::string& host, int days_left = 1);

}  // namespace readback
