#include "engine/layer/LayerIndex.h"

#include "sim/oci/Digest.h"

#include <charconv>
#include <optional>

namespace drydock::layer {

namespace {

constexpr std::string_view header_word = "drydock-layer-index";
constexpr std::string_view version = "1";
constexpr std::string_view type_letters = "fdlhcbp"; // in the order of FileType
constexpr std::size_t index_piece = 256 * 1024;

tl::unexpected<Error> corrupt_index(std::string_view why)
{
    return fail(ErrorKind::Corrupt, "layer index is corrupt: " + std::string(why));
}

void append_escaped(std::string& line, std::string_view text)
{
    for (auto const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '%' && c != '=') {
            line += c;
            continue;
        }
        line += '%';
        line += "0123456789abcdef"[byte >> 4U];
        line += "0123456789abcdef"[byte & 15U];
    }
}

std::optional<std::string> unescaped(std::string_view text)
{
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        unsigned byte = 0;
        auto const digits = text.substr(i + 1, 2);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16).ptr != text.data() + i + 3)
            return std::nullopt;
        plain += static_cast<char>(byte);
        i += 2;
    }
    return plain;
}

void append_line(std::string& text, Entry const& entry)
{
    text += type_letters[static_cast<std::size_t>(entry.type)];
    for (auto const number : { std::int64_t { entry.mode }, std::int64_t { entry.uid }, std::int64_t { entry.gid },
             static_cast<std::int64_t>(entry.size), entry.mtime, std::int64_t { entry.device_major },
             std::int64_t { entry.device_minor }, static_cast<std::int64_t>(entry.offset) }) {
        text += ' ';
        text += std::to_string(number);
    }
    for (auto const* name : { &entry.path, &entry.link }) {
        text += ' ';
        append_escaped(text, *name);
    }
    for (auto const& [key, value] : entry.xattrs) {
        text += ' ';
        append_escaped(text, key);
        text += '=';
        append_escaped(text, value);
    }
    text += '\n';
}

// Takes the words of a line one by one; `ok` is false from the first that is not there or not a number.
class Words {
public:
    explicit Words(std::string_view line)
        : m_rest(line)
    {
    }
    bool ok() const { return m_ok; }
    bool at_end() const { return m_ended; }

    std::string_view word()
    {
        m_ok = m_ok && !m_ended;
        auto const space = m_rest.find(' ');
        auto const word = m_rest.substr(0, space);
        m_ended = space == std::string_view::npos;
        m_rest = m_ended ? std::string_view() : m_rest.substr(space + 1);
        return word;
    }
    template <class Number> Number number()
    {
        Number value {};
        auto const text = word();
        auto const* const end = text.data() + text.size();
        m_ok = m_ok && std::from_chars(text.data(), end, value).ptr == end && !text.empty();
        return value;
    }
    std::string name()
    {
        auto plain = unescaped(word());
        m_ok = m_ok && plain.has_value();
        return std::move(plain).value_or(std::string());
    }

private:
    std::string_view m_rest;
    bool m_ok { true };
    bool m_ended { false };
};

std::optional<Entry> parse_line(std::string_view line)
{
    Words words(line);
    Entry entry;
    auto const letter = words.word();
    auto const type = letter.size() == 1 ? type_letters.find(letter) : std::string_view::npos;
    if (type == std::string_view::npos)
        return std::nullopt;
    entry.type = static_cast<FileType>(type);
    entry.mode = words.number<std::uint32_t>();
    entry.uid = words.number<std::uint32_t>();
    entry.gid = words.number<std::uint32_t>();
    entry.size = words.number<std::uint64_t>();
    entry.mtime = words.number<std::int64_t>();
    entry.device_major = words.number<std::uint32_t>();
    entry.device_minor = words.number<std::uint32_t>();
    entry.offset = words.number<std::uint64_t>();
    entry.path = words.name();
    entry.link = words.name();
    while (words.ok() && !words.at_end()) {
        auto const pair = words.word();
        auto const equals = pair.find('=');
        auto key = unescaped(pair.substr(0, equals));
        auto value = equals == std::string_view::npos ? std::nullopt : unescaped(pair.substr(equals + 1));
        if (!key || !value)
            return std::nullopt;
        entry.xattrs.emplace(std::move(*key), std::move(*value));
    }
    return words.ok() ? std::optional(std::move(entry)) : std::nullopt;
}

// Calls `take` with each line, without its end; false from `take` ends the reading as damage.
Result<void> for_each_line(
    content::ReadableFile const& file, std::function<Result<void>(std::string_view line)> const& take)
{
    std::string buffer(index_piece, '\0');
    std::string pending;
    for (std::uint64_t offset = 0;;) {
        auto const count = TRY(file.read_at(offset, buffer));
        if (count == 0)
            break;
        offset += count;
        pending.append(buffer, 0, count);
        std::size_t start = 0;
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', start)) {
            TRY(take(std::string_view(pending).substr(start, end - start)));
            start = end + 1;
        }
        pending.erase(0, start);
    }
    if (!pending.empty())
        return corrupt_index("the last line is cut");
    return {};
}

}

Result<void> write_index(content::AppendableFile& file, std::uint64_t tar_size, std::vector<Entry> const& entries)
{
    oci::Hasher hasher;
    auto text = std::string(header_word) + " " + std::string(version) + " " + std::to_string(tar_size) + "\n";
    auto const flush = [&]() -> Result<void> {
        hasher.update(text);
        TRY(file.append(text));
        text.clear();
        return {};
    };
    for (auto const& entry : entries) {
        append_line(text, entry);
        if (text.size() >= index_piece)
            TRY(flush());
    }
    TRY(flush());
    return file.append("end " + hasher.finish().to_string() + "\n");
}

Result<LayerIndex> read_index(content::ReadableFile const& file)
{
    LayerIndex index;
    oci::Hasher hasher;
    bool begun = false;
    bool ended = false;
    TRY(for_each_line(file, [&](std::string_view line) -> Result<void> {
        if (ended)
            return corrupt_index("something follows its end");
        if (line.starts_with("end ")) {
            ended = line.substr(4) == hasher.finish().to_string();
            return ended ? Result<void>() : corrupt_index("its digest does not match");
        }
        hasher.update(line);
        hasher.update("\n");
        if (!begun) {
            Words words(line);
            begun = words.word() == header_word && words.word() == version;
            index.tar_size = words.number<std::uint64_t>();
            return begun && words.ok() ? Result<void>() : corrupt_index("unknown version");
        }
        auto entry = parse_line(line);
        if (!entry)
            return corrupt_index("line \"" + std::string(line.substr(0, 80)) + "\"");
        index.entries.push_back(std::move(*entry));
        return {};
    }));
    if (!ended)
        return corrupt_index("it has no end");
    return index;
}

}
