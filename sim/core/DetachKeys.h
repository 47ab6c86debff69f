#pragma once

// The keys that leave a container's terminal without ending what runs there: Ctrl-P Ctrl-Q, unless --detach-keys names
// others. Whoever reads the terminal passes everything through here; the keys themselves do not reach the container.

#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock {

class DetachKeys {
public:
    DetachKeys() = default;
    // "ctrl-p,ctrl-q", "ctrl-@", "q": characters, and letters or one of @[\]^_ with Ctrl held.
    static Result<DetachKeys> parse(std::string_view text);

    // What of the keys goes on to the container. One that begins the sequence waits for the next.
    std::string pass(std::string_view typed);
    bool were_typed() const { return m_matched == m_keys.size(); }

private:
    explicit DetachKeys(std::string keys)
        : m_keys(std::move(keys))
    {
    }

    std::string m_keys { "\x10\x11" };
    std::size_t m_matched { 0 };
};

}
