//! Control groups, version 1 and 2: limits on what all processes of a build take together.
use crate::limits::BuildLimits;
use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Where groups can be made; with `cpu`, builds give way to requests while processors are short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cgroups {
    V1 { memory: PathBuf, pids: PathBuf, cpu: Option<PathBuf> },
    V2 { parent: PathBuf, cpu: bool },
}

/// Of a processor that several want, a build takes half of what a group of ordinary processes takes: in version 1 of 1024, in version 2 of 100.
const SHARES: &str = "512";
const WEIGHT: &str = "50";

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
            Self::V1 { memory: memories, pids: counts, cpu } => {
                group.add(memories.join(&name), &[("memory.limit_in_bytes", &memory)])?;
                // Swap counts with memory only where the kernel was told to account it.
                set_if_present(&group.folders[0].join("memory.memsw.limit_in_bytes"), &memory)?;
                group.add(counts.join(&name), &[("pids.max", &pids)])?;
                if let Some(cpu) = cpu {
                    group.add(cpu.join(&name), &[("cpu.shares", SHARES)])?;
                }
            }
            Self::V2 { parent, cpu } => {
                set_if_present(&parent.join("cgroup.subtree_control"), if *cpu { "+memory +pids +cpu" } else { "+memory +pids" })?;
                group.add(parent.join(&name), &[("memory.max", &memory), ("pids.max", &pids)])?;
                set_if_present(&group.folders[0].join("memory.swap.max"), "0")?;
                if *cpu {
                    fs::write(group.folders[0].join("cpu.weight"), WEIGHT)?;
                }
            }
        }
        Ok(group)
    }
}

impl Group {
    fn add(&mut self, folder: PathBuf, settings: &[(&str, &str)]) -> io::Result<()> {
        // In version 1, controllers may share their folders.
        if !self.folders.contains(&folder) {
            fs::create_dir(&folder)?;
            self.folders.push(folder.clone());
        }
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

/// First with all controllers, then with those that limits need.
fn v1(own: &str, mounts: &str) -> Vec<Cgroups> {
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
    let (Some(memory), Some(pids)) = (folder("memory"), folder("pids")) else { return Vec::new() };
    let with = |cpu| Cgroups::V1 { memory: memory.clone(), pids: pids.clone(), cpu };
    let all = folder("cpu").map(|cpu| with(Some(cpu)));
    all.into_iter().chain([with(None)]).collect()
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
    let has = |folder: &Path, wanted: &[&str]| {
        let controllers = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
        wanted.iter().all(|wanted| controllers.split_whitespace().any(|name| name == *wanted))
    };
    let places = [Some(own), around].into_iter().flatten().filter(|folder| has(folder, &["memory", "pids"]));
    places
        .flat_map(|parent| [has(&parent, &["cpu"]).then_some(true), Some(false)].map(|cpu| Some(Cgroups::V2 { parent: parent.clone(), cpu: cpu? })))
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_version_1_are_found_below_our_own() {
        let own = "8:pids:/a\n5:cpu,memory:/b/c\n0::/\n";
        let mounts = "cgroup /sys/fs/cgroup/m cgroup rw,relatime,cpu,memory 0 0\ncgroup /sys/fs/cgroup/p cgroup rw,pids 0 0\n";
        let memory = PathBuf::from("/sys/fs/cgroup/m/b/c");
        let expected = |cpu| Cgroups::V1 { memory: memory.clone(), pids: "/sys/fs/cgroup/p/a".into(), cpu };
        assert_eq!(v1(own, mounts), [expected(Some(memory.clone())), expected(None)]);
        assert_eq!(v1(own, &mounts.replace("cpu,", "")), [expected(None)]);
        assert_eq!(v1("0::/\n", mounts), []);
    }
}
