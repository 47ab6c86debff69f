#pragma once

// Domain names, as far as a container's own resolver needs them (RFC 1035): one question in, its answer out. What is
// asked about here, the daemon knows; the rest is passed on as it came.

#include "engine/network/Subnet.h"

namespace drydock::networking {

struct DnsQuestion {
    std::uint16_t id { 0 };
    std::string name; // "web", lower case
    std::uint16_t type { 0 };
    std::string raw; // the question section's bytes
    bool recursion_desired { false };

    static constexpr std::uint16_t a = 1;
    static constexpr std::uint16_t aaaa = 28;
};

// Nothing for what is no well-formed query with one question.
std::optional<DnsQuestion> parse_question(std::string_view datagram);

// With no address the name exists but has none of that type (an AAAA of an IPv4 network).
std::string answer_with(DnsQuestion const&, std::optional<Address>);
enum class DnsFailure : std::uint8_t { ServerFailure = 2, NoSuchName = 3 };
std::string answer_failure(DnsQuestion const&, DnsFailure);

}
