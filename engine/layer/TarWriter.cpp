#include "engine/layer/TarWriter.h"

#include "sim/core/Verify.h"

#include <algorithm>
#include <map>

namespace drydock::layer {

namespace {

constexpr std::size_t block_bytes = 512;

// pax(1), "ustar Header Block". Each text field may fill its length without a NUL.
struct Header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char user[32];
    char group[32];
    char major[8];
    char minor[8];
    char prefix[155];
    char padding[12];
};
static_assert(sizeof(Header) == block_bytes);

char type_flag(FileType type)
{
    switch (type) {
    case FileType::Regular: return '0';
    case FileType::HardLink: return '1';
    case FileType::Symlink: return '2';
    case FileType::CharDevice: return '3';
    case FileType::BlockDevice: return '4';
    case FileType::Directory: return '5';
    case FileType::Fifo: return '6';
    case FileType::Socket: break; // A tar cannot hold one: the caller leaves it out, as tar(1) does.
    }
    VERIFY(false);
}

// Zero-padded octal with a NUL at the end; false where it does not fit.
template <std::size_t N> bool put_octal(char (&field)[N], std::uint64_t value)
{
    for (std::size_t i = N - 1; i-- > 0; value >>= 3U)
        field[i] = static_cast<char>('0' + (value & 7U));
    field[N - 1] = '\0';
    return value == 0;
}

template <std::size_t N> bool put_text(char (&field)[N], std::string_view text)
{
    auto const fits = text.size() <= N;
    text.substr(0, N).copy(field, N);
    return fits;
}

// A long name may be split at a slash into prefix and name.
bool put_name(Header& header, std::string_view name)
{
    if (put_text(header.name, name))
        return true;
    for (auto slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
        auto const rest = name.substr(slash + 1);
        if (slash == 0 || slash > sizeof header.prefix || rest.empty() || rest.size() > sizeof header.name)
            continue;
        header = Header {};
        return put_text(header.prefix, name.substr(0, slash)) && put_text(header.name, rest);
    }
    return false;
}

std::string_view seal(Header& header, char type)
{
    header.type = type;
    put_text(header.magic, std::string_view("ustar\0", 6));
    put_text(header.version, "00");
    put_text(header.checksum, "        ");
    auto const bytes = std::string_view(reinterpret_cast<char const*>(&header), sizeof header);
    unsigned sum = 0;
    for (auto const c : bytes)
        sum += static_cast<unsigned char>(c);
    char digits[7];
    put_octal(digits, sum);
    put_text(header.checksum, { digits, sizeof digits }); // six digits, NUL, and the space that stands there
    return bytes;
}

std::size_t padding_after(std::uint64_t size)
{
    return static_cast<std::size_t>((block_bytes - size % block_bytes) % block_bytes);
}

// "LENGTH KEY=VALUE\n", where LENGTH counts itself.
std::string pax_record(std::string const& key, std::string const& value)
{
    auto const rest = " " + key + "=" + value + "\n";
    auto length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length)
        length = std::to_string(length).size() + rest.size();
    return std::to_string(length) + rest;
}

using PaxRecords = std::map<std::string, std::string>; // sorted: the same entry gives the same bytes

std::string pax_time(std::int64_t nanoseconds)
{
    auto fraction = std::to_string(nanoseconds % nanoseconds_per_second);
    fraction.insert(0, 9 - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return std::to_string(nanoseconds / nanoseconds_per_second) + "." + fraction;
}

// Fills the header and says which values need a pax record beside it.
PaxRecords fill(Header& header, Entry const& entry, std::string const& name)
{
    PaxRecords pax;
    if (!put_name(header, name))
        pax["path"] = name;
    VERIFY(put_octal(header.mode, entry.mode));
    if (!put_octal(header.uid, entry.uid))
        pax["uid"] = std::to_string(entry.uid);
    if (!put_octal(header.gid, entry.gid))
        pax["gid"] = std::to_string(entry.gid);
    if (!put_octal(header.size, entry.size))
        pax["size"] = std::to_string(entry.size);
    auto const mtime = std::max<std::int64_t>(entry.mtime, 0); // readers take what lies before 1970 for 1970
    auto const whole_seconds = put_octal(header.mtime, static_cast<std::uint64_t>(mtime / nanoseconds_per_second));
    if (!whole_seconds || mtime % nanoseconds_per_second != 0)
        pax["mtime"] = pax_time(mtime);
    if (!put_text(header.link, entry.link))
        pax["linkpath"] = entry.link;
    if (entry.type == FileType::CharDevice || entry.type == FileType::BlockDevice) {
        // Linux has 12 bits for major and 20 for minor numbers.
        VERIFY(put_octal(header.major, entry.device_major) && put_octal(header.minor, entry.device_minor));
    }
    for (auto const& [key, value] : entry.xattrs)
        pax["SCHILY.xattr." + key] = value;
    return pax;
}

std::string pax_member(PaxRecords const& pax)
{
    std::string records;
    for (auto const& [key, value] : pax)
        records += pax_record(key, value);
    Header header {};
    put_text(header.name, "PaxHeaders.0/member");
    put_octal(header.mode, 0644);
    put_octal(header.uid, 0);
    put_octal(header.gid, 0);
    put_octal(header.size, records.size());
    put_octal(header.mtime, 0);
    std::string bytes(seal(header, 'x'));
    bytes += records;
    bytes.append(padding_after(records.size()), '\0');
    return bytes;
}

std::string name_in_tar(Entry const& entry)
{
    if (entry.type != FileType::Directory)
        return entry.path;
    return entry.path.empty() ? "./" : entry.path + "/";
}

}

Result<void> TarWriter::put(std::string_view bytes)
{
    m_size += bytes.size();
    return m_sink(bytes);
}

Result<void> TarWriter::pad()
{
    static constexpr char zeros[block_bytes] {};
    return put({ zeros, padding_after(m_size) });
}

Result<void> TarWriter::begin(Entry const& entry)
{
    VERIFY(m_owed == 0);
    Header header {};
    if (auto const pax = fill(header, entry, name_in_tar(entry)); !pax.empty())
        TRY(put(pax_member(pax)));
    m_owed = entry.size;
    return put(seal(header, type_flag(entry.type)));
}

Result<void> TarWriter::write(std::string_view piece)
{
    VERIFY(piece.size() <= m_owed);
    m_owed -= piece.size();
    TRY(put(piece));
    return m_owed == 0 ? pad() : Result<void>();
}

Result<void> TarWriter::add(Entry const& entry, std::string_view content)
{
    VERIFY(content.size() == entry.size);
    TRY(begin(entry));
    return content.empty() ? Result<void>() : write(content);
}

Result<void> TarWriter::finish()
{
    VERIFY(m_owed == 0);
    static constexpr char end[2 * block_bytes] {};
    return put({ end, sizeof end });
}

void MemoryTar::add(Entry const& entry, std::string_view content)
{
    VERIFY(m_writer.add(entry, content)); // memory refuses nothing
}

std::string MemoryTar::finish()
{
    VERIFY(m_writer.finish());
    return std::move(m_bytes);
}

}
