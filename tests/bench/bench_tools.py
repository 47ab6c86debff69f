"""What the benchmarks in Python share: a private place to work in, daemons, their API, and tables."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from unix_http import UnixConnection  # noqa: E402

PATIENCE = 300  # seconds for an answer


def connect(socket_path):
    return UnixConnection(socket_path, PATIENCE)


def enter_private_place(script):
    """Runs the script again in network and mount namespaces of its own, with a loopback interface: no peer asks the
    world outside for anything, and every mount goes with the process."""
    if os.environ.get("DRYDOCK_BENCH_PRIVATE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    if os.geteuid() != 0:
        sys.exit("the peers need root here")
    os.environ["DRYDOCK_BENCH_PRIVATE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, script] + sys.argv[1:])


class Workplace:
    """A directory in memory that goes, with everything that was started in it, at the end."""

    def __init__(self, size="6g"):
        self.path = tempfile.mkdtemp(prefix="drydock-bench-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.path], check=True)
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for _ in range(50):
            if subprocess.run(["umount", "-R", "-l", self.path], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        shutil.rmtree(self.path, ignore_errors=True)

    def at(self, *names):
        return os.path.join(self.path, *names)

    def start(self, arguments, log):
        output = open(self.at(log), "w")
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.processes.append(process)
        return process

    def stop(self, process):
        self.processes.remove(process)
        process.terminate()
        process.wait()


class Daemon:
    """A daemon that serves the Docker Engine API on a unix socket."""

    def __init__(self, name, process, socket_path):
        self.name = name
        self.process = process
        self.socket_path = socket_path
        self.connection = connect(socket_path)

    def wait_until_it_answers(self):
        for _ in range(600):
            try:
                probe = connect(self.socket_path)
                probe.request("GET", "/_ping")
                if probe.getresponse().status == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with status {self.process.returncode}")
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not answer")

    def call(self, method, target, body=None, content_type="application/json", connection=None):
        connection = connection or self.connection
        headers = {"Content-Type": content_type} if body is not None else {}
        data = json.dumps(body) if isinstance(body, dict) else body
        connection.request(method, target, data, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{self.name}: {method} {target}: {answer.status} {content[:300]!r}")
        return json.loads(content) if content[:1] in (b"{", b"[") and b"\n{" not in content else content

    def memory(self, field="VmRSS"):
        """In MiB; VmHWM is the most there ever was."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) / 1024
        return 0


def cpu_seconds(pid):
    """Of a process with its threads and the children it has waited for, and of its living descendants."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += sum(int(fields[i]) for i in (11, 12, 13, 14)) / ticks
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                total += sum(cpu_seconds(int(child)) for child in children.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


def run(arguments, **options):
    """CPU seconds and wall seconds of a program and its children; raises with its words where it fails."""
    before = os.times()
    begin = time.monotonic()
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    wall = time.monotonic() - begin
    after = os.times()
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[:4])}: status {done.returncode}: {done.stdout.decode(errors='replace')[-300:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, wall


def start_drydock(place, program, name="drydock", *options):
    socket_path = place.at(name + ".sock")
    process = place.start(
        [program, "daemon", "--data-root", place.at(name), "--host", "unix://" + socket_path, *options], name + ".log")
    return Daemon(name, process, socket_path).wait_until_it_answers()


def start_dockerd(place, name="dockerd"):
    root = place.at(name)
    socket_path = place.at(name + ".sock")
    process = place.start(
        ["dockerd", "--data-root", root, "--exec-root", root + ".exec", "--pidfile", root + ".pid",
         "-H", "unix://" + socket_path, "--iptables=false", "--ip6tables=false", "--bridge=none",
         "--ip-forward=false", "--ip-masq=false", "--storage-driver", "overlay2",
         "--insecure-registry", "127.0.0.0/8"], name + ".log")
    return Daemon(name, process, socket_path).wait_until_it_answers()


def busybox_tar(place):
    """The root filesystem of a container that has BusyBox and nothing else."""
    root = place.at("busybox-root")
    os.makedirs(root + "/bin", exist_ok=True)
    shutil.copy("/bin/busybox", root + "/bin/busybox")
    for applet in ("true", "sh", "sleep", "echo", "cat"):
        if not os.path.lexists(f"{root}/bin/{applet}"):
            os.symlink("busybox", f"{root}/bin/{applet}")
    archive = place.at("busybox.tar")
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    return archive


def installed(*programs):
    return [program for program in programs if shutil.which(program) is None] == []
