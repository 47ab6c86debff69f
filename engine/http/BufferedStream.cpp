#include "engine/http/BufferedStream.h"

#include <algorithm>
#include <array>

namespace drydock::http {

void BufferedStream::consume(std::size_t count)
{
    m_begin += count;
    if (m_begin == m_buffer.size()) {
        m_buffer.clear();
        m_begin = 0;
    }
}

Result<bool> BufferedStream::fill()
{
    std::array<char, 16 * 1024> piece;
    apply_deadline();
    auto const count = TRY(m_raw->read_some(piece));
    m_buffer.erase(0, m_begin);
    m_begin = 0;
    m_buffer.append(piece.data(), count);
    return count > 0;
}

Result<std::size_t> BufferedStream::read_some(std::span<char> buffer)
{
    auto const ready = buffered();
    if (ready.empty()) {
        apply_deadline();
        return m_raw->read_some(buffer);
    }
    auto const count = ready.copy(buffer.data(), buffer.size());
    consume(count);
    return count;
}

void BufferedStream::wait_until(Clock const& clock, Timestamp deadline)
{
    m_clock = &clock;
    m_deadline = deadline;
}

void BufferedStream::wait_for_ever()
{
    m_deadline.reset();
    m_raw->set_read_timeout(std::nullopt);
}

void BufferedStream::apply_deadline()
{
    if (m_deadline)
        m_raw->set_read_timeout(std::max(*m_deadline - m_clock->now(), Duration(0)));
}

}
