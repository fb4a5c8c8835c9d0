//! What one build may use.
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildLimits {
    /// Wall-clock time of `bin/build`, and of `bin/toolchain`.
    pub time: Duration,
    /// Wall-clock time of detection, all buildpacks together.
    pub detect_time: Duration,
    /// CPU seconds of any one process.
    pub cpu_seconds: u64,
    /// Memory of all processes together; held where the machine lets us make control groups.
    pub memory_bytes: u64,
    /// Processes and threads at a time.
    pub processes: u64,
    /// What a build may leave on disk: workspace and cache together.
    pub disk_bytes: u64,
    /// Files and folders it may leave there.
    pub disk_files: u64,
    /// Bytes of any one file.
    pub file_bytes: u64,
    /// Bytes that one step may fetch over the network.
    pub network_bytes: u64,
    /// Bytes of output that reach the push; the rest is counted and dropped.
    pub output_bytes: usize,
    /// A cache that is larger after a build is thrown away.
    pub cache_bytes: u64,
    /// Bytes of a slug.
    pub slug_bytes: u64,
    /// Files of a slug.
    pub slug_files: usize,
}

impl Default for BuildLimits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(15 * 60),
            detect_time: Duration::from_secs(15),
            cpu_seconds: 15 * 60,
            memory_bytes: 2 << 30,
            processes: 512,
            disk_bytes: 4 << 30,
            disk_files: 400_000,
            file_bytes: 1 << 30,
            network_bytes: 4 << 30,
            output_bytes: 4 << 20,
            cache_bytes: 1 << 30,
            slug_bytes: 500 << 20,
            slug_files: 20_000,
        }
    }
}
