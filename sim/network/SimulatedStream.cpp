#include "sim/network/SimulatedParts.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace drydock::network {

namespace {
// What the sender hands to the link at once, and what may lie unread at the receiver: Linux's usual sizes.
constexpr std::size_t segment_size = 64 * 1024;
constexpr std::size_t receive_window = 256 * 1024;
}

SimulatedNetwork::Stream::Stream(
    std::shared_ptr<State> state, std::shared_ptr<Connection> connection, std::size_t side, Peer peer)
    : m_state(std::move(state))
    , m_connection(std::move(connection))
    , m_side(side)
    , m_peer(std::move(peer))
{
}

// When the next byte, or the end, can be read; nothing while it is not on its way, or the link is cut before it.
std::optional<Timestamp> SimulatedNetwork::Stream::next_arrival() const
{
    auto const& pipe = incoming();
    if (pipe.chunks.empty() && m_connection->broken)
        return std::nullopt;
    auto const arrival = pipe.chunks.empty() ? pipe.end_arrival : pipe.chunks.front().arrival;
    auto const& cut = m_connection->link->cut_since;
    return arrival && cut && *arrival > *cut ? std::nullopt : arrival;
}

Result<std::size_t> SimulatedNetwork::Stream::read_some(std::span<char> buffer)
{
    std::optional<Timestamp> give_up;
    if (m_read_timeout)
        give_up = m_state->scheduler.now() + *m_read_timeout;
    std::unique_lock lock(m_state->mutex);
    for (;;) {
        if (m_connection->closed[m_side])
            return fail(ErrorKind::Cancelled, "reading from a closed connection");
        auto const arrival = next_arrival();
        auto const now = m_state->scheduler.now();
        if (arrival && *arrival <= now)
            break;
        if (m_connection->broken && !arrival)
            return fail(Error::from_errno("read(2)", *m_connection->broken));
        if (give_up && *give_up <= now)
            return fail(ErrorKind::Unavailable, "read(2): timed out");
        wait(lock, give_up && (!arrival || *give_up < *arrival) ? give_up : arrival);
    }
    auto& pipe = incoming();
    if (pipe.chunks.empty())
        return 0;
    auto& chunk = pipe.chunks.front();
    auto const count = std::min(buffer.size(), chunk.bytes.size() - pipe.read_offset);
    std::copy_n(chunk.bytes.begin() + static_cast<std::ptrdiff_t>(pipe.read_offset), count, buffer.begin());
    pipe.read_offset += count;
    pipe.unread -= count;
    if (pipe.read_offset == chunk.bytes.size()) {
        pipe.chunks.pop_front();
        pipe.read_offset = 0;
    }
    m_connection->changed->notify_all(); // a writer may be waiting for room
    return count;
}

bool SimulatedNetwork::Stream::may_send() const
{
    return m_connection->broken || m_connection->closed[m_side] || outgoing().reader_gone
        || (!m_connection->link->cut_since && outgoing().unread < receive_window);
}

Result<void> SimulatedNetwork::Stream::write_all(std::string_view bytes)
{
    while (!bytes.empty()) {
        Timestamp sent;
        {
            std::unique_lock lock(m_state->mutex);
            while (!may_send())
                wait(lock, std::nullopt);
            sent = TRY(send(bytes));
        }
        m_state->scheduler.sleep_for(sent - m_state->scheduler.now());
    }
    return {};
}

// Puts one segment on the link; when its last byte has left.
Result<Timestamp> SimulatedNetwork::Stream::send(std::string_view& bytes)
{
    if (m_connection->closed[m_side] || outgoing().end_arrival)
        return fail(ErrorKind::Cancelled, "writing to a closed connection");
    if (m_connection->broken)
        return fail(Error::from_errno("write(2)", *m_connection->broken));
    if (outgoing().reader_gone)
        return fail(Error::from_errno("write(2)", EPIPE));
    auto& link = *m_connection->link;
    auto size = std::min(bytes.size(), segment_size);
    if (link.reset_after) {
        size = static_cast<std::size_t>(std::min<std::uint64_t>(size, *link.reset_after));
        *link.reset_after -= size;
        if (*link.reset_after == 0 && size < bytes.size()) {
            link.reset_after.reset();
            m_connection->broken = ECONNRESET;
        }
    }
    auto const sent = occupy_link(size);
    if (size > 0)
        outgoing().chunks.push_back({ sent + link.shape.latency, std::string(bytes.substr(0, size)) });
    outgoing().unread += size;
    bytes.remove_prefix(size);
    m_connection->changed->notify_all();
    return sent;
}

Timestamp SimulatedNetwork::Stream::occupy_link(std::size_t size)
{
    auto& link = *m_connection->link;
    auto& busy_until = link.busy_until[(m_side == 0) == m_connection->same_direction ? 0 : 1];
    auto const nanoseconds = static_cast<std::uint64_t>(size) * 8 * 1'000'000'000 / link.shape.bits_per_second;
    busy_until = std::max(busy_until, m_state->scheduler.now()) + Duration(static_cast<std::int64_t>(nanoseconds));
    return busy_until;
}

// Waits for a change, at most until `until`, and gives the connection up when its link stays cut.
void SimulatedNetwork::Stream::wait(std::unique_lock<std::mutex>& lock, std::optional<Timestamp> until)
{
    auto const& cut = m_connection->link->cut_since;
    if (until)
        m_connection->changed->wait_until(lock, *until);
    else if (!cut)
        m_connection->changed->wait(lock);
    else if (auto const last_hope = *cut + cut_patience;
             !m_connection->changed->wait_until(lock, last_hope) && cut && *cut + cut_patience == last_hope) {
        m_connection->broken = ETIMEDOUT;
        m_connection->changed->notify_all();
    }
}

// When the other side's end arrives here; nothing while it has not gone so far.
std::optional<Timestamp> SimulatedNetwork::Stream::departure(Departure how) const
{
    bool const so_far = how == Departure::SendsNoMore || m_connection->closed[1 - m_side];
    auto const arrival = so_far ? incoming().end_arrival : std::nullopt;
    auto const& cut = m_connection->link->cut_since;
    return arrival && cut && *arrival > *cut ? std::nullopt : arrival;
}

bool SimulatedNetwork::Stream::await_departure(Departure how)
{
    std::unique_lock lock(m_state->mutex);
    for (;;) {
        if (std::exchange(m_stop_watching, false) || m_connection->closed[m_side])
            return false;
        auto const arrival = departure(how);
        if (m_connection->broken || (arrival && *arrival <= m_state->scheduler.now()))
            return true;
        wait(lock, arrival);
    }
}

void SimulatedNetwork::Stream::stop_watching()
{
    std::lock_guard lock(m_state->mutex);
    m_stop_watching = true;
    m_connection->changed->notify_all();
}

void SimulatedNetwork::Stream::end_outgoing()
{
    if (!outgoing().end_arrival)
        outgoing().end_arrival = occupy_link(0) + m_connection->link->shape.latency;
    m_connection->changed->notify_all();
}

void SimulatedNetwork::Stream::shutdown_write()
{
    std::lock_guard lock(m_state->mutex);
    end_outgoing();
}

void SimulatedNetwork::Stream::close()
{
    std::lock_guard lock(m_state->mutex);
    m_connection->closed[m_side] = true;
    incoming().reader_gone = true;
    end_outgoing();
}

}
