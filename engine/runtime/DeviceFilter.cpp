#include "engine/runtime/DeviceFilter.h"

#include "engine/os/Fd.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace drydock::runtime {

namespace {

// The registers of the program, by what they hold.
enum Register : std::uint8_t { Answer = 0, Context = 1, Type = 2, Access = 3, Major = 4, Minor = 5, Scratch = 6 };
constexpr auto None = Answer; // where an instruction has a value instead of a second register, that has to be 0

bpf_insn instruction(int code, Register to, Register from, std::int16_t offset, std::uint32_t value)
{
    bpf_insn made {};
    made.code = static_cast<std::uint8_t>(code);
    made.dst_reg = to & 15;
    made.src_reg = from & 15;
    made.off = offset;
    made.imm = static_cast<std::int32_t>(value);
    return made;
}

using Program = std::vector<bpf_insn>;

// The context is struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor.
void load_context(Program& program)
{
    auto const load = [&](Register to, std::int16_t offset) {
        program.push_back(instruction(BPF_LDX | BPF_MEM | BPF_W, to, Context, offset, 0));
    };
    load(Type, 0);
    load(Major, 4);
    load(Minor, 8);
    program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_X, Access, Type, 0, 0));
    program.push_back(instruction(BPF_ALU | BPF_RSH | BPF_K, Access, None, 0, 16));
    program.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, Type, None, 0, 0xFFFF));
}

void answer(Program& program, std::uint32_t value)
{
    program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_K, Answer, None, 0, value));
    program.push_back(instruction(BPF_JMP | BPF_EXIT, Answer, None, 0, 0));
}

void add_rule(Program& program, DeviceRule const& rule)
{
    std::vector<std::size_t> leaving; // jumps to what comes after this rule
    auto const require = [&](Register holds, std::uint32_t value) {
        leaving.push_back(program.size());
        program.push_back(instruction(BPF_JMP | BPF_JNE | BPF_K, holds, None, 0, value));
    };
    std::uint32_t allowed = 0;
    if (rule.make)
        allowed |= BPF_DEVCG_ACC_MKNOD;
    if (rule.read)
        allowed |= BPF_DEVCG_ACC_READ;
    if (rule.write)
        allowed |= BPF_DEVCG_ACC_WRITE;
    require(Type, rule.block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    // Nothing may be asked for beyond what is allowed.
    program.push_back(instruction(BPF_ALU | BPF_MOV | BPF_X, Scratch, Access, 0, 0));
    program.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, Scratch, None, 0, ~allowed));
    require(Scratch, 0);
    if (rule.major)
        require(Major, *rule.major);
    if (rule.minor)
        require(Minor, *rule.minor);
    answer(program, 1);
    for (auto const jump : leaving)
        program[jump].off = static_cast<std::int16_t>(program.size() - jump - 1);
}

// All of it zero, which `{}` does not promise of a union: the kernel refuses what it does not know.
bpf_attr no_attributes()
{
    bpf_attr attributes;
    std::memset(&attributes, 0, sizeof attributes);
    return attributes;
}

int bpf(int command, bpf_attr attributes)
{
    return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

}

std::vector<DeviceRule> default_device_rules()
{
    std::vector<DeviceRule> rules { { .block = false, .make = true }, { .block = true, .make = true } };
    // null, zero, full, random, urandom, tty, console, ptmx
    for (auto const& [major, minor] : { std::pair(1U, 3U), std::pair(1U, 5U), std::pair(1U, 7U), std::pair(1U, 8U),
             std::pair(1U, 9U), std::pair(5U, 0U), std::pair(5U, 1U), std::pair(5U, 2U) })
        rules.push_back({ .block = false, .major = major, .minor = minor, .make = true, .read = true, .write = true });
    rules.push_back({ .block = false, .major = 136, .make = true, .read = true, .write = true }); // terminals
    return rules;
}

bool set_access(DeviceRule& rule, std::string_view letters)
{
    for (auto const letter : letters) {
        if (letter != 'r' && letter != 'w' && letter != 'm')
            return false;
        (letter == 'r' ? rule.read : letter == 'w' ? rule.write : rule.make) = true;
    }
    return !letters.empty();
}

Result<void> allow_devices(int group, std::vector<DeviceRule> const& rules)
{
    Program program;
    load_context(program);
    for (auto const& rule : rules)
        add_rule(program, rule);
    answer(program, 0);

    auto load = no_attributes();
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = reinterpret_cast<std::uintptr_t>(program.data());
    load.insn_cnt = static_cast<std::uint32_t>(program.size());
    load.license = reinterpret_cast<std::uintptr_t>("GPL");
    os::Fd const loaded(bpf(BPF_PROG_LOAD, load));
    if (!loaded)
        return fail(Error::from_errno("bpf(2)", errno).with_context("loading the filter of devices"));
    auto attach = no_attributes();
    attach.target_fd = static_cast<std::uint32_t>(group);
    attach.attach_bpf_fd = static_cast<std::uint32_t>(loaded.get());
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI; // one of ours never widens what a group above allows
    if (bpf(BPF_PROG_ATTACH, attach) != 0)
        return fail(Error::from_errno("bpf(2)", errno).with_context("attaching the filter of devices"));
    return {};
}

}
