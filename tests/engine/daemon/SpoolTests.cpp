#include "engine/daemon/Spool.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"

using namespace drydock;

TEST_CASE("Spool: a tar in pieces is indexed, readable, and gone with the object", "[engine][daemon]")
{
    auto const storage = content::make_memory_storage();
    Random random { 1 };
    auto const tar = tests::tar_of({ { "a", "first" }, { "b", "second" } });
    {
        auto const spool = REQUIRE_OK(daemon::Spool::make(*storage, random));
        for (std::size_t i = 0; i < tar.size(); i += 100)
            REQUIRE_OK(spool->write(tar.substr(i, 100)));
        auto const entries = REQUIRE_OK(spool->finish());
        REQUIRE(entries.size() == 2);
        std::string text(6, '\0');
        CHECK(REQUIRE_OK(spool->tar().read_at(entries[1].offset, text)) == 6);
        CHECK(text == "second");
    }
    CHECK(storage->list("spool").empty());
}

TEST_CASE("Spool: a cut tar is refused", "[engine][daemon]")
{
    auto const storage = content::make_memory_storage();
    Random random { 1 };
    auto const spool = REQUIRE_OK(daemon::Spool::make(*storage, random));
    REQUIRE_OK(spool->write(tests::tar_of({ { "a", "first" } }).substr(0, 514)));
    CHECK_FALSE(spool->finish());
}
