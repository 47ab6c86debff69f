#include "engine/runtime/Probe.h"
#include "tests/engine/runtime/ContainerFixture.h"

using namespace drydock;

TEST_CASE("Probe: every part of the live world is tried, and leaves nothing", "[runtime]")
{
    tests::LeakCheck const leaks;
    auto const findings = REQUIRE_OK(runtime::probe(DRYDOCK_INIT));
    std::vector<std::string> subjects;
    for (auto const& finding : findings) {
        CAPTURE(finding.subject, finding.detail);
        subjects.push_back(finding.subject);
        CHECK_FALSE(finding.detail.empty());
        CHECK(finding.works == finding.remedy.empty());
        // The containers of the other tests run, so these must be found.
        if (finding.subject == "user namespaces" || finding.subject == "overlay")
            CHECK(finding.works);
        if (finding.subject == "fuse")
            CHECK(finding.works == tests::has_fuse());
    }
    CHECK(subjects == std::vector<std::string> { "user namespaces", "overlay", "fuse", "kvm", "cgroups" });
    CHECK(leaks.leftovers() == "");
}
