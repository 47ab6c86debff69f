#include "engine/daemon/ContainerLog.h"

#include "engine/daemon/Json.h"

#include <algorithm>
#include <charconv>

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
        .text = parsed["log"].get<std::string>() };
}

// The lines of the first `end` bytes.
Result<void> replay_file(
    content::ReadableFile const& file, std::uint64_t end, std::function<Result<void>(LogLine const&)> const& take)
{
    std::string pending;
    std::vector<char> buffer(64 * 1024);
    for (std::uint64_t offset = 0; offset < end;) {
        auto const wanted = std::min<std::uint64_t>(buffer.size(), end - offset);
        auto const size = TRY(file.read_at(offset, std::span(buffer).first(wanted)));
        if (size == 0)
            break;
        offset += size;
        pending.append(buffer.data(), size);
        std::size_t begin = 0;
        for (auto newline = pending.find('\n'); newline != std::string::npos; newline = pending.find('\n', begin)) {
            if (auto const line = decode(std::string_view(pending).substr(begin, newline - begin)))
                TRY(take(*line));
            begin = newline + 1;
        }
        pending.erase(0, begin);
    }
    return {};
}

}

ContainerLog::ContainerLog(Scheduler& scheduler, content::Storage& storage, std::string key, LogLimits limits)
    : m_clock(scheduler)
    , m_storage(storage)
    , m_key(std::move(key))
    , m_limits(limits)
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
    LogLine line { .time = m_clock.now(), .to_stderr = to_stderr, .text = std::move(text) };
    std::string const encoded = encode(line);
    {
        std::lock_guard const lock(m_mutex);
        if (m_file == nullptr)
            m_file = TRY(m_storage.append(m_key));
        if (m_limits.file_size > 0 && m_file->size() >= m_limits.file_size)
            TRY(make_room());
        TRY(m_file->append(encoded));
        line.number = ++m_last;
    }
    m_feed.publish(line);
    return {};
}

Result<void> ContainerLog::make_room()
{
    auto const full = std::exchange(m_file, nullptr);
    if (m_limits.files <= 1) {
        TRY(m_storage.remove(m_key));
    } else {
        TRY(full->sync());
        for (auto const number : rotated()) {
            auto const name = m_key + "." + std::to_string(number);
            TRY(number + 1 < m_limits.files ? m_storage.publish(name, m_key + "." + std::to_string(number + 1))
                                            : m_storage.remove(name));
        }
        TRY(m_storage.publish(m_key, m_key + ".1"));
    }
    m_file = TRY(m_storage.append(m_key));
    return {};
}

std::vector<std::size_t> ContainerLog::rotated() const
{
    std::vector<std::size_t> numbers;
    auto const slash = m_key.rfind('/');
    auto const prefix = m_key.substr(slash + 1) + ".";
    for (auto const& name : m_storage.list(m_key.substr(0, slash))) {
        std::size_t number = 0;
        auto const* const end = name.data() + name.size();
        if (name.starts_with(prefix) && std::from_chars(name.data() + prefix.size(), end, number).ptr == end
            && number > 0)
            numbers.push_back(number);
    }
    std::sort(numbers.rbegin(), numbers.rend());
    return numbers;
}

Result<ContainerLog::Reading> ContainerLog::open(Mode mode)
{
    std::vector<std::string> names;
    Reading reading;
    std::lock_guard const lock(m_mutex);
    for (auto const number : rotated())
        names.push_back(m_key + "." + std::to_string(number));
    if (m_storage.exists(m_key)) // not before the first line
        names.push_back(m_key);
    for (auto const& name : names) {
        auto file = TRY(m_storage.open(name));
        auto const size = file->size();
        reading.files.push_back({ .file = std::move(file), .size = size });
    }
    if (mode == Mode::Follow)
        reading.following = m_feed.subscribe();
    reading.last = m_last;
    return reading;
}

Result<void> ContainerLog::replay(Reading const& reading, std::function<Result<void>(LogLine const&)> const& take)
{
    for (auto const& [file, end] : reading.files)
        TRY(replay_file(*file, end, take));
    return {};
}

}
