#include "engine/layer/TarReader.h"

#include "engine/layer/Limits.h"
#include "engine/layer/MemberName.h"
#include "engine/layer/TarNumbers.h"

#include <algorithm>
#include <limits>

namespace drydock::layer {

namespace {

// Offsets and lengths of the header's fields: pax(1), "ustar Header Block".
struct Field {
    std::size_t offset;
    std::size_t length;
    std::string_view in(std::string_view block) const { return block.substr(offset, length); }
    // Up to the first NUL.
    std::string_view text_in(std::string_view block) const
    {
        auto const whole = in(block);
        return whole.substr(0, whole.find('\0'));
    }
};
constexpr Field name_field { 0, 100 };
constexpr Field mode_field { 100, 8 };
constexpr Field uid_field { 108, 8 };
constexpr Field gid_field { 116, 8 };
constexpr Field size_field { 124, 12 };
constexpr Field mtime_field { 136, 12 };
constexpr Field checksum_field { 148, 8 };
constexpr std::size_t type_offset = 156;
constexpr Field link_field { 157, 100 };
constexpr Field magic_field { 257, 6 };
constexpr Field major_field { 329, 8 };
constexpr Field minor_field { 337, 8 };
constexpr Field prefix_field { 345, 155 };

tl::unexpected<Error> refused(ErrorKind kind, std::string_view member, std::string_view why)
{
    return fail(kind, "layer member \"" + printable(member) + "\": " + std::string(why));
}

// The sum of all bytes, with the checksum's own taken as spaces. Some old writers summed signed bytes.
bool checksum_matches(std::string_view block, std::int64_t expected)
{
    std::int64_t as_unsigned = 0;
    std::int64_t as_signed = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        auto const in_checksum = i >= checksum_field.offset && i < checksum_field.offset + checksum_field.length;
        auto const c = in_checksum ? ' ' : block[i];
        as_unsigned += static_cast<unsigned char>(c);
        as_signed += static_cast<signed char>(c);
    }
    return expected == as_unsigned || expected == as_signed;
}

std::string header_name(std::string_view block)
{
    auto const name = name_field.text_in(block);
    // Only POSIX ustar has a prefix; GNU's magic is "ustar " and keeps other things there.
    if (magic_field.in(block) != std::string_view("ustar\0", 6))
        return std::string(name);
    auto const prefix = prefix_field.text_in(block);
    return prefix.empty() ? std::string(name) : std::string(prefix) + "/" + std::string(name);
}

Result<FileType> file_type(char type, std::string_view name)
{
    switch (type) {
    case '\0': return name.ends_with('/') ? FileType::Directory : FileType::Regular; // v7 knew no directories
    case '0':
    case '7': return FileType::Regular; // '7': contiguous, a hint only
    case '1': return FileType::HardLink;
    case '2': return FileType::Symlink;
    case '3': return FileType::CharDevice;
    case '4': return FileType::BlockDevice;
    case '5': return FileType::Directory;
    case '6': return FileType::Fifo;
    case 'S': return refused(ErrorKind::NotSupported, name, "sparse files are refused");
    default:
        return refused(ErrorKind::NotSupported, name, "unknown type \"" + printable(std::string_view(&type, 1)) + "\"");
    }
}

Result<std::uint32_t> checked_id(std::int64_t id, std::string_view what, std::string_view member)
{
    // 2^32-1 means "no id" to chown(2), and wrapping a larger one makes 2^32 into root (CVE-2024-40635).
    if (id < 0 || id > std::numeric_limits<std::uint32_t>::max() - 1LL)
        return refused(
            ErrorKind::InvalidInput, member, std::string(what) + " " + std::to_string(id) + " is outside 0 to 2^32-2");
    return static_cast<std::uint32_t>(id);
}

std::uint32_t device_number(std::string_view field)
{
    auto const number = parse_number(field).value_or(0); // unused by anything that is not a device
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::uint32_t>::max()));
}

// An image's own word on how the overlay stacks it would let it hide or re-expose files (HARDENING T3); SELinux
// labels are the host's business.
bool is_forbidden_xattr(std::string_view name)
{
    return name.starts_with("trusted.overlay.") || name.starts_with("user.overlay.") || name == "security.selinux";
}

std::uint64_t padded(std::uint64_t size)
{
    return (size + 511) & ~std::uint64_t { 511 };
}

}

