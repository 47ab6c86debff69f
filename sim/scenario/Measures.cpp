#include "sim/scenario/Measures.h"

#include "sim/trace/EventJson.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace drydock::scenario {

namespace {

// Adds up one number over the events of type E that were published from `since` on.
template <class E, class F> std::uint64_t sum(trace::EventLog const& log, std::uint64_t since, F value)
{
    std::uint64_t total = 0;
    for (auto i = since; i < log.size(); ++i) {
        if (auto const* event = log[i].event.get_if<E>())
            total += static_cast<std::uint64_t>(value(*event));
    }
    return total;
}

template <class E> std::uint64_t count_of(trace::EventLog const& log, std::uint64_t since)
{
    return sum<E>(log, since, [](E const&) { return 1; });
}

// The last event of type E from `since` on that `fits`; null where there is none.
template <class E, class F> E const* last_of(trace::EventLog const& log, std::uint64_t since, F fits)
{
    for (auto i = log.size(); i > since; --i) {
        auto const* event = log[i - 1].event.get_if<E>();
        if (event != nullptr && fits(*event))
            return event;
    }
    return nullptr;
}

bool is_like(trace::Event const& event, EventLike const& wanted)
{
    if (trace::name_of(event) != wanted.event)
        return false;
    if (wanted.where.empty())
        return true;
    auto const fields = trace::field_texts(event);
    return std::all_of(wanted.where.begin(), wanted.where.end(), [&](auto const& condition) {
        return std::any_of(fields.begin(), fields.end(), [&](trace::FieldText const& field) {
            return field.name == condition.first && field.value.find(condition.second) != std::string::npos;
        });
    });
}

// Where the Engine API tells of it: "container:web" is at "/containers/web/json".
std::string path_of(std::string_view object)
{
    auto const colon = object.find(':');
    auto const kind = object.substr(0, colon);
    auto const name = object.substr(colon + 1);
    if (kind == "container" || kind == "image")
        return fmt::format("/{}s/{}/json", kind, name);
    return fmt::format("/{}s/{}", kind, name);
}

std::string as_text(nlohmann::json const& value)
{
    return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump();
}

// "Mounts.0.Source": one step after the other. What is not there is null.
nlohmann::json step_into(nlohmann::json value, std::string_view path)
{
    while (!path.empty()) {
        auto const dot = std::min(path.find('.'), path.size());
        auto const key = path.substr(0, dot);
        path.remove_prefix(std::min(dot + 1, path.size()));
        auto const index = number_of(std::string(key));
        if (value.is_array() && index && *index >= 0 && static_cast<std::size_t>(*index) < value.size())
            value = nlohmann::json(value[static_cast<std::size_t>(*index)]);
        else if (auto const member = value.is_object() ? value.find(key) : value.end(); member != value.end())
            value = nlohmann::json(*member);
        else
            return nullptr;
    }
    return value;
}

}

