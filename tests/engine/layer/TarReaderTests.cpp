#include "engine/layer/Limits.h"
#include "engine/layer/TarReader.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"

#include <limits>

using namespace drydock;
using namespace drydock::layer;
using drydock::tests::directory;
using drydock::tests::file;
using drydock::tests::link;
using drydock::tests::tar_of;

namespace {

Result<std::vector<Entry>> read(std::string_view tar, std::size_t step = std::numeric_limits<std::size_t>::max())
{
    TarReader reader;
    for (; !tar.empty(); tar.remove_prefix(std::min(step, tar.size())))
        TRY(reader.write(tar.substr(0, step)));
    return reader.finish();
}

// A header made by hand, for what TarWriter would never write.
std::string header(
    std::string const& name, char type, std::string const& size = "00000000000", std::string const& uid = "0000000")
{
    std::string block(512, '\0');
    name.copy(block.data(), 100);
    block.replace(100, 7, "0000644");
    uid.copy(block.data() + 108, 8);
    block.replace(116, 7, "0000000");
    size.copy(block.data() + 124, 12);
    block.replace(136, 11, "00000000000");
    block[156] = type;
    block.replace(257, 8,
        std::string("ustar\0"
                    "00",
            8));
    block.replace(148, 8, "        ");
    unsigned sum = 0;
    for (auto const c : block)
        sum += static_cast<unsigned char>(c);
    char digits[9];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    block.replace(148, 6, digits);
    block[154] = '\0';
    return block;
}

std::string octal(std::size_t size)
{
    char digits[12];
    std::snprintf(digits, sizeof digits, "%011zo", size);
    return digits;
}

std::string with_padding(std::string content)
{
    content.resize((content.size() + 511) / 512 * 512, '\0');
    return content;
}

std::string extended(char type, std::string const& content)
{
    return header("././@LongLink", type, octal(content.size())) + with_padding(content);
}

std::string pax(std::vector<std::pair<std::string, std::string>> const& records)
{
    std::string text;
    for (auto const& [key, value] : records) {
        auto const rest = " " + key + "=" + value + "\n";
        auto length = rest.size() + 1;
        while (std::to_string(length).size() + rest.size() != length)
            length = std::to_string(length).size() + rest.size();
        text += std::to_string(length) + rest;
    }
    return extended('x', text);
}

std::string const end_marker(1024, '\0');

Error refused(std::string const& tar)
{
    auto const entries = read(tar);
    REQUIRE_FALSE(entries.has_value());
    return entries.error();
}

bool contains(Error const& error, std::string_view text)
{
    UNSCOPED_INFO(error.message());
    return error.message().find(text) != std::string::npos;
}

}

TEST_CASE("TarReader: reads back every kind of member that TarWriter writes", "[engine][layer]")
{
    std::vector<Entry> written;
    written.push_back(directory("", 0755));
    written.push_back(directory("etc"));
    written.push_back(file("etc/motd", "ahoy", 0640));
    written.back().mtime = 1'767'225'600'250'000'000;
    written.back().uid = 1000;
    written.back().gid = 3'000'000'000; // does not fit into octal
    written.back().xattrs = { { "user.a", std::string("\0\n=x", 4) }, { "security.capability", "\1" } };
    written.push_back(link("etc/link", FileType::Symlink, "../../outside"));
    written.push_back(link("etc/hard", FileType::HardLink, "etc/motd"));
    written.push_back(link("dev/tty", FileType::CharDevice, ""));
    written.back().device_major = 5;
    written.back().device_minor = 1;
    written.push_back(link("dev/sda", FileType::BlockDevice, ""));
    written.back().device_major = 8;
    written.push_back(link("run/fifo", FileType::Fifo, ""));
    written.push_back(file(std::string(90, 'p') + "/" + std::string(90, 'n'), "prefix"));
    written.push_back(file(std::string(255, 'x') + "/" + std::string(255, 'y'), "pax path"));
    written.push_back(link("long", FileType::Symlink, std::string(300, 't')));
    written.push_back(file("bin/su", "", 04755));
    written.push_back(file("\xff\xfe not UTF-8", ""));

    MemoryTar writer;
    std::map<std::string, std::string> contents { { "etc/motd", "ahoy" } };
    for (auto const& entry : written)
        writer.add(entry,
            entry.path == "etc/motd" ? "ahoy"
                                     : std::string("prefixpax path").substr(entry.size == 8 ? 6 : 0, entry.size));
    auto const tar = writer.finish();
    auto const step = GENERATE(as<std::size_t> {}, 1, 511, 513, 1 << 20);
    auto entries = REQUIRE_OK(read(tar, step));
    REQUIRE(entries.size() == written.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CAPTURE(entries[i].path);
        if (entries[i].path == "etc/motd")
            CHECK(tar.substr(entries[i].offset, entries[i].size) == "ahoy");
        entries[i].offset = 0;
        CHECK(entries[i] == written[i]);
    }
}

