"""A real Slurm on this machine, one node with two pretended GPUs, started and stopped by the tests.

Needs root, Debian's ``slurm-wlm`` and ``munge``. State, logs and sockets lie in a folder of their own; the
GPUs are character-device nodes, so that ``--gpus=1`` is really allocated and a third job waits.

    python tests/slurm/cluster.py start FOLDER | stop FOLDER
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

# jobs look for the configuration here: the executor takes SLURM_CONF out of their environment
ETC = Path("/etc/slurm")
FILES = ("slurm.conf", "gres.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")
CONF = """
ClusterName=fact
SlurmctldHost={host}
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
GresTypes=gpu
ReturnToService=2
KillWait=20
SlurmdTimeout=120
MinJobAge=600
SchedulerParameters=sched_interval=2,batch_sched_delay=0
StateSaveLocation={folder}/ctld
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPort={port}
SlurmdPort={node_port}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=UNLIMITED State=UP
"""


def missing() -> str:
    """What this machine lacks for a Slurm of its own; empty when nothing."""
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    absent = [program for program in PROGRAMS if shutil.which(program, path=path) is None]
    if absent:
        return f"no {', '.join(absent)} here; apt-get install slurm-wlm munge"
    if os.geteuid() != 0:
        return "starting Slurm's daemons needs root"
    if any((ETC / name).exists() and not (ETC / name).is_symlink() for name in FILES):
        return f"this machine has a Slurm of its own in {ETC}"
    return ""


class Cluster:
    """slurmctld and slurmd with the configuration of one folder; munged is shared with the machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}/usr/sbin"}

    def start(self) -> None:
        """Write the configuration, start the daemons and wait for an idle node."""
        for name in ("ctld", "spool"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        self._start_munge()
        self.start_controller()
        self.start_node()
        self.wait_until_idle()

    def stop(self) -> None:
        self.stop_node()
        self.stop_controller()
        for name in FILES:
            (ETC / name).unlink(missing_ok=True)

    def start_controller(self) -> None:
        self.run("slurmctld")

    def start_node(self) -> None:
        self.run("slurmd")

    def node_start(self) -> str:
        """When the controller last heard of a start of slurmd."""
        return re.search(r"SlurmdStartTime=(\S+)", self.run("scontrol", "show", "node"))[1]

    def stop_controller(self) -> None:
        """Stop slurmctld as an administrator does: it saves its state first."""
        self._kill("slurmctld", signal.SIGTERM)

    def stop_node(self) -> None:
        """Kill slurmd as a crash would; its job steps live on."""
        self._kill("slurmd", signal.SIGKILL)

    def run(self, *command: str) -> str:
        """Output of a Slurm program under this cluster's configuration."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def jobs(self) -> list[list[str]]:
        """Id, state and comment of every pending or running job."""
        listed = self.run("squeue", "--noheader", "--states=PENDING,RUNNING,COMPLETING", "--format=%A|%T|%k")
        return [line.split("|") for line in listed.splitlines()]

    def wait_until_idle(self, timeout_s: float = 60) -> None:
        deadline = time.monotonic() + timeout_s
        while "idle" not in self.run("sinfo", "--noheader", "--format=%T"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the node is not idle: {self.run('sinfo', '--long')}; see {self.folder}")
            time.sleep(0.5)

    def _write_configuration(self) -> None:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        ports = dict(zip(("port", "node_port"), _free_ports(2), strict=True))
        text = CONF.format(
            host=socket.gethostname(),
            folder=self.folder,
            cpus=os.cpu_count(),
            memory=int(memory * 0.9),
            **ports,
        )
        (self.folder / "slurm.conf").write_text(text)
        devices = [self.folder / f"gpu{index}" for index in range(2)]
        for device in devices:
            if not device.exists():
                subprocess.run(["mknod", device, "c", "1", "3"], check=True)
        lines = [f"Name=gpu File={device}\n" for device in devices]
        (self.folder / "gres.conf").write_text("".join(lines))
        ETC.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (ETC / name).unlink(missing_ok=True)
            (ETC / name).symlink_to(self.folder / name)

    def _start_munge(self) -> None:
        if subprocess.run(["munge", "-n"], capture_output=True).returncode == 0:
            return
        for name in ("/run/munge", "/var/log/munge", "/var/lib/munge"):
            Path(name).mkdir(parents=True, exist_ok=True)
            shutil.chown(name, "munge", "munge")
        subprocess.run(["runuser", "-u", "munge", "--", "/usr/sbin/munged"], check=True)

    def _kill(self, daemon: str, number: int) -> None:
        file = self.folder / f"{daemon}.pid"
        if file.is_file() and (text := file.read_text().strip()):
            with suppress(ProcessLookupError):
                os.kill(int(text), number)
                while Path(f"/proc/{text}/exe").exists() and number == signal.SIGTERM:
                    time.sleep(0.1)
            file.unlink(missing_ok=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    action, folder = sys.argv[1:]
    getattr(Cluster(Path(folder).resolve()), action)()
    print(f"Slurm: {action} in {folder}; {ETC} {'points there' if action == 'start' else 'is empty again'}")
