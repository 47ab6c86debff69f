#include "tests/engine/runtime/ContainerFixture.h"

using namespace drydock;
using drydock::tests::Containers;

TEST_CASE("LiveRuntime: a program runs in its own root and its output arrives whole", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("echo out; echo err >&2; hostname; cat /etc/hostname; exit 7"));
    CHECK(run.out == "out\ntestbox\ntestbox\n");
    CHECK(run.err == "err\n");
    CHECK(run.status.code == 7);
    CHECK(run.status.signal == 0);
}
