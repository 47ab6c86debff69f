#include "sim/trace/TraceFile.h"

#include "sim/trace/EventCodec.h"
#include "sim/trace/EventJson.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

namespace drydock::trace {

namespace {

using codec::Json;

constexpr std::size_t longest_line = 16 << 20;

// Source::file points to text that lives as long as the program; what a file names has to be kept somewhere.
char const* interned(std::string file)
{
    static std::mutex mutex;
    static std::set<std::string> files;
    std::lock_guard const lock(mutex);
    return files.insert(std::move(file)).first->c_str();
}

Source parse_source(std::string const& text)
{
    Source source;
    auto const colon = text.rfind(':');
    if (colon == std::string::npos)
        return { interned(text), 0 };
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), source.line);
    source.file = interned(text.substr(0, colon));
    return source;
}

Result<Json> parse_object(std::string const& line)
{
    if (line.size() > longest_line)
        return fail(ErrorKind::LimitExceeded, fmt::format("longer than {} bytes", longest_line));
    auto json = Json::parse(line, nullptr, false);
    if (json.is_discarded() || !json.is_object())
        return fail(ErrorKind::InvalidInput, "not a JSON object (was the file cut off?)");
    return json;
}

template <class T> Result<T> member(Json const& line, char const* name)
{
    auto const found = line.find(name);
    if (found == line.end())
        return fail(ErrorKind::InvalidInput, fmt::format("missing key \"{}\"", name));
    return TRY_WITH(fmt::format("key \"{}\"", name), codec::decode<T>(*found));
}

Result<void> check_header(std::string const& line)
{
    auto const header = TRY(parse_object(line));
    auto const version = TRY(member<std::int64_t>(header, "drydock_trace"));
    if (version != trace_format_version)
        return fail(ErrorKind::NotSupported,
            fmt::format("trace format version {}; this program reads version {}", version, trace_format_version));
    return {};
}

// Records of one actor share one Origin, as they do when they are published.
class Origins {
public:
    std::shared_ptr<Origin const> find_or_make(Origin origin)
    {
        auto key = std::tuple { origin.host, origin.actor, origin.provenance };
        auto& slot = m_origins[std::move(key)];
        if (!slot)
            slot = std::make_shared<Origin const>(std::move(origin));
        return slot;
    }

private:
    std::map<std::tuple<HostId, ActorId, Provenance>, std::shared_ptr<Origin const>> m_origins;
};

Result<Record> parse_record(std::string const& text, Origins& origins)
{
    auto const line = TRY(parse_object(text));
    auto const name = TRY(member<std::string>(line, "event"));
    auto const data = line.find("data");
    if (data == line.end())
        return fail(ErrorKind::InvalidInput, "missing key \"data\"");
    Timestamp const time { TRY(member<std::int64_t>(line, "t")) };
    auto const span = TRY(member<SpanId>(line, "span"));
    auto host = TRY(member<HostId>(line, "host"));
    auto actor = TRY(member<ActorId>(line, "actor"));
    auto const provenance = TRY(member<Provenance>(line, "provenance"));
    auto const source = parse_source(TRY(member<std::string>(line, "source")));
    auto event = TRY(codec::decode_event(name, *data));
    return Record { .sequence = 0,
        .time = time,
        .span = span,
        .origin
        = origins.find_or_make({ .host = std::move(host), .actor = std::move(actor), .provenance = provenance }),
        .source = source,
        .event = std::move(event) };
}

}

TraceWriter::TraceWriter(std::ostream& out)
    : m_out(out)
{
    m_out << Json::object({ { "drydock_trace", trace_format_version } }).dump() << '\n';
}

Result<void> TraceWriter::write_new(EventLog const& log)
{
    for (auto const size = log.size(); m_written < size; ++m_written)
        m_out << to_json(log[m_written]) << '\n';
    m_out.flush();
    if (!m_out)
        return fail(ErrorKind::Io, fmt::format("writing the trace stopped near record {}", m_written));
    return {};
}

Result<void> save_trace(EventLog const& log, std::string const& path)
{
    std::ofstream file(path, std::ios::binary);
    if (!file)
        return fail(Error::from_errno("open(2)", errno).with_context("writing trace " + path));
    TRY_WITH("writing trace " + path, TraceWriter(file).write_new(log));
    return {};
}

Result<void> read_trace(std::istream& in, EventLog& log)
{
    std::string line;
    if (!std::getline(in, line))
        return fail(ErrorKind::InvalidInput, "line 1: the file is empty");
    TRY_WITH("line 1", check_header(line));
    Origins origins;
    for (std::uint64_t number = 2; std::getline(in, line); ++number)
        log.append(TRY_WITH(fmt::format("line {}", number), parse_record(line, origins)));
    return {};
}

Result<std::unique_ptr<EventLog>> load_trace(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(Error::from_errno("open(2)", errno).with_context("reading trace " + path));
    auto log = std::make_unique<EventLog>();
    TRY_WITH("reading trace " + path, read_trace(file, *log));
    return log;
}

}
