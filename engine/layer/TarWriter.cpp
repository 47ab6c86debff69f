#include "engine/layer/TarWriter.h"

#include "sim/core/Verify.h"

#include <zlib.h>

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

void pad(std::string& bytes)
{
    bytes.resize((bytes.size() + block_bytes - 1) / block_bytes * block_bytes, '\0');
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

void append_pax(std::string& bytes, PaxRecords const& pax)
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
    bytes += seal(header, 'x');
    bytes += records;
    pad(bytes);
}

std::string name_in_tar(Entry const& entry)
{
    if (entry.type != FileType::Directory)
        return entry.path;
    return entry.path.empty() ? "./" : entry.path + "/";
}

}

std::string tar_header(Entry const& entry)
{
    std::string bytes;
    Header header {};
    auto const pax = fill(header, entry, name_in_tar(entry));
    if (!pax.empty())
        append_pax(bytes, pax);
    bytes += seal(header, type_flag(entry.type));
    return bytes;
}

void TarWriter::add(Entry const& entry, std::string_view content)
{
    VERIFY(content.size() == entry.size);
    m_bytes += tar_header(entry);
    m_bytes += content;
    pad(m_bytes);
}

std::string TarWriter::finish()
{
    m_bytes.append(2 * block_bytes, '\0');
    return std::move(m_bytes);
}

std::string gzip(std::string_view bytes)
{
    z_stream stream {};
    VERIFY(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    gz_header header {};
    header.os = 255; // unknown: the same on every machine
    VERIFY(deflateSetHeader(&stream, &header) == Z_OK);
    std::string compressed(deflateBound(&stream, bytes.size()), '\0');
    // zlib takes a mutable pointer and only reads.
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    VERIFY(stream.avail_in == bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    VERIFY(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    return compressed;
}

}
