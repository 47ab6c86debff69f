#include "tests/sim/kernel/KernelBench.h"
#include "tests/support/Catch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace drydock;
using namespace drydock::kernel;

namespace {

constexpr auto real_busybox = "/bin/busybox";

std::string read_whole(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(file), {} };
}

// The same line in the real BusyBox, in an empty directory, with a PATH that leads nowhere but to its applets.
Outcome in_real_busybox(std::string const& script, std::filesystem::path const& directory)
{
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory / "work");
    std::ofstream(directory / "script") << script;
    auto const command = "cd " + (directory / "work").string() + " && env -i PATH=/nowhere HOME=/root " + real_busybox
        + " sh -c \"$(cat ../script)\" > ../out 2> ../err < /dev/null";
    int const status = std::system(command.c_str());
    return { read_whole(directory / "out"), read_whole(directory / "err"), { WEXITSTATUS(status), 0 } };
}

// One script a line; "\n" inside is a newline.
std::vector<std::string> const lines {
    "echo hello world",
    "echo 'a  b' \"c  d\" e\\ f",
    "echo -n no newline; echo -e 'tab\\there'",
    "A=1; B=$A$A; echo $B \"${B}2\" '$B'",
    "echo ${x:-default} ${x:=set} $x ${x:+alt} ${#x}",
    "f=/a/b/c.tar.gz; echo ${f##*/} ${f%/*} ${f%.gz} ${f%%.*} ${f#*/}",
    "echo $((1+2*3)) $((10/3)) $((10%3)) $(((1+2)*3)) $((1<2)) $((2==3))",
    "i=0; i=$((i+1)); echo $i; echo $((i+=4)) $i",
    "echo $(echo inner $(echo deep)) `echo old`",
    "x=$(printf 'a\\nb\\n\\n'); echo \"$x\"; echo $x",
    "true; echo $?; false; echo $?",
    "false || echo or; true && echo and; false && echo never; echo end",
    "! true; echo $?; ! false; echo $?",
    "if true; then echo yes; else echo no; fi",
    "if false; then echo a; elif true; then echo b; else echo c; fi",
    "for i in 1 2 3; do echo $i; done",
    "for f in *.none; do echo $f; done",
    "touch b a c.txt; for f in *; do echo $f; done; echo *.txt \"*\"",
    "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done",
    "i=3; until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i",
    "for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done",
    "case hello in h*) echo glob;; *) echo other;; esac",
    "case x in a|b) echo ab;; x|y) echo xy;; esac",
    "echo a | cat | cat",
    "printf '3\\n1\\n2\\n' | sort | head -n 1",
    "echo out; echo err >&2",
    "echo one > f; echo two >> f; cat f; cat < f | wc -l",
    "cat nofile 2>/dev/null; echo $?",
    "ls nofile > all 2>&1; cat all",
    "nosuchcommand; echo $?",
    "./nosuch; echo $?",
    "echo text > plain; ./plain; echo $?",
    "(cd /; echo sub); echo $((1))",
    "(exit 3); echo $?",
    "{ echo a; echo b; } | wc -l",
    "f() { echo got $1 $#; return 4; }; f x y; echo $?",
    "set -- a 'b c' d; echo $# \"$2\"; for x in \"$@\"; do echo \"<$x>\"; done; shift; echo $1",
    "echo \"$@\" $# \"$*\"",
    "exit 7",
    "exit abc",
    "cat <<EOF\nhello $HOME\nEOF\necho after",
    "cat <<'EOF'\nno $HOME\nEOF",
    "set -e; false; echo never",
    "set -e; if false; then :; fi; false || true; echo reached",
    "set -u; echo $nope; echo never",
    "echo ${x:?gone}; echo never",
    "readonly a=1; a=2; echo never",
    "trap 'echo bye' EXIT; echo hi; exit 3",
    "trap 'echo caught' USR1; kill -USR1 $$; echo after",
    "sleep 0 & wait; echo $?",
    "false & wait $!; echo $?",
    "wait 99999; echo $?",
    "sh -c 'echo $0 $1' name arg",
    "sh -c 'kill -9 $$'; echo $?",
    "cd /nodir; echo $?",
    "cd /tmp; pwd; cd - > /dev/null; cd /; echo $PWD",
    "echo x > /nodir/y; echo $?",
    "cat < nofile; echo $?",
    "eval 'echo a; echo $HOME'",
    "IFS=:; x=a:b::c; for p in $x; do echo \"<$p>\"; done",
    "x='a   b'; echo $x; echo \"$x\"",
    "echo ~ ~/x '~'",
    "echo a#b # comment",
    "echo a \\\n b",
    "test -f nofile; echo $?; touch g; test -f g && echo file; test -d . -a -e g && echo both",
    "[ a = a ]; echo $?; [ a != a ]; echo $?; [ -z '' ]; echo $?; [ 3 -gt 10 ]; echo $?; [ 1 -eq a ]; echo $?",
    "[ a; echo $?",
    "read a b <<EOF\none two three\nEOF\necho $a - $b",
    "printf 'a b\\nc d\\n' | while read x y; do echo $y $x; done",
    "printf '%s-%s\\n' a b c d; printf '%5d|%-5s|%x\\n' 42 ab 255; printf 'no args %s\\n'",
    "if true; fi",
    "echo \"unclosed",
    "echo )",
    "mkdir -p a/b/c; ls -R a; rmdir a/b/c; ls a/b; rmdir a",
    "mkdir d; mkdir d; mkdir x/y; echo $?",
    "echo 1 > f; cp f g; cat g; mv g h; ls; rm f h; ls; rm nofile; rm -f nofile; echo $?",
    "mkdir -p s/t; echo x > s/t/u; cp -r s c; cat c/t/u; rm s; echo $?; rm -r s; ls; mv c k; find k",
    "echo x > f; ln -s f l; cat l; readlink l; ln f hard; cat hard; ls; ln -s f l; cp nofile z; mv nofile z",
    "echo x > f; chmod 640 f; stat -c '%a %A %n %s' f; chmod u+x,g-r f; stat -c %a f; chmod 7z f",
    "mkdir -p d/e; touch d/f.txt d/e/g.txt d/h; find d -type f -name '*.txt' | sort; find d -type d; find nofile",
    "seq 3; seq 2 4; seq 1 2 7; seq 3 -1 1; seq 0",
    "seq 20 | head -n 3; seq 20 | tail -n 2; seq 5 | tail -n +4; head -c 4 < /dev/zero | wc -c",
    "printf 'b\\na\\nb\\n' | sort | uniq; printf 'b\\na\\nb\\n' | sort | uniq -c; printf '10\\n9\\n' | sort -n; printf "
    "'1\\n2\\n' | sort -r",
    "echo a:b:c | cut -d: -f2; echo a:b:c | cut -d: -f1,3; echo abcdef | cut -c2-4; echo none | cut -d: -f2",
    "echo hello | tr a-z A-Z; echo aabb | tr -d a; echo aabbcc | tr -s b; echo hello | tr lo 01",
    "printf 'apple\\nBanana\\ncherry\\n' > f; grep an f; grep -i b f; grep -v a f; grep -c e f; grep -n ch f; grep -q "
    "x f; echo $?",
    "printf 'foo.c\\nfooxc\\n' | grep 'o\\.c'; printf 'ab\\naab\\n' | grep '^a*b$'; grep x nofile; echo $?",
    "printf 'a b\\nc\\n' > f; wc f; wc -l f; wc -w < f; wc f f; wc nofile",
    "basename /a/b.txt; basename /a/b.txt .txt; basename /; dirname /a/b; dirname x; dirname /",
    "echo hi | sha256sum; printf abc > f; sha256sum f; sha256sum nofile",
    "yes | head -n 2; yes no | head -n 1",
    "env -i A=1 env; A=5 env | grep ^A=; env nosuch; echo $?",
    "export X=1; sh -c 'echo $X'; unset X; sh -c 'echo [$X]'; Y=2; sh -c 'echo [$Y]'",
    "echo data | tee f; cat f; cat -n f; cat f - < f",
    "kill 99999; echo $?; kill; sleep x",
    "mkdir d; cat d; cat < d; rm d; rmdir nofile; touch /nodir/x; head nofile; tail nofile; sort nofile",
    "echo a > 'with space'; cat with\\ space; cat \"with space\"; rm 'with space'; ls",
    "x=1; (x=2; echo $x); echo $x; { x=3; }; echo $x; echo b | x=4; echo $x",
    "echo start; exec echo replaced; echo never",
    "exec > f; echo hidden; cat f >&2",
    "f=1 g=2; echo $f$g; h=$f; echo $h; echo $0",
    "type cd; type nosuch; echo $?",
    "while read l; do echo \"[$l]\"; done <<EOF\n a b \nc\nEOF",
    "du -s nofile; stat nofile; ls -l nofile; chown nouser x; id nouser; uname -s; date x",
    "for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done",
    "n=0; for w in $(echo one two three); do n=$((n+1)); done; echo $n words",
    ": ${V:=7}; echo $V; echo ${V}th; unset V; echo [${V-unset}]",
    "umask; umask 077; touch f; stat -c %a f",
    "echo 'it'\\''s'; echo \"a\\\"b\\$c\"; echo 'a\\nb'",
    "[ -n \"$HOME\" ] && [ ! -e nofile ] && echo ok; test; echo $?; test x; echo $?; [ ! a ]; echo $?",
};

}

TEST_CASE("Shell: says and returns what the real BusyBox does", "[sim][kernel]")
{
    if (!std::filesystem::exists(real_busybox)) {
        WARN("no BusyBox here to compare with");
        return;
    }
    auto const directory = std::filesystem::temp_directory_path() / ("drydock-shell-" + std::to_string(::getpid()));
    for (auto const& line : lines) {
        CAPTURE(line);
        auto const real = in_real_busybox(line, directory);
        KernelBench bench;
        REQUIRE_OK(bench.root->make_directory("/work", 0755, {}));
        auto const ours = bench.sh("cd /work\n" + line);
        CHECK(ours.output == real.output);
        CHECK(ours.errors == real.errors);
        CHECK(ours.status.code == real.status.code);
    }
    std::filesystem::remove_all(directory);
}