TEST_CASE("TarReader: understands GNU long names and base-256 numbers", "[engine][layer]")
{
    auto const name = std::string(200, 'n');
    auto const target = std::string(200, 't');
    auto const uid = std::string("\x80\0\0\0\x7f\xff\xff\xff", 8);
    auto const entries = REQUIRE_OK(read(extended('L', name + '\0') + extended('K', target + '\0')
        + header("short", '2', "00000000000", uid) + end_marker));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].path == name);
    CHECK(entries[0].link == target);
    CHECK(entries[0].uid == 0x7fffffff);
}

TEST_CASE("TarReader: pax overrides the header, also the size", "[engine][layer][hardening]")
{
    // CVE-2025-62518: who believes the header here reads the content as further members.
    auto const hidden = header("hidden", '0');
    auto const entries = REQUIRE_OK(read(pax({ { "size", "512" }, { "path", "real" }, { "mtime", "12.5" } })
        + header("decoy", '0') + hidden + end_marker));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].path == "real");
    CHECK(entries[0].size == 512);
    CHECK(entries[0].mtime == 12'500'000'000);
}

TEST_CASE("TarReader: global pax headers say nothing about members", "[engine][layer]")
{
    auto const entries
        = REQUIRE_OK(read(extended('g', "17 comment=abcde\n") + header("a", '0') + header("b", '0') + end_marker));
    CHECK(entries.size() == 2);
    CHECK(entries[0].path == "a");
}

TEST_CASE("TarReader: a v7 name with a slash at its end is a directory", "[engine][layer]")
{
    auto const entries = REQUIRE_OK(read(header("dir/", '\0') + header("file", '\0')));
    CHECK(entries[0].type == FileType::Directory);
    CHECK(entries[0].path == "dir");
    CHECK(entries[1].type == FileType::Regular);
}

TEST_CASE("TarReader: names are cleaned, and \"..\" is refused by name", "[engine][layer][hardening]")
{
    auto const entries = REQUIRE_OK(read(tar_of({ { "/abs/path", "" }, { "./a//b/./c", "" }, { "...", "" } })));
    CHECK(entries[0].path == "abs/path");
    CHECK(entries[1].path == "a/b/c");
    CHECK(entries[2].path == "...");
    for (auto const* name : { "..", "../x", "a/../b", "a/..", "/.." }) {
        CAPTURE(name);
        CHECK(contains(refused(tar_of({ { name, "" } })), std::string("\"") + name + "\": \"..\" is refused"));
    }
    MemoryTar writer;
    writer.add(link("x", FileType::HardLink, "../../etc/shadow"));
    CHECK(contains(refused(writer.finish()), "\"..\" is refused"));
    CHECK(contains(refused(pax({ { "path", std::string("a\0b", 3) } }) + header("x", '0')), "NUL"));
}

TEST_CASE("TarReader: an absolute hard link stays inside", "[engine][layer][hardening]")
{
    MemoryTar writer;
    writer.add(link("x", FileType::HardLink, "/etc/shadow"));
    CHECK(REQUIRE_OK(read(writer.finish()))[0].link == "etc/shadow");
}