std::optional<std::int64_t> number_of(std::string const& text)
{
    std::int64_t number = 0;
    auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    return wrong == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::uint64_t count_like(trace::EventLog const& log, std::uint64_t since, EventLike const& wanted)
{
    std::uint64_t seen = 0;
    for (auto i = since; i < log.size(); ++i)
        seen += is_like(log[i].event, wanted) ? 1U : 0U;
    return seen;
}

std::string described(EventLike const& like)
{
    std::string words = like.event;
    for (auto const& [field, text] : like.where)
        words += fmt::format(" with {} {}", field, text);
    return words;
}

Judge::Before Judge::before(Prediction const& prediction)
{
    Before before { .records = m_engine.log().size(), .field = {} };
    if (prediction.measure == Measure::Change)
        before.field = read_field(prediction.field).value_or("");
    return before;
}

std::string Judge::answer(Prediction const& prediction, Before const& before)
{
    catch_up();
    auto const& log = m_engine.log();
    auto const since = before.records;
    auto const any = [](auto const&) { return true; };
    switch (prediction.measure) {
    case Measure::ExitCode: {
        auto const* exited = last_of<trace::ContainerExited>(log, since, any);
        return exited == nullptr ? "none" : std::to_string(exited->exit_code);
    }
    case Measure::Status: {
        auto const* finished = last_of<trace::CommandFinished>(log, since, any);
        return finished == nullptr ? "none" : std::to_string(finished->exit_code);
    }
    case Measure::FailedOn: {
        for (auto i = since; i < log.size(); ++i) {
            if (auto const* finished = log[i].event.get_if<trace::CommandFinished>();
                finished != nullptr && finished->exit_code != 0)
                return log[i].origin->host.value;
        }
        return "none";
    }
    case Measure::Printed: return last_printed(since);
    case Measure::Events: return std::to_string(count_like(log, since, prediction.event));
    case Measure::Kernels: return std::to_string(kernels());
    case Measure::Holder: return holder(prediction.field);
    case Measure::Inspect: return read_field(prediction.field).value_or("none");
    case Measure::Change: {
        auto const now = read_field(prediction.field).value_or("");
        auto const number = number_of(now), number_before = number_of(before.field);
        if (now == before.field)
            return "stays";
        return number && number_before ? *number > *number_before ? "grows" : "shrinks" : "changes";
    }
    case Measure::BytesCopiedUp:
    case Measure::FilesCopiedUp:
    case Measure::Whiteouts:
    case Measure::LayersTransferred:
    case Measure::LayersSkipped:
    case Measure::BytesTransferred:
    case Measure::NamespacesCreated:
    case Measure::ContainersLeft: return std::to_string(count(prediction.measure, since));
    }
    return {};
}

// The last line that is not empty of what the last command has printed.
std::string Judge::last_printed(std::uint64_t since) const
{
    auto const& log = m_engine.log();
    std::string text;
    for (auto i = since; i < log.size(); ++i) {
        if (log[i].event.get_if<trace::CommandEntered>() != nullptr)
            text.clear();
        if (auto const* printed = log[i].event.get_if<trace::CommandPrinted>())
            text += printed->text;
    }
    auto const end = text.find_last_not_of("\r\n ");
    if (end == std::string::npos)
        return "nothing";
    text.resize(end + 1);
    auto const line = text.find_last_of("\r\n");
    return line == std::string::npos ? text : text.substr(line + 1);
}

std::int64_t Judge::kernels() const
{
    auto const guests = std::count_if(m_world.guest_machines.begin(), m_world.guest_machines.end(),
        [](auto const& item) { return !item.second.stopped.has_value(); });
    return static_cast<std::int64_t>(m_world.machines.size()) + guests;
}

Result<std::string> Judge::read_field(Field const& field)
{
    auto const body = TRY(m_engine.look(m_engine.host_called(field.on), path_of(field.object)));
    auto const parsed = nlohmann::json::parse(body, nullptr, false);
    if (parsed.is_discarded())
        return fail(ErrorKind::InvalidInput, "what the daemon says of " + field.object + " is no JSON");
    return as_text(step_into(parsed, field.path));
}

std::uint64_t Judge::count(Measure measure, std::uint64_t since) const
{
    auto const& log = m_engine.log();
    if (measure == Measure::BytesCopiedUp)
        return sum<trace::FileCopiedUp>(log, since, [](auto const& e) { return e.bytes; });
    if (measure == Measure::FilesCopiedUp) // a directory is lifted along with its first file, but has no bytes to copy
        return sum<trace::FileCopiedUp>(log, since, [](auto const& e) { return e.bytes > 0 ? 1U : 0U; });
    if (measure == Measure::Whiteouts)
        return count_of<trace::WhiteoutMade>(log, since);
    if (measure == Measure::LayersTransferred)
        return count_of<trace::LayerIndexed>(log, since)
            + sum<trace::BlobTransferStarted>(
                log, since, [&](auto const& e) { return is_registry(e.to) && is_layer(e.digest) ? 1U : 0U; });
    if (measure == Measure::LayersSkipped)
        return count_of<trace::BlobSkipped>(log, since);
    if (measure == Measure::BytesTransferred)
        return sum<trace::BlobStored>(log, since, [](auto const& e) { return e.size; });
    if (measure == Measure::NamespacesCreated)
        return count_of<trace::NamespaceCreated>(log, since);
    auto const is_left = [](auto const& item) { return item.second.state != world::ContainerState::Removed; };
    return static_cast<std::uint64_t>(std::count_if(m_world.containers.begin(), m_world.containers.end(), is_left));
}

bool Judge::is_registry(ActorId const& id) const
{
    auto const actor = m_world.actors.find(id);
    return actor != m_world.actors.end() && actor->second.role == trace::ActorRole::Registry;
}

bool Judge::is_layer(oci::Digest const& blob) const
{
    return std::any_of(m_world.hosts.begin(), m_world.hosts.end(), [&](auto const& host) {
        auto const& layers = host.second.layers;
        return std::any_of(layers.begin(), layers.end(), [&](auto const& layer) { return layer.second.blob == blob; });
    });
}

}
