#pragma once

// A ByteStream and the bytes that were read from it ahead of their use: the end of a head is only found by reading
// past it.

#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::http {

class BufferedStream {
public:
    explicit BufferedStream(std::shared_ptr<network::ByteStream> raw)
        : m_raw(std::move(raw))
    {
    }

    std::string_view buffered() const { return std::string_view(m_buffer).substr(m_begin); }
    void consume(std::size_t count);
    Result<bool> fill(); // appends what arrives next; false at the end of the stream
    Result<std::size_t> read_some(std::span<char> buffer);

    // All that is read from now on has to arrive before `deadline`.
    void wait_until(Clock const& clock, Timestamp deadline);
    void wait_for_ever();

    network::ByteStream& raw() { return *m_raw; }

private:
    void apply_deadline();

    std::shared_ptr<network::ByteStream> m_raw;
    std::string m_buffer;
    std::size_t m_begin { 0 };
    Clock const* m_clock { nullptr };
    std::optional<Timestamp> m_deadline;
};

}
