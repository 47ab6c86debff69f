#include "tests/support/Catch.h"
#include "visual/stage/Stacks.h"

using namespace drydock;
using stage::what_made;

TEST_CASE("Stacks: a line of history is told as its author wrote it", "[visual][stage]")
{
    CHECK(what_made("/bin/sh -c echo hi > /x") == "RUN echo hi > /x");
    CHECK(what_made("|1 A=b /bin/sh -c echo $A") == "RUN echo $A");
    CHECK(what_made("/bin/sh -c #(nop)  ENV A=b") == "ENV A=b");
    CHECK(what_made("/bin/sh -c #(nop) COPY file:1234 in /app/ ") == "COPY file:1234 in /app/ ");
    CHECK(what_made("RUN /bin/sh -c apk add curl # buildkit") == "RUN apk add curl");
    CHECK(what_made("COPY run.sh /bin/sh -c # buildkit").starts_with("COPY"));
    CHECK(what_made("ADD rootfs.tar.gz /") == "ADD rootfs.tar.gz /");
    CHECK(what_made("") == "layer");
}