TEST_CASE("TarReader: only true whiteouts may look like one", "[engine][layer][hardening]")
{
    auto const good
        = GENERATE(as<std::string> {}, ".wh.x", "a/.wh..hidden", "a/.wh..wh..opq", ".wh..wh..opq", ".wh....");
    CHECK(REQUIRE_OK(read(tar_of({ { good, "" } })))[0].path == good);
    auto const bad = GENERATE(
        as<std::string> {}, ".wh.", ".wh..", ".wh...", "a/.wh.", ".wh..wh.plnk", ".wh..wh..wh.x", ".wh.x/child");
    CHECK(refused(tar_of({ { bad, "" } })).kind() == ErrorKind::InvalidInput);
    MemoryTar writer;
    writer.add(link("x", FileType::HardLink, ".wh.y"));
    CHECK(contains(refused(writer.finish()), "hard link to a whiteout"));
}

TEST_CASE("TarReader: an image cannot speak for the overlay", "[engine][layer][hardening]")
{
    auto entry = file("x", "");
    entry.xattrs = { { "trusted.overlay.opaque", "y" }, { "user.overlay.redirect", "/etc" }, { "user.kept", "1" },
        { "security.selinux", "label" } };
    MemoryTar writer;
    writer.add(entry);
    CHECK(REQUIRE_OK(read(writer.finish()))[0].xattrs == std::map<std::string, std::string> { { "user.kept", "1" } });
    MemoryTar devices;
    devices.add(link("x", FileType::CharDevice, ""));
    CHECK(contains(refused(devices.finish()), "0:0"));
}

TEST_CASE("TarReader: owners outside 0 to 2^32-2 are refused, never wrapped", "[engine][layer][hardening]")
{
    auto const uid = GENERATE(as<std::string> {}, "4294967295", "4294967296", "-1", "18446744073709551616", "1x", "");
    CAPTURE(uid);
    if (!uid.empty())
        CHECK(refused(pax({ { "uid", uid } }) + header("x", '0') + end_marker).kind() == ErrorKind::InvalidInput);
    CHECK(REQUIRE_OK(read(pax({ { "uid", "4294967294" } }) + header("x", '0')))[0].uid == 4294967294);
    auto const negative = std::string(8, '\xff');
    CHECK(contains(refused(header("x", '0', "00000000000", negative)), "uid -1"));
}

TEST_CASE("TarReader: a time before 1970 or beyond the range becomes 1970", "[engine][layer][hardening]")
{
    auto const mtime = GENERATE(as<std::string> {}, "-5", "-5.5", "9223372036854775807", "99999999999.1");
    CHECK(REQUIRE_OK(read(pax({ { "mtime", mtime } }) + header("x", '0')))[0].mtime == 0);
}

TEST_CASE("TarReader: sizes are claims, nothing is allocated for them", "[engine][layer][hardening]")
{
    CHECK(refused(pax({ { "size", "9223372036854775807" } }) + header("x", '0')).kind() == ErrorKind::LimitExceeded);
    CHECK(refused(pax({ { "size", "-1" } }) + header("x", '0')).kind() == ErrorKind::InvalidInput);
    CHECK(refused(header("x", '0', std::string(12, '\xff'))).kind() == ErrorKind::InvalidInput);
    CHECK(refused(header("x", '0', "77777777777")).kind() == ErrorKind::Corrupt); // 8 GiB that never come
    CHECK(refused(header("x", 'x', "77777777777")).kind() == ErrorKind::LimitExceeded);
    // A directory has no content, whatever it claims.
    auto const entries = REQUIRE_OK(read(header("d", '5', octal(512)) + header("x", '0') + end_marker));
    CHECK(entries.size() == 2);
}

