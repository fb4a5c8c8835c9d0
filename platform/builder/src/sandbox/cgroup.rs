//! Control groups, version 1 and 2: limits on what all processes of a build take together.
use crate::limits::BuildLimits;
use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Where groups can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cgroups {
    V1 { memory: PathBuf, pids: PathBuf },
    V2 { parent: PathBuf },
}

/// The groups of one build; removed on drop.
#[derive(Debug)]
pub struct Group {
    pub folders: Vec<PathBuf>,
}

impl Cgroups {
    /// Looks below our own groups, and tries to make one there with limits.
    pub fn find() -> Result<Self, String> {
        let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let (own, mounts) = (read("/proc/self/cgroup")?, read("/proc/self/mounts")?);
        let found = v1(&own, &mounts).into_iter().chain(v2(&own, &mounts));
        let mut why = "no memory and pids controllers are mounted".to_string();
        for cgroups in found {
            match cgroups.group(&BuildLimits::default()) {
                Ok(_) => return Ok(cgroups),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    /// Makes the groups of one build.
    pub fn group(&self, limits: &BuildLimits) -> io::Result<Group> {
        let name = format!("paas-build-{}", uuid::Uuid::now_v7());
        let (memory, pids) = (limits.memory_bytes.to_string(), limits.processes.to_string());
        let mut group = Group { folders: Vec::new() };
        match self {
            Self::V1 { memory: memories, pids: counts } => {
                group.add(memories.join(&name), &[("memory.limit_in_bytes", &memory)])?;
                // Swap counts with memory only where the kernel was told to account it.
                set_if_present(&group.folders[0].join("memory.memsw.limit_in_bytes"), &memory)?;
                group.add(counts.join(&name), &[("pids.max", &pids)])?;
            }
            Self::V2 { parent } => {
                set_if_present(&parent.join("cgroup.subtree_control"), "+memory +pids")?;
                group.add(parent.join(&name), &[("memory.max", &memory), ("pids.max", &pids)])?;
                set_if_present(&group.folders[0].join("memory.swap.max"), "0")?;
            }
        }
        Ok(group)
    }
}

impl Group {
    fn add(&mut self, folder: PathBuf, settings: &[(&str, &str)]) -> io::Result<()> {
        fs::create_dir(&folder)?;
        self.folders.push(folder.clone());
        settings.iter().try_for_each(|(file, value)| fs::write(folder.join(file), value))
    }

    /// Whether the kernel ended a process of the group for its memory.
    pub fn out_of_memory(&self) -> bool {
        let count = |file: &str| self.folders.iter().find_map(|folder| counter(&folder.join(file), "oom_kill"));
        count("memory.oom_control").or_else(|| count("memory.events")).unwrap_or(0) > 0
    }

    /// Whether it tried to have more processes than it may.
    pub fn out_of_processes(&self) -> bool {
        self.folders.iter().find_map(|folder| counter(&folder.join("pids.events"), "max")).unwrap_or(0) > 0
    }
}

impl Drop for Group {
    /// A group can only be removed when the kernel has buried its last process, which it may still be doing.
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        for folder in &self.folders {
            while let Err(error) = fs::remove_dir(folder) {
                if Instant::now() > deadline {
                    tracing::warn!(path = %folder.display(), %error, "a control group could not be removed");
                    break;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

fn set_if_present(file: &Path, value: &str) -> io::Result<()> {
    if file.exists() { fs::write(file, value) } else { Ok(()) }
}

/// The number after `key` in a file of `key number` lines.
fn counter(file: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok())
}

fn v1(own: &str, mounts: &str) -> Option<Cgroups> {
    let folder = |controller: &str| {
        let path = own.lines().find_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let named = fields.next()?.split(',').any(|name| name == controller);
            named.then(|| fields.next()).flatten()
        })?;
        let mount = mounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            (fields.get(2) == Some(&"cgroup") && fields.get(3)?.split(',').any(|name| name == controller)).then(|| fields[1])
        })?;
        Some(Path::new(mount).join(path.trim_start_matches('/')))
    };
    Some(Cgroups::V1 { memory: folder("memory")?, pids: folder("pids")? })
}

/// Our own group, or the one around it: with systemd's `DelegateSubgroup=`, paasd sits in a leaf of what it was given,
/// and a group that holds processes may not have children with limits.
fn v2(own: &str, mounts: &str) -> Vec<Cgroups> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"));
    let mount = mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        (fields.get(2) == Some(&"cgroup2")).then(|| fields[1])
    });
    let (Some(path), Some(mount)) = (path, mount) else { return Vec::new() };
    let own = Path::new(mount).join(path.trim_start_matches('/'));
    let around = own.parent().filter(|parent| parent.starts_with(mount)).map(Path::to_path_buf);
    let usable = |folder: &PathBuf| {
        let controllers = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
        ["memory", "pids"].iter().all(|wanted| controllers.split_whitespace().any(|name| name == *wanted))
    };
    [Some(own), around].into_iter().flatten().filter(usable).map(|parent| Cgroups::V2 { parent }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_version_1_are_found_below_our_own() {
        let own = "8:pids:/a\n5:cpu,memory:/b/c\n0::/\n";
        let mounts = "cgroup /sys/fs/cgroup/m cgroup rw,relatime,cpu,memory 0 0\ncgroup /sys/fs/cgroup/p cgroup rw,pids 0 0\n";
        let expected = Cgroups::V1 { memory: "/sys/fs/cgroup/m/b/c".into(), pids: "/sys/fs/cgroup/p/a".into() };
        assert_eq!(v1(own, mounts), Some(expected));
        assert_eq!(v1("0::/\n", mounts), None);
    }
}
