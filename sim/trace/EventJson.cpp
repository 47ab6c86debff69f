#include "sim/trace/EventJson.h"

#include "sim/trace/EventCodec.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace drydock::trace {

namespace codec {

namespace {
bool is_utf8(std::string const& text)
{
    if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return true;
    // The library's own serializer is the judge, so that what we call UTF-8 it will not refuse.
    try {
        static_cast<void>(Json(text).dump());
        return true;
    } catch (Json::exception const&) {
        return false;
    }
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

Result<std::string> from_hex(std::string const& hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        auto const high = hex_value(hex[i]);
        auto const low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0)
            return fail(ErrorKind::InvalidInput, "\"hex\" holds something else than 0-9 and a-f");
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    if (hex.size() % 2 != 0)
        return fail(ErrorKind::InvalidInput, "\"hex\" holds an odd number of digits");
    return bytes;
}
}

Json encode_text(std::string const& text)
{
    if (is_utf8(text))
        return text;
    std::string hex;
    for (char const c : text)
        hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return Json::object({ { "hex", hex } });
}

Result<std::string> decode_text(Json const& json)
{
    if (json.is_string())
        return json.get<std::string>();
    if (json.is_object() && json.size() == 1 && json.contains("hex") && json["hex"].is_string())
        return from_hex(json["hex"].get<std::string>());
    return wrong_type("text", json);
}

void put(Json& object, std::string_view name, Json value)
{
    object[std::string(name)] = std::move(value);
}

tl::unexpected<Error> wrong_type(std::string_view expected, Json const& found)
{
    auto shown = found.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 40);
    return fail(ErrorKind::InvalidInput, fmt::format("expected {}, found {}", expected, shown));
}

FieldReader::FieldReader(Json const& object)
    : m_object(object)
{
    if (!object.is_object())
        note(wrong_type("an object", object).value());
}

Json const* FieldReader::find(std::string_view name)
{
    m_known += (m_known.empty() ? "" : ", ") + std::string(name);
    auto const found = m_object.find(std::string(name));
    if (found == m_object.end()) {
        note({ ErrorKind::InvalidInput, "missing field \"" + std::string(name) + "\"" });
        return nullptr;
    }
    ++m_taken;
    return &*found;
}

void FieldReader::note(Error error)
{
    if (!m_error)
        m_error = std::move(error);
}

Result<void> FieldReader::finish()
{
    if (!m_error && m_taken != m_object.size())
        note({ ErrorKind::InvalidInput, "fields that are not known to (" + m_known + ")" });
    if (m_error)
        return fail(*std::move(m_error));
    return {};
}

Json encode_event(Event const& event)
{
    return event.visit([](auto const& e) { return encode(e); });
}

namespace {
using EventDecoder = Event (*)(FieldReader&);

template <class... E> std::map<std::string_view, EventDecoder> make_decoders(TypeList<E...>)
{
    return { { E::name_of_type, [](FieldReader& reader) -> Event { return E::from_fields(reader); } }... };
}
}

Result<Event> decode_event(std::string_view name, Json const& data)
{
    static auto const decoders = make_decoders(EventTypes {});
    auto const decoder = decoders.find(name);
    if (decoder == decoders.end())
        return fail(ErrorKind::InvalidInput, fmt::format("unknown event \"{}\"", name));
    FieldReader reader(data);
    auto event = decoder->second(reader);
    TRY_WITH(name, reader.finish());
    return event;
}

}

namespace {

std::string text_of(codec::Json const& json)
{
    if (json.is_string())
        return json.get<std::string>();
    if (!json.is_array())
        return json.dump();
    std::string text;
    for (auto const& element : json)
        text += (text.empty() ? "" : ", ") + text_of(element);
    return text;
}

}

std::string to_json(Event const& event)
{
    return codec::encode_event(event).dump();
}

Result<Event> event_from_json(std::string_view name, std::string_view json)
{
    auto const parsed = codec::Json::parse(json, nullptr, false);
    if (parsed.is_discarded())
        return fail(ErrorKind::InvalidInput, "not JSON");
    return codec::decode_event(name, parsed);
}

std::string to_json(Record const& record)
{
    codec::Json line {
        { "t", record.time.nanoseconds },
        { "span", record.span.value },
        { "host", codec::encode(record.origin->host) },
        { "actor", codec::encode(record.origin->actor) },
        { "provenance", codec::encode(record.origin->provenance) },
        { "source", fmt::format("{}:{}", record.source.file, record.source.line) },
        { "event", std::string(name_of(record.event)) },
        { "data", codec::encode_event(record.event) },
    };
    return line.dump();
}

std::vector<FieldText> field_texts(Event const& event)
{
    std::vector<FieldText> texts;
    auto const fields = codec::encode_event(event);
    for (auto const& [name, value] : fields.items())
        texts.push_back({ name, text_of(value) });
    return texts;
}

std::string_view to_string(Provenance provenance)
{
    return codec::names_of<Provenance>().at(static_cast<std::size_t>(provenance));
}

std::string_view to_string(ActorRole role)
{
    return codec::names_of<ActorRole>().at(static_cast<std::size_t>(role));
}

std::string_view to_string(Verified what)
{
    return codec::names_of<Verified>().at(static_cast<std::size_t>(what));
}

}
