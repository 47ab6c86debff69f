#include "engine/bundle/Filter.h"

#include "engine/bundle/Fields.h"
#include "engine/os/Fd.h"

#include <seccomp.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <set>

namespace drydock::bundle {

namespace {

constexpr std::uint32_t largest_error = 4095; // MAX_ERRNO of the kernel

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 19> architectures { {
    { "SCMP_ARCH_X86", SCMP_ARCH_X86 },
    { "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
    { "SCMP_ARCH_X32", SCMP_ARCH_X32 },
    { "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
    { "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
    { "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
    { "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
    { "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
    { "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
    { "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
    { "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
    { "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
    { "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
    { "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
    { "SCMP_ARCH_S390", SCMP_ARCH_S390 },
    { "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
    { "SCMP_ARCH_PARISC", SCMP_ARCH_PARISC },
    { "SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64 },
    { "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
} };

constexpr std::array<std::pair<std::string_view, scmp_compare>, 7> comparisons { {
    { "SCMP_CMP_NE", SCMP_CMP_NE },
    { "SCMP_CMP_LT", SCMP_CMP_LT },
    { "SCMP_CMP_LE", SCMP_CMP_LE },
    { "SCMP_CMP_EQ", SCMP_CMP_EQ },
    { "SCMP_CMP_GE", SCMP_CMP_GE },
    { "SCMP_CMP_GT", SCMP_CMP_GT },
    { "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
} };

template <class Table> auto const* find_name(Table const& table, std::string_view name)
{
    decltype(&table.front()) found = nullptr;
    for (auto const& entry : table) {
        if (entry.first == name)
            found = &entry;
    }
    return found;
}

Result<std::uint32_t> read_action(oci::JsonObject const& from, char const* action, char const* error)
{
    auto const name = TRY(from.string(action));
    auto const number = TRY(number32(from, error, EPERM));
    if (number > largest_error)
        return from.invalid(error, "is no error number");
    if (name == "SCMP_ACT_ALLOW")
        return SCMP_ACT_ALLOW;
    if (name == "SCMP_ACT_ERRNO")
        return SCMP_ACT_ERRNO(number);
    if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD")
        return SCMP_ACT_KILL_THREAD;
    if (name == "SCMP_ACT_KILL_PROCESS")
        return SCMP_ACT_KILL_PROCESS;
    if (name == "SCMP_ACT_TRAP")
        return SCMP_ACT_TRAP;
    if (name == "SCMP_ACT_LOG")
        return SCMP_ACT_LOG;
    if (name == "SCMP_ACT_TRACE")
        return SCMP_ACT_TRACE(number);
    if (name == "SCMP_ACT_NOTIFY")
        return unsupported(from, action, name);
    return from.invalid(action, "is no action: \"" + name + "\"");
}

Result<scmp_arg_cmp> read_argument(oci::JsonObject const& from)
{
    auto const index = TRY(number32(from, "index"));
    auto const word = TRY(from.string("op"));
    auto const* const comparison = find_name(comparisons, word);
    if (index > 5)
        return from.invalid("index", "is larger than 5");
    if (comparison == nullptr)
        return from.invalid("op", "is no comparison: \"" + word + "\"");
    auto const value = TRY(from.unsigned_integer("value"));
    auto const second = TRY(from.unsigned_integer("valueTwo"));
    return scmp_arg_cmp { index, comparison->second, value, second };
}

class FilterContext {
public:
    explicit FilterContext(std::uint32_t default_action)
        : m_default(default_action)
        , m_context(::seccomp_init(default_action))
    {
    }
    ~FilterContext() { ::seccomp_release(m_context); }
    FilterContext(FilterContext const&) = delete;
    FilterContext& operator=(FilterContext const&) = delete;

    Result<void> add_architecture(std::uint32_t architecture)
    {
        return check(::seccomp_arch_add(m_context, architecture), "seccomp_arch_add(3)");
    }

    Result<void> add(std::string const& call, std::uint32_t action, std::vector<scmp_arg_cmp> const& arguments)
    {
        auto const number = ::seccomp_syscall_resolve_name(call.c_str());
        // A call of another architecture or a newer kernel: the default action is what holds for it.
        if (number == __NR_SCMP_ERROR || action == m_default)
            return {};
        ++m_rules;
        return check(::seccomp_rule_add_array(
                         m_context, action, number, static_cast<unsigned>(arguments.size()), arguments.data()),
            "seccomp_rule_add(3)");
    }

    Result<runtime::SeccompFilter> finish()
    {
        os::Fd const file(::memfd_create("seccomp", MFD_CLOEXEC));
        if (!file)
            return failed("memfd_create(2)", errno);
        TRY(check(::seccomp_export_bpf(m_context, file.get()), "seccomp_export_bpf(3)"));
        auto const size = ::lseek(file.get(), 0, SEEK_END);
        runtime::SeccompFilter filter { std::string(static_cast<std::size_t>(size < 0 ? 0 : size), '\0'), m_rules };
        if (::pread(file.get(), filter.program.data(), filter.program.size(), 0) != size)
            return failed("pread(2)", errno);
        // The kernel counts the instructions of a filter in 16 bits.
        if (filter.program.size() / 8 > 4096)
            return fail(ErrorKind::LimitExceeded, "linux.seccomp makes more than 4096 instructions");
        return filter;
    }

private:
    // EEXIST: said twice. EDOM: the architecture has no such call. EACCES: it says no more than the default.
    static Result<void> check(int result, char const* call)
    {
        if (result < 0 && result != -EEXIST && result != -EDOM && result != -EACCES)
            return failed(call, -result);
        return {};
    }

    std::uint32_t m_default;
    scmp_filter_ctx m_context;
    std::uint32_t m_rules { 0 };
};

Result<void> add_calls(oci::JsonObject const& rule, FilterContext& filter)
{
    auto names = TRY(rule.strings("names"));
    if (names.empty())
        return rule.invalid("names", "is empty");
    auto const action = TRY(read_action(rule, "action", "errnoRet"));
    std::vector<scmp_arg_cmp> arguments;
    std::set<unsigned> indexes;
    for (auto const& argument : TRY(list_of(rule, "args"))) {
        arguments.push_back(TRY(read_argument(argument)));
        indexes.insert(arguments.back().arg);
    }
    for (auto const& name : names) {
        if (indexes.size() == arguments.size()) {
            TRY_WITH("linux.seccomp: " + name, filter.add(name, action, arguments));
            continue;
        }
        // libseccomp takes one condition an argument; engines mean "or" when they write two (runc does this too).
        for (auto const& argument : arguments)
            TRY_WITH("linux.seccomp: " + name, filter.add(name, action, { argument }));
    }
    return {};
}

}

Result<runtime::SeccompFilter> read_filter(oci::JsonObject const& seccomp)
{
    TRY(refuse_text(seccomp, { "listenerPath", "listenerMetadata" }));
    FilterContext filter(TRY(read_action(seccomp, "defaultAction", "defaultErrnoRet")));
    for (auto const& name : TRY(seccomp.strings("architectures"))) {
        auto const* const architecture = find_name(architectures, name);
        if (architecture == nullptr)
            return seccomp.invalid("architectures", "holds what is none: \"" + name + "\"");
        TRY(filter.add_architecture(architecture->second));
    }
    // SECCOMP_FILTER_FLAG_TSYNC, _LOG and _SPEC_ALLOW make a filter no stricter; we leave them out.
    TRY(seccomp.strings("flags"));
    for (auto const& rule : TRY(list_of(seccomp, "syscalls")))
        TRY(add_calls(rule, filter));
    return filter.finish();
}

}