Result<void> TarReader::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        if (m_skip > 0) {
            auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(m_skip, bytes.size()));
            if (m_state == State::Extension)
                m_extension.append(bytes.substr(0, count));
            m_position += count;
            m_skip -= count;
            bytes.remove_prefix(count);
            if (m_skip == 0 && m_state == State::Extension)
                TRY(end_extension());
            continue;
        }
        if (m_state == State::Ended) {
            // What follows the end marker belongs to the digest, but no reader may see members there.
            m_position += bytes.size();
            return {};
        }
        auto const count = std::min(block_bytes - m_partial.size(), bytes.size());
        m_position += count;
        if (m_partial.empty() && count == block_bytes) {
            TRY(take_block(bytes.substr(0, count)));
        } else {
            m_partial.append(bytes.substr(0, count));
            if (m_partial.size() == block_bytes) {
                auto const block = std::exchange(m_partial, {});
                TRY(take_block(block));
            }
        }
        bytes.remove_prefix(count);
    }
    return {};
}

Result<void> TarReader::take_block(std::string_view block)
{
    auto const is_zero = block.find_first_not_of('\0') == std::string_view::npos;
    if (is_zero) {
        m_state = m_state == State::OneZeroBlock ? State::Ended : State::OneZeroBlock;
        return {};
    }
    if (m_state == State::OneZeroBlock)
        return fail(ErrorKind::InvalidInput,
            "layer tar: a header follows a zero block at byte " + std::to_string(m_position - block_bytes));
    return take_header(block);
}

