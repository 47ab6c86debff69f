#pragma once

// The processes of a container: all that live in its pid namespace, as /proc tells. That holds for containers with and
// without a cgroup, and for what `docker exec` brought in. One that shares its pid namespace has a cgroup to tell them.

#include "engine/runtime/Runtime.h"

namespace drydock::runtime {

std::uint64_t pid_namespace_of(std::int64_t pid); // 0 where the process is gone

std::vector<ContainerProcess::Member> members_of(std::uint64_t pid_namespace); // by host pid: the first is PID 1
std::vector<ContainerProcess::Member> describe_all(std::vector<std::int64_t> const& pids);

// What has passed through the interfaces that a process sees; nothing where they are the engine's own.
std::vector<InterfaceUsage> interfaces_of(std::int64_t pid);

// Pausing without a freezer: SIGSTOP to all of them, again until no new one has appeared meanwhile.
Result<void> stop_all(std::uint64_t pid_namespace);
Result<void> continue_all(std::uint64_t pid_namespace);

}
