#include "sim/core/DetachKeys.h"

namespace drydock {

namespace {

constexpr std::string_view held = "ctrl-";
constexpr char control_bit = 0x1f; // Ctrl leaves the lowest five bits of a letter

}

Result<DetachKeys> DetachKeys::parse(std::string_view text)
{
    std::string keys;
    while (!text.empty()) {
        auto const comma = text.find(',', 1);
        auto const key = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        auto const letter = key.empty() ? '\0' : key.back();
        bool const has_control
            = (letter >= 'a' && letter <= 'z') || (letter >= '@' && letter <= '_' && (letter < 'A' || letter > 'Z'));
        if (key.size() == 1)
            keys += key;
        else if (key.size() == held.size() + 1 && key.starts_with(held) && has_control)
            keys += static_cast<char>(letter & control_bit);
        else
            return fail(ErrorKind::InvalidInput, "Unknown character: '" + std::string(key) + "'");
    }
    return keys.empty() ? DetachKeys() : DetachKeys(std::move(keys));
}

std::string DetachKeys::pass(std::string_view typed)
{
    std::string passed;
    for (char const key : typed) {
        if (were_typed())
            break;
        if (key == m_keys[m_matched]) {
            ++m_matched;
            continue;
        }
        passed += m_keys.substr(0, m_matched); // it was no sequence after all
        m_matched = key == m_keys.front() ? 1 : 0;
        if (m_matched == 0)
            passed += key;
    }
    return passed;
}

}
