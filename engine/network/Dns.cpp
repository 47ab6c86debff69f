#include "engine/network/Dns.h"

namespace drydock::networking {

namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 255;
constexpr std::uint32_t time_to_live = 600; // seconds, as docker's

std::uint16_t number_at(std::string_view bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(
        static_cast<unsigned char>(bytes[at]) << 8U | static_cast<unsigned char>(bytes[at + 1]));
}

void put(std::string& bytes, std::uint32_t value, int size)
{
    for (int i = size - 1; i >= 0; --i)
        bytes += static_cast<char>(value >> static_cast<unsigned>(8 * i) & 255U);
}

std::string header(DnsQuestion const& question, std::uint32_t code, std::uint32_t answers)
{
    std::string bytes;
    put(bytes, question.id, 2);
    constexpr std::uint32_t response = 0x8000;
    constexpr std::uint32_t recursion_available = 0x0080;
    put(bytes, response | recursion_available | (question.recursion_desired ? 0x0100U : 0U) | code, 2);
    put(bytes, 1, 2);
    put(bytes, answers, 2);
    put(bytes, 0, 4);
    return bytes + question.raw;
}

}

std::optional<DnsQuestion> parse_question(std::string_view datagram)
{
    if (datagram.size() < header_bytes || (number_at(datagram, 2) & 0xf800U) != 0 || number_at(datagram, 4) != 1)
        return std::nullopt;
    DnsQuestion question;
    question.id = number_at(datagram, 0);
    question.recursion_desired = (number_at(datagram, 2) & 0x0100U) != 0;
    auto at = header_bytes;
    while (at < datagram.size() && datagram[at] != '\0') {
        // Two set bits would be a pointer, which a question has no use for.
        auto const length = static_cast<std::size_t>(static_cast<unsigned char>(datagram[at]));
        if (length > longest_label || at + 1 + length >= datagram.size()
            || question.name.size() + length + 1 > longest_name)
            return std::nullopt;
        if (!question.name.empty())
            question.name += '.';
        for (char const c : datagram.substr(at + 1, length))
            question.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        at += 1 + length;
    }
    if (at + 5 > datagram.size())
        return std::nullopt;
    question.type = number_at(datagram, at + 1);
    question.raw = datagram.substr(header_bytes, at + 5 - header_bytes);
    return question;
}

std::string answer_with(DnsQuestion const& question, std::optional<Address> address)
{
    auto bytes = header(question, 0, address ? 1 : 0);
    if (!address)
        return bytes;
    put(bytes, 0xc000U | header_bytes, 2); // the name of the question
    put(bytes, DnsQuestion::a, 2);
    put(bytes, 1, 2); // IN
    put(bytes, time_to_live, 4);
    put(bytes, 4, 2);
    put(bytes, *address, 4);
    return bytes;
}

std::string answer_failure(DnsQuestion const& question, DnsFailure failure)
{
    return header(question, static_cast<std::uint32_t>(failure), 0);
}

}
