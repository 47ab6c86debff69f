#include "sim/machine/Story.h"

#include "sim/core/Verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace drydock::machine {

namespace {

// Stands where the story has come to.
class StoryClock final : public Clock {
public:
    explicit StoryClock(Timestamp begin)
        : m_now(begin)
    {
    }
    Timestamp now() const override { return m_now; }
    void set(Timestamp now) { m_now = now; }

private:
    Timestamp m_now;
};

std::int64_t nanoseconds(double seconds)
{
    return std::llround(seconds * 1e9);
}

struct Moment {
    std::int64_t at { 0 }; // ns
    std::function<void(trace::Publisher const&)> tell;
};

std::uint64_t guest_bytes(Model const& model, Technology const& technology)
{
    auto const mebibytes
        = technology.guest_memory.value + technology.hot.value * technology.image.value + model.app_memory.value;
    return static_cast<std::uint64_t>(mebibytes * (1 << 20));
}

void add_moments(
    std::vector<Moment>& moments, Model const& model, Start const& start, Started const& started, std::size_t number)
{
    auto const begin = nanoseconds(start.at);
    auto const title = start.technology->title;
    if (start.technology->kernel == Kernel::Own) {
        GuestMachineId const id { fmt::format("model-{}", number) };
        trace::GuestMachineCreated const created { id, fmt::format("{} {}", start.technology->id, number), title,
            guest_bytes(model, *start.technology), 1 };
        moments.push_back({ begin, [created](auto const& pen) { pen.publish(created); } });
        for (auto const& phase : started.phases) {
            // A phase is reached when it begins: "kernel" is when the kernel's first instruction runs.
            auto const at = nanoseconds(phase.begun.value);
            trace::GuestPhaseReached const reached { id, phase.name, at - begin };
            moments.push_back({ at, [reached](auto const& pen) { pen.publish(reached); } });
        }
    }
    auto const elapsed = nanoseconds(started.elapsed.value);
    trace::MeasurementTaken const answered { "start, app included", title, elapsed, "ns", FigureKind::Modelled,
        started.elapsed.source, "model" };
    moments.push_back({ begin + elapsed, [answered](auto const& pen) { pen.publish(answered); } });
}

}

void tell_boot(Model const& model, std::vector<Start> const& starts, std::vector<Started> const& started,
    trace::EventLog& log, HostId const& host, Timestamp origin)
{
    VERIFY(starts.size() == started.size());
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < starts.size(); ++i)
        add_moments(moments, model, starts[i], started[i], i + 1);
    std::stable_sort(moments.begin(), moments.end(), [](auto const& a, auto const& b) { return a.at < b.at; });
    StoryClock clock(origin);
    trace::Publisher const pen(log, clock, { host, ActorId { "model" }, trace::Provenance::Modelled });
    for (auto const& moment : moments) {
        clock.set(origin + Duration(moment.at));
        moment.tell(pen);
    }
}

}
