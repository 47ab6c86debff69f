#include "engine/layer/Gzip.h"
#include "engine/layer/TarReader.h"
#include "engine/layer/TarWriter.h"
#include "sim/oci/Digest.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstdlib>
#include <fstream>

using namespace drydock;
using namespace drydock::layer;
using drydock::tests::directory;
using drydock::tests::file;
using drydock::tests::link;

namespace {

std::string example()
{
    MemoryTar writer;
    writer.add(directory("etc"));
    writer.add(file("etc/motd", "ahoy\n", 0640), "ahoy\n");
    writer.add(link("etc/link", FileType::Symlink, "motd"));
    writer.add(link("etc/hard", FileType::HardLink, "etc/motd"));
    writer.add(file("etc/" + std::string(200, 'n'), "long"), "long");
    return writer.finish();
}

}

TEST_CASE("TarWriter: the same entries give the same bytes, for ever", "[engine][layer]")
{
    CHECK(example() == example());
    // A changed digest here changes every image that Drydock ever built.
    CHECK(oci::Digest::of(example()).short_form() == "1c773d910393");
}

TEST_CASE("TarWriter: a time before 1970 becomes 1970, one far ahead is kept", "[engine][layer]")
{
    auto early = file("early", "");
    early.mtime = -1;
    auto late = file("late", "");
    late.mtime = 9'000'000'000'000'000'000;
    MemoryTar writer;
    writer.add(early);
    writer.add(late);
    TarReader reader;
    REQUIRE_OK(reader.write(writer.finish()));
    auto const entries = REQUIRE_OK(reader.finish());
    CHECK(entries[0].mtime == 0);
    CHECK(entries[1].mtime == late.mtime);
}

TEST_CASE("TarWriter: GNU tar lists and extracts what it writes", "[engine][layer]")
{
    drydock::tests::TemporaryDirectory const directory;
    std::ofstream(directory.path() / "x.tar") << example();
    auto const command = "cd " + directory.path().string()
        + " && tar -xf x.tar 2>err && test ! -s err && test \"$(cat etc/hard)\" = ahoy && test \"$(readlink "
          "etc/link)\" = motd"
          " && test \"$(cat etc/nnnn*)\" = long && test \"$(stat -c %a etc/motd)\" = 640";
    CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("gzip: the same bytes give the same stream, without time or system", "[engine][layer]")
{
    auto const stream = gzip("ahoy");
    CHECK(stream == gzip("ahoy"));
    CHECK(stream.substr(0, 10) == std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10));
}
