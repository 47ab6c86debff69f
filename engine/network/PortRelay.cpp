#include "engine/network/PortRelay.h"

#include <array>

namespace drydock::networking {

namespace {

// One direction, to its end.
void copy(network::ByteStream& from, network::ByteStream& to)
{
    std::array<char, 16384> buffer {};
    while (true) {
        auto const size = from.read_some(buffer);
        if (!size || *size == 0 || !to.write_all({ buffer.data(), *size }))
            break;
    }
    to.shutdown_write();
}

}

PortRelay::PortRelay(Scheduler& scheduler, std::unique_ptr<network::Listener> listener, Connect connect)
    : m_scheduler(scheduler)
    , m_listener(std::move(listener))
    , m_port(m_listener->endpoint().port)
    , m_connect(std::move(connect))
    , m_task(scheduler.spawn("port relay", [this] { accept(); }))
{
}

PortRelay::~PortRelay()
{
    m_listener->close();
    m_task->join();
    for (auto const& each : m_carried) {
        each->outside->close();
        each->inside->close();
        each->inward->join();
        each->outward->join();
    }
}

void PortRelay::accept()
{
    while (auto connection = m_listener->accept())
        carry(std::move(*connection));
}

void PortRelay::carry(std::unique_ptr<network::ByteStream> outside)
{
    auto inside = m_connect();
    if (!inside)
        return outside->close(); // nobody listens there: whoever called sees the connection end
    auto carried = std::make_unique<Carried>();
    carried->outside = std::move(outside);
    carried->inside = std::move(*inside);
    carried->inward
        = m_scheduler.spawn("relay in", [from = carried->outside, to = carried->inside] { copy(*from, *to); });
    carried->outward
        = m_scheduler.spawn("relay out", [from = carried->inside, to = carried->outside] { copy(*from, *to); });
    std::lock_guard const lock(m_mutex);
    std::erase_if(m_carried, [](auto const& each) { return each->inward->finished() && each->outward->finished(); });
    m_carried.push_back(std::move(carried));
}

}