TEST_CASE("TarReader: sparse members and unknown types are refused by name", "[engine][layer][hardening]")
{
    CHECK(contains(refused(header("bomb", 'S')), "\"bomb\": sparse"));
    CHECK(contains(
        refused(pax({ { "GNU.sparse.major", "1" }, { "GNU.sparse.realsize", "1099511627776" } }) + header("bomb", '0')),
        "\"bomb\": sparse"));
    CHECK(refused(header("odd", 'M')).kind() == ErrorKind::NotSupported);
}

TEST_CASE("TarReader: names that Linux cannot hold are refused", "[engine][layer][hardening]")
{
    CHECK(contains(refused(tar_of({ { std::string(256, 'n'), "" } })), "longer than 255"));
    std::string deep;
    for (int i = 0; i < 300; ++i)
        deep += "d/";
    CHECK(contains(refused(tar_of({ { deep + "f", "" } })), "deeper than 256"));
    std::string long_path;
    for (int i = 0; i < 50; ++i)
        long_path += std::string(100, 'n') + "/";
    CHECK(contains(refused(tar_of({ { long_path + "f", "" } })), "longer than 4096"));
}

TEST_CASE("TarReader: the root is a directory", "[engine][layer][hardening]")
{
    MemoryTar writer;
    writer.add(link(".", FileType::Symlink, "/etc"));
    CHECK(contains(refused(writer.finish()), "root must be a directory"));
}

TEST_CASE("TarReader: a header is believed only with its checksum", "[engine][layer][hardening]")
{
    auto tar = tar_of({ { "a", "content" }, { "b", "" } });
    tar[0] = 'X';
    CHECK(contains(refused(tar), "no valid header at byte 0"));
    auto second = tar_of({ { "a", "content" }, { "b", "" } });
    second[1024] = 'X';
    CHECK(contains(refused(second), "no valid header at byte 1024"));
}

TEST_CASE("TarReader: every truncation inside a member is an error; a missing end marker is not",
    "[engine][layer][hardening]")
{
    auto const tar = pax({ { "path", "a" } }) + header("x", '0', octal(600)) + std::string(1024, 'c');
    for (std::size_t length = 1; length < tar.size(); ++length) {
        CAPTURE(length);
        CHECK(refused(tar.substr(0, length)).kind() == ErrorKind::Corrupt);
    }
    CHECK(REQUIRE_OK(read(tar)).size() == 1);
    CHECK(REQUIRE_OK(read("")).empty());
}

TEST_CASE("TarReader: sees nothing behind the end marker", "[engine][layer][hardening]")
{
    auto const one = tar_of({ { "a", "" } });
    CHECK(REQUIRE_OK(read(one + tar_of({ { "b", "" } }))).size() == 1);
    CHECK(refused(std::string(512, '\0') + one).kind() == ErrorKind::InvalidInput);
}

TEST_CASE("TarReader: malformed pax headers are refused", "[engine][layer][hardening]")
{
    auto const text = GENERATE(as<std::string> {}, "x", "0 a=b\n", "99 a=b\n", "6 a=b", "6 a=bX", "5 ab\n", "5 =b\n",
        "-6 a=b\n", "99999999999999999999 a=b\n");
    CAPTURE(text);
    CHECK(contains(refused(extended('x', text) + header("x", '0')), "malformed pax header"));
}

TEST_CASE("TarReader: an index too large for memory is refused", "[engine][layer][hardening]")
{
    TarReader reader;
    auto const member = pax({ { "SCHILY.xattr.user.big", std::string(60'000, 'a') } }) + header("x", '0');
    Result<void> written;
    std::size_t count = 0;
    while (written && count < 10'000) {
        written = reader.write(member);
        ++count;
    }
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().kind() == ErrorKind::LimitExceeded);
    CHECK(count * 60'000 < limits::index_bytes + 100'000);
}

TEST_CASE("TarReader: messages show control characters instead of sending them", "[engine][layer][hardening]")
{
    CHECK(contains(refused(tar_of({ { "a\x1b[2J/../x", "" } })), "a\\x1b[2J"));
}