Result<void> TarReader::take_header(std::string_view block)
{
    auto const checksum = parse_number(checksum_field.in(block));
    if (!checksum || !checksum_matches(block, *checksum))
        return fail(
            ErrorKind::InvalidInput, "layer tar: no valid header at byte " + std::to_string(m_position - block_bytes));
    auto const size = parse_number(size_field.in(block));
    if (!size || *size < 0)
        return refused(ErrorKind::InvalidInput, member_name(block), "the size is no number");
    auto const type = block[type_offset];
    if (type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K')
        return begin_extension(type, static_cast<std::uint64_t>(*size));
    return begin_member(block, type, static_cast<std::uint64_t>(*size));
}

Result<void> TarReader::begin_extension(char type, std::uint64_t size)
{
    if (size > limits::extended_header_bytes)
        return fail(ErrorKind::LimitExceeded,
            "layer tar: an extended header of " + std::to_string(size) + " bytes; the limit is "
                + std::to_string(limits::extended_header_bytes));
    m_extension_type = type;
    m_extension_size = size;
    m_extension.clear();
    m_state = State::Extension;
    m_skip = padded(size);
    return m_skip == 0 ? end_extension() : Result<void>();
}

Result<void> TarReader::end_extension()
{
    m_state = State::Member;
    m_extension.resize(m_extension_size); // without the padding
    auto const text = std::string_view(m_extension);
    if (m_extension_type == 'L')
        m_extensions.gnu_name = text.substr(0, text.find('\0'));
    else if (m_extension_type == 'K')
        m_extensions.gnu_link = text.substr(0, text.find('\0'));
    else if (m_extension_type == 'x' || m_extension_type == 'X')
        m_extensions.pax = TRY(parse_pax_records(text));
    // 'g', defaults for all that follows, is ignored as docker and containerd do: a layer's members speak for
    // themselves.
    return {};
}

// Where both GNU and pax give a long name, GNU's counts, as in Go's archive/tar, which docker uses.
std::string TarReader::member_name(std::string_view block) const
{
    if (m_extensions.gnu_name)
        return *m_extensions.gnu_name;
    auto const path = m_extensions.pax.find("path");
    return path == m_extensions.pax.end() ? header_name(block) : path->second;
}

Result<void> TarReader::begin_member(std::string_view block, char type, std::uint64_t header_size)
{
    auto const name = member_name(block);
    auto entry = TRY(read_fields(block, name));
    entry.type = TRY(file_type(type, name));
    entry.size = header_size;
    TRY(apply_pax(entry));
    if (m_extensions.gnu_link)
        entry.link = *m_extensions.gnu_link;
    m_extensions = {};

    // Only regular files have content; other types may carry a size that means nothing.
    if (entry.type != FileType::Regular)
        entry.size = 0;
    if (entry.type != FileType::CharDevice && entry.type != FileType::BlockDevice)
        entry.device_major = entry.device_minor = 0;
    if (entry.type == FileType::HardLink)
        entry.link = TRY(clean_path(entry.link));
    else if (entry.type != FileType::Symlink)
        entry.link.clear();
    TRY(check_member(entry));
    return keep(std::move(entry));
}

// What the header block itself says; numbers that pax replaces need not be valid there.
Result<Entry> TarReader::read_fields(std::string_view block, std::string const& name) const
{
    Entry entry;
    entry.path = TRY(clean_path(name));
    entry.mode = static_cast<std::uint32_t>(parse_number(mode_field.in(block)).value_or(0)) & 07777U;
    entry.mtime = clamp_seconds(parse_number(mtime_field.in(block)).value_or(0));
    entry.link = link_field.text_in(block);
    entry.device_major = device_number(major_field.in(block));
    entry.device_minor = device_number(minor_field.in(block));
    if (!m_extensions.pax.contains("uid"))
        entry.uid = TRY(checked_id(parse_number(uid_field.in(block)).value_or(-1), "uid", name));
    if (!m_extensions.pax.contains("gid"))
        entry.gid = TRY(checked_id(parse_number(gid_field.in(block)).value_or(-1), "gid", name));
    return entry;
}

Result<void> TarReader::keep(Entry entry)
{
    if (entry.size > limits::unpacked_bytes)
        return refused(ErrorKind::LimitExceeded, entry.path, "claims " + std::to_string(entry.size) + " bytes");
    m_index_bytes += sizeof(Entry) + entry.path.size() + entry.link.size();
    for (auto const& [key, value] : entry.xattrs)
        m_index_bytes += key.size() + value.size();
    if (m_index_bytes > limits::index_bytes)
        return refused(ErrorKind::LimitExceeded, entry.path,
            "with " + std::to_string(m_entries.size()) + " members before it, the layer's index would not fit into "
                + std::to_string(limits::index_bytes) + " bytes");
    entry.offset = m_position;
    m_skip = padded(entry.size);
    m_state = State::Member;
    m_entries.push_back(std::move(entry));
    return {};
}

// Each record overrides the header's field (pax(1), "pax Extended Header").
Result<void> TarReader::apply_pax(Entry& entry) const
{
    auto const number = [&](std::string const& key, std::string const& value) -> Result<std::int64_t> {
        auto const parsed = parse_decimal(value);
        if (!parsed)
            return refused(ErrorKind::InvalidInput, entry.path, "pax " + key + " is no number");
        return *parsed;
    };
    for (auto const& [key, value] : m_extensions.pax) {
        if (key == "linkpath") {
            entry.link = value;
        } else if (key == "size") {
            auto const size = TRY(number(key, value));
            if (size < 0)
                return refused(ErrorKind::InvalidInput, entry.path, "pax size is negative");
            entry.size = static_cast<std::uint64_t>(size);
        } else if (key == "uid") {
            auto const uid = TRY(number(key, value));
            entry.uid = TRY(checked_id(uid, "uid", entry.path));
        } else if (key == "gid") {
            auto const gid = TRY(number(key, value));
            entry.gid = TRY(checked_id(gid, "gid", entry.path));
        } else if (key == "mtime") {
            entry.mtime = parse_pax_time(value).value_or(entry.mtime);
        } else if (key.starts_with("GNU.sparse.")) {
            return refused(ErrorKind::NotSupported, entry.path, "sparse files are refused");
        } else if (auto const prefix = std::string_view("SCHILY.xattr."); key.starts_with(prefix)) {
            auto const name = key.substr(prefix.size());
            if (name.empty() || name.size() > limits::name_bytes || value.size() > limits::xattr_bytes)
                return refused(ErrorKind::InvalidInput, entry.path, "an extended attribute that Linux cannot hold");
            if (!is_forbidden_xattr(name))
                entry.xattrs[name] = value;
        }
    }
    return {};
}

Result<std::vector<Entry>> TarReader::finish()
{
    if (m_skip > 0 && m_state == State::Member)
        return fail(ErrorKind::Corrupt, "layer tar ends in the middle of \"" + printable(m_entries.back().path) + "\"");
    if (m_skip > 0 || !m_partial.empty())
        return fail(ErrorKind::Corrupt, "layer tar ends in the middle of a header");
    if (m_extensions.any())
        return fail(ErrorKind::Corrupt, "layer tar ends after an extended header");
    return std::move(m_entries);
}

}
