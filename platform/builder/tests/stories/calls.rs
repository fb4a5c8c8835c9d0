//! What of the kernel a build may call.
use crate::room::Room;
use paas_builder::BuildLimits;

/// Makes each call with arguments of zero and names those that the kernel answered with anything but "function not implemented".
#[cfg(target_arch = "x86_64")]
const ATTACK: &str = r#"/usr/bin/python3 - <<'PYTHON'
import ctypes, errno, os, socket, threading
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(add_key=248, bpf=321, chroot=161, clone3=435, finit_module=313, fsopen=430, init_module=175, io_uring_setup=425, kexec_load=246, keyctl=250, mount=165,
    move_mount=429, open_by_handle_at=304, open_tree=428, perf_event_open=298, pidfd_getfd=438, pivot_root=155, process_vm_readv=310, process_vm_writev=311, ptrace=101,
    reboot=169, request_key=249, setns=308, swapon=167, umount2=166, unshare=272, userfaultfd=323, ptrace_by_x32=0x40000000 | 521)
for name, number in calls.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
        print("ANSWERED", name, ctypes.get_errno())
for name, flag in dict(user=0x10000000, mount=0x20000, net=0x40000000, pid=0x20000000).items():
    ctypes.set_errno(0)
    child = libc.syscall(56, flag | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child != -1 or ctypes.get_errno() != errno.ENOSYS:
        print("MADE a namespace", name)
for family, kind, protocol in [(38, 5, 0), (17, 3, 0), (40, 1, 0), (31, 3, 0), (16, 3, 12), (16, 3, 9), (44, 3, 0)]:
    try:
        socket.socket(family, kind, protocol)
        print("OPENED a socket of family", family, protocol)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            print("OPENED, almost,", family, protocol, error)
for family, kind, protocol in [(1, 1, 0), (2, 1, 0), (10, 1, 0), (16, 3, 0)]:
    socket.socket(family, kind, protocol)
thread = threading.Thread(target=print, args=("a thread runs",))
thread.start(); thread.join()
child = os.fork()
if not child:
    os.execv("/bin/echo", ["echo", "a process runs"])
os.waitpid(child, 0)
PYTHON
exit 1"#;

#[cfg(target_arch = "x86_64")]
#[tokio::test]
async fn what_no_build_needs_of_the_kernel_is_not_there_and_the_rest_is() {
    let room = Room::with_script(ATTACK, BuildLimits::default());
    if !room.builder.filters_calls() || !std::path::Path::new("/usr/bin/python3").exists() {
        return eprintln!("not tested, without a filter of system calls or python3: {}", room.builder.sandbox_reason());
    }
    room.refusal(&[]).await;
    let said = room.said();
    for seen in ["ANSWERED", "MADE", "OPENED", "Error"] {
        assert!(!said.contains(seen), "{said}");
    }
    assert!(said.contains("a thread runs") && said.contains("a process runs"), "{said}");
}
