//! Flags and environment.
use clap::{Args, Parser, Subcommand};
use paas_model::{EgressRule, limits::Caps};
use paas_runtime::IpNet;
use std::{net::SocketAddr, path::PathBuf};

/// The platform: push source, get an isolated WebAssembly app.
#[derive(Parser)]
#[command(name = "paasd", version, after_help = EXIT_CODES)]
pub struct Paasd {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   stopped cleanly
  1   failed
  2   wrong usage
  69  the database is not available
  73  the data folder cannot be used
  75  the address, or the data folder, is in use by another program

Example:
  PAAS_LISTEN=127.0.0.1:9000 paasd serve";

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant)] // there is one, once
pub enum Command {
    /// Runs the platform until SIGINT or SIGTERM.
    Serve(Serve),
    /// Prints the OpenAPI document of the API.
    Openapi,
}

#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Folder of everything that is kept. Default: ~/.local/share/paas
    #[arg(long, env = "PAAS_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Folder of what can be made again: toolchains, build caches, compiled code. Default: cache in the data folder
    #[arg(long, env = "PAAS_CACHE", value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Address of API, git, dashboard and apps.
    #[arg(long, env = "PAAS_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// Apps answer at <app>.<domain>, the control plane at paas.<domain>.
    #[arg(long, env = "PAAS_DOMAIN", default_value = "localhost")]
    pub domain: String,
    /// A PostgreSQL server of your own. Default: a private one, kept in the data folder.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folder of the buildpacks.
    #[arg(long, env = "PAAS_BUILDPACKS", default_value = "buildpacks", value_name = "DIR")]
    pub buildpacks: PathBuf,
    /// Builds run as this user (when paasd runs as root). Default: paas-build if it exists, else nobody
    #[arg(long, env = "PAAS_BUILD_USER", value_name = "USER")]
    pub build_user: Option<String>,
    /// Hosts that builds may fetch from beside the registries that npm, pip, cargo, go, rustup and apt are set up for, such as "git.example.com,*.example.org:8443"
    #[arg(long, env = "PAAS_BUILD_HOSTS", value_delimiter = ',', value_name = "HOST,…")]
    pub build_hosts: Vec<EgressRule>,
    /// E-mail address of the account made at the first start.
    #[arg(long, env = "PAAS_ADMIN_EMAIL", default_value = "admin@localhost", value_name = "EMAIL")]
    pub admin_email: String,
    /// Builds run even where the machine gives them no walls (`paas doctor`): they then see what paasd's user sees.
    #[arg(long, env = "PAAS_ACCEPT_WEAK_SANDBOX")]
    pub accept_weak_sandbox: bool,
    /// Builds that run at the same time; others wait. Default: one for each processor
    #[arg(long, env = "PAAS_BUILDS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub builds: Option<u16>,
    /// Memory that loaded apps may take before the least recently used are unloaded, in bytes. Default: a quarter of the machine's
    #[arg(long, env = "PAAS_MEMORY_BUDGET", value_name = "BYTES")]
    pub memory_budget: Option<u64>,
    /// Disk that snapshots of JavaScript apps may take that lie ready, in bytes; others lie packed. Default: 1 GB
    #[arg(long, env = "PAAS_SNAPSHOT_BUDGET", value_name = "BYTES")]
    pub snapshot_budget: Option<u64>,
    /// Largest push that is taken, in bytes of its pack.
    #[arg(long, env = "PAAS_MAX_PUSH_BYTES", default_value_t = 256 << 20, value_name = "BYTES")]
    pub max_push_bytes: u64,
    /// The most that any app may have, such as "memory=512MB cpu=60s concurrency=100"; `paas limits` shows all caps.
    #[arg(long, env = "PAAS_LIMIT_CAPS", default_value = "", hide_default_value = true, value_name = "NAME=VALUE …")]
    pub limit_caps: Caps,
    /// Connections at the same time; further ones are turned away. Default: three quarters of the open files that the system allows, 16384 at most
    #[arg(long, env = "PAAS_MAX_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: Option<u32>,
    /// Of these, from one address (one /64 of IPv6). Default: half of them, since a proxy in front is one address too
    #[arg(long, env = "PAAS_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections_per_address: Option<u32>,
    /// Largest WebAssembly file that is compiled, in bytes.
    #[arg(long, env = "PAAS_MAX_MODULE_BYTES", default_value_t = paas_runtime::MODULE_BYTES, value_name = "BYTES")]
    pub max_module_bytes: u64,
    /// Private networks that apps may be allowed to call, such as "10.1.0.0/16,127.0.0.1/32". Default: none
    #[arg(long, env = "PAAS_EGRESS_ALLOW_PRIVATE", value_delimiter = ',', value_name = "CIDR,…")]
    pub egress_allow_private: Vec<IpNet>,
    /// A file of certificate authorities (PEM) that calls of apps trust beside the public ones.
    #[arg(long, env = "SSL_CERT_FILE", value_name = "FILE")]
    pub egress_authorities: Option<PathBuf>,
}

impl Serve {
    /// Builds that run at the same time.
    pub fn builds_at_once(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.builds.map_or_else(processors, usize::from)
    }

    /// The data folder; an error when there is neither a flag nor a home.
    pub fn data(&self) -> anyhow::Result<PathBuf> {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share/paas"));
        self.data.clone().or_else(home).ok_or_else(|| anyhow::anyhow!("Set PAAS_DATA to the folder in which everything is to be kept."))
    }
}
