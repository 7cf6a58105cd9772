"""Faults of system calls, by strace: a call fails, or is the last of its process."""
KILL = "signal=KILL"
DISK_FULL = [KILL, "error=EIO", "error=ENOSPC"]
FAULTS = {  # faults for a call; any other call can only be the last one
    "read": [KILL, "error=EIO", "error=EINTR"],
    "pread64": [KILL, "error=EIO", "error=EINTR"],
    "write": [*DISK_FULL, "error=EINTR"],
    "pwrite64": [*DISK_FULL, "error=EINTR"],
    "writev": [*DISK_FULL, "error=EINTR"],
    "copy_file_range": [*DISK_FULL, "error=EINTR"],
    "fsync": [*DISK_FULL, "error=EINTR"],
    "fdatasync": [*DISK_FULL, "error=EINTR"],
    "sync_file_range": DISK_FULL,
    "fallocate": [*DISK_FULL, "error=EINTR"],
    "ftruncate": [KILL, "error=EIO", "error=EINTR"],
    "rename": DISK_FULL,
    "link": DISK_FULL,
    "mkdir": DISK_FULL,
    "unlink": [KILL, "error=EIO"],
    "openat": [*DISK_FULL, "error=EINTR", "error=EMFILE"],
    "close": [KILL, "error=EIO", "error=EINTR"],
    "lseek": [KILL, "error=EIO"],
    "newfstatat": [KILL, "error=EIO"],
    "statx": [KILL, "error=EIO"],
    "access": [KILL, "error=EIO"],
    "fchmod": [KILL, "error=EIO"],
    "getdents64": [KILL, "error=EIO"],
    "name_to_handle_at": [KILL, "error=EIO"],
    "flock": [KILL, "error=EIO", "error=EINTR"],
    "pipe2": [KILL, "error=EMFILE"],
    "inotify_init1": [KILL, "error=EMFILE"],
    "inotify_add_watch": [KILL, "error=ENOSPC"],
    "poll": [KILL, "error=EINTR"],
    "ppoll": [KILL, "error=EINTR"],
    "epoll_wait": [KILL, "error=EINTR"],
    "socket": [KILL, "error=EMFILE"],
    "socketpair": [KILL, "error=EMFILE"],
    "connect": [KILL, "error=ECONNREFUSED"],
    "sendto": [KILL, "error=EINTR"],
    "sendmsg": [KILL, "error=EINTR"],
    "recvfrom": [KILL, "error=ECONNRESET", "error=EINTR"],
    "recvmsg": [KILL, "error=ECONNRESET", "error=EINTR"],
}
LEFT_OUT = {  # calls whose failure has no effect on a neighbour or the disk
    "memory": "brk mmap munmap mremap mprotect madvise",
    "signals and threads": "rt_sigaction rt_sigprocmask rt_sigreturn futex rseq set_robust_list set_tid_address arch_prctl",
    "what a process knows of itself": "getpid gettid getuid geteuid getgid getegid prlimit64 sysinfo uname getrandom clock_gettime ioctl",
    "beginning and end": "execve exit exit_group",
}
NOTES = [
    "calls before main (the loader's) and those left out: " + "; ".join(f"{why}: {calls}" for why, calls in LEFT_OUT.items()),
    "sendto, sendmsg: no error but EINTR, since a send that fails on a connection that still receives is none of this world",
    "connect: no EINTR, since strace leaves out a call that it fails, and the connection would be on its way in the world",
    "of a stage with threads each counts its own calls: one point is in all of them",
    "fcntl, setsockopt, getsockopt, getsockname, bind: killed at, not failed: they have no error here that the world can give",
]
IGNORED = set(" ".join(LEFT_OUT.values()).split())


def faults_of(call):
    return FAULTS.get(call, [KILL])


def strace(log, call, fault, when):
    """The prefix of a command that makes its `when`th call of a kind fail or be the last. (With --seccomp-bpf strace 6.1 loses signals.)"""
    return ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"]


def has_hit(log):
    try:
        text = log.read_bytes()
    except FileNotFoundError:
        return False
    return b"INJECTED" in text or b"killed by SIGKILL" in text


def trace_all(log):
    return ["strace", "-f", "-qq", "-o", str(log)]


def calls_in(log):
    """Counts of a trace for each kind of call: those of the loader before main, and all."""
    loaded, in_all, in_main = {}, {}, False
    for line in log.read_text(errors="replace").splitlines():
        text = line.split(None, 1)[-1]
        call = text.split("(", 1)[0]
        if not call.replace("_", "").isalnum() or "(" not in text:  # a signal, an end, the second half of a call
            continue
        in_all[call] = in_all.get(call, 0) + 1
        in_main = in_main or call == "prlimit64"  # the loader's call before the last
        if not in_main:
            loaded[call] = loaded.get(call, 0) + 1
    return {call: (loaded.get(call, 0), count) for call, count in sorted(in_all.items()) if call not in IGNORED}
