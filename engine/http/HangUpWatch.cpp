#include "engine/http/Http.h"

namespace drydock::http {

HangUpWatch::HangUpWatch(
    Scheduler& scheduler, network::ByteStream& stream, network::Departure how, std::function<void()> gone)
    : m_stream(stream)
    , m_task(scheduler.spawn("hang-up watch", [&stream, how, gone = std::move(gone)] {
        if (stream.await_departure(how))
            gone();
    }))
{
}

HangUpWatch::~HangUpWatch()
{
    m_stream.stop_watching();
    m_task->join();
}

}
