#include "engine/daemon/ContainerLog.h"

#include "engine/daemon/Json.h"

namespace drydock::daemon {

namespace {

constexpr std::size_t longest_line = 16 * 1024;
constexpr std::size_t lines_in_flight = 1024;

std::string encode(LogLine const& line)
{
    return to_text({ { "log", line.text }, { "stream", line.to_stderr ? "stderr" : "stdout" },
               { "time", rfc3339(line.time) } })
        + "\n";
}

std::optional<LogLine> decode(std::string_view text)
{
    auto const parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("log") || !parsed["log"].is_string())
        return std::nullopt; // a line that a crash cut off
    auto const time = parse_rfc3339(parsed.value("time", ""));
    return LogLine { .time = time.value_or(Timestamp {}),
        .to_stderr = parsed.value("stream", "") == "stderr",
        .text = parsed["log"].get<std::string>(),
        .end = 0 };
}

}

ContainerLog::ContainerLog(Scheduler& scheduler, content::Storage& storage, std::string key)
    : m_clock(scheduler)
    , m_storage(storage)
    , m_key(std::move(key))
    , m_size(storage.size(m_key).value_or(0))
    , m_feed(scheduler, lines_in_flight, Overflow::HoldWriterBack)
{
}

Result<void> ContainerLog::write(bool to_stderr, std::string_view bytes)
{
    auto& unfinished = m_unfinished[to_stderr ? 1 : 0];
    while (!bytes.empty()) {
        auto const newline = bytes.find('\n');
        auto const end = newline == std::string_view::npos ? bytes.size() : newline + 1;
        auto const piece = bytes.substr(0, std::min(end, longest_line - unfinished.size()));
        unfinished += piece;
        bytes.remove_prefix(piece.size());
        if (unfinished.ends_with('\n') || unfinished.size() == longest_line)
            TRY(store(to_stderr, std::exchange(unfinished, {})));
    }
    return {};
}

Result<void> ContainerLog::flush()
{
    for (bool const to_stderr : { false, true }) {
        auto& unfinished = m_unfinished[to_stderr ? 1 : 0];
        if (!unfinished.empty())
            TRY(store(to_stderr, std::exchange(unfinished, {})));
    }
    return {};
}

Result<void> ContainerLog::store(bool to_stderr, std::string text)
{
    LogLine line { .time = m_clock.now(), .to_stderr = to_stderr, .text = std::move(text), .end = 0 };
    std::string const encoded = encode(line);
    {
        std::lock_guard const lock(m_mutex);
        if (m_file == nullptr)
            m_file = TRY(m_storage.append(m_key));
        TRY(m_file->append(encoded));
        line.end = m_size += encoded.size();
    }
    m_feed.publish(line);
    return {};
}

ContainerLog::Reading ContainerLog::open(Mode mode)
{
    Reading reading;
    std::lock_guard const lock(m_mutex);
    if (mode == Mode::Follow)
        reading.following = m_feed.subscribe();
    reading.size = m_size;
    return reading;
}

Result<void> ContainerLog::replay(Reading const& reading, std::function<Result<void>(LogLine const&)> const& take) const
{
    if (reading.size == 0)
        return {};
    auto const file = TRY(m_storage.open(m_key));
    std::string pending;
    std::vector<char> buffer(64 * 1024);
    for (std::uint64_t offset = 0; offset < reading.size;) {
        auto const wanted = std::min<std::uint64_t>(buffer.size(), reading.size - offset);
        auto const size = TRY(file->read_at(offset, std::span(buffer).first(wanted)));
        if (size == 0)
            break;
        offset += size;
        pending.append(buffer.data(), size);
        std::size_t begin = 0;
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
            if (auto const line = decode(std::string_view(pending).substr(begin, end - begin)))
                TRY(take(*line));
            begin = end + 1;
        }
        pending.erase(0, begin);
    }
    return {};
}

}
