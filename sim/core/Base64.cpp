#include "sim/core/Base64.h"

#include <cstdint>

namespace drydock {

namespace {

constexpr std::string_view plain_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Three bytes are four characters of six bits; one or two bytes at the end are two or three.
std::string encode_base64(std::string_view bytes, std::string_view alphabet)
{
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0; // of bits that wait
    for (auto const byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6;)
            text += alphabet[bits >> (count -= 6) & 63U];
    }
    if (count > 0)
        text += alphabet[bits << (6 - count) & 63U];
    return text;
}

std::uint32_t value_of(char c)
{
    auto const plain = plain_alphabet.find(c);
    return static_cast<std::uint32_t>(plain != std::string_view::npos ? plain : url_alphabet.find(c));
}

}

std::string base64(std::string_view bytes)
{
    auto text = encode_base64(bytes, plain_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string base64_url(std::string_view bytes)
{
    return encode_base64(bytes, url_alphabet);
}

Result<std::string> base64_decode(std::string_view text)
{
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (auto const c : text) {
        auto const value = value_of(c);
        if (value > 63)
            return fail(ErrorKind::InvalidInput, "not base64 (RFC 4648)");
        bits = bits << 6U | value;
        if (count += 6; count >= 8)
            bytes += static_cast<char>(bits >> (count -= 8) & 255U);
    }
    if (text.size() % 4 == 1)
        return fail(ErrorKind::InvalidInput, "not base64 (RFC 4648)");
    return bytes;
}

}
