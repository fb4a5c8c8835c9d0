//! Which system calls no build needs: a filter that the kernel holds every process of a sandbox to (seccomp(2)).
//!
//! They answer "function not implemented", as an old kernel would: programs that can do without them go on. The walls hold without this filter; it keeps
//! builds away from parts of the kernel in which a fault would open them.
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, env::consts::ARCH};

/// Other namespaces and mounts, the kernel's own keys, programs and modules, other processes, and whole-machine settings.
const NEVER: [c_long; 56] = [
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    // Its flags lie in memory, where no filter sees them; libraries go on with clone.
    libc::SYS_clone3,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_move_pages,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
    libc::SYS_memfd_secret,
    libc::SYS_vmsplice,
];

/// On x86-64 the same calls have further numbers, for programs with short pointers, which nobody has: with this bit, and from 512 on.
const X32: c_long = 0x4000_0000;
const X32_OWN: std::ops::RangeInclusive<c_long> = 512..=547;

/// Flags of clone that make namespaces.
const NAMESPACES: [i32; 8] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    0x80, // CLONE_NEWTIME
];

/// The families of sockets that programs use.
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// The filter as bubblewrap reads it: `struct sock_filter`s, one after the other.
pub fn filter() -> Result<Vec<u8>, seccompiler::BackendError> {
    let arch = TargetArch::try_from(ARCH)?;
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> = NEVER.into_iter().map(|call| (call, Vec::new())).collect();
    if arch == TargetArch::x86_64 {
        rules.extend(NEVER.into_iter().map(|call| (call | X32, Vec::new())));
        rules.extend(X32_OWN.map(|call| (call | X32, Vec::new())));
    }
    rules.insert(libc::SYS_clone, NAMESPACES.into_iter().map(makes).collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_socket, vec![other_family()?, netlink_beyond_routes()?]);
    let denied = SeccompAction::Errno(libc::ENOSYS as u32);
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, denied, arch)?.try_into()?;
    Ok(program.iter().flat_map(|it| [&it.code.to_ne_bytes()[..], &[it.jt, it.jf], &it.k.to_ne_bytes()].concat()).collect())
}

fn makes(flag: i32) -> Result<SeccompRule, seccompiler::BackendError> {
    let flag = flag as u64;
    SeccompRule::new(vec![SeccompCondition::new(0, Length::Qword, Is::MaskedEq(flag), flag)?])
}

fn other_family() -> Result<SeccompRule, seccompiler::BackendError> {
    let not = |family: i32| SeccompCondition::new(0, Length::Dword, Is::Ne, family as u64);
    SeccompRule::new(FAMILIES.into_iter().map(not).collect::<Result<_, _>>()?)
}

/// Of netlink, libraries ask for the machine's addresses only.
fn netlink_beyond_routes() -> Result<SeccompRule, seccompiler::BackendError> {
    let netlink = SeccompCondition::new(0, Length::Dword, Is::Eq, libc::AF_NETLINK as u64)?;
    SeccompRule::new(vec![netlink, SeccompCondition::new(2, Length::Dword, Is::Ne, libc::NETLINK_ROUTE as u64)?])
}
