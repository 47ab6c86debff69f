#include "engine/runtime/DeviceFilter.h"
#include "engine/runtime/Sysctls.h"
#include "tests/support/Catch.h"

#include <sched.h>

using namespace drydock;

TEST_CASE("DeviceFilter: access is said in letters", "[runtime]")
{
    runtime::DeviceRule rule;
    CHECK(runtime::set_access(rule, "rm"));
    CHECK(rule.read);
    CHECK(rule.make);
    CHECK_FALSE(rule.write);
    CHECK_FALSE(runtime::set_access(rule, GENERATE(as<std::string> {}, "", "x", "rwx", "R")));
}

TEST_CASE("Sysctls: only what a namespace has for itself has an owner", "[runtime]")
{
    using runtime::owner_of_sysctl;
    using runtime::sysctl_path;
    CHECK(owner_of_sysctl(sysctl_path("net.ipv4.ip_forward")) == CLONE_NEWNET);
    CHECK(sysctl_path("net/ipv4/conf/eth0.1/forwarding") == "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
    CHECK(owner_of_sysctl(sysctl_path("fs.mqueue.msg_max")) == CLONE_NEWIPC);
    CHECK(owner_of_sysctl(sysctl_path("kernel.domainname")) == CLONE_NEWUTS);
    CHECK(owner_of_sysctl(sysctl_path(GENERATE(as<std::string> {}, "kernel.panic", "net/../vm/swappiness", "netx.a", "",
              "kernel.shmmax.x", "net/./core/somaxconn")))
        == 0);
}
